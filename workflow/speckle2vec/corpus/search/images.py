"""Many images of one sensor as columns, and on disk."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from speckle2vec.corpus.search.items import Image

Texts = npt.NDArray[np.object_]
Integers = npt.NDArray[np.int64]

SCHEMA = pa.schema(
    [
        pa.field("item", pa.string()),
        pa.field("problem", pa.string()),
        pa.field("time_ms", pa.int64()),
        pa.field("platform", pa.string()),
        pa.field("orbit", pa.string()),
        pa.field("tile", pa.string()),
        pa.field("baseline", pa.string()),
        pa.field("offset", pa.int16()),
        pa.field("cloud", pa.float64()),
        pa.field("epsg", pa.int32()),
        pa.field("made_ms", pa.int64()),
        pa.field("bounds", pa.list_(pa.float64(), 4)),
        pa.field("outline", pa.binary()),
        pa.field("stac", pa.string()),
    ]
)
_CHOSEN_BY = tuple(one.name for one in fields(Image) if one.name != "stac")


def to_table(images: Iterable[Image]) -> pa.Table:
    """Images as a table, one row each, in the order given."""
    return pa.Table.from_pylist([asdict(image) for image in images], schema=SCHEMA)


@dataclass(frozen=True)
class Images:
    """What the choice of images needs of each, in columns."""

    items: Texts
    problems: Texts
    times: Integers
    """Acquisition, milliseconds since 1970, UTC."""
    ranks: Integers
    """Of the ids in the order of the alphabet."""
    platforms: Integers
    """Satellites, numbered."""
    orbits: Texts
    clouds: npt.NDArray[np.float64]
    """Percent, NaN where unknown."""
    epsg: Integers
    made: Integers
    """Processing, milliseconds since 1970; 0 where unknown."""
    bounds: npt.NDArray[np.float64]
    """Edges of the own grids, (image, 4): west, south, east, north; NaN where unknown."""
    outlines: npt.NDArray[np.object_]
    """Footprints in degrees; None where there is none."""

    def __len__(self) -> int:
        return len(self.items)


def columns(table: pa.Table) -> Images:
    """The columns of a table of images."""
    bounds = table["bounds"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    items = _texts(table, "item")
    return Images(
        items=items,
        problems=_texts(table, "problem"),
        times=table["time_ms"].to_numpy(),
        ranks=_numbered(items),
        platforms=_numbered(_texts(table, "platform")),
        orbits=_texts(table, "orbit"),
        clouds=table["cloud"].to_numpy(),
        epsg=table["epsg"].to_numpy().astype(np.int64),
        made=table["made_ms"].to_numpy(),
        bounds=bounds.reshape(-1, 4),
        outlines=_outlines(table["outline"].to_pylist()),
    )


def _texts(table: pa.Table, name: str) -> Texts:
    return np.array(table[name].to_pylist(), dtype=object)


def _numbered(texts: Texts) -> Integers:
    return np.asarray(np.unique(texts.astype(str), return_inverse=True)[1], np.int64)


def _outlines(encoded: list[bytes]) -> npt.NDArray[np.object_]:
    return np.array([shapely.from_wkb(one) if one else None for one in encoded], dtype=object)


def together(tables: Iterable[pa.Table]) -> pa.Table:
    """Images of many tables, each once, the first of each item kept."""
    joined = pa.concat_tables([SCHEMA.empty_table(), *tables])
    _, first = np.unique(_texts(joined, "item").astype(str), return_index=True)
    return joined.take(pa.array(np.sort(first)))
