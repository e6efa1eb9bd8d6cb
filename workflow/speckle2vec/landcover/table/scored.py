"""What all runs on labels scored, on the same draws of blocks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from speckle2vec.errors import UserError
from speckle2vec.landcover.table.cells import Cell
from speckle2vec.landcover.table.compared import asked, check_classes, check_pixels, compared_with
from speckle2vec.measures.intervals import FloatArray, drawn_sums, resamples
from speckle2vec.measures.iou import scores_of
from speckle2vec.products.confusions import Confusion, read_confusion
from speckle2vec.products.labels import CountArray, LabelClass
from speckle2vec.settings.landcover import PIXELS
from speckle2vec.settings.root import Settings

MEASURES = ("weighted_iou", "mean_iou", "accuracy", "macro_f1", "balanced_accuracy")


@dataclass(frozen=True)
class Scored:
    """One run, or one run of every seed: scores of all blocks and of every draw."""

    cell: Cell
    """The run; of several seeds that of the first."""
    samples: int
    """Samples that were scored."""
    blocks: int
    """Blocks that hold a labelled pixel."""
    true_pixels: CountArray
    """Labelled pixels that were scored, (class)."""
    scores: Mapping[str, FloatArray]
    """By measure, (seed, 1 + draw)."""
    iou: FloatArray
    """Of every class, (seed, 1 + draw, class)."""

    @property
    def value(self) -> float:
        """The weighted IoU, the mean over seeds."""
        return float(self.scores["weighted_iou"][:, 0].mean())


class Table(NamedTuple):
    """All runs of a table."""

    cells: Mapping[Cell, Scored]
    """In the order of the settings."""
    classes: tuple[LabelClass, ...]

    def groups(self) -> list[list[Scored]]:
        """Runs that differ only in their seeds, together, in the order of the settings."""
        found: defaultdict[Cell, list[Scored]] = defaultdict(list)
        for cell, one in self.cells.items():
            found[cell._replace(seed=-1)].append(one)
        return list(found.values())


def read_table(settings: Settings, cells: Sequence[str], folder: Path) -> Table:
    """Score the confusion matrices of all cells.

    Cells of one feature set, share and split are drawn on the same blocks, and have to have
    been asked the same pixels. Memory holds the scores of the draws, and matrices of one cell.

    Args:
        settings: All settings; the group `landcover` counts, and the seed.
        cells: Names such as `fusion/simclr/resnet18@7/whole-100`.
        folder: `results/landcover`.

    Raises:
        UserError: A confusion is missing, damaged, empty, or of other classes or pixels than
            those it is to be compared with.
    """
    first: dict[tuple[str, float, str], tuple[Cell, Confusion]] = {}
    counts: dict[int, CountArray] = {}
    scored, classes = {}, None
    for name in cells:
        cell = Cell.parse(name, settings.seed)
        found = asked(read_confusion(folder / name / "confusion.parquet"), name)
        classes = classes or (cell, found.classes)
        check_classes(cell, found, *classes)
        check_pixels(cell, found, *first.setdefault(compared_with(cell), (cell, found)))
        blocks = len(found.blocks)
        if blocks not in counts:
            counts[blocks] = resamples(blocks, settings.landcover.draws, settings.seed)
        scored[cell] = _scored(cell, found, counts[blocks])
    if classes is None:
        raise UserError(
            "There is no run on labels to compare; name encoders in `grid.encoders`, or "
            "classifiers in `landcover.baselines`."
        )
    return Table(scored, classes[1])


def over_seeds(several: Sequence[Scored]) -> Scored:
    """Runs that differ only in their seeds as one; their mean is taken draw by draw."""
    one = several[0]
    scores = {name: np.concatenate([run.scores[name] for run in several]) for name in one.scores}
    iou = np.concatenate([run.iou for run in several])
    return Scored(one.cell, one.samples, one.blocks, one.true_pixels, scores, iou)


def best_pixels(cell: Cell, table: Table) -> str:
    """The best classifier of single pixels beside a run: that of the best mean over seeds.

    It is the best of the scored blocks themselves, which favours the baseline, not the network.
    """
    values = {
        one.cell.encoder: one.value
        for one in map(over_seeds, table.groups())
        if one.cell.method == PIXELS and compared_with(one.cell) == compared_with(cell)
    }
    return max(values, key=lambda name: values[name]) if values else ""


def _scored(cell: Cell, found: Confusion, counts: CountArray) -> Scored:
    scores = scores_of(drawn_sums(found.counts, counts))
    return Scored(
        cell=cell,
        samples=int(found.about["samples"]["scored"]),
        blocks=len(found.blocks),
        true_pixels=found.counts.sum(axis=(0, 2)),
        scores={name: getattr(scores, name)[None] for name in MEASURES},
        iou=scores.iou[None],
    )
