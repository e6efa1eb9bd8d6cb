"""The stage: the table of all runs on labels (paper, Table 9), beside what keeps it honest."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from speckle2vec.landcover.table.cells import Cell
from speckle2vec.landcover.table.scored import Scored, Table, best_pixels, over_seeds, read_table
from speckle2vec.landcover.table.text import describe
from speckle2vec.measures.intervals import (
    compared,
    mean_interval,
    seed_spread,
    seeds_above,
    text,
    told,
)
from speckle2vec.products.whole import whole_file
from speckle2vec.settings.landcover import PIXELS
from speckle2vec.settings.root import Settings

ALL_SEEDS = "all"
COLUMNS = (
    "features", "method", "encoder", "mode", "share", "split", "seed", "samples", "blocks",
    "weighted_iou", "low", "high", "spread", "mean_iou", "mean_iou_low", "mean_iou_high",
    "accuracy", "macro_f1", "balanced_accuracy", "minus_none", "minus_none_low",
    "minus_none_high", "better_than_none", "seeds_above_none", "best_pixels", "minus_pixels",
    "minus_pixels_low", "minus_pixels_high", "better_than_pixels", "seeds_above_pixels",
)  # fmt: skip
Row = dict[str, object]


def make_table(
    settings: Settings, cells: Sequence[str], folder: Path, output: Path, markdown: Path
) -> None:
    """Write one row a run, and one over the seeds where there are several.

    Differences are paired: both runs are scored on the same draws of blocks. `better` means
    that the interval of the difference lies above 0 (DESIGN, rule 9); it holds the seeds fixed,
    so a row over several tells for how many of them the difference lies above 0.

    Args:
        settings: All settings; the group `landcover` counts, and the seed.
        cells: Names such as `fusion/simclr/resnet18@7/whole-100`.
        folder: Folder of the runs, `results/landcover`.
        output: The table, CSV.
        markdown: The table for people, Markdown.

    Raises:
        UserError: A confusion is missing, damaged, or cannot be compared with the others.
    """
    table = read_table(settings, cells, folder)
    confidence = settings.landcover.confidence
    rows = [row for group in table.groups() for row in _rows(group, table, confidence)]
    names = [f"iou_{one.name}{end}" for one in table.classes for end in ("", "_low", "_high")]
    with whole_file(output) as target, target.open("w", newline="") as file:
        writer = csv.DictWriter(file, (*COLUMNS, *names), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with whole_file(markdown) as target:
        target.write_text(describe(settings.landcover, table, rows))


def _rows(same: Sequence[Scored], table: Table, confidence: float) -> list[Row]:
    """One row a seed, in their order, and one over all of several."""
    best = "" if same[0].cell.method == PIXELS else best_pixels(same[0].cell, table)
    rows = [
        _row(one, _others([one.cell], table, best), table, confidence) | {"best_pixels": best}
        for one in same
    ]
    if len(same) > 1:
        others = _others([one.cell for one in same], table, best)
        row = _row(over_seeds(same), others, table, confidence)
        rows.append({**row, "seed": ALL_SEEDS, "best_pixels": best})
    return rows


def _others(cells: Sequence[Cell], table: Table, best: str) -> dict[str, Scored]:
    """What runs are compared with, seed by seed: the untrained encoder, the best pixels."""
    first = cells[0]
    found: dict[str, list[Scored | None]] = {}
    if first.method not in ("none", PIXELS):
        found["none"] = [table.cells.get(cell._replace(method="none")) for cell in cells]
    if best:
        found["pixels"] = [
            table.cells.get(cell._replace(method=PIXELS, encoder=best, mode="fit"))
            for cell in cells
        ]
    complete = {name: [one for one in several if one] for name, several in found.items()}
    return {
        name: over_seeds(several)
        for name, several in complete.items()
        if len(several) == len(cells)
    }


def _row(one: Scored, others: Mapping[str, Scored], table: Table, confidence: float) -> Row:
    row: Row = {**one.cell._asdict(), "share": f"{one.cell.share:g}"}
    row |= {"samples": one.samples, "blocks": one.blocks}
    weighted = one.scores["weighted_iou"]
    row |= told("weighted_iou", "", mean_interval(weighted, one.blocks, confidence))
    row["spread"] = text(seed_spread(weighted))
    plain = mean_interval(one.scores["mean_iou"], one.blocks, confidence)
    row |= told("mean_iou", "mean_iou_", plain)
    for name in ("accuracy", "macro_f1", "balanced_accuracy"):
        row[name] = text(float(one.scores[name][:, 0].mean()))
    for name, than in others.items():
        difference = weighted - than.scores["weighted_iou"]
        row |= compared(name, mean_interval(difference, one.blocks, confidence))
        row |= seeds_above(name, difference)
    for place, own in enumerate(table.classes):
        iou = mean_interval(one.iou[..., place], one.blocks, confidence)
        row |= told(f"iou_{own.name}", f"iou_{own.name}_", iou)
    return row
