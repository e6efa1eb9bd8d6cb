"""Statistics of the training samples, merged from the moments of the shards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.cubes import CubeShard, digest_of_cubes, open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.moments import Moments
from speckle2vec.products.statistics import Statistics, write_statistics
from speckle2vec.settings.root import Settings

TRAINING = "train"
SAME_EVERYWHERE = ("features", "units", "calibration", "nodata", "recipe")


@dataclass(frozen=True)
class Merged:
    """Count, mean and summed squared deviations a feature, float64."""

    count: npt.NDArray[np.float64]
    mean: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]

    @property
    def std(self) -> npt.NDArray[np.float64]:
        """Standard deviation (population)."""
        return np.sqrt(self.squares / np.maximum(self.count, 1))


def merge_statistics(
    settings: Settings,
    keys: Sequence[ShardKey],
    features: str,
    cubes: Path,
    catalogue: Path,
    output: Path,
) -> None:
    """Merge the moments of the training samples of many shards.

    Args:
        settings: All settings.
        keys: The shards pretraining may see, in any order.
        features: Name of the feature set, for messages.
        cubes: Folder of the cubes of that set, `results/cubes/{features}`.
        catalogue: Folder of the catalogue, `results/catalogue`.
        output: The product, `results/statistics/{features}.json`.

    Raises:
        UserError: Shards differ in units or recipe, a part is another's, or no sample is for
            training.
    """
    total: Merged | None = None
    told: list[Mapping[str, Any]] = []
    for key in sorted(keys):
        with open_cubes(key.part(cubes, ".zarr.zip"), key) as shard:
            told.append(shard.attributes)
            check_same(features, min(keys), told[0], key, shard.attributes)
            for moments in training_moments(shard, key, catalogue, settings.drawn):
                total = moments if total is None else merge(total, moments)
    if total is None:
        raise UserError(_nothing_to_learn(settings, keys))
    merged = _statistics(total, told[0], digest_of_cubes(told))
    write_statistics(merged, output, settings.drawn)


def training_moments(
    shard: CubeShard, key: ShardKey, catalogue: Path, drawn: Mapping[str, Any]
) -> Iterator[Merged]:
    """Moments of each training sample of a shard, in the shard's order."""
    path, columns = key.part(catalogue, ".parquet"), ["sample_id", "split", "verdict"]
    table = accepted(read_catalogue_part(path, key, columns, drawn))
    splits = dict(zip(table["sample_id"].to_pylist(), table["split"].to_pylist(), strict=True))
    for position, sample_id in enumerate(shard.sample_ids):
        if splits.get(sample_id) == TRAINING:
            yield _of_sample(shard.moments, position)


def merge(one: Merged, other: Merged) -> Merged:
    """Moments of two sets together (Chan, Golub and LeVeque, 1983), feature by feature."""
    count = one.count + other.count
    share = np.divide(other.count, count, out=np.zeros_like(count), where=count > 0)
    step = other.mean - one.mean
    return Merged(
        count,
        one.mean + step * share,
        one.squares + other.squares + step * step * one.count * share,
    )


def check_same(
    features: str,
    key: ShardKey,
    attributes: Mapping[str, Any],
    other: ShardKey,
    others: Mapping[str, Any],
) -> None:
    """See that two shards of cubes may be used together.

    Raises:
        UserError: They differ; the sentence says in what, and how to mend it.
    """
    for name in SAME_EVERYWHERE:
        if attributes.get(name) != others.get(name):
            raise UserError(
                f"The {features} cubes of {key} and {other} differ in {name} "
                f"({_difference(attributes.get(name), others.get(name))}), so one encoder cannot "
                "learn from both; leave one corpus out by `pretrain.shards`, or, where the "
                "settings were changed by hand, remove its cubes and run the same command again."
            )


def _difference(one: object, other: object) -> str:
    """The values that differ, for a sentence."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
        return "; ".join(f"{name}: {one.get(name)} and {other.get(name)}" for name in names)
    return f"{one} and {other}"


def _of_sample(moments: Moments, position: int) -> Merged:
    return Merged(moments.count[position], moments.mean[position], moments.squares[position])


def _statistics(total: Merged, attributes: Mapping[str, Any], fingerprint: str) -> Statistics:
    return Statistics(
        features=tuple(attributes["features"]),
        units=dict(attributes["units"]),
        calibration=str(attributes["calibration"]),
        count=tuple(total.count.tolist()),
        mean=tuple(total.mean.tolist()),
        std=tuple(total.std.tolist()),
        fingerprint=fingerprint,
    )


def _nothing_to_learn(settings: Settings, keys: Sequence[ShardKey]) -> str:
    splits = settings.splits
    return (
        f"None of the samples of {len(keys)} shards is for training: each is refused, in a "
        f"block of another split, or in the buffer between splits. `splits.train` is "
        f"{splits.train:g} and a block is {splits.block_km:g} km wide; raise the share, make "
        "blocks smaller, or let `pretrain.shards` name more shards."
    )
