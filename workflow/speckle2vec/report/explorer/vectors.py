"""Embeddings in as many numbers as the viewer compares as they are."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.products.whole import whole_file

DIRECTIONS = 49
"""The viewer centres and scales what has 50 numbers and more, unless it is told not to."""
TOGETHER = 4096
"""Samples turned at a time."""
FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]


def write_tensors(vectors: FloatArray, path: Path) -> float:
    """Write unit vectors (sample, 1024) as plain float32 (sample, 49), little end first.

    They are turned to the 49 orthogonal directions of greatest mean square, and not centred:
    cosines stay what they are as far as those directions carry them, exactly where the
    vectors have rank 49.

    Args:
        vectors: Of length 1, or 0.
        path: `tensors.bytes`.

    Returns:
        The share of the squared lengths that is kept, 0..1.
    """
    with threadpool_limits(1):  # sums depend on the number of threads
        axes, share = _directions(vectors)
        with whole_file(path) as target, target.open("wb") as file:
            for start in range(0, len(vectors), TOGETHER):
                turned = vectors[start : start + TOGETHER].astype(np.float64) @ axes
                file.write(turned.astype("<f4").tobytes())
    return share


def _directions(vectors: FloatArray) -> tuple[DoubleArray, float]:
    """Orthogonal directions (1024, 49), the strongest first, and what they carry together."""
    squares = np.zeros((vectors.shape[1],) * 2)
    for start in range(0, len(vectors), TOGETHER):
        some = vectors[start : start + TOGETHER].astype(np.float64)
        squares += some.T @ some
    strengths, axes = np.linalg.eigh(squares)
    strongest = axes[:, ::-1][:, :DIRECTIONS]
    # Each direction points to where its longest entry is positive: either way would do.
    signs = np.sign(np.take_along_axis(strongest, abs(strongest).argmax(0)[None], 0))
    return strongest * signs, float(strengths[-DIRECTIONS:].sum() / strengths.sum())
