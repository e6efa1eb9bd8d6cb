"""All parts of the catalogue as one GeoParquet for people and maps."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from speckle2vec.errors import UserError
from speckle2vec.products.catalogue import (
    ACCEPTED,
    REFUSED,
    SCHEMA,
    about_catalogue,
    read_catalogue_part,
)
from speckle2vec.products.geoparquet import geo
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.parquet import table_writer
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER
from speckle2vec.settings.root import Settings

ROWS_TOGETHER = 16_384
_NUMBERS = re.compile(r"\d[\d.:%-]*")


def merge_catalogue(
    settings: Settings, keys: Sequence[ShardKey], folder: Path, output: Path
) -> None:
    """Write the parts of all shards, in the order of the keys, as one GeoParquet of points.

    An accepted id that an earlier part holds already becomes refused.

    Args:
        settings: All settings; what draws the splits has to be that of the parts.
        keys: The shards in catalogue order.
        folder: Where the parts are, `results/catalogue`.
        output: The merged catalogue, `results/catalogue.parquet`.

    Raises:
        UserError: A part is missing, damaged or another's, or no sample at all is accepted.
    """
    found = _Found(settings.drawn)
    schema = SCHEMA.append(pa.field("geometry", pa.binary()))
    told = about_catalogue(keys, settings)
    schema = schema.with_metadata({**(SCHEMA.metadata or {}), **geo("Point"), **told})
    with whole_file(output) as target:
        with table_writer(target, schema) as writer:
            for table in _together(found.checked(key, folder) for key in keys):
                writer.write_table(_with_points(table).cast(schema))
        if not found.shards:
            raise UserError(found.nothing_accepted())
    found.tell()


@dataclass
class _Found:
    """What the parts so far hold."""

    drawn: Mapping[str, Any]
    """What puts samples into splits."""
    shards: dict[str, ShardKey] = field(default_factory=dict)
    """Accepted id -> the shard that holds it."""
    taken: Counter[tuple[ShardKey, ShardKey]] = field(default_factory=Counter)
    """How many accepted ids of a shard an earlier one holds, by both."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Kinds of reasons: the sentences without their numbers."""
    examples: dict[str, str] = field(default_factory=dict)
    """For each kind the first sentence."""

    def checked(self, key: ShardKey, folder: Path) -> pa.Table:
        """One part, with ids refused that an earlier part holds."""
        table = read_catalogue_part(
            key.part(folder, ".parquet"), key, SCHEMA.names, self.drawn
        ).cast(SCHEMA)
        verdicts, reasons = table["verdict"].to_pylist(), table["reason"].to_pylist()
        for row, name in enumerate(table["sample_id"].to_pylist()):
            if verdicts[row] == ACCEPTED and self.shards.setdefault(name, key) != key:
                verdicts[row], reasons[row] = REFUSED, _taken(name, self.shards[name])
                self.taken[key, self.shards[name]] += 1
            if verdicts[row] != ACCEPTED:
                self._count(reasons[row], name)
        for column, values in (("verdict", verdicts), ("reason", reasons)):
            index = SCHEMA.get_field_index(column)
            table = table.set_column(index, SCHEMA.field(column), pa.array(values, pa.string()))
        return table

    def tell(self) -> None:
        """Say where shards hold the same samples."""
        for (key, other), count in self.taken.items():
            LOGGER.warning(
                "%s: %d of its samples are refused, because %s holds their ids; where a raw file "
                "stands there twice, put the right one in its place.", key, count, other,
            )  # fmt: skip

    def nothing_accepted(self) -> str:
        """Why there is nothing to go on with."""
        if not self.reasons:
            return "The corpora hold no sample at all; check `path`, `shards` and `files`."
        told = [f"{count} such as {self.examples[kind]}" for kind, count in self._commonest()]
        return (
            f"None of the {self.reasons.total()} samples is accepted; the commonest reasons: "
            f"{'; '.join(told)}. Mend the data or the settings of the corpora."
        )

    def _count(self, reason: str, name: str) -> None:
        kind = _NUMBERS.sub("#", reason)
        self.reasons[kind] += 1
        self.examples.setdefault(kind, f"{name} ({reason})")

    def _commonest(self) -> list[tuple[str, int]]:
        return self.reasons.most_common(3)


def _taken(name: str, shard: ShardKey) -> str:
    return (
        f"its id {name} is taken by shard {shard}; give one of the corpora an `id_prefix`, or "
        "remove the sample that is there twice"
    )


def _together(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Parts joined to row groups that are worth reading."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= ROWS_TOGETHER:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _with_points(table: pa.Table) -> pa.Table:
    longitude, latitude = (
        table[name].to_numpy(zero_copy_only=False).astype(np.float64)
        for name in ("longitude", "latitude")
    )
    known = np.isfinite(longitude) & np.isfinite(latitude)
    points = shapely.to_wkb(shapely.points(longitude, latitude))
    values = [point if here else None for point, here in zip(points, known, strict=True)]
    return table.append_column(pa.field("geometry", pa.binary()), pa.array(values, pa.binary()))
