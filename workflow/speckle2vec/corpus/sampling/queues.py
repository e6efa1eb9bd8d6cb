"""Places one after another, of each stratum its own."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.sampling.spacing import Spacing, Vector, vectors_of
from speckle2vec.errors import UserError

DoubleArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Classify = Callable[[DoubleArray], IntArray]
MOST_EMPTY = 20
MOST_MISSES = 20_000
_LOOKED_AT = 256


class Queue:
    """The places of one stratum in their order, drawn as they are asked for."""

    def __init__(
        self, name: str, blocks: Iterator[DoubleArray], barren: str, most_empty: int = MOST_EMPTY
    ) -> None:
        """Nothing is drawn yet.

        Args:
            name: Name of the stratum, empty where there is only one.
            blocks: Longitude and latitude, (place, 2), block by block; some may be empty.
            barren: What to tell a person when block after block is empty.
            most_empty: So many empty blocks in a row are told.
        """
        self.name, self._blocks = name, blocks
        self._barren, self._most_empty = barren, most_empty
        self._waiting = np.empty((0, 2))

    def take(self, count: int) -> DoubleArray:
        """The next places, (count, 2).

        Raises:
            UserError: Block after block holds no place.
        """
        blocks, ready = [self._waiting], len(self._waiting)
        while ready < count:
            blocks.append(self._block())
            ready += len(blocks[-1])
        places = np.concatenate(blocks)
        self._waiting = places[count:]
        return places[:count]

    def some(self, most: int) -> DoubleArray:
        """The next places that are at hand, at least one and at most so many.

        Raises:
            UserError: Block after block holds no place.
        """
        waiting = self._waiting if len(self._waiting) else self._block()
        self._waiting = waiting[most:]
        return waiting[:most]

    def _block(self) -> DoubleArray:
        """The next block that holds a place."""
        for _ in range(self._most_empty):
            block = next(self._blocks)
            if len(block):
                return block
        raise UserError(self._barren)


def split_by_class(
    blocks: Iterator[DoubleArray], classify: Classify, classes: Sequence[int]
) -> dict[int, Iterator[DoubleArray]]:
    """One sequence of places as one a class; places of no class are dropped.

    Args:
        blocks: Longitude and latitude, (place, 2), block by block, without end.
        classify: The class of each place of a block.
        classes: Those that are wanted.
    """
    waiting: dict[int, deque[DoubleArray]] = {one: deque() for one in classes}

    def of_class(wanted: int) -> Iterator[DoubleArray]:
        while True:
            if not waiting[wanted]:
                places = next(blocks)
                found = classify(places)
                for one, held in waiting.items():
                    held.append(places[found == one])
            yield waiting[wanted].popleft()

    return {one: of_class(one) for one in classes}


def in_turn(queues: Sequence[Queue], count: int) -> tuple[DoubleArray, IntArray]:
    """Places of the strata in turn, (place, 2), and the stratum of each.

    Strata get equal numbers; where those do not come out even, the first get one more. A
    larger count begins with the places of a smaller one.
    """
    strata = np.arange(count) % len(queues)
    places = np.empty((count, 2))
    for number, queue in enumerate(queues):
        mine = strata == number
        places[mine] = queue.take(int(mine.sum()))
    return places, strata


def in_turn_apart(
    queues: Sequence[Queue], count: int, kilometres: float
) -> tuple[DoubleArray, IntArray]:
    """As `in_turn`, each place the next of its stratum that is far enough from all before.

    That depends on earlier places only: a larger count begins with those of a smaller one.

    Raises:
        UserError: No room is left; the sentence says how many places were found.
    """
    spacing, candidates = Spacing(kilometres), [_one_by_one(queue) for queue in queues]
    strata, places = np.arange(count) % len(queues), np.empty((count, 2))
    for number, stratum in enumerate(strata.tolist()):
        place = _next_apart(candidates[stratum], spacing)
        if place is None:
            raise UserError(_no_room(number, count, kilometres, queues[stratum].name))
        places[number] = place
    return places, strata


def _no_room(found: int, count: int, kilometres: float, stratum: str) -> str:
    where = f" in the stratum {stratum}" if stratum else ""
    return (
        f"Only {found} of {count} places at least {kilometres:g} km apart were found: the next "
        f"{MOST_MISSES} drawn{where} were all nearer to another one. Set `sampling.count` to "
        f"{found}, lower `sampling.minimum_km`, or widen the region."
    )


def _one_by_one(queue: Queue) -> Iterator[tuple[DoubleArray, Vector]]:
    while True:
        places = queue.some(_LOOKED_AT)
        yield from zip(places, vectors_of(places), strict=True)


def _next_apart(
    candidates: Iterator[tuple[DoubleArray, Vector]], spacing: Spacing
) -> DoubleArray | None:
    for _ in range(MOST_MISSES):
        place, vector = next(candidates)
        if spacing.admit(vector):
            return place
    return None
