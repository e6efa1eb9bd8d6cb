"""What all pictures of the table share: figures of a row, error bars, legends, equal bytes."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from speckle2vec.landcover.table.drawing import (
    COLOURS,
    add_legend,
    colour_of,
    figures_of,
    grey_of,
    learnt_of,
    lengths_of,
    save,
    value_of,
)
from speckle2vec.settings.evaluate import Grid
from speckle2vec.settings.landcover import PIXELS


def row(method="vae", mode="whole", encoder="resnet18"):
    return {"method": method, "mode": mode, "encoder": encoder}


def test_bars_reach_from_the_figure_to_the_ends_of_its_interval():
    found = np.array([[50.0, 40, 65], [50, np.nan, np.nan], [np.nan, np.nan, np.nan],
                      [50, 51, 49]])  # fmt: skip
    np.testing.assert_array_equal(lengths_of(found), [[10, 0, 0, 0], [15, 0, 0, 0]])


def test_an_empty_cell_is_no_score_of_nothing():
    one = {"iou_a": "0", "iou_a_low": "", "iou_a_high": ""}
    value, low, high = figures_of(one, "iou_a", "iou_a_")
    assert value == 0
    assert np.isnan([low, high]).all()
    assert value_of("0.25") == value_of(0.25) == 25


def test_modes_without_a_pretrained_run_are_not_compared():
    rows = [row("none"), row(), row("none", "frozen"), row(PIXELS, "fit", "majority")]
    assert learnt_of(rows) == [row("none"), row()]


def test_where_nothing_was_pretrained_all_encoders_are_shown_and_else_pixels():
    pixels = row(PIXELS, "fit", "majority")
    untrained = [row("none"), row("none", "frozen")]
    assert learnt_of([*untrained, pixels]) == untrained
    assert learnt_of([pixels]) == [pixels]
    assert learnt_of([]) == []


def test_every_method_of_the_grid_has_a_colour_of_its_own():
    methods = Grid().methods
    assert set(COLOURS) == set(methods)
    assert len({colour_of(row(method)) for method in methods}) == len(methods)
    beside = [row(PIXELS, "fit", name) for name in ("majority", "logistic-regression")]
    assert len({colour_of(one) for one in beside}) == 1
    assert len({grey_of(one) for one in beside}) == 2


def test_a_label_of_several_panels_stands_once_in_the_legend():
    figure = Figure()
    grid = figure.subplots(2, 2, squeeze=False)
    for axes, names in zip(grid.ravel(), (("b", "a"), ("a",), (), ("c", "b")), strict=True):
        for name in names:
            axes.plot([0, 1], label=name)
    add_legend(figure, grid)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["b", "a", "c"]


def test_equal_figures_are_equal_bytes_and_one_that_fails_leaves_the_older(tmp_path, monkeypatch):
    for name in ("one", "other"):
        figure = Figure()
        figure.subplots().plot([3, 1, 2])
        save(figure, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    before = (tmp_path / "one").read_bytes()
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(Figure(), tmp_path / "one")
    assert (tmp_path / "one").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2
