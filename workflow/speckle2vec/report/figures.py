"""What all plots of the page have in common: colours, layout, and how they are written."""

import html
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
from plotly.io import to_json

from speckle2vec.report.blocks import Plot

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7",
)  # fmt: skip
"""Okabe and Ito's colours, which the colour-blind tell apart."""
GREY, PALE = "#8c8c8c", "#e4e4e4"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK, YELLOW)
MANY_POINTS = 3000
"""More points are drawn by the graphics card."""
AXIS = {"gridcolor": PALE, "zerolinecolor": "#c8c8c8", "linecolor": "#c8c8c8", "automargin": True}


def point_size(number: int) -> int:
    """Pixels across a point, so that so many do not hide each other."""
    return 8 if number < 2000 else 5 if number < 6000 else 3


def points_of(number: int) -> Any:  # noqa: ANN401
    """How a plot of so many points is drawn."""
    return go.Scattergl if number > MANY_POINTS else go.Scatter


def new_figure(across: str, up: str, **layout: Any) -> go.Figure:  # noqa: ANN401
    """An empty figure with two named axes, its legend above."""
    figure = go.Figure()
    figure.update_layout(
        template={}, margin={"l": 8, "r": 8, "t": 12, "b": 8}, font={"size": 13},
        paper_bgcolor="white", plot_bgcolor="white", dragmode="pan",
        xaxis={**AXIS, "title": {"text": across}}, yaxis={**AXIS, "title": {"text": up}},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
    )  # fmt: skip
    figure.update_layout(**layout)
    return figure


def plot_of(name: str, figure: go.Figure, told: str, height: int = 360, wide: bool = False) -> Plot:
    """A figure as a part of the page."""
    return Plot(name, to_json(figure, engine="json"), told, height, wide=wide)


def map_of(name: str, figure: go.Figure, told: str, height: int, below: float) -> Plot:
    """A map as a part of the page: its legend below, its buttons above.

    Args:
        name: Unique on the page.
        figure: The map.
        told: What is seen.
        height: Pixels on the screen.
        below: How far below the map its legend begins, as a share of its height.
    """
    figure.update_layout(
        margin={"t": 40}, legend={"yanchor": "top", "y": -below}, hovermode="closest"
    )
    return Plot(name, to_json(figure, engine="json"), told, height, zoomed=True)


def safe(text: str) -> str:
    """Untrusted text for Plotly, which reads labels as markup."""
    return html.escape(text, quote=False)


def colours_by_name(names: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """A colour for each name, those that are known first."""
    return {name: known.get(name, COLOURS[place % len(COLOURS)])
            for place, name in enumerate(names)}  # fmt: skip
