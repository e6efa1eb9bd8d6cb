"""The table of codes: bytes on disk, what they cost downstream, and the best of them."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from speckle2vec.evaluate.codes.figure import draw_compression
from speckle2vec.evaluate.codes.raw_bytes import RawBytes
from speckle2vec.evaluate.codes.scores import scores_by
from speckle2vec.evaluate.codes.sizes import REPORTED, Coded, Folders, Row, sizes_of
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER
from speckle2vec.settings.codes import EXACT
from speckle2vec.settings.root import Settings

PIXELS = "pixel-statistics"
COLUMNS = (
    "label", "features", "method", "encoder", "code", "samples", "payload", "bytes",
    f"bytes_{REPORTED}", "raw_memory", "raw_disk", "raw_layout", "ratio", f"ratio_{REPORTED}",
    "ratio_payload", "disk_ratio", f"disk_ratio_{REPORTED}", "disk_ratio_payload", "measure",
    "score", "low", "high", "minus_float32", "minus_float32_low", "minus_float32_high",
    "neighbours_kept", "best", f"best_{REPORTED}",
)  # fmt: skip


def compare_codes(
    settings: Settings,
    models: Sequence[str],
    folders: Folders,
    raw: Mapping[str, RawBytes],
    output: Path,
    figure: Path,
) -> None:
    """Write one row a label, model and code, and a picture of loss over ratio.

    Ratios are bytes of the raw input over bytes of the code on disk: `ratio` of the input's
    arrays in memory, `disk_ratio` of its files; with the file's own samples, with those of the
    report, and of the codes' payload alone. The pixel statistics in float32 stand beside.

    Args:
        settings: All settings; the groups `codes` and `probes` count, and the seed.
        models: The models that are encoded.
        folders: Where codes and probes stand.
        raw: Bytes of the raw input by feature set.
        output: The table, CSV.
        figure: The picture, PNG.

    Raises:
        UserError: A file is missing or damaged, or was made of other samples.
    """
    coded = tuple(coded_of(models, settings.codes.compared))
    sizes = sizes_of(settings, coded, folders, raw)
    rows: list[Row] = []
    for label in settings.probes.labels:
        found = scores_by(settings, label, coded, folders)
        here = [{**sizes[one], **found[one], "label": label} for one in coded]
        rows += _marked(here, settings.codes.points)
    with whole_file(output) as target, target.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    draw_compression(rows, settings.codes.points, figure)


def coded_of(models: Sequence[str], codes: Sequence[str]) -> Iterator[Coded]:
    """What stands in the table: every model in every code, and pixel statistics in float32."""
    for model in models:
        yield from (Coded(model, code) for code in codes)
    for features in dict.fromkeys(model.split("/")[0] for model in models):
        pixels = f"{features}/none/{PIXELS}"
        if pixels not in models:
            yield Coded(pixels, EXACT)


def _marked(rows: list[Row], points: float) -> list[Row]:
    """Mark, for every model in several codes, the highest ratio that loses so little."""
    for model in dict.fromkeys(_model(row) for row in rows):
        here = [row for row in rows if _model(row) == model]
        if len(here) == 1:
            continue
        exact = next(row for row in here if row["code"] == EXACT)
        if exact["score"]:
            _mark_best(here, points)
            LOGGER.info(_beside_pixels(exact, rows))
        else:
            LOGGER.warning(_undefined(exact))
    return rows


def _mark_best(rows: Sequence[Row], points: float) -> None:
    within = [row for row in rows if _number(row, "minus_float32") >= -points / 100 - 1e-9]
    for ending in ("", f"_{REPORTED}"):
        best = within[int(np.argmax([_number(row, f"ratio{ending}") for row in within]))]
        best[f"best{ending}"] = "yes"
        LOGGER.info(_told(best, ending, points))


def _undefined(exact: Row) -> str:
    return (
        f"{exact['label']}, {'/'.join(_model(exact))}: the score ({exact['measure']}) is not "
        "defined on the scored blocks, as where they hold one value only, and no code is marked "
        "as the best; label more places, or change `splits` or `probes.scored`."
    )


def _told(best: Row, ending: str, points: float) -> str:
    where = f"over {REPORTED:,} samples" if ending else f"over its own {best['samples']} samples"
    loss = 0 - 100 * _number(best, "minus_float32")
    return (
        f"{best['label']}, {'/'.join(_model(best))}: of the codes that lose at most {points:g} "
        f"of 100 points, {best['code']} is the smallest: {best[f'bytes{ending}']} bytes a sample "
        f"on disk {where}, {best[f'ratio{ending}']}x less than the raw arrays "
        f"({best['raw_layout']}); it {'loses' if loss >= 0 else 'gains'} {abs(loss):.2f} points"
    )


def _beside_pixels(exact: Row, rows: Sequence[Row]) -> str:
    pixels = next(
        row for row in rows
        if (row["features"], row["encoder"], row["code"]) == (exact["features"], PIXELS, EXACT)
    )  # fmt: skip
    above = _number(exact, "score") > _number(pixels, "score")
    return (
        f"{exact['label']}, {'/'.join(_model(exact))}: float32 scores {exact['score']}, which is "
        f"{'above' if above else 'not above'} the {pixels['score']} of pixel statistics"
    )


def _model(row: Row) -> tuple[str, ...]:
    return str(row["features"]), str(row["method"]), str(row["encoder"])


def _number(row: Row, name: str) -> float:
    return float(str(row[name]) or "nan")
