"""Pictures of the table: what they show, and that equal tables are equal bytes."""

import csv

import numpy as np
import pytest
from matplotlib.container import BarContainer
from matplotlib.image import imread
from tests.landcover.few_classes import settings_of

from speckle2vec.errors import UserError
from speckle2vec.landcover.table.class_bars import classes_figure
from speckle2vec.landcover.table.figures import draw_figures, overview_figure
from speckle2vec.landcover.table.run import make_table
from speckle2vec.landcover.table.share_curves import shares_figure
from speckle2vec.landcover.table.text import final_rows

NAMES = ("classes.png", "table.png", "shares.png")
GRID = {"methods": ["none", "vae"], "encoders": ["resnet18", "resnet34"]}


@pytest.fixture
def rows(runs):
    def make(grid=GRID, absent=(), **landcover):
        settings = settings_of(grid=grid, landcover={"draws": 100, **landcover})
        runs.draw(settings, lambda cell: 0.7 if cell.method == "vae" else 0.5, absent=absent)
        path = runs.folder / "table.csv"
        make_table(settings, settings.cells, runs.folder, path, runs.folder / "table.md")
        with path.open() as file:
            return final_rows(list(csv.DictReader(file)))

    return make


def drawn(runs, folder):
    paths = [runs.folder / folder / name for name in NAMES]
    draw_figures(runs.folder / "table.csv", *paths)
    return [path.read_bytes() for path in paths]


def test_equal_tables_are_equal_bytes(runs, rows):
    rows()
    assert drawn(runs, "one") == drawn(runs, "two")
    for name in NAMES:
        image = imread(runs.folder / "one" / name)
        assert image.shape[0] > 200
        assert image.std() > 0.01


def test_bars_are_as_high_as_the_table_says(rows):
    found = rows(shares=[5, 100])
    figure = classes_figure(found)
    assert [axes.get_title() for axes in figure.axes] == [
        "resnet18, sar-temporal, whole", "resnet34, sar-temporal, whole",
    ]  # fmt: skip
    bars = [one for one in figure.axes[0].containers if isinstance(one, BarContainer)]
    assert [one.get_label() for one in bars][:2] == ["none", "vae"]
    assert len(bars) == 3  # and the best classifier of pixels
    (vae,) = [row for row in found if row["method"] == "vae" and row["encoder"] == "resnet18"
              and row["share"] == "100"]  # fmt: skip
    heights = [bar.get_height() for bar in bars[1]]
    expected = [100 * float(vae[f"iou_{name}"]) for name in ("town", "forest", "water")]
    assert heights == pytest.approx(expected)


def test_a_class_that_is_not_in_the_test_is_named_so(rows):
    axes = classes_figure(rows(absent=[1])).axes[0]
    (note,) = [text for text in axes.texts if text.get_text() == "not in the test"]
    assert note.get_position()[0] == 1


def test_every_run_is_a_line_of_the_overview(rows):
    figure = overview_figure(rows(splits=["blocks", "random"]))
    assert len(figure.axes) == 2
    lines = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert lines[:2] == ["none, resnet18, whole", "vae, resnet18, whole"]
    assert lines[-1] == "random-forest, pixel by pixel"
    assert len(figure.axes[0].containers) == len(lines) == 4 + 2 + 1 + 3


def test_curves_rise_over_the_shares(rows):
    figure = shares_figure(rows(shares=[1, 10, 100]))
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert list(axes.get_xticks()) == [1, 10, 100]
    curves = {one.get_label(): one.lines[0] for one in axes.containers}
    assert {"none", "vae", "majority, pixel by pixel"} <= set(curves)
    places = curves["vae"].get_xdata()
    assert (np.diff(places) > 0).all()
    assert places == pytest.approx([1, 10, 100], rel=0.15)


@pytest.mark.parametrize(
    "changes",
    [
        {"grid": {**GRID, "methods": ["none"]}},
        {"grid": {**GRID, "seeds": [1, 2]}, "modes": ["whole", "frozen"]},
        {"baselines": []},
    ],
)
def test_every_choice_of_runs_can_be_drawn(runs, rows, changes):
    rows(**changes)
    assert all(drawn(runs, "one"))


def test_what_is_no_table_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match=r"none.csv: cannot be read .* make the table"):
        draw_figures(tmp_path / "none.csv", *(tmp_path / name for name in NAMES))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="is no table of land cover"):
        draw_figures(tmp_path / "other.csv", *(tmp_path / name for name in NAMES))
