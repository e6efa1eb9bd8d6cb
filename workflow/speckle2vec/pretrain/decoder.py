"""A model that encodes cubes and decodes images, a few samples in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speckle2vec.errors import UserError
from speckle2vec.networks.crops import centres, crop, side_of
from speckle2vec.pretrain.judged import Place
from speckle2vec.pretrain.reconstruction import DecodingMethod
from speckle2vec.products.cubes import CubeShard, open_cubes
from speckle2vec.products.encoders import EncoderFile
from speckle2vec.products.meaning import check_compatible
from speckle2vec.products.seasons import seasons_of
from speckle2vec.products.statistics import normalise

FloatArray = npt.NDArray[np.float32]
TOGETHER = 16
"""Samples in memory."""


@dataclass(frozen=True)
class Decoder:
    """A model that encodes and decodes cubes."""

    trained: EncoderFile
    method: DecodingMethod
    folder: Path
    """Folder of the cubes."""

    def encoded(self, places: Sequence[Place]) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Normalised images (sample, feature, y, x) and their codes (sample, number), in turn.

        Raises:
            UserError: Cubes are missing, damaged, or not of the kind the encoder was trained on.
        """
        for key in dict.fromkeys(place.key for place in places):
            path = key.part(self.folder, ".zarr.zip")
            rows = np.array([place.position for place in places if place.key == key], np.int64)
            with open_cubes(path, key) as shard:
                check_compatible(self.trained, shard.attributes, path)
                _check_side(shard, self.method.side, path)
                for start in range(0, len(rows), TOGETHER):
                    yield self._encoded(shard, rows[start : start + TOGETHER])

    def _encoded(
        self, shard: CubeShard, rows: npt.NDArray[np.int64]
    ) -> tuple[FloatArray, FloatArray]:
        patches = torch.from_numpy(normalise(shard.take(rows), self.trained.statistics))
        cubes = crop(patches, centres(patches, self.method.side), self.method.side)
        with torch.inference_mode():
            code = self.method.code(cubes, torch.from_numpy(seasons_of(shard.dates[rows])))
        return cubes.numpy(), code.numpy()

    def decoded(self, code: FloatArray) -> FloatArray:
        """Images of codes."""
        with torch.inference_mode():
            images: Tensor = self.method.images(torch.from_numpy(np.ascontiguousarray(code)))
        return images.numpy()


def _check_side(shard: CubeShard, side: int, path: Path) -> None:
    """Refuse cubes that are smaller than what is decoded.

    Raises:
        UserError: They are.
    """
    height, width = shard.cubes.shape[2:]
    if side_of(height, width, side) < side:
        raise UserError(
            f"{path}: holds images of {height} x {width} pixels, and the decoder gives {side} x "
            f"{side}; lower `pretrain.crop` to {side_of(height, width, side)} and train anew."
        )
