"""The stage: a classifier of single pixels, fitted and scored on what networks are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.errors import UserError
from speckle2vec.landcover.choosing.chosen import Chosen, choose
from speckle2vec.landcover.choosing.shares import LEARNING
from speckle2vec.landcover.pixels.classifiers import (
    FOREST,
    MAJORITY,
    Classifier,
    confusion,
    fit,
    majority,
)
from speckle2vec.landcover.pixels.reading import PixelSource, even_quotas
from speckle2vec.landcover.table.cells import Cell
from speckle2vec.measures.iou import scores_of
from speckle2vec.products.confusions import Confusion, write_confusion
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import CountArray
from speckle2vec.products.statistics import read_statistics
from speckle2vec.progress import LOGGER
from speckle2vec.provenance import versions
from speckle2vec.settings.landcover import LandCover
from speckle2vec.settings.root import Settings


def fit_pixels(
    settings: Settings,
    cell: Cell,
    keys: Sequence[ShardKey],
    cubes: Path,
    labels: Path,
    catalogue: Path,
    statistics: Path,
    output: Path,
) -> None:
    """Fit a classifier on a draw of the training pixels, and count what it says of the scored.

    Memory holds the draw, at most `landcover.pixels` pixels of training and of validation,
    and one sample: shards are read one after the other.

    Args:
        settings: All settings; the group `landcover` counts, and the seed for splits.
        cell: Features, name of the classifier (`majority`, `logistic-regression` or
            `random-forest`), the seed that draws its share of the labels, pixels and trees,
            share and split.
        keys: All shards.
        cubes: Folder of the cubes, `results/cubes/{features}`.
        labels: Folder of the labels, `results/labels`.
        catalogue: Folder of the catalogue's parts, `results/catalogue`.
        statistics: What features are normalised with.
        output: The confusion matrices,
            `results/landcover/{features}/pixels/{name}/{run}/confusion.parquet`.

    Raises:
        UserError: A part is missing or damaged, or there are too few labels or cubes.
    """
    chosen = choose(keys, catalogue, labels, cell.run, settings.seed, cell.seed, settings.drawn)
    source = PixelSource(keys, cubes, labels, read_statistics(statistics, settings.drawn))
    with threadpool_limits(1):  # sums, and so the last digits, depend on the threads
        fitted, drawn = _fitted(settings.landcover, cell, chosen, source)
        scored, counts = _scored(settings.landcover, chosen, source, fitted, f"Scoring {cell}")
    blocks = tuple(sorted(counts))
    matrices = np.stack([counts[block] for block in blocks])
    _tell(cell, matrices)
    own = {"samples": scored, "drawn_pixels": drawn, **fitted.about}
    about = _about(settings, cell, chosen) | own
    write_confusion(Confusion(about, chosen.classes, blocks, matrices), output)


def _fitted(
    section: LandCover, cell: Cell, chosen: Chosen, source: PixelSource
) -> tuple[Classifier, dict[str, int]]:
    """The classifier, and how many pixels were drawn of each split."""
    name = cell.encoder
    if name == MAJORITY:
        return majority(chosen.pixels[LEARNING.index("train")]), {}
    splits = ("train",) if name == FOREST else ("train", "validation")
    pixels = {}
    for split in splits:
        quotas = even_quotas(source.labelled(chosen.of(split)), section.pixels)
        if not quotas:
            raise UserError(
                f"{source.cubes}: no labelled sample of the split {split} has a cube, so {name} "
                "has nothing to be fitted on; the cubes' attribute `left_out` says why."
            )
        pixels[split] = source.drawn(quotas, cell.seed, f"{name} draws pixels of {split}")
        if not len(pixels[split].classes):
            raise UserError(
                f"{source.cubes}: the cubes show no labelled pixel of the split {split}, so {name} "
                "has nothing to be fitted on: all lie outside what the cubes show of the samples."
            )
    fitted = fit(name, pixels["train"], pixels[splits[-1]], section.trees, cell.seed)
    return fitted, {split: len(one.classes) for split, one in pixels.items()}


def _scored(
    section: LandCover, chosen: Chosen, source: PixelSource, fitted: Classifier, task: str
) -> tuple[dict[str, int], dict[str, CountArray]]:
    """How many samples were scored, and pixels by block, true and predicted class.

    Raises:
        UserError: No scored sample has a cube.
    """
    wanted = chosen.scored(section.scored)
    size = len(chosen.classes)
    seen, counts = 0, dict[str, CountArray]()
    for name, pixels in source.samples(wanted, task):
        here = confusion(pixels.classes, fitted.predict(pixels.values), size)
        block = counts.setdefault(chosen.blocks[name], np.zeros((size, size), np.int64))
        block += here
        seen += 1
    if not counts:
        raise UserError(
            f"{source.cubes}: no labelled sample of the split {' or '.join(section.scored)} has a "
            "cube, so there is nothing to score; the cubes' attribute `left_out` says why."
        )
    return {"scored": seen, "without_cube": len(wanted) - seen}, counts


def _about(settings: Settings, cell: Cell, chosen: Chosen) -> dict[str, Any]:
    """What a reader of the matrices should know of where they come from."""
    section = settings.landcover
    mark = "" if cell.seed == settings.seed else f"@{cell.seed}"
    return {
        "features": cell.features,
        "method": cell.method,
        "encoder": f"{cell.encoder}{mark}",
        "seed": cell.seed,
        "run": cell.run._asdict(),
        "scored": list(section.scored),
        "splits": chosen.numbers(),
        "pixels": {
            split: dict(zip([one.name for one in chosen.classes], row.tolist(), strict=True))
            for split, row in zip(LEARNING, chosen.pixels, strict=True)
        },
        "settings": section.of_baseline(cell.encoder),
        "versions": versions("numpy", "scikit-learn", "opencv-python-headless"),
    }


def _tell(cell: Cell, matrices: CountArray) -> None:
    scores = scores_of(matrices.sum(axis=0))
    LOGGER.info(
        "%s: weighted IoU %.3f, mean IoU %.3f on %d pixels of %d blocks",
        cell, scores.weighted_iou, scores.mean_iou, matrices.sum(), len(matrices),
    )  # fmt: skip
