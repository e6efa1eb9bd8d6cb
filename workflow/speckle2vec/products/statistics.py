"""Statistics on disk: what each feature is normalised with, and of which data."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file

DoubleArray = npt.NDArray[np.float64]


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


def write_statistics(statistics: Statistics, path: Path) -> None:
    """Write statistics as JSON with sorted keys; numbers keep all their digits."""
    with whole_file(path) as target:
        target.write_text(json.dumps(asdict(statistics), indent=2, sort_keys=True) + "\n")


def read_statistics(path: Path) -> Statistics:
    """Read statistics.

    Raises:
        UserError: The file is missing or damaged.
    """
    with refused(path):
        values = json.loads(path.read_text())
        numbers = {name: tuple(map(float, values[name])) for name in ("count", "mean", "std")}
        return Statistics(**{**values, **numbers, "features": tuple(values["features"])})
