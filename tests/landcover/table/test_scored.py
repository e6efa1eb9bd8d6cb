"""Confusion matrices made scores, on the same draws of blocks."""

import numpy as np
import pytest
from tests.landcover.few_classes import CLASSES, settings_of

from speckle2vec.landcover.table.cells import Cell
from speckle2vec.landcover.table.scored import MEASURES, best_pixels, over_seeds, read_table
from speckle2vec.measures.iou import scores_of

DRAWS = 100


def drawn(blocks=9, seed=0):
    return np.random.default_rng(seed).integers(1, 90, (blocks, 3, 3))


def with_truth(counts, shift):
    """Other answers to the same truth."""
    return np.roll(counts, shift, axis=2)


@pytest.fixture
def read(runs):
    def table_of(counts):
        for name, one in counts.items():
            runs.write(name, one)
        settings = settings_of(landcover={"draws": DRAWS})
        return read_table(settings, tuple(counts), runs.folder)

    return table_of


NAMES = [f"fusion/{one}/whole-100" for one in ("vae/resnet18@1", "vae/resnet18@2")]


def test_the_first_score_is_that_of_all_blocks(read):
    counts = drawn()
    ((cell, one),) = read({NAMES[0]: counts}).cells.items()
    assert cell == Cell("fusion", "vae", "resnet18", 1, "whole", 100.0, "blocks") == one.cell
    whole = scores_of(counts.sum(axis=0))
    for name in MEASURES:
        assert one.scores[name].shape == (1, 1 + DRAWS)
        assert one.scores[name][0, 0] == pytest.approx(float(getattr(whole, name)))
    np.testing.assert_allclose(one.iou[0, 0], whole.iou)
    assert one.iou.shape == (1, 1 + DRAWS, 3)
    assert one.value == one.scores["weighted_iou"][0, 0]
    assert (one.samples, one.blocks) == (18, 9)
    np.testing.assert_array_equal(one.true_pixels, counts.sum(axis=(0, 2)))


def test_runs_that_answered_alike_are_alike_in_every_draw(read):
    counts = drawn()
    one, other = read(dict.fromkeys(NAMES, counts)).cells.values()
    np.testing.assert_array_equal(one.scores["weighted_iou"], other.scores["weighted_iou"])
    assert np.ptp(one.scores["weighted_iou"]) > 0


def test_draws_do_not_depend_on_the_other_runs(read):
    counts = drawn()
    alone = read({NAMES[1]: counts}).cells
    beside = read({NAMES[0]: with_truth(counts, 1), NAMES[1]: counts}).cells
    for cell, one in alone.items():
        np.testing.assert_array_equal(one.iou, beside[cell].iou)


def test_seeds_are_one_group_and_their_mean_is_taken_draw_by_draw(read):
    counts = drawn()
    other = f"fusion/none/resnet18@1/{NAMES[0].rsplit('/', 1)[1]}"
    table = read({NAMES[0]: counts, other: counts, NAMES[1]: with_truth(counts, 1)})
    seeds, alone = table.groups()
    assert [one.cell.seed for one in seeds] == [1, 2]
    assert [one.cell.method for one in alone] == ["none"]
    together = over_seeds(seeds)
    assert together.scores["accuracy"].shape == (2, 1 + DRAWS)
    assert together.value == pytest.approx(np.mean([one.value for one in seeds]))
    np.testing.assert_array_equal(together.iou[1], seeds[1].iou[0])
    assert table.classes == CLASSES


def test_the_best_of_pixels_is_that_of_the_same_share_and_split(read):
    good = 100 * np.tile(np.eye(3, dtype=int), (9, 1, 1))
    bad = with_truth(good, 1)
    table = read({
        NAMES[0]: good,
        "fusion/pixels/majority/whole-100": bad,
        "fusion/pixels/random-forest/whole-100": good,
        "fusion/pixels/majority/whole-5": good,
        "fusion/pixels/random-forest/whole-5": bad,
    })  # fmt: skip
    assert best_pixels(Cell.parse(NAMES[0], 1), table) == "random-forest"
    assert best_pixels(Cell.parse(NAMES[0].replace("100", "5"), 1), table) == "majority"
    assert best_pixels(Cell.parse(NAMES[0].replace("fusion", "optical"), 1), table) == ""
