"""What the Snakefile asks: the files of a run, and what each of its rules depends on.

Nothing here reads pixels or imports what does: the plan is made at every start.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speckle2vec.planning.chain import ChainPlan
from speckle2vec.planning.codes import CodePlan
from speckle2vec.planning.cutting import CutPlan
from speckle2vec.planning.evaluation import EvaluationPlan
from speckle2vec.planning.image_search import SearchPlan
from speckle2vec.planning.labels import LabelPlan
from speckle2vec.planning.landcover_table import TablePlan
from speckle2vec.planning.pictures import PicturePlan
from speckle2vec.planning.places import PlacePlan
from speckle2vec.planning.reconstruction import ReconstructionPlan
from speckle2vec.planning.report import ReportPlan
from speckle2vec.planning.similarity import SimilarityPlan
from speckle2vec.readers.locations import expanded
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.root import Settings


def run_this_package() -> None:
    """Let every job import the package that made the plan, in whatever environment it runs."""
    here = str(Path(__file__).parents[1])
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([here, *others]))


def settings_of(config: Mapping[str, Any], repository: Path) -> Settings:
    """Settings of a Snakemake config; a relative `data` starts from the repository.

    Raises:
        UserError: A setting is unknown, missing or wrong.
    """
    settings = parse_settings(config, "config")
    if "://" in settings.data:
        return settings
    data = repository / expanded(settings.data)
    return settings.model_copy(update={"data": str(data)})


class Plan(
    ChainPlan,
    SearchPlan,
    CutPlan,
    LabelPlan,
    TablePlan,
    PicturePlan,
    PlacePlan,
    EvaluationPlan,
    CodePlan,
    ReconstructionPlan,
    SimilarityPlan,
    ReportPlan,
):
    """The files of a run and the dependencies of its rules.

    A rule depends, beside its inputs, on the settings it reads and the code it reaches.
    """
