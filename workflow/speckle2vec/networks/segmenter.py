"""What tells the class of every pixel: an encoder and the paper's decoder."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from speckle2vec.errors import UserError
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.crops import MULTIPLE
from speckle2vec.networks.decoder import Decoder
from speckle2vec.provenance import stream_seed


class Segmenter(nn.Module):
    """Encoder and decoder (paper, section 3.3 and Table 8).

    Around a ResNet with 14 channels and for 7 classes it has the paper's parameters: those of
    the encoder and 2,266,631. The decoder takes as many steps as the encoder's stride asks
    for.

    Args:
        encoder: Gives the map that is decoded.
        classes: How many there are, nodata not counted.

    Raises:
        UserError: The encoder's map has no places that could be brought back to pixels.
    """

    def __init__(self, encoder: Encoder, classes: int) -> None:
        super().__init__()
        steps = encoder.stride.bit_length() - 1
        if not encoder.segments or encoder.stride != 1 << steps or not steps:
            raise UserError(
                f"{type(encoder).__name__} has no map that pixels could be told from; fine-tune "
                "another encoder, and leave this one to the probes."
            )
        self.encoder = encoder
        self.decoder = Decoder(encoder.map_channels, classes, steps)

    def forward(self, cubes: Tensor, seasons: Tensor | None = None) -> Tensor:
        """Logits, (sample, class, y, x), of normalised cubes (sample, channel, y, x).

        Args:
            cubes: Of any side; those that are no multiple of 32 pixels are padded by
                reflection, and the padding is cut away from the logits.
            seasons: Of the samples' dates (`products.seasons`), (sample, 4).
        """
        height, width = cubes.shape[-2:]
        down, right = -height % MULTIPLE, -width % MULTIPLE
        if down or right:
            cubes = functional.pad(cubes, (0, right, 0, down), mode="reflect")
        logits: Tensor = self.decoder(self.encoder.feature_map(cubes, seasons))
        return logits[..., :height, :width]


def build_segmenter(encoder: Encoder, classes: int, seed: int) -> Segmenter:
    """A segmenter whose decoder's weights depend on the arguments alone.

    Torch's own random state is left as it was.

    Args:
        encoder: The trained encoder.
        classes: How many there are, nodata not counted.
        seed: The seed of the run.

    Raises:
        UserError: The encoder cannot be decoded.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(stream_seed(seed, "weights", "decoder"))
        return Segmenter(encoder, classes)


def on_grid(logits: Tensor, height: int, width: int) -> Tensor:
    """Logits brought to another grid of the same ground by bilinear interpolation.

    Args:
        logits: (sample, class, y, x).
        height: Rows of the grid.
        width: Columns of the grid.
    """
    if logits.shape[-2:] == (height, width):
        return logits
    return functional.interpolate(
        logits, size=(height, width), mode="bilinear", align_corners=False
    )
