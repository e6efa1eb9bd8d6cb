"""Statistics on disk: what each feature is normalised with, and of which data.

JSON with a digest of itself: a bit that flips in a number would else be another number.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file

DoubleArray = npt.NDArray[np.float64]
FloatArray = npt.NDArray[np.float32]
DIGEST, DRAWN = "sha256", "drawn"


@dataclass(frozen=True)
class Statistics:
    """Mean and spread of each feature over the training samples.

    `count`, `mean` and `std` (population) hold one number a feature, in its unit.
    """

    features: tuple[str, ...]
    """Names of the features, in the order of the cubes."""
    units: dict[str, str]
    """Unit of each feature by its name."""
    calibration: str
    """Radiometry of the data: `sigma0` or `gamma0`."""
    count: tuple[float, ...]
    """Finite pixels seen."""
    mean: tuple[float, ...]
    """Means."""
    std: tuple[float, ...]
    """Standard deviations; 0 for a constant feature."""
    fingerprint: str
    """SHA-256 over the SHA-256 of every shard of cubes, in sorted order."""

    def scale(self) -> tuple[DoubleArray, DoubleArray]:
        """Mean and factor a feature: `(x - mean) * factor` has mean 0 and deviation 1.

        The factor of a constant feature is 0, so that it normalises to 0.
        """
        std = np.array(self.std, dtype=np.float64)
        factor = np.divide(1.0, std, out=np.zeros_like(std), where=std > 0)
        return np.array(self.mean, dtype=np.float64), factor


def write_statistics(
    statistics: Statistics, path: Path, drawn: Mapping[str, Any] | None = None
) -> None:
    """Write statistics as JSON with sorted keys; numbers keep all their digits.

    Args:
        statistics: The statistics.
        path: `results/statistics/{features}.json`.
        drawn: What chose the training samples (`Settings.drawn`).
    """
    values = {**asdict(statistics), **({DRAWN: dict(drawn)} if drawn else {})}
    told = {**values, DIGEST: _digest(values)}
    with whole_file(path) as target:
        target.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")


def read_statistics(path: Path, drawn: Mapping[str, Any] | None = None) -> Statistics:
    """Read statistics.

    Args:
        path: `results/statistics/{features}.json`.
        drawn: What has to have chosen the training samples.

    Raises:
        UserError: The file is missing or damaged, or of another seed or other splits.
    """
    with refused(path):
        values = dict(json.loads(path.read_text()))
        if values.pop(DIGEST, digest := _digest(values)) != digest:
            raise ValueError("it has changed since it was written")
        told = values.pop(DRAWN, {})
        numbers = {name: tuple(map(float, values[name])) for name in ("count", "mean", "std")}
        statistics = Statistics(**{**values, **numbers, "features": tuple(values["features"])})
    check_belongs(path, told, drawn or {})
    return statistics


def normalise(cubes: FloatArray, statistics: Statistics) -> FloatArray:
    """Cubes (sample, feature, y, x) with mean 0 and deviation 1 a feature, as float32.

    What is not finite, and every feature that is constant in the statistics, becomes 0.
    """
    mean, factor = (numbers.astype(np.float32)[:, None, None] for numbers in statistics.scale())
    values = np.subtract(cubes, mean, dtype=np.float32)
    np.copyto(values, 0, where=~np.isfinite(values))
    return np.multiply(values, factor, out=values)


def _digest(values: Mapping[str, Any]) -> str:
    """Of all that stands in the file but itself."""
    plain = {name: value for name, value in values.items() if name != DIGEST}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
