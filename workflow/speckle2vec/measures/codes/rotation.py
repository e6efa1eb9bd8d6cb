"""PCA as a code stores it: a mean and a few directions, themselves in few bytes.

Directions rounded to 8 bits are no longer exactly orthogonal. Coordinates are therefore those
of the nearest point in the space that the *stored* directions span (least squares), so that
rounding costs a slight tilt of that space and no distortion within it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.errors import UserError

Arrays = Mapping[str, npt.NDArray[Any]]
FloatArray = npt.NDArray[np.float32]
LEVELS = 127


def fit_rotation(training: FloatArray, components: int, rounded: bool) -> dict[str, Any]:
    """Mean and directions of most variance (PCA by the eigenvectors of the covariance).

    Args:
        training: Embeddings (sample, dimension).
        components: Directions to keep.
        rounded: Whether the directions are kept as int8 with a step each, or as float32.

    Returns:
        `mean` (dimension) float32, `directions` (component, dimension) float32 or int8, and
        `steps` (component) float32 with the latter.

    Raises:
        UserError: There are too few samples.
    """
    if len(training) <= components:
        raise UserError(
            f"PCA to {components} dimensions needs more than {components} training samples, and "
            f"there are {len(training)}; ask for fewer dimensions in `codes.names`, or add shards."
        )
    with threadpool_limits(1):  # sums, and so the last digits, depend on the threads
        found = PCA(components, svd_solver="covariance_eigh").fit(training.astype(np.float64))
    arrays: dict[str, Any] = {"mean": found.mean_.astype(np.float32)}
    if not rounded:
        return {**arrays, "directions": found.components_.astype(np.float32)}
    steps = np.abs(found.components_).max(axis=1) / LEVELS
    directions = np.rint(found.components_ / steps[:, None]).astype(np.int8)
    return {**arrays, "directions": directions, "steps": steps.astype(np.float32)}


class Rotation:
    """To the coordinates of a code and back."""

    def __init__(self, arrays: Arrays) -> None:
        steps = arrays.get("steps", np.ones(1, np.float32))
        directions = arrays["directions"].astype(np.float64) * steps[:, None]
        self._mean = arrays["mean"]
        self._back = directions.astype(np.float32)
        with threadpool_limits(1):
            self._there = np.linalg.pinv(directions).astype(np.float32)

    def there(self, values: FloatArray) -> FloatArray:
        """Embeddings (sample, dimension) as coordinates (sample, component)."""
        with threadpool_limits(1):
            return np.asarray((values - self._mean) @ self._there)

    def back(self, coordinates: FloatArray) -> FloatArray:
        """Coordinates (sample, component) as embeddings (sample, dimension)."""
        with threadpool_limits(1):
            found = coordinates @ self._back
        found += self._mean
        return np.asarray(found)
