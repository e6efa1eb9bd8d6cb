"""What the picture of codes shows."""

from itertools import combinations

import pytest
from matplotlib.text import Annotation, Text

from speckle2vec.evaluate.codes import figure
from speckle2vec.evaluate.codes.figure import draw_compression


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draw rows, and give the figure."""
    figures = []

    class Kept(figure.Figure):
        def __init__(self, *given, **named):
            super().__init__(*given, **named)
            figures.append(self)

    monkeypatch.setattr(figure, "Figure", Kept)

    def draw(rows):
        draw_compression(rows, 1, tmp_path / "compression.png")
        assert (tmp_path / "compression.png").stat().st_size > 0
        return figures[-1]

    return draw


def row(code, ratio, lost, label="land-cover", **values):
    numbers = {"minus_float32": -lost, "minus_float32_low": -lost - 0.02,
               "minus_float32_high": -lost + 0.02}  # fmt: skip
    return {
        "label": label,
        "features": "f",
        "method": "m",
        "encoder": "e",
        "code": code,
        "samples": 64,
        "ratio": ratio,
        "ratio_25472": 2 * ratio,
        **numbers,
        **values,
    }


def test_codes_of_like_size_and_loss_keep_their_names_apart(drawn):
    rows = [row(f"pca{side}-int8", 1000 + side, 0.0001 * side) for side in range(8)]
    rows.append(row("float32", 10, 0.3))
    (axes,) = drawn(rows).axes
    names = [one for one in axes.texts if isinstance(one, Annotation)]
    assert {one.get_text() for one in names} == {one["code"] for one in rows}
    boxes = [Text.get_window_extent(one) for one in names]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    alone = next(one for one in names if one.get_text() == "float32")
    assert alone.get_position() == (4, 3)


def test_a_panel_for_each_label_that_has_codes(drawn):
    rows = [row("float32", 10, 0), row("int8", 40, 0.01), row("float32", 10, 0, "season"),
            row("int8", 40, 0.02, "season"), row("float32", 10, 0, "alone")]  # fmt: skip
    titles = [axes.get_title() for axes in drawn(rows).axes]
    assert titles == ["land-cover by f/m/e", "season by f/m/e"]
