"""What searches found, kept on disk: `results/corpora/{corpus}/search/{shard}/`.

A stopped shard goes on from here, and a choice by other rules (days, clouds, seasons or
pairs) asks the archive nothing. An entry is of one place, one collection and one period;
another period, collection or set of bands is another entry. Archives still take in images
for weeks: an entry asked for less than 30 days after the end of its period is asked for
again after a day. To ask everything again, remove the folder.
"""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.corpus.providers import Collection
from speckle2vec.corpus.search.images import SCHEMA, to_table
from speckle2vec.corpus.search.items import read_item
from speckle2vec.corpus.search.stac import Wanted
from speckle2vec.corpus.unsigned import unsigned
from speckle2vec.products.whole import whole_file
from speckle2vec.provenance import fingerprint

STILL_COMING_IN = timedelta(days=30)
ASKED_AGAIN = timedelta(days=1)
_ASKED, _READ_BY = b"asked", b"read_by"


class Cache:
    """The searches of one shard."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._code = fingerprint("speckle2vec.corpus.search.items")

    def held(self, place: str, wanted: Wanted) -> pa.Table | None:
        """Images found before; none where nobody asked, or too long ago.

        What other code made of the items, or another setting, is read from them again.
        """
        path = self._path(place, wanted)
        try:
            table = pq.read_table(path) if path.exists() else None
        except (OSError, pa.ArrowInvalid):
            table = None
        if table is None or _stale(float(table.schema.metadata[_ASKED]), wanted):
            return None
        if table.schema.metadata[_READ_BY] == self._read_by(wanted):
            return table.replace_schema_metadata()
        items = [json.loads(text) for text in table["stac"].to_pylist()]
        return to_table(read_item(item, wanted.collection) for item in items)

    def keep(self, place: str, wanted: Wanted, table: pa.Table) -> None:
        """Write what a search found."""
        told = {_ASKED: str(time.time()).encode(), _READ_BY: self._read_by(wanted)}
        with whole_file(self._path(place, wanted)) as target:
            pq.write_table(
                table.replace_schema_metadata(told), target, compression="zstd",
                use_dictionary=False, write_statistics=False,
            )  # fmt: skip

    def _read_by(self, wanted: Wanted) -> bytes:
        """The code that reads items, and the setting it reads them by."""
        return f"{self._code} {wanted.collection.harmonised}".encode()

    def _path(self, place: str, wanted: Wanted) -> Path:
        return self._folder / f"{place}-{wanted.collection.role}-{_digest(wanted)}.parquet"


def _digest(wanted: Wanted) -> str:
    """Of everything that decides what a search finds and what is kept of it."""
    told = [
        _address(wanted.collection), wanted.collection.name, dict(wanted.collection.assets),
        wanted.longitude, wanted.latitude, str(wanted.start), str(wanted.end), SCHEMA.names,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def _address(collection: Collection) -> str:
    return unsigned(collection.url)


def _stale(asked_s: float, wanted: Wanted) -> bool:
    asked = datetime.fromtimestamp(asked_s, UTC)
    last_day = datetime(wanted.end.year, wanted.end.month, wanted.end.day, tzinfo=UTC)
    young = asked < last_day + timedelta(days=1) + STILL_COMING_IN
    return young and datetime.now(UTC) - asked > ASKED_AGAIN
