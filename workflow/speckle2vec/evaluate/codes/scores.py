"""Probe scores of every code, with the paired difference to float32."""

from collections.abc import Sequence

from speckle2vec.evaluate.codes.sizes import Coded, Folders, Row
from speckle2vec.evaluate.probes.answers import Answers, answers_of, check_comparable
from speckle2vec.evaluate.probes.scores import MEASURES
from speckle2vec.measures.intervals import mean_interval, told
from speckle2vec.products.probes import read_probe
from speckle2vec.settings.codes import EXACT
from speckle2vec.settings.root import Settings


def scores_by(
    settings: Settings, label: str, coded: Sequence[Coded], folders: Folders
) -> dict[Coded, Row]:
    """Scores on the same draws of blocks, and the paired difference to the model's float32.

    Args:
        settings: All settings; `probes` counts, and the seed.
        label: What the probes were asked.
        coded: The rows to be.
        folders: Where the products stand.

    Raises:
        UserError: A probe is missing, damaged, or was asked other samples.
    """
    probes = {
        one: read_probe(folders.probes / label / one.model / f"{one.code}.parquet") for one in coded
    }
    check_comparable(probes, lambda one: f"{one.code} of {one.model}", "results/code_probes")
    answers = answers_of(probes, settings)
    return {
        one: _row(found, answers[Coded(one.model, EXACT)], settings.probes.confidence)
        for one, found in answers.items()
    }


def _row(found: Answers, exact: Answers, confidence: float) -> Row:
    blocks, less = len(found.sums), found.scores - exact.scores
    return {
        "measure": MEASURES[found.probe.about["kind"]],
        **told("score", "", mean_interval(found.scores[None], blocks, confidence)),
        **told("minus_float32", "minus_float32_", mean_interval(less[None], blocks, confidence)),
    }
