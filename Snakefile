import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.19")

# The package beside this file is the one that the rules run, in whatever environment.
REPOSITORY = Path(workflow.basedir)
sys.path.insert(0, str(REPOSITORY / "workflow"))

from speckle2vec.errors import UserError
from speckle2vec.machine import free_memory, gpus, training_memory, wanted_gpus
from speckle2vec.plan import Plan, run_this_package, settings_of
from speckle2vec.planning.scheduler import look_once_at_a_time
from speckle2vec.storage import link_results

if "corpora" not in config:

    configfile: REPOSITORY / "config/config.yaml"


run_this_package()


include: "workflow/rules/storage.smk"


try:
    PLAN = Plan(settings_of(config, REPOSITORY))
    PLAN.check()
except UserError as error:
    raise WorkflowError(str(error)) from None

MODEL = PLAN.settings.model.path

# Jobs of one machine share its free memory and its GPUs; a cluster asks for each job's own.
GPUS = gpus() if workflow.nodes is None else 0
if workflow.nodes is None and "mem_mb" not in workflow.global_resources:
    workflow.register_resource("mem_mb", free_memory())
if GPUS and "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", GPUS)


onstart:
    look_once_at_a_time(workflow.scheduler)


wildcard_constraints:
    corpus="[^/]+",
    shard="[^/]+",
    features="[^/]+",
    method="[^/]+",
    encoder="[^/]+",


localrules:
    all,


rule all:
    input:
        "results/embeddings.csv",
        "results/embeddings.parquet",
        "results/catalogue.parquet",


include: "workflow/rules/common.smk"
include: "workflow/rules/corpus.smk"
include: "workflow/rules/archive_cut.smk"
include: "workflow/rules/archive_places.smk"
include: "workflow/rules/archive_search.smk"
include: "workflow/rules/ingest.smk"
include: "workflow/rules/osm.smk"
include: "workflow/rules/preprocess.smk"
include: "workflow/rules/pretrain.smk"
include: "workflow/rules/embed.smk"
include: "workflow/rules/landcover.smk"
include: "workflow/rules/finetune.smk"
include: "workflow/rules/landcover_table.smk"
include: "workflow/rules/landcover_pictures.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/codes.smk"
include: "workflow/rules/reconstruction.smk"
include: "workflow/rules/places.smk"
include: "workflow/rules/search.smk"
include: "workflow/rules/report.smk"
