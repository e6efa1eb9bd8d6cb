"""Which samples count in each shard, by the word of the merged catalogue.

Where corpora overlap, an id stands in the parts of several shards, and the catalogue accepts it in
one of them: the id alone does not tell which row of which part is meant.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.keys import ShardKey

NEEDED = ("sample_id", "corpus", "shard")


class AcceptedSamples:
    """The accepted rows of a catalogue, shard by shard."""

    def __init__(self, rows: pa.Table) -> None:
        """Look up which rows each shard has.

        Args:
            rows: The accepted rows, with `sample_id`, `corpus` and `shard`.
        """
        self.rows = rows.combine_chunks()
        names = rows.select(["corpus", "shard"]).to_pandas()
        self._places = names.groupby(["corpus", "shard"]).indices

    def of(self, key: ShardKey) -> pa.Table:
        """The rows of one shard, in their order."""
        places = np.sort(self._places.get(tuple(key), np.empty(0, np.int64)))
        return self.rows.take(pa.array(places))

    def counting(self, key: ShardKey, ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which of the ids in a part of a shard are accepted in that shard, (id)."""
        known = set(self.of(key)["sample_id"].to_pylist())
        return np.array([name in known for name in ids], bool)


def read_accepted(
    catalogue: Path,
    columns: Sequence[str] = (),
    keys: Iterable[ShardKey] = (),
    drawn: Mapping[str, Any] | None = None,
) -> AcceptedSamples:
    """The accepted samples of the merged catalogue.

    Args:
        catalogue: The merged catalogue, `results/catalogue.parquet`.
        columns: What else is asked of each sample.
        keys: Shards that have to be in it.
        drawn: By what its splits have to be drawn, where splits count.

    Raises:
        UserError: The catalogue is missing or damaged, or not the one of the shards and splits.
    """
    asked = dict.fromkeys((*NEEDED, *columns, "verdict"))
    return AcceptedSamples(accepted(read_catalogue(catalogue, list(asked), keys, drawn)))
