"""The table of probes: every model with its interval, beside `none` and pixel statistics."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from speckle2vec.choices import seeded
from speckle2vec.evaluate.probes.answers import Answers, answers_of, check_comparable
from speckle2vec.evaluate.probes.scores import MEASURES, scores_of
from speckle2vec.measures.intervals import (
    compared,
    mean_interval,
    seed_spread,
    seeds_above,
    text,
    told,
)
from speckle2vec.products.probes import read_probe
from speckle2vec.products.whole import whole_file
from speckle2vec.settings.evaluate import Probes
from speckle2vec.settings.root import Settings

PIXELS = "pixel-statistics"
ALL_SEEDS = "all"
COLUMNS = (
    "label", "features", "method", "encoder", "seed", "samples", "blocks", "measure", "score",
    "low", "high", "minus_none", "minus_none_low", "minus_none_high", "better_than_none",
    "seeds_above_none", "minus_pixels", "minus_pixels_low", "minus_pixels_high",
    "better_than_pixels", "seeds_above_pixels", "spread",
    "chance", "macro_f1", "accuracy", "rmse", "strength",
    "knn_score", "knn_low", "knn_high", "neighbours",
)  # fmt: skip


class Model(NamedTuple):
    """A model's name, taken apart."""

    features: str
    method: str
    encoder: str
    seed: int


def summarise(settings: Settings, models: Sequence[str], probes: Path, output: Path) -> None:
    """Write one row a label and model, and one over the seeds where there are several.

    Differences are paired: both models are scored on the same draws of blocks. `better`
    means that the interval of the difference lies above 0 (DESIGN, rule 9); it holds the seeds
    fixed, so a row over several tells for how many of them the difference lies above 0.

    Args:
        settings: All settings; the group `probes` counts, and the seed.
        models: Names such as `sar-temporal/simclr/resnet18@7`.
        probes: Folder of the probes, `results/probes`.
        output: The table, CSV.

    Raises:
        UserError: A probe is missing, damaged, or was asked other samples.
    """
    rows: list[dict[str, object]] = []
    for label in settings.probes.labels:
        found = {
            _model(name, settings.seed): read_probe(probes / label / f"{name}.parquet")
            for name in models
        }
        for features in dict.fromkeys(model.features for model in found):
            group = {model: one for model, one in found.items() if model.features == features}
            check_comparable(group, _name, "results/probes")
            rows += _rows(label, answers_of(group, settings), settings.probes)
    with whole_file(output) as target, target.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _model(name: str, seed: int) -> Model:
    features, method, encoder = name.split("/")
    return Model(features, method, *seeded(encoder, seed))


def _name(model: Model) -> str:
    return "/".join(map(str, model))


def _rows(label: str, answers: Mapping[Model, Answers], chosen: Probes) -> list[dict[str, object]]:
    rows, seeds = [], dict[tuple[str, str, str], list[Model]]()
    for model, one in answers.items():
        rows.append({**_row(label, [one], _others(model, answers), chosen), **model._asdict()})
        seeds.setdefault(model[:3], []).append(model)
    for models in seeds.values():
        if len(models) > 1:
            several = [answers[model] for model in models]
            others = [_others(model, answers) for model in models]
            shared = {name: [one[name][0] for one in others] for name in others[0]
                      if all(name in one for one in others)}  # fmt: skip
            row = _row(label, several, shared, chosen)
            rows.append({**row, **models[0]._asdict(), "seed": ALL_SEEDS})
    return rows


def _others(model: Model, answers: Mapping[Model, Answers]) -> dict[str, list[Answers]]:
    """What a model is compared with: the untrained encoder of its own seed, pixel statistics."""
    none = answers.get(model._replace(method="none"))
    pixels = next((one for key, one in answers.items() if key.encoder == PIXELS), None)
    found = {"none": none if model.method != "none" else None, "pixels": pixels}
    found |= {"pixels": None} if model.encoder == PIXELS else {}
    return {name: [one] for name, one in found.items() if one is not None}


def _row(
    label: str, answers: Sequence[Answers], others: Mapping[str, Sequence[Answers]], chosen: Probes
) -> dict[str, object]:
    """Scores of one model, or means over the seeds of one."""
    probe, kind = answers[0].probe, answers[0].probe.about["kind"]
    scores, blocks = np.stack([one.scores for one in answers]), len(answers[0].sums)
    row: dict[str, object] = {
        "label": label,
        "samples": int(answers[0].sums[..., 0].sum()) if kind == "regression"
        else int(answers[0].sums.sum()),
        "blocks": blocks,
        "measure": MEASURES[kind],
        **told("score", "", mean_interval(scores, blocks, chosen.confidence)),
        "chance": text(1 / len(probe.about["classes"])) if kind == "classification" else "",
        "strength": f"{probe.about['strength']:g}" if len(answers) == 1 else "",
        "spread": text(seed_spread(scores)),
    }  # fmt: skip
    near = [one.nearest for one in answers if one.nearest is not None]
    if len(near) == len(answers):
        row |= told("knn_score", "knn_", mean_interval(np.stack(near), blocks, chosen.confidence))
        row["neighbours"] = probe.about["neighbours"] if len(near) == 1 else ""
    for name, than in others.items():
        difference = scores - np.stack([one.scores for one in than])
        row |= compared(name, mean_interval(difference, blocks, chosen.confidence))
        row |= seeds_above(name, difference)
    secondary = [scores_of(kind, one.sums.sum(axis=0)) for one in answers]
    names = [name for name in secondary[0] if name in COLUMNS]
    return row | {name: text(float(np.mean([one[name] for one in secondary]))) for name in names}
