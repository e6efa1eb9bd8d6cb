"""Ask STAC APIs for the images over a place, and believe only what holds."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from pystac_client import Client
from pystac_client.exceptions import APIError
from pystac_client.warnings import PystacClientWarning

from speckle2vec.corpus.providers import Collection
from speckle2vec.corpus.search.connection import patient_connection
from speckle2vec.corpus.search.footprints import TURN, footprint, in_every_turn
from speckle2vec.corpus.search.items import moment
from speckle2vec.corpus.search.troubles import search_error
from speckle2vec.errors import UserError
from speckle2vec.settings.archive import Provider

CONNECT_S, ANSWER_S = 10.0, 120.0
MOST_ITEMS = 20_000
"""Of one search: a place has some hundred images a year, so that more means no filter."""
SWATH_KM, DEGREE_KM = 300.0, 111.0
Item = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """One search: images of a collection over a place."""

    collection: Collection
    longitude: float
    latitude: float
    start: date
    end: date


class Archive:
    """One STAC API, asked by many threads at once."""

    def __init__(self, url: str, provider: Provider) -> None:
        """Say hello to the API.

        Raises:
            UserError: It does not answer, or refuses.
        """
        self._url, self.requests = url, 0
        # Warnings of retries name addresses with their queries.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
        warnings.simplefilter("ignore", PystacClientWarning)
        try:
            # Told here: the client overwrites what the connection was given.
            self._client = Client.open(
                url, stac_io=patient_connection(provider), request_modifier=self._count,
                timeout=(CONNECT_S, ANSWER_S),
            )  # fmt: skip
        except (APIError, ValueError, KeyError, TypeError) as error:
            raise search_error(url, error, provider.attempts) from None
        self._attempts = provider.attempts

    def find(self, wanted: Wanted) -> list[Item]:
        """The items that hold the place, in the period and of the collection.

        All of this is checked here again, since some servers ignore filters; each item
        comes once, in the order of the ids.

        Raises:
            UserError: The API refuses, goes on failing, or ignores every filter.
        """
        found: dict[str, Item] = {}
        try:
            for area in _areas(wanted):
                for item in self._ask(wanted, area):
                    if holds(item, wanted):
                        found[str(item["id"])] = item
        except (APIError, ValueError, KeyError, TypeError) as error:
            raise search_error(self._url, error, self._attempts) from None
        return [found[name] for name in sorted(found)]

    def _ask(self, wanted: Wanted, area: Mapping[str, Any]) -> Iterator[Item]:
        search = self._client.search(
            collections=[wanted.collection.name],
            datetime=f"{wanted.start}T00:00:00Z/{wanted.end}T23:59:59Z",
            limit=wanted.collection.page,
            **area,
        )
        seen = 0
        for page in search.pages_as_dicts():
            seen += len(page["features"])
            yield from page["features"]
            if seen > MOST_ITEMS:
                raise UserError(
                    f"{self._url}: gave more than {MOST_ITEMS} items for one place, so it seems to "
                    "ignore what is asked for; take another API that holds the collection."
                )

    def _count(self, request: Any) -> Any:  # noqa: ANN401
        self.requests += 1
        return request


def holds(item: Item, wanted: Wanted) -> bool:
    """Whether an item is of the collection, in the period, and over the place.

    Of an item without an outline its bounding box must hold the place: it is told of as
    unusable, not chosen.
    """
    if item.get("collection") not in (None, wanted.collection.name):
        return False
    taken = moment(item.get("properties") or {})
    if taken is not None and not _in_period(taken, wanted):
        return False
    outline = footprint(item.get("geometry"))
    if outline is None:
        return _in_box(item.get("bbox"), wanted)
    copies, _ = in_every_turn(np.array([outline], dtype=object))
    point = shapely.Point(wanted.longitude, wanted.latitude)
    return bool(shapely.intersects(copies, point).any())


def _in_period(taken_ms: int, wanted: Wanted) -> bool:
    day = date(1970, 1, 1) + timedelta(milliseconds=taken_ms)
    return wanted.start <= day <= wanted.end


def _in_box(box: object, wanted: Wanted) -> bool:
    if not isinstance(box, list) or len(box) != 4:
        return False
    west, south, east, north = box
    return bool(west <= wanted.longitude <= east and south <= wanted.latitude <= north)


def _areas(wanted: Wanted) -> list[dict[str, Any]]:
    """What to ask for: the place itself, or near the antimeridian both its sides.

    Servers keep outlines that cross it in ways of their own, and may not find them at a
    point that they hold.
    """
    reach = SWATH_KM / DEGREE_KM / max(np.cos(np.radians(wanted.latitude)), 0.01)
    reach = float(min(reach, TURN / 4))
    if abs(wanted.longitude) < TURN / 2 - reach:
        position = [wanted.longitude, wanted.latitude]
        return [{"intersects": {"type": "Point", "coordinates": position}}]
    south, north = max(wanted.latitude - 0.1, -90.0), min(wanted.latitude + 0.1, 90.0)
    return [
        {"bbox": [TURN / 2 - reach, south, TURN / 2, north]},
        {"bbox": [-TURN / 2, south, -TURN / 2 + reach, north]},
    ]
