"""Probe scores of every code, with the paired difference to float32."""

from collections.abc import Mapping, Sequence

import numpy as np

from speckle2vec.errors import UserError
from speckle2vec.evaluate.codes.sizes import Coded, Folders, Row
from speckle2vec.evaluate.probes.scores import MEASURES, FloatArray, block_sums, score_of
from speckle2vec.measures.intervals import mean_interval, resampled, resamples, told
from speckle2vec.products.probes import Probe, read_probe
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
    first = next(iter(probes.values()))
    _check_same(probes, first)
    kind, blocks = first.about["kind"], len(np.unique(first.blocks))
    scores = {one: _resampled(probe, settings) for one, probe in probes.items()}
    rows = {}
    for one, values in scores.items():
        score = mean_interval(values[None], blocks, settings.probes.confidence)
        less = values - scores[Coded(one.model, EXACT)]
        loss = mean_interval(less[None], blocks, settings.probes.confidence)
        rows[one] = {
            "measure": MEASURES[kind],
            **told("score", "", score),
            **told("minus_float32", "minus_float32_", loss),
        }
    return rows


def _resampled(probe: Probe, settings: Settings) -> FloatArray:
    kind, classes = probe.about["kind"], tuple(probe.about["classes"])
    known = np.isin(probe.truth, classes) if classes else np.ones(len(probe.truth), bool)
    sums = block_sums(
        kind, probe.truth[known], probe.predicted[known], probe.blocks[known], classes
    )
    counts = resamples(len(sums), settings.probes.draws, settings.seed)
    return resampled(score_of(kind), sums, counts)


def _check_same(probes: Mapping[Coded, Probe], first: Probe) -> None:
    for one, probe in probes.items():
        same = np.array_equal(probe.ids, first.ids) and np.array_equal(probe.truth, first.truth)
        if not same or probe.about["classes"] != first.about["classes"]:
            raise UserError(
                f"The probe of {one.code} of {one.model} was asked other samples than the first; "
                "remove the folder results/code_probes and run the same command again."
            )
