"""The stage: the places whose embeddings changed most between two periods of a stack."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.evaluate.search.csv import degrees, write_list
from speckle2vec.evaluate.search.rows import FloatArray, Rows, unit
from speckle2vec.progress import LOGGER
from speckle2vec.settings.root import Settings
from speckle2vec.settings.search import Period, Search

COLUMNS = ("place", "corpus", "longitude", "latitude", "cosine_change", "within_periods",
           "before_samples", "before_first", "before_last", "after_samples", "after_first",
           "after_last")  # fmt: skip
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stack:
    """The samples of one place that lie in the two periods, sorted by date."""

    place: str
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True)
class Seen:
    """When a sample was seen."""

    row: int
    first: date
    last: date

    def within(self, period: Period) -> bool:
        """Whether all its dates lie in a period."""
        return period[0] <= self.first and self.last <= period[1]


def list_changes(settings: Settings, rows: Rows, output: Path) -> None:
    """Write all places with samples in both periods, the most changed first.

    The change is 1 minus the cosine between the mean unit vectors of the periods;
    `within_periods` beside it is the mean of 1 minus the cosine between each sample and the
    mean of its own period: what speckle and season do without a change. It is empty where
    both periods hold one sample.

    Args:
        settings: All settings; the group `search` counts.
        rows: The samples; those of one place are told by their ids, `{place}_{first date}`.
        output: `results/search/{model}/change.csv`.

    Raises:
        UserError: No place has samples in both periods, or an embedding is damaged.
    """
    places = samples_of_places(rows)
    stacks = stacks_of(places, settings.search)
    if not stacks:
        raise UserError(_nothing(places, settings.search))
    LOGGER.info("%d of %d places have samples in both periods", len(stacks), len(places))
    measured = [(*change(vectors, stack), stack) for stack, vectors in _gathered(rows, stacks)]
    measured.sort(key=lambda one: (-one[0], one[2].place))
    write_list(output, COLUMNS, (_line(rows, *one) for one in measured))


def samples_of_places(rows: Rows) -> dict[tuple[str, str], list[Seen]]:
    """Dated samples by corpus and place, sorted by date."""
    places: dict[tuple[str, str], list[Seen]] = {}
    table = rows.places.select(["id", "corpus", "dates"])
    for row, one in enumerate(table.to_pylist()):
        dates = sorted(each.date() for each in one["dates"] or () if each is not None)
        if dates:
            place = one["id"].removesuffix(f"_{dates[0]:%Y%m%d}")
            places.setdefault((one["corpus"], place), []).append(Seen(row, dates[0], dates[-1]))
    return {key: sorted(seen, key=lambda one: (one.first, one.row)) for key, seen in places.items()}


def stacks_of(places: dict[tuple[str, str], list[Seen]], wanted: Search) -> list[Stack]:
    """The places with samples in both periods, or without periods those with several."""
    stacks = []
    for (_, place), seen in places.items():
        if wanted.before is None or wanted.after is None:
            before, after = seen[:1], seen[1:][-1:]
        else:
            before = [one for one in seen if one.within(wanted.before)]
            after = [one for one in seen if one.within(wanted.after)]
        if before and after:
            numbers = (tuple(one.row for one in part) for part in (before, after))
            stacks.append(Stack(place, *numbers))
    return stacks


def _gathered(rows: Rows, stacks: list[Stack]) -> Iterator[tuple[Stack, dict[int, FloatArray]]]:
    """Each place once all its samples were read: only places that are begun are in memory."""
    owners = {row: stack for stack in stacks for row in (*stack.before, *stack.after)}
    begun: dict[int, dict[int, FloatArray]] = {}
    for start, vectors in rows.blocks():
        for at in range(len(vectors)):
            stack = owners.get(start + at)
            if stack is None:
                continue
            held = begun.setdefault(id(stack), {})
            held[start + at] = vectors[at].copy()
            if len(held) == len({*stack.before, *stack.after}):
                yield stack, begun.pop(id(stack))


def change(vectors: dict[int, FloatArray], stack: Stack) -> tuple[float, float]:
    """Change between the periods, and the spread within them (NaN where there is none)."""
    parts = [
        np.stack([vectors[row] for row in part]).astype(np.float64)
        for part in (stack.before, stack.after)
    ]
    means = [unit(part.mean(axis=0)) for part in parts]
    spread = np.concatenate(
        [1 - part @ mean for part, mean in zip(parts, means, strict=True) if len(part) > 1]
        or [np.array([np.nan])]
    )
    return max(float(1 - means[0] @ means[1]), 0.0), float(np.maximum(spread, 0).mean())


def _line(rows: Rows, changed: float, spread: float, stack: Stack) -> list[Any]:
    place = rows.places.slice(stack.after[-1], 1).to_pylist()[0]
    where = [degrees(place[name]) for name in ("longitude", "latitude")]
    usual = f"{spread:.6f}" if np.isfinite(spread) else ""
    line: list[Any] = [stack.place, place["corpus"], *where, f"{changed:.6f}", usual]
    for part in (stack.before, stack.after):
        dates = [each for row in part for each in rows.places["dates"][row].as_py() if each]
        line += [len(part), f"{min(dates):%Y-%m-%d}", f"{max(dates):%Y-%m-%d}"]
    return line


def _nothing(places: dict[tuple[str, str], list[Seen]], wanted: Search) -> str:
    several = sum(len(seen) > 1 for seen in places.values())
    told = f"{len(places)} places have dated samples, {several} of them more than one"
    if wanted.before is None or wanted.after is None or not several:
        return (
            f"No place has two samples to compare: {told}. Changes are seen in stacks, such as "
            "corpora with `source: geotiff` whose files name dates; fewer `dates` a sample make "
            "more samples of a place."
        )
    dates = [one for seen in places.values() for one in seen]
    first, last = min(one.first for one in dates), max(one.last for one in dates)
    return (
        f"No place has samples that lie wholly within `search.before` ({_days(wanted.before)}) and "
        f"`search.after` ({_days(wanted.after)}): {told}, from {first} to {last}. Choose longer "
        "periods, or fewer `dates` a sample."
    )


def _days(period: Period) -> str:
    return f"{period[0]} to {period[1]}"
