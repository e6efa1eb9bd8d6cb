"""Confusion matrices of runs that never ran."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.landcover.few_classes import CLASSES

from speckle2vec.landcover.table.cells import Cell
from speckle2vec.products.confusions import Confusion, write_confusion


@dataclass(frozen=True)
class Runs:
    """Confusion matrices in `folder`, drawn for every cell of some settings."""

    folder: Path

    def write(self, name, counts, classes=CLASSES, blocks=None, **about):
        blocks = blocks or tuple(f"{block:02d}" for block in range(len(counts)))
        told = {"samples": {"scored": 2 * len(counts)}, "scored": ["test"], **about}
        path = self.folder / name / "confusion.parquet"
        write_confusion(Confusion(told, tuple(classes), tuple(blocks), np.asarray(counts)), path)

    def draw(self, settings, skill=lambda cell: 0.5, blocks=12, absent=()):
        """All cells: the truth is one for all of a split, and right with the chance `skill`."""
        for number, name in enumerate(settings.cells):
            cell = Cell.parse(name, settings.seed)
            truth_of = np.random.default_rng(len(cell.split))
            truth = truth_of.integers(20, 200, (blocks, 3))
            truth[:, list(absent)] = 0
            random = np.random.default_rng(number)
            chances = skill(cell) * np.eye(3) + (1 - skill(cell)) / 3
            chances = np.clip(chances + random.normal(0, 0.03, (blocks, 3, 3)), 0.001, None)
            counts = [[random.multinomial(count, chance / chance.sum())
                       for count, chance in zip(*one, strict=True)]
                      for one in zip(truth, chances, strict=True)]  # fmt: skip
            self.write(name, np.array(counts))


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / "landcover")
