"""Which samples images are decoded of, and which their codes are fitted on."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from speckle2vec.errors import UserError
from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.provenance import stream_seed
from speckle2vec.settings.root import Settings

LEAST = 8
"""Fewer training samples tell no range."""


class Place(NamedTuple):
    """Where a sample stands."""

    key: ShardKey
    position: int
    """Among the cubes of its shard."""
    sample_id: str
    block: str


def chosen_places(
    settings: Settings, keys: Sequence[ShardKey], cubes: Path, catalogue: Path
) -> tuple[list[Place], list[Place]]:
    """Samples of training blocks, and those that are judged, each sorted by shard.

    Which are drawn is a pure function of the seed and their ids. Memory holds ids, no pixels.

    Raises:
        UserError: There are none that are judged, or fewer than 8 to learn ranges from; or a part
            is missing, damaged or another's.
    """
    found: dict[str, list[Place]] = {"train": [], "scored": []}
    for key in sorted(keys):
        for split, place in _places(settings, key, cubes, catalogue):
            if split == "train" or split in settings.probes.scored:
                found["train" if split == "train" else "scored"].append(place)
    if len(found["train"]) < LEAST or not found["scored"]:
        raise UserError(
            f"{cubes}: has cubes of {len(found['train'])} samples of training blocks and of "
            f"{len(found['scored'])} of the split {' or '.join(settings.probes.scored)}; at least "
            f"{LEAST} and 1 are needed: add shards, or change `splits` or `probes.scored`."
        )
    chosen = settings.reconstruction
    training, scored = (
        _drawn(found[name], most, settings.seed)
        for name, most in (("train", chosen.fitted), ("scored", chosen.samples))
    )
    return training, scored


def _places(
    settings: Settings, key: ShardKey, cubes: Path, catalogue: Path
) -> Iterator[tuple[str, Place]]:
    """Split and place of each cube of a shard."""
    columns = ["sample_id", "split", "block", "verdict"]
    part = key.part(catalogue, ".parquet")
    rows = accepted(read_catalogue_part(part, key, columns, settings.drawn)).to_pylist()
    told = {row["sample_id"]: (row["split"] or "", row["block"] or "") for row in rows}
    with open_cubes(key.part(cubes, ".zarr.zip"), key) as shard:
        for position, name in enumerate(shard.sample_ids):
            split, block = told.get(name, ("", ""))
            yield split, Place(key, position, name, block)


def _drawn(places: Sequence[Place], most: int, seed: int) -> list[Place]:
    order = sorted(
        places, key=lambda one: (stream_seed(seed, "reconstruction", one.sample_id), one)
    )
    return sorted(order[:most])
