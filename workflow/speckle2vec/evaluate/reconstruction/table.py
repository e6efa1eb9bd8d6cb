"""The table of reconstructions: PSNR and SSIM of every model beside other ways, equal in bytes."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from speckle2vec.choices import DECODING, seeded
from speckle2vec.errors import UserError
from speckle2vec.evaluate.reconstruction.sums import Sums, no_sums, sums_of
from speckle2vec.evaluate.reconstruction.ways import DECODER, JPEG2000, MEAN, SMALLER
from speckle2vec.measures.intervals import (
    FloatArray,
    compared,
    mean_interval,
    resamples,
    text,
    told,
)
from speckle2vec.measures.likeness import DATA_RANGE
from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.image_scores import read_image_scores
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER
from speckle2vec.settings.evaluate import Probes
from speckle2vec.settings.root import Settings

ALL = "mean"
"""The row of all features together, each weighing the same."""
BESIDE = {"jpeg2000": JPEG2000, "downsampled": next(iter(SMALLER))}
COLUMNS = (
    "features", "method", "encoder", "seed", "starts_from", "numbers", "code", "allowed", "way",
    "bytes", "feature", "unit", "data_range", "samples", "blocks", "squared_error", "rmse",
    "psnr", "psnr_low", "psnr_high", "ssim", "ssim_low", "ssim_high",
    *(f"minus_{name}{end}" for name in BESIDE for end in ("", "_low", "_high")),
    *(f"better_than_{name}" for name in BESIDE), "reason",
)  # fmt: skip
Row = dict[str, object]


class Model(NamedTuple):
    """A model with its scores."""

    names: Row
    table: pa.Table
    about: Mapping[str, Any]


def compare_reconstructions(
    settings: Settings, models: Sequence[str], folder: Path, output: Path
) -> None:
    """Write one row a model, code, way and feature, and one of all features together.

    PSNR is of the mean squared error over samples (and features), with a data range of 8 standard
    deviations, in dB; SSIM is the mean over samples. Intervals resample blocks, and differences of
    PSNR are paired; `better` means that the interval lies above 0 (DESIGN, rule 9).

    Args:
        settings: All settings; `probes.draws` and `.confidence` count, and the seed.
        models: Names such as `sar-temporal/vae/cnn-transformer`.
        folder: `results/reconstructions`.
        output: The table, CSV.

    Raises:
        UserError: No model decodes images, or scores are missing, damaged or another model's.
    """
    if not models:
        raise UserError(
            "No model of the grid decodes images; name "
            f"{' or '.join(f'`{name}`' for name in DECODING)} in `grid.methods`, or models in "
            "`reconstruction.models`."
        )
    rows = [
        row
        for model in models
        for row in _rows(_read(settings, model, folder), settings.probes, settings.seed)
    ]
    with whole_file(output) as target, target.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _read(settings: Settings, model: str, folder: Path) -> Model:
    features, method, name = model.split("/")
    encoder, seed = seeded(name, settings.seed)
    path = folder / model / "scores.parquet"
    table, about = read_image_scores(path)
    promised = {"features": features, "method": method, "architecture": encoder, "seed": seed}
    check_belongs(path, about.get("model", {}), promised)
    names: Row = {"features": features, "method": method, "encoder": encoder, "seed": seed}
    return Model({**names, **{key: about[key] for key in ("starts_from", "numbers")}}, table, about)


def _rows(model: Model, chosen: Probes, seed: int) -> Iterator[Row]:
    blocks = np.array(model.table["block"].to_pylist(), str)
    counts = resamples(len(np.unique(blocks)), chosen.draws, seed)
    for code in model.about["codes"]:
        found = {
            way: sums_of(model.table, model.about, code, way, counts)
            for way in (DECODER, JPEG2000, *SMALLER, MEAN)
        }
        for way, sums in found.items():
            first: Row = {**model.names, "code": code, "allowed": model.about["bytes"][code],
                          "way": way}  # fmt: skip
            if no_sums(sums):
                yield {**first, "feature": ALL, "reason": sums.reason}
                continue
            first["bytes"] = f"{sums.bytes:.1f}"
            beside = {} if way != DECODER else {name: found[one] for name, one in BESIDE.items()}
            yield from ({**first, **row} for row in _scored(model, sums, beside, chosen))
        LOGGER.info(_sentence(model, code, found))


def _scored(model: Model, sums: Sums, beside: Mapping[str, Sums], chosen: Probes) -> Iterator[Row]:
    """All features together, then each."""
    features, units = model.about["features"], model.about["units"]
    deviations = dict(zip(features, model.about["deviations"], strict=True))
    for column, name in enumerate((ALL, *features)):
        error = float(sums.squared_error[0, column])
        row: Row = {"feature": name, "samples": sums.samples, "blocks": sums.blocks,
                    "squared_error": text(error)}  # fmt: skip
        if name in deviations:
            row |= {"unit": units[name], "data_range": text(DATA_RANGE * deviations[name]),
                    "rmse": text(np.sqrt(error) * deviations[name])}  # fmt: skip
        for measure in ("psnr", "ssim"):
            values = getattr(sums, measure)[:, column]
            row |= told(measure, f"{measure}_", _interval(values, sums, chosen))
        for other, than in beside.items():
            if not no_sums(than):
                less = sums.psnr[:, column] - than.psnr[:, column]
                row |= compared(other, _interval(less, sums, chosen))
        yield row


def _interval(values: FloatArray, sums: Sums, chosen: Probes) -> Any:  # noqa: ANN401
    return mean_interval(values[None], sums.blocks, chosen.confidence)


def _sentence(model: Model, code: str, found: Mapping[str, Sums]) -> str:
    told_ways = [
        f"{way} {sums.psnr[0, 0]:.2f} dB (SSIM {sums.ssim[0, 0]:.3f}, {sums.bytes:.0f} bytes)"
        for way, sums in found.items()
        if not no_sums(sums)
    ]
    names = "/".join(str(model.names[name]) for name in ("features", "method", "encoder"))
    return f"{names} as {code}: {'; '.join(told_ways)}"
