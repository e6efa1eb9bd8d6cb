"""The stage that draws test patches: image, truth, prediction and error (paper, Figure 4)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.landcover.choosing.chosen import choose
from speckle2vec.landcover.finetuning.confuse import confusion_of
from speckle2vec.landcover.finetuning.likelihood import Segmenter
from speckle2vec.landcover.finetuning.segment import told_classes
from speckle2vec.landcover.pages.examples import View, candidates, spread, views
from speckle2vec.landcover.pages.patch_drawing import (
    OPTICAL_TOLD,
    RADAR_TOLD,
    RIGHT,
    WRONG,
    add_legend,
    class_patches,
    coloured,
    legend_patch,
    page,
    right_and_wrong,
    show,
    show_optical,
    write_page,
)
from speckle2vec.measures.iou import scores_of
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import ClassArray, LabelClass
from speckle2vec.settings.landcover import Run
from speckle2vec.settings.root import Settings

AT_RANDOM = 2
ENOUGH = 0.6
"""Of a class in the patch that shows it."""
Said = tuple[View, ClassArray]
"""What there is to see of a sample, and what was predicted of it."""


def draw_patches(
    settings: Settings,
    keys: Sequence[ShardKey],
    segmenter: Segmenter,
    cubes: Path,
    labels: Path,
    catalogue: Path,
    output: Path,
) -> None:
    """Draw scored samples of the default model's run: for each class one that is mostly it.

    Two more are taken at random. Each row has the image, the labels, the likeliest classes
    and where those are wrong, and says the sample's mean IoU over the classes of its labels.

    Args:
        settings: All settings; the seed, the default model and `landcover` count.
        keys: All shards.
        segmenter: The trained run.
        cubes: Folder of the cubes it takes.
        labels: Folder of the labels.
        catalogue: Folder of the catalogue's parts.
        output: The picture, PNG.

    Raises:
        UserError: A file is missing or damaged, no scored sample has a label and a cube, or
            cubes or classes are not those of the segmenter.
    """
    run = Run.parse(settings.pictured.rpartition("/")[2])
    seed = settings.seed
    chosen = choose(keys, catalogue, labels, run, seed, seed, settings.drawn)
    scored = chosen.scored(settings.landcover.scored)
    classes, found = candidates(keys, cubes, labels, scored)
    if not found:
        raise UserError(
            f"None of the scored samples has a label and a cube in {cubes}; "
            "results/landcover/class_shares.csv says what each split holds."
        )
    if segmenter.classes != classes:
        raise UserError(
            f"{labels}: these labels have other classes than those the segmenter learned; draw "
            "its own labels, or remove the segmenter and train it anew."
        )
    picked = spread(found, ENOUGH, AT_RANDOM, settings.seed, "patches")
    said = [
        (view, told_classes(segmenter.probabilities(shard, position, view.shape)))
        for view, shard, position in views(picked, cubes, labels)
    ]
    _draw(said, classes, settings.pictured, output)


def _draw(said: Sequence[Said], classes: Sequence[LabelClass], name: str, output: Path) -> None:
    figure, axes = page(
        len(said),
        4,
        f"Test patches of {name}\neach mostly one class; the last {AT_RANDOM} at random",
    )
    for row, (view, predicted) in zip(axes, said, strict=True):
        _draw_row(row, view, predicted, classes)
    for column, title in zip(axes[0], ("image", "labels", "prediction", "error"), strict=True):
        column.set_title(title, fontsize=10)
    shown = np.concatenate([part.ravel() for view, told in said for part in (view.truth, told)])
    entries = [
        *class_patches(classes, shown),
        legend_patch(RIGHT, "right"),
        legend_patch(WRONG, "wrong"),
    ]
    optical = any(view.optical is not None for view, _ in said)
    add_legend(figure, entries, OPTICAL_TOLD if optical else RADAR_TOLD)
    write_page(figure, output)


def _draw_row(
    row: npt.NDArray[np.object_],
    view: View,
    predicted: ClassArray,
    classes: Sequence[LabelClass],
) -> None:
    if view.optical is None:
        show(row[0], view.radar)
    else:
        show_optical(row[0], view.optical)
    show(row[1], coloured(view.truth, classes))
    show(row[2], coloured(predicted, classes))
    show(row[3], right_and_wrong(view.truth, predicted))
    row[0].set_ylabel(view.candidate.sample_id, fontsize=8)
    row[3].set_xlabel(score_line(view.truth, predicted, len(classes)), fontsize=8)


def score_line(truth: ClassArray, predicted: ClassArray, classes: int) -> str:
    """Mean IoU over the classes a sample's labels hold, and the share that is right."""
    scores = scores_of(confusion_of(truth, predicted, classes))
    return f"mean IoU {scores.mean_iou:.0%}, {scores.accuracy:.0%} right"
