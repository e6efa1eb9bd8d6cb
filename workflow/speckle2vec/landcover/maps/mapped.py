"""The samples a map shows: where their cubes are, and on which grids."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.grids import grid_of
from speckle2vec.landcover.maps.wanted import Wanted, wanted_rows
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import LOGGER


@dataclass(frozen=True)
class Sample:
    """One sample of a map."""

    sample_id: str
    key: ShardKey
    grid: GeoBox


def find_samples(
    catalogue: Path, cubes: Path, wanted: Wanted, feature_set: str = ""
) -> tuple[Sample, ...]:
    """The samples a map shows, in the order asked for, else in that of the catalogue.

    Args:
        catalogue: The merged catalogue, or the folder of its parts.
        cubes: Folder of the cubes of one feature set.
        wanted: Which.
        feature_set: What the cubes must be of, where that counts.

    Raises:
        UserError: A sample named is not there, was refused, or has no cube; there is none; or
            the cubes are of another feature set.
    """
    rows = wanted_rows(catalogue, wanted)
    kept = _with_cubes(rows, cubes, bool(wanted.samples), feature_set)
    if not kept:
        raise UserError(
            f"No accepted sample of {catalogue} lies there; results/catalogue.parquet says where "
            "samples lie, and why some were refused."
        )
    return tuple(kept)


def _with_cubes(
    rows: Sequence[Mapping[str, Any]], cubes: Path, named: bool, feature_set: str
) -> list[Sample]:
    """Samples of rows that have a cube; of those named all must."""
    by_shard: defaultdict[ShardKey, list[str]] = defaultdict(list)
    for row in rows:
        by_shard[ShardKey(row["corpus"], row["shard"])].append(row["sample_id"])
    missing: dict[str, str] = {}
    for key, names in by_shard.items():
        with open_cubes(key.part(cubes, ".zarr.zip"), key) as shard:
            _check_features(cubes, shard.attributes, feature_set)
            told = shard.attributes.get("left_out", {})
            absent = set(names) - set(shard.sample_ids)
            missing.update({name: told.get(name, "it is not in its shard") for name in absent})
    for name in sorted(missing):
        if named:
            raise UserError(f"The sample `{name}` has no cube in {cubes}: {missing[name]}.")
    if missing:
        LOGGER.warning("%d samples have no cube in %s and are left out.", len(missing), cubes)
    return [
        Sample(row["sample_id"], ShardKey(row["corpus"], row["shard"]), grid_of(row))
        for row in rows
        if row["sample_id"] not in missing
    ]


def _check_features(cubes: Path, attributes: Mapping[str, Any], wanted: str) -> None:
    """A short sentence where a long list of features would say the same."""
    found = (attributes.get("recipe") or {}).get("feature_set")
    if wanted and found != wanted:
        raise UserError(
            f"{cubes}: holds cubes of the feature set {found}, and the segmenter takes {wanted}; "
            f"give the folder of those by --cubes, such as results/cubes/{wanted}."
        )
