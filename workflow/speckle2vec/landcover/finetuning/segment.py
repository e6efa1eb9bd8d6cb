"""What a trained segmenter says of a sample: how likely each class is in each pixel."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speckle2vec.landcover.finetuning.fits import Fit, Side, as_labels, fit_of
from speckle2vec.landcover.maps.edges import edge_weights
from speckle2vec.networks.crops import side_of
from speckle2vec.networks.segmenter import Segmenter, build_segmenter, on_grid
from speckle2vec.networks.trained import load_network, load_weights
from speckle2vec.products.cubes import CubeShard
from speckle2vec.products.labels import NODATA, ClassArray, LabelClass
from speckle2vec.products.meaning import check_compatible
from speckle2vec.products.seasons import seasons_of
from speckle2vec.products.segmenters import SegmenterFile, read_segmenter
from speckle2vec.products.statistics import normalise

FloatArray = npt.NDArray[np.float32]
CPU = torch.device("cpu")
TOGETHER = 16
"""Squares a forward pass."""


@dataclass(frozen=True)
class LoadedSegmenter:
    """A segmenter that is ready to tell classes."""

    file: SegmenterFile
    network: Segmenter
    path: Path
    device: torch.device = CPU

    @property
    def classes(self) -> tuple[LabelClass, ...]:
        """The class table, in the order of the probabilities."""
        return self.file.classes

    def probabilities(self, shard: CubeShard, position: int, shape: Side) -> FloatArray:
        """Probabilities of one sample on its own grid, (class, y, x).

        They add up to 1, but where the cube shows nothing of a larger patch: there all are 0.

        Args:
            shard: An open shard of cubes.
            position: Of the sample in it.
            shape: Height and width of the sample's own grid, that of its labels.

        Raises:
            UserError: The cubes are not of the kind it was trained on.
        """
        return self.several(shard, [position], [shape])[0]

    def several(
        self, shard: CubeShard, positions: Sequence[int], shapes: Sequence[Side]
    ) -> list[FloatArray]:
        """Probabilities of some samples, each on its own grid; quicker than one by one.

        Memory holds these samples: ask for a few at a time.
        """
        where = Path(f"cubes of {shard.attributes.get('corpus')}/{shard.attributes.get('shard')}")
        check_compatible(self.file.encoder, shard.attributes, where)
        rows = np.asarray(positions, np.int64)
        cubes = torch.from_numpy(normalise(shard.take(rows), self.file.encoder.statistics))
        seasons = torch.from_numpy(seasons_of(shard.dates[rows]))
        with torch.inference_mode():
            if fit_of(shard.attributes, where) is Fit.WHOLE:
                return self._resized(cubes, seasons, shapes)
            shares = list(self._put_together(cubes, seasons))
        return [as_labels(one, shape) for one, shape in zip(shares, shapes, strict=True)]

    def _resized(self, cubes: Tensor, seasons: Tensor, shapes: Sequence[Side]) -> list[FloatArray]:
        logits = torch.cat(list(self._logits(cubes, seasons)))
        return [
            on_grid(one[None], *shape)[0].softmax(dim=0).numpy()
            for one, shape in zip(logits, shapes, strict=True)
        ]

    def _put_together(self, cubes: Tensor, seasons: Tensor) -> Iterator[FloatArray]:
        """Probabilities of each cube's pixels, of squares that overlap by a quarter."""
        height, width = cubes.shape[-2:]
        side = side_of(height, width, self.file.crop)
        weights = torch.from_numpy(edge_weights((side, side)))
        corners = [(top, left) for top in starts(height, side) for left in starts(width, side)]
        for cube, season in zip(cubes, seasons, strict=True):
            squares = [cube[:, y : y + side, x : x + side] for y, x in corners]
            told = torch.cat(
                list(self._logits(torch.stack(squares), season.expand(len(squares), -1)))
            ).softmax(dim=1)
            total = torch.zeros(told.shape[1], height, width)
            counted = torch.zeros(height, width)
            for (y, x), one in zip(corners, told, strict=True):
                total[:, y : y + side, x : x + side] += one * weights
                counted[y : y + side, x : x + side] += weights
            yield (total / counted).numpy()

    def _logits(self, cubes: Tensor, seasons: Tensor) -> Iterator[Tensor]:
        pieces = torch.split(cubes, TOGETHER), torch.split(seasons, TOGETHER)
        for some, their in zip(*pieces, strict=True):
            yield self.network(some.to(self.device), their.to(self.device)).float().cpu()


def load_segmenter(path: Path, device: torch.device = CPU) -> LoadedSegmenter:
    """A segmenter of a file, ready to tell classes.

    Args:
        path: `results/landcover/{model}/{run}/segmenter.safetensors`.
        device: Where it works.

    Raises:
        UserError: The file is missing, damaged, or its weights fit no network.
    """
    file = read_segmenter(path)
    network = build_segmenter(load_network(file.encoder, path), len(file.classes), file.seed)
    load_weights(network.decoder, file.decoder, "the decoder", path)
    network.eval().to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return LoadedSegmenter(file, network, path, device)


def told_classes(probabilities: FloatArray) -> ClassArray:
    """The likeliest class of each pixel (y, x), an index from 1; 0 where there is none.

    Args:
        probabilities: (class, y, x), all 0 where nothing is known.
    """
    known = probabilities.any(axis=0)
    return np.where(known, probabilities.argmax(axis=0) + 1, NODATA).astype(np.uint8)


def starts(length: int, side: int) -> list[int]:
    """Where squares of a side start that cover a length, a quarter of each on the one before."""
    return sorted({*range(0, length - side, 3 * side // 4), length - side})
