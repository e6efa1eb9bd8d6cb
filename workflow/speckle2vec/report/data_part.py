"""The section of what went in: places, dates, verdicts."""

from collections import Counter
from collections.abc import Sequence
from math import cos, radians

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.products.catalogue import ACCEPTED, REFUSED
from speckle2vec.report.blocks import Block, Part, Table
from speckle2vec.report.figures import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    map_of,
    new_figure,
    plot_of,
    point_size,
    points_of,
    safe,
)
from speckle2vec.report.samples import drawn
from speckle2vec.report.words import count, listed, percent

KINDS = {
    "train": ("training", BLUE, "circle"),
    "validation": ("validation", ORANGE, "square"),
    "test": ("test", GREEN, "diamond"),
    "buffer": ("between splits, left out", GREY, "circle-open"),
    REFUSED: ("refused", BLACK, "x"),
}
OTHER = ("no split", GREY, "triangle-up")
MOST_REASONS = 20
MOST_NAMED = 3
COLUMNS = ("sample_id", "longitude", "latitude", "dates", "split", "verdict", "reason")


def data_part(catalogue: pa.Table, left_out: dict[str, str], most: int, seed: int) -> Part:
    """What went in, and what was refused and why.

    Args:
        catalogue: The merged catalogue with `COLUMNS`.
        left_out: Accepted samples of which no features could be made, and why.
        most: The most places that are drawn.
        seed: The seed of the settings.
    """
    kinds = _kinds(catalogue)
    blocks: list[Block] = [*_places(catalogue, kinds, most, seed), *_dates(catalogue)]
    blocks += _reasons(catalogue, left_out)
    found = Counter(kinds)
    parts = [f"{found[kind]:,} {KINDS[kind][0]}" for kind in KINDS if found[kind]]
    told = f"{count(len(catalogue), 'sample')} went in: {listed(parts)}."
    return Part("data", "What went in", told, blocks)


def _kinds(catalogue: pa.Table) -> list[str]:
    verdicts, splits = catalogue["verdict"].to_pylist(), catalogue["split"].to_pylist()
    return [str(split) if verdict == ACCEPTED else REFUSED
            for verdict, split in zip(verdicts, splits, strict=True)]  # fmt: skip


def _places(catalogue: pa.Table, kinds: Sequence[str], most: int, seed: int) -> list[Block]:
    known = pc.and_(pc.is_valid(catalogue["longitude"]), pc.is_valid(catalogue["latitude"]))
    rows = catalogue.filter(known)
    names = rows["sample_id"].to_pylist()
    here = np.array(kinds)[known.to_numpy(zero_copy_only=False)]
    if not names:
        return []
    kept = set(drawn(names, most, seed))
    chosen = np.array([name in kept for name in names])
    x, y = (rows[name].to_numpy() for name in ("longitude", "latitude"))
    figure = _map(x[chosen], y[chosen], here[chosen], np.array(names)[chosen])
    told = (
        f"Places from {_degrees(x.min(), 'EW')} to {_degrees(x.max(), 'EW')} and "
        f"{_degrees(y.min(), 'NS')} to {_degrees(y.max(), 'NS')}; splits are whole blocks of land"
    )
    shown = int(chosen.sum())
    drawn_told = f"; {shown:,} of {len(names):,} are drawn." if shown < len(names) else "."
    return [map_of("places", figure, told + drawn_told, 460, 0.18)]


def _map(x: np.ndarray, y: np.ndarray, kinds: np.ndarray, names: np.ndarray) -> go.Figure:
    figure = new_figure("longitude, degrees", "latitude, degrees")
    ratio = 1 / max(cos(radians(float(y.mean()))), 0.05)
    figure.update_yaxes(scaleanchor="x", scaleratio=ratio)
    draw, size = points_of(len(x)), point_size(len(x)) - 1
    for kind in dict.fromkeys((*KINDS, *kinds.tolist())):
        own = kinds == kind
        if own.any():
            name, colour, symbol = KINDS.get(kind, OTHER)
            figure.add_trace(draw(
                x=x[own], y=y[own], mode="markers", name=name, hoverinfo="text",
                text=[safe(one) for one in names[own].tolist()],
                marker={"color": colour, "symbol": symbol, "size": size, "opacity": 0.8},
            ))  # fmt: skip
    return figure


def _dates(catalogue: pa.Table) -> list[Block]:
    flat = pc.drop_null(pc.list_flatten(catalogue["dates"]))
    if not len(flat):
        return []
    months = Counter(f"{date:%Y-%m}" for date in flat.to_pylist())
    names = [str(month) for month in
             np.arange(np.datetime64(min(months)), np.datetime64(max(months)) + 1)]  # fmt: skip
    figure = new_figure("", "acquisitions a month", showlegend=False)
    figure.add_trace(go.Bar(x=names, y=[months[name] for name in names], marker_color=BLUE))
    figure.update_xaxes(type="date", dtick=None)
    each = Counter(pc.list_value_length(catalogue["dates"]).to_pylist()).most_common(1)[0][0]
    told = (
        f"{count(len(flat), 'acquisition')} from {min(months)} to {max(months)}, most in "
        f"{months.most_common(1)[0][0]}; most samples have {count(each or 0, 'date')}."
    )
    return [plot_of("dates", figure, told, 260)]


def _reasons(catalogue: pa.Table, left_out: dict[str, str]) -> list[Block]:
    refused = catalogue.filter(pc.equal(catalogue["verdict"], REFUSED))
    pairs = list(zip(refused["reason"].to_pylist(), refused["sample_id"].to_pylist(), strict=True))
    pairs += [(reason, name) for name, reason in left_out.items()]
    if not pairs:
        return []
    found: dict[str, list[str]] = {}
    for reason, name in sorted(pairs):
        found.setdefault(reason, []).append(name)
    order = sorted(found, key=lambda reason: (-len(found[reason]), reason))
    rows = [(reason, f"{len(found[reason]):,}", _named(found[reason])) for reason in
            order[:MOST_REASONS]]  # fmt: skip
    rest = sum(len(found[reason]) for reason in order[MOST_REASONS:])
    rows += [(f"{len(order) - MOST_REASONS} other reasons", f"{rest:,}", "")] if rest else []
    told = (
        f"{count(len(pairs), 'sample')}, {percent(len(pairs) / len(catalogue))} of all, cannot be "
        f"used, for {count(len(order), 'reason')}; results/catalogue.parquet tells of each."
    )
    return [Table(("why", "samples", "which"), rows, told)]


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _degrees(value: float, signs: str) -> str:
    return f"{abs(value):.2f}° {signs[0] if value >= 0 else signs[1]}"
