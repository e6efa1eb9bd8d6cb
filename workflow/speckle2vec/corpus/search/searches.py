"""All searches of a shard: side by side, each kept as soon as it is there."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager

import pyarrow as pa

from speckle2vec.corpus.earth_engine.search import EarthEngineArchive
from speckle2vec.corpus.providers import EARTH_ENGINE, Collection
from speckle2vec.corpus.search.cache import Cache
from speckle2vec.corpus.search.images import to_table
from speckle2vec.corpus.search.items import read_item
from speckle2vec.corpus.search.stac import Archive, Wanted
from speckle2vec.progress import LOGGER, track
from speckle2vec.settings.archive import Provider, Search

Place = tuple[str, float, float]
"""Name, longitude and latitude."""
Found = dict[str, list[pa.Table]]
"""Images over the places, in the order of the places, by role."""


def search_places(
    places: Sequence[Place],
    collections: Sequence[Collection],
    search: Search,
    provider: Provider,
    cache: Cache,
    task: str,
) -> Found:
    """Images over each place, from disk or from the archives.

    One search a place and collection: the places of a shard lie anywhere in the region, so
    that boxes around several would mostly hold what none of them needs.

    Args:
        places: The places of a shard.
        collections: Where the images are.
        search: The period.
        provider: How many requests at once, and how often each is tried.
        cache: What was found before.
        task: What is done, for the progress.

    Raises:
        UserError: An archive refuses or goes on failing; what was found is kept.
    """
    wanted = [
        (name, Wanted(one, longitude, latitude, search.start, search.end))
        for one in collections
        for name, longitude, latitude in places
    ]
    held = {at: cache.held(*one) for at, one in enumerate(wanted)}
    missing = {at: wanted[at] for at, table in held.items() if table is None}
    if missing:
        held |= _ask(missing, provider, cache, task)
    found: Found = {one.role: [] for one in collections}
    for at, (_, asked) in enumerate(wanted):
        found[asked.collection.role].append(held[at])
    return found


def _ask(
    missing: Mapping[int, tuple[str, Wanted]], provider: Provider, cache: Cache, task: str
) -> Mapping[int, pa.Table]:
    archives, found = _Archives(provider), dict[int, pa.Table]()
    for _, wanted in missing.values():
        archives.of(wanted.collection)  # greeted before many threads each wait for one that is gone

    def one(name: str, wanted: Wanted) -> pa.Table:
        items = archives.of(wanted.collection).find(wanted)
        table = to_table(read_item(item, wanted.collection) for item in items)
        cache.keep(name, wanted, table)
        return table

    with _stopping(ThreadPoolExecutor(provider.connections)) as pool:
        asked: dict[Future[pa.Table], int] = {
            pool.submit(one, *each): at for at, each in missing.items()
        }
        for done in track(as_completed(asked), len(asked), task):
            found[asked[done]] = done.result()
    LOGGER.info("%s: %d searches took %d requests", task, len(missing), archives.requests)
    return found


class _Archives:
    """The APIs asked so far, each greeted once."""

    def __init__(self, provider: Provider) -> None:
        self._provider, self._lock = provider, threading.Lock()
        self._open = dict[str, Archive | EarthEngineArchive]()

    def of(self, collection: Collection) -> Archive | EarthEngineArchive:
        url = collection.url
        with self._lock:
            if url not in self._open:
                kind = EarthEngineArchive if collection.protocol == EARTH_ENGINE else Archive
                self._open[url] = kind(url, self._provider)
            return self._open[url]

    @property
    def requests(self) -> int:
        return sum(archive.requests for archive in self._open.values())


@contextmanager
def _stopping(pool: ThreadPoolExecutor) -> Iterator[ThreadPoolExecutor]:
    """A pool that starts nothing more once something failed, or a person stopped it."""
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
