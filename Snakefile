from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

from speckle2vec.errors import UserError
from speckle2vec.plan import Plan, settings_of

min_version("9.19")

REPOSITORY = Path(workflow.basedir)

if "corpora" not in config:

    configfile: REPOSITORY / "config/config.yaml"


try:
    PLAN = Plan(settings_of(config, REPOSITORY))
    PLAN.keys, PLAN.pretraining
except UserError as error:
    raise WorkflowError(str(error)) from None

SETTINGS = PLAN.written_settings()
MODEL = PLAN.settings.model.path


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


include: "workflow/rules/corpus.smk"
include: "workflow/rules/ingest.smk"
include: "workflow/rules/preprocess.smk"
include: "workflow/rules/pretrain.smk"
include: "workflow/rules/embed.smk"
