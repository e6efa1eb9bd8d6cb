"""One picture of all samples' small pictures, which the viewer cuts apart."""

from collections.abc import Mapping, Sequence
from math import ceil, sqrt
from pathlib import Path

import cv2
import numpy as np

from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import Statistics
from speckle2vec.products.whole import whole_file
from speckle2vec.report.pixels import QUALITY
from speckle2vec.report.sheets import pictures, side_for

LARGEST = 8192
"""Side of the largest picture that the viewer takes, pixels."""


def write_sprite(
    folder: Path, ids: Mapping[ShardKey, Sequence[str]], statistics: Statistics, path: Path
) -> int:
    """Draw every sample on one square, line by line; it takes at most 200 MB of memory.

    Args:
        folder: Folder of the cubes.
        ids: The samples of each shard, in the order of the embeddings.
        statistics: What the features' colours are scaled by.
        path: `sprite.jpg`.

    Returns:
        The side of each small picture, pixels.

    Raises:
        UserError: A part is missing or damaged, or its samples are not those.
    """
    side, across = grid_for(sum(map(len, ids.values())))
    sheet = np.zeros((across * side, across * side, 3), np.uint8)
    for place, picture in enumerate(pictures(folder, ids, statistics, side)):
        line, column = divmod(place, across)
        lines = slice(line * side, (line + 1) * side)
        sheet[lines, column * side : (column + 1) * side] = picture[..., ::-1]
    _, packed = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    with whole_file(path) as target:
        target.write_bytes(packed.tobytes())
    return side


def grid_for(samples: int) -> tuple[int, int]:
    """Side of each small picture, pixels, and how many stand beside each other.

    Sides are multiples of 16, the blocks of JPEG: no picture runs into the next.
    """
    side, across = side_for(samples), ceil(sqrt(samples))
    while side * across > LARGEST:
        side //= 2
    return side, across
