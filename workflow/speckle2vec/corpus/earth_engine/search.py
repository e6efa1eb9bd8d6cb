"""Ask Earth Engine for the images over a place (`listImages`).

It answers what `search.Archive` answers for STAC. Untested against the live service.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from speckle2vec.corpus.earth_engine.items import item_of
from speckle2vec.corpus.earth_engine.service import service
from speckle2vec.corpus.search.stac import MOST_ITEMS, Item, Wanted, holds
from speckle2vec.corpus.troubles import TemporaryError, UnusableError
from speckle2vec.errors import UserError
from speckle2vec.settings.archive import Provider

PUBLIC = "projects/earthengine-public/assets/"


class EarthEngineArchive:
    """The collections of Earth Engine, asked by many threads at once."""

    def __init__(self, url: str, provider: Provider) -> None:
        """Nothing is asked yet.

        Raises:
            UserError: The address would carry the token in the clear.
        """
        self._service, self.requests = service(url, provider), 0

    def find(self, wanted: Wanted) -> list[Item]:
        """The images that hold the place, in the period and of the collection, as STAC items.

        Each comes once, in the order of the ids.

        Raises:
            UserError: The service refuses, goes on failing, or has no such collection.
        """
        name = wanted.collection.name
        try:
            items = [item_of(asset, wanted.collection) for asset in self._listed(wanted)]
        except UnusableError as error:
            raise UserError(f"{name}: {error}; correct `collection` of the settings.") from None
        except TemporaryError as error:
            raise UserError(
                f"{name}: {error}; try later: the same command goes on where it was."
            ) from None
        except (KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"{name}: the answer is not that of Earth Engine ({error!r}); correct "
                "`provider.url`."
            ) from None
        found = {str(item["id"]): item for item in items if holds(item, wanted)}
        return [found[one] for one in sorted(found)]

    def _listed(self, wanted: Wanted) -> Iterator[Mapping[str, Any]]:
        """What the service lists, page after page."""
        path, asked, seen = _path(wanted.collection.name), _parameters(wanted), 0
        while True:
            self.requests += 1
            told = self._service.get(f"{path}:listImages", asked)
            images = told.get("images") or []
            yield from images
            seen += len(images)
            if seen > MOST_ITEMS:
                raise UserError(
                    f"{wanted.collection.name}: gave more than {MOST_ITEMS} images for one place, "
                    "so that it seems to ignore what is asked for; correct `provider.url`."
                )
            if not told.get("nextPageToken"):
                return
            asked["pageToken"] = told["nextPageToken"]


def _parameters(wanted: Wanted) -> dict[str, str | int]:
    """The place and the period; its end is exclusive."""
    place = {"type": "Point", "coordinates": [wanted.longitude, wanted.latitude]}
    return {
        "startTime": f"{wanted.start}T00:00:00Z",
        "endTime": f"{wanted.end + timedelta(days=1)}T00:00:00Z",
        "region": json.dumps(place),
        "pageSize": wanted.collection.page,
    }


def _path(collection: str) -> str:
    """Full name of a collection: one without a project is of the public catalogue."""
    return collection if collection.startswith("projects/") else PUBLIC + collection
