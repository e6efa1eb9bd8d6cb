"""Random fields: smooth noise over the whole area, correlated noise in an image, hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from speckle2vec.provenance import generator

FloatArray = npt.NDArray[np.float32]
HashArray = npt.NDArray[np.uint64]

AREA_WEST_M, AREA_SOUTH_M = 4_200_000.0, 2_680_000.0
AREA_SIZE_M = 500_000.0
_MARGIN_NODES = 4


@dataclass(frozen=True)
class World:
    """The one random world of a corpus: everything in it follows from seed and name."""

    seed: int
    corpus: str

    def generator(self, *stream: str | int) -> np.random.Generator:
        """The generator of a named stream of this world."""
        return generator(self.seed, "simulated", self.corpus, *stream)

    def noise(
        self, name: str, octaves: Sequence[tuple[float, float]], x: FloatArray, y: FloatArray
    ) -> FloatArray:
        """Smooth noise of about unit variance, the same wherever it is asked for.

        Args:
            name: Which field.
            octaves: Wavelength in metres and weight of each.
            x: Metres east of the western edge of the area, two-dimensional.
            y: Metres north of its southern edge.
        """
        total = np.zeros(x.shape, np.float32)
        for number, (wavelength, weight) in enumerate(octaves):
            lattice = _lattice(self, name, number, wavelength)
            column = (x / wavelength + _MARGIN_NODES).astype(np.float32)
            row = (y / wavelength + _MARGIN_NODES).astype(np.float32)
            smooth = cv2.remap(lattice, column, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
            total += np.float32(weight) * smooth
        norm = np.sqrt(sum(weight**2 for _, weight in octaves)) * 0.75
        return total / np.float32(norm)


@cache
def _lattice(world: World, name: str, number: int, wavelength: float) -> FloatArray:
    nodes = round(AREA_SIZE_M / wavelength) + 2 * _MARGIN_NODES
    random = world.generator("field", name, number)
    return random.standard_normal((nodes, nodes), np.float32)


def correlated_noise(
    random: np.random.Generator, shape: tuple[int, int], sigma: float
) -> FloatArray:
    """Standard normal noise with Gaussian correlation: lag d has exp(-d^2 / (4 sigma^2)).

    Args:
        random: Where the numbers come from.
        shape: Rows and columns.
        sigma: Width of the smoothing kernel, pixels.
    """
    border = int(np.ceil(4 * sigma))
    white = random.standard_normal((shape[0] + 2 * border, shape[1] + 2 * border), np.float32)
    kernel = cv2.getGaussianKernel(2 * border + 1, sigma, cv2.CV_32F)
    kernel = kernel / np.sqrt(np.square(kernel).sum())
    smooth = np.asarray(cv2.sepFilter2D(white, -1, kernel, kernel), np.float32)
    return np.ascontiguousarray(smooth[border:-border, border:-border])


def mix(*parts: npt.ArrayLike) -> HashArray:
    """Hash integers, element by element, to 64 bits (splitmix64; Steele et al., 2014)."""
    state = np.asarray(0x9E3779B97F4A7C15, np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            state = _scramble(state ^ (np.asarray(part).astype(np.int64).astype(np.uint64)))
    return state


def _scramble(value: npt.ArrayLike) -> HashArray:
    state = np.asarray(value, np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def uniform(hashed: HashArray) -> FloatArray:
    """Hashes as numbers in [0, 1)."""
    return ((hashed >> np.uint64(40)).astype(np.float32)) / np.float32(1 << 24)
