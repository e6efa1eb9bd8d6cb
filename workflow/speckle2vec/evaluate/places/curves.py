"""The stage: precision against recall of every classifier, on blocks it was not fitted on."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.picture import draw_curves
from speckle2vec.evaluate.places.precision import Curve, classifier_of, curves_of
from speckle2vec.evaluate.places.target import declared_places
from speckle2vec.measures.intervals import compared, interval, text, told
from speckle2vec.products.whole import whole_file
from speckle2vec.settings.root import Settings

PIXELS = "pixel-statistics"
MODEL = ("features", "method", "encoder", "seed", "mode")
POINT_COLUMNS = (*MODEL, "class", "threshold", "precision", "recall")
COLUMNS = (
    *MODEL, "class", "samples", "blocks", "positives", "chance", "average_precision", "low",
    "high", "minus_pixels", "minus_pixels_low", "minus_pixels_high", "better_than_pixels",
)  # fmt: skip


def place_curves(
    settings: Settings,
    name: str,
    classifiers: Sequence[str],
    folder: Path,
    points: Path,
    table: Path,
    figure: Path,
) -> None:
    """Write curves and average precisions of all classifiers, and a picture of them.

    All are asked the same samples and scored on the same draws of blocks. `better` means that
    the paired interval against the classifier on pixel statistics lies above 0 (DESIGN, rule 9).
    Memory holds all curves, and what two classifiers say of the labelled samples that are scored.

    Args:
        settings: All settings; of `probes` what is scored, draws and confidence count.
        name: Name of the places in the settings.
        classifiers: Folders below `folder`, such as `sar-temporal/simclr/resnet18@7/tuned`.
        folder: Where they are, `results/places/{name}`.
        points: The points of the curves, CSV.
        table: One row a classifier and class, CSV.
        figure: The picture, PNG.

    Raises:
        UserError: There is no classifier, scores are missing or damaged, were asked other samples,
            or no sample of the class that is looked for is scored.
    """
    declared_places(settings, name)
    if not classifiers:
        raise UserError(
            f"There is no classifier of the places `{name}` to compare; name encoders in "
            "`grid.encoders`, or baselines in `grid.baselines`."
        )
    scores = {
        classifier_of(one, settings.seed): folder / one / "scores.parquet" for one in classifiers
    }
    curves = curves_of(scores, settings)
    _write(points, POINT_COLUMNS, (row for curve in curves for row in _points(curve)))
    _write(table, COLUMNS, _rows(curves, settings))
    draw_curves(curves, figure)


def _points(curve: Curve) -> Iterator[dict[str, Any]]:
    about = {**curve.classifier._asdict(), "class": curve.label}
    thresholds = [*map(text, curve.thresholds), ""]
    for threshold, precision, recall in zip(thresholds, curve.precision, curve.recall, strict=True):
        yield {**about, "threshold": threshold, "precision": text(precision),
               "recall": text(recall)}  # fmt: skip


def _rows(curves: Sequence[Curve], settings: Settings) -> Iterator[dict[str, object]]:
    pixels = {
        (curve.classifier.features, curve.label): curve
        for curve in reversed(curves)
        if curve.classifier.encoder == PIXELS
    }
    for curve in curves:
        row: dict[str, object] = {
            **curve.classifier._asdict(), "class": curve.label, "samples": curve.samples,
            "blocks": curve.blocks, "positives": curve.positives, "chance": text(curve.chance),
            **told("average_precision", "", curve.found),
        }  # fmt: skip
        other = pixels.get((curve.classifier.features, curve.label))
        if other is not None and curve.classifier.encoder != PIXELS and curve.blocks > 1:
            apart = curve.averages - other.averages
            row |= compared("pixels", interval(apart, settings.probes.confidence))
        yield row


def _write(path: Path, columns: Sequence[str], rows: Iterator[dict[str, Any]]) -> None:
    with whole_file(path) as target, target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
