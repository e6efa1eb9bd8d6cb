"""The section of the embeddings: a flat map, pictures under the pointer, rows of neighbours."""

import json

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from speckle2vec.report.alike import Alike, agreement
from speckle2vec.report.blocks import Explorer, Part
from speckle2vec.report.classes import Cover
from speckle2vec.report.figures import (
    COLOURS,
    colours_by_name,
    map_of,
    new_figure,
    point_size,
    points_of,
    safe,
)
from speckle2vec.report.pixels import composite_of
from speckle2vec.report.projection import Flat
from speckle2vec.report.samples import Shown, days_of
from speckle2vec.report.sheets import Sheets
from speckle2vec.report.words import count, percent

SPLITS = ("train", "validation", "test", "buffer")
EXAMPLES = 3
"""Rows of neighbours that are shown before anyone asks."""
IntArray = npt.NDArray[np.int64]


def map_part(
    shown: Shown,
    flat: Flat,
    alike: Alike,
    sheets: Sheets,
    cover: Cover | None,
    features: tuple[str, ...],
    model: str,
) -> Part:
    """The map of the embeddings.

    Args:
        shown: The samples.
        flat: Where they lie on the map.
        alike: What each is most like.
        sheets: Their pictures.
        cover: Their land cover, where labels stand.
        features: Names of the features the pictures are made of.
        model: The encoder, such as `sar-temporal/simclr/cnn-transformer`.
    """
    names, groups, colours = _groups(shown, cover)
    plot = map_of("map", _figure(flat, names, groups, colours), _told_flat(shown, flat), 560, 0.02)
    data = _data(shown, flat, alike, names, groups)
    data |= {
        "side": sheets.side,
        "across": sheets.across,
        "colours": [colours[one] for one in names],
    }
    told = f"Each point is a sample, embedded by {model}. {_told_drawn(shown)}"
    pictures = f"In the pictures {composite_of(features)[1]}. {_told_alike(alike, cover, groups)}"
    text = json.dumps(data, separators=(",", ":"))
    block = Explorer(plot, text, sheets.uris, pictures.strip())
    return Part("map", "What the embeddings hold together", told.strip(), [block])


def _groups(shown: Shown, cover: Cover | None) -> tuple[list[str], IntArray, dict[str, str]]:
    """Names of the groups that colours tell, the group of each sample, and the colours."""
    if cover is not None:
        return cover.names(), cover.of(shown.ids.tolist()), cover.colours()
    splits = [split or "no split" for split in shown.rows["split"].to_pylist()]
    names = [name for name in (*SPLITS, "no split") if name in splits]
    groups = np.array([names.index(split) for split in splits], np.int64)
    return names, groups, colours_by_name(names, dict(zip(SPLITS, COLOURS, strict=False)))


def _figure(flat: Flat, names: list[str], groups: IntArray, colours: dict[str, str]) -> go.Figure:
    hidden = {"showticklabels": False, "ticks": "", "zeroline": False, "showgrid": False}
    figure = new_figure("", "")
    figure.update_xaxes(**hidden)
    figure.update_yaxes(**hidden)
    kind, size = points_of(len(groups)), point_size(len(groups))
    for place, name in enumerate(names):
        here = np.flatnonzero(groups == place)
        if len(here):
            figure.add_trace(kind(
                x=flat.places[here, 0], y=flat.places[here, 1], mode="markers", name=safe(name),
                customdata=here.tolist(), hoverinfo="none",
                marker={"color": colours[name], "size": size, "opacity": 0.85,
                        "line": {"width": 0.5 if size > 3 else 0, "color": "#404040"}},
            ))  # fmt: skip
    return figure


def _data(
    shown: Shown, flat: Flat, alike: Alike, names: list[str], groups: IntArray
) -> dict[str, object]:
    """What the script of the page needs, sample by sample."""
    return {
        "ids": shown.ids.tolist(),
        "groups": groups.tolist(),
        "names": names,
        "dates": [days_of(dates) for dates in shown.rows["dates"].to_pylist()],
        "longitude": _rounded(shown, "longitude"),
        "latitude": _rounded(shown, "latitude"),
        "near": alike.neighbours,
        "cosines": alike.cosines,
        "x": _short(flat.places[:, 0]),
        "y": _short(flat.places[:, 1]),
        "examples": _examples(alike, groups),
    }


def _rounded(shown: Shown, name: str) -> list[float | None]:
    return [None if value is None else round(value, 3) for value in shown.rows[name].to_pylist()]


def _short(values: npt.NDArray[np.float32]) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]


def _examples(alike: Alike, groups: IntArray) -> list[int]:
    """Of the commonest groups the sample whose neighbours are most like it."""
    order = np.argsort(-np.bincount(groups), kind="stable")
    nearness = np.array([np.mean(cosines) if cosines else -1.0 for cosines in alike.cosines])
    found = [np.flatnonzero(groups == group) for group in order]
    best = [int(here[nearness[here].argmax()]) for here in found if len(here)]
    return best[:EXAMPLES]


def _told_flat(shown: Shown, flat: Flat) -> str:
    if flat.way == "pca":
        return (
            f"The two principal components shown carry {percent(flat.share)} of the variance of "
            f"{count(len(shown.ids), 'embedding')}, each scaled to length 1."
        )
    return (
        f"t-SNE puts {count(len(shown.ids), 'embedding')} that are alike near each other; "
        "distances across the map mean little. Two principal components would carry "
        f"{percent(flat.share)} of the variance."
    )


def _told_drawn(shown: Shown) -> str:
    if len(shown.ids) == shown.total:
        return ""
    return (
        f"{len(shown.ids):,} of {count(shown.total, 'sample')} are drawn at random and have "
        "pictures (`report.points`); neighbours that were not drawn are not shown."
    )


def _told_alike(alike: Alike, cover: Cover | None, groups: IntArray) -> str:
    found = agreement(alike, groups) if cover is not None else None
    if found is None:
        return ""
    most = max(map(len, alike.neighbours))
    return (
        f"Of the {most} samples most like one, {percent(found[0])} have the same commonest land "
        f"cover; of any two samples {percent(found[1])} have."
    )
