"""The section of the labels: how much of each class every split holds."""

import numpy as np
import plotly.graph_objects as go

from speckle2vec.report.blocks import Part
from speckle2vec.report.classes import Cover
from speckle2vec.report.figures import new_figure, plot_of, safe
from speckle2vec.report.words import count, percent

SPLITS = ("test", "validation", "train")
"""From below to above."""


def labels_part(cover: Cover) -> Part:
    """Shares of the classes among the labelled pixels of each split."""
    splits = [split for split in SPLITS if cover.pixels.get(split, np.zeros(1))[1:].any()]
    if not splits:
        return Part("labels", "Land cover", "No sample of a split has a labelled pixel.")
    shares = {split: cover.pixels[split][1:] / cover.pixels[split][1:].sum() for split in splits}
    figure = new_figure("percent of the labelled pixels", "", barmode="stack")
    figure.update_layout(legend_traceorder="normal")
    figure.update_xaxes(range=[0, 100])
    for place, one in enumerate(cover.classes):
        figure.add_trace(go.Bar(
            y=splits, x=[100 * shares[split][place] for split in splits], orientation="h",
            name=safe(one.name), marker={"color": one.colour, "line": {"color": "#404040",
                                         "width": 0.5}}, hovertemplate="%{x:.1f} % %{fullData.name}"
            "<extra>%{y}</extra>",
        ))  # fmt: skip
    return Part(
        "labels",
        "Land cover",
        _told(cover),
        [plot_of("shares", figure, _seen(shares, cover), 320, wide=True)],
    )


def _told(cover: Cover) -> str:
    pixels = np.sum(list(cover.pixels.values()), axis=0)
    labelled = int(pixels[1:].sum()) / max(int(pixels.sum()), 1)
    known = sum(1 for index in cover.commonest.values() if index)
    return (
        f"{known:,} of {count(len(cover.commonest), 'sample')} are labelled, {percent(labelled)} "
        f"of all pixels, with {count(len(cover.classes), 'class', 'classes')}."
    )


def _seen(shares: dict[str, np.ndarray], cover: Cover) -> str:
    split = list(shares)[-1]
    most = int(shares[split].argmax())
    absent = [f"{cover.classes[place].name} in {name}" for name in shares
              for place in np.flatnonzero(shares[name] == 0)]  # fmt: skip
    told = (
        f"The commonest in {split} is {cover.classes[most].name} ({percent(shares[split][most])})"
    )
    return told + (f"; there is no {', no '.join(absent)}." if absent else ".")
