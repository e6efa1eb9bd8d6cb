"""The shards of a training, before their pixels are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.meaning import differ
from speckle2vec.products.seasons import seasons_of
from speckle2vec.products.statistics import Statistics
from speckle2vec.progress import LOGGER
from speckle2vec.training.form import Form

LEAST_SAMPLES = 8
MEANING = ("features", "units", "calibration", "recipe")


@dataclass(frozen=True)
class Part:
    """One shard before its pixels are read."""

    path: Path
    attributes: Mapping[str, Any]
    shape: tuple[int, int, int]
    """Feature, y, x of its cubes."""
    dtype: np.dtype[Any]
    """Their stored type."""
    positions: Mapping[str, npt.NDArray[np.int64]]
    """Of the samples of each split among the shard's cubes, ascending."""
    ids: npt.NDArray[np.str_]
    seasons: npt.NDArray[np.float32]

    @property
    def digest(self) -> str:
        """Of the pixels, and of which sample is in which split."""
        chosen = {split: rows.tolist() for split, rows in self.positions.items()}
        return f"{self.attributes.get('sha256')} {chosen}"


def read_part(
    key: ShardKey,
    cubes: Path,
    catalogue: Path,
    chosen: Mapping[str, str] | None = None,
    drawn: Mapping[str, Any] | None = None,
) -> Part:
    """All there is to know of a shard but its pixels.

    Args:
        key: The shard.
        cubes: Folder of the cubes.
        catalogue: Folder of the catalogue's parts.
        chosen: Splits by sample id, instead of those of the catalogue.
        drawn: By what the catalogue's splits have to be drawn (`Settings.drawn`).

    Raises:
        UserError: Its cubes or its catalogue are missing, damaged or another's.
    """
    path = key.part(cubes, ".zarr.zip")
    with open_cubes(path, key) as shard:
        if chosen is None:
            split_of = _catalogued(key, catalogue, drawn)
            names = [split_of.get(int(row)) or "" for row in shard.rows]
        else:
            names = [chosen.get(name, "") for name in shard.sample_ids]
        splits = np.array(names, dtype=np.str_)
        positions = {name: np.flatnonzero(splits == name) for name in ("train", "validation")}
        features, height, width = shard.cubes.shape[1:]
        return Part(
            path, shard.attributes, (features, height, width), np.dtype(shard.cubes.dtype),
            positions, np.array(shard.sample_ids, dtype=np.str_), seasons_of(shard.dates),
        )  # fmt: skip


def _catalogued(
    key: ShardKey, folder: Path, drawn: Mapping[str, Any] | None
) -> dict[int, str | None]:
    """Splits of the accepted samples by their rows."""
    path, columns = key.part(folder, ".parquet"), ["row", "split", "verdict"]
    rows = accepted(read_catalogue_part(path, key, columns, drawn))
    return dict(zip(rows["row"].to_pylist(), rows["split"].to_pylist(), strict=True))


def common_form(
    parts: Sequence[Part],
    statistics: Statistics,
    splits: Sequence[str] = ("train", "validation"),
) -> Form:
    """The form in which samples of all shards are kept: patches of the least sides.

    Cubes of half precision are kept so only where all are. Shards that give no sample,
    such as those without a pair of dates, do not count.
    """
    parts = [part for part in parts if any(len(part.positions[split]) for split in splits)]
    sides = [part.shape[1:] for part in parts]
    height, width = (min(lengths) for lengths in zip(*sides, strict=True))
    if len(set(sides)) > 1:
        told = sorted({f"{tall} x {wide}" for tall, wide in sides})
        LOGGER.info(
            "Shards hold patches of %s pixels; all are trained on their centre of %d x %d.",
            ", ".join(told), height, width,
        )  # fmt: skip
    dtype = np.result_type(*(part.dtype for part in parts))
    return Form((parts[0].shape[0], height, width), dtype, statistics)


def check_meaning(parts: Sequence[Part], statistics: Statistics) -> None:
    """All shards, and the statistics, must mean the same by their numbers.

    Raises:
        UserError: A shard differs; says in what.
    """
    first = {name: parts[0].attributes.get(name) for name in MEANING} if parts else {}
    by_statistics = {
        "features": list(statistics.features),
        "units": statistics.units,
        "calibration": statistics.calibration,
    }
    for part in parts:
        found = {**part.attributes, "features": list(part.attributes.get("features", []))}
        if told := _differences(first, found):
            raise UserError(
                f"{part.path}: cannot be trained on together with {parts[0].path}: {told}. "
                "Leave one of the two out in `pretrain.shards`."
            )
        if told := _differences(by_statistics, found):
            raise UserError(
                f"{part.path}: does not fit the statistics of these features: {told}. Remove "
                "them from results/statistics and run the same command again."
            )


def _differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    return "; ".join(filter(None, (differ(name, expected, found) for name in expected)))


def check_number(parts: Sequence[Part], chosen: bool = False) -> None:
    """Refuse a training of too few samples.

    Args:
        parts: The shards.
        chosen: Whether the samples were chosen by id, rather than by pretraining's settings.

    Raises:
        UserError: There are fewer than 8.
    """
    samples = sum(len(part.positions["train"]) for part in parts)
    if samples < LEAST_SAMPLES and chosen:
        raise UserError(
            f"Of the chosen training samples {samples} have cubes in {len(parts)} shards, and at "
            f"least {LEAST_SAMPLES} are needed; the cubes' attribute `left_out` says why samples "
            "have none."
        )
    if samples < LEAST_SAMPLES:
        raise UserError(
            f"Pretraining finds {samples} samples in the training blocks of {len(parts)} shards "
            f"and needs at least {LEAST_SAMPLES}; raise `splits.train`, lower `splits.block_km` or "
            "`splits.buffer_km`, or let `pretrain.shards` name more shards."
        )
