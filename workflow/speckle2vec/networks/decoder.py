"""The paper's decoder: four steps from a map back to the pixels it was made of."""

from torch import Tensor, nn

LAST_WIDTH = 32
STEPS = 4


class UpBlock(nn.Module):
    """Twice the side, other channels (paper, Table 8).

    A transposed 2x2 convolution of stride 2, then twice a 3x3 convolution with bias, batch
    normalisation and ReLU. (sample, inputs, y, x) -> (sample, outputs, 2y, 2x).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.widen = nn.ConvTranspose2d(inputs, outputs, kernel_size=2, stride=2)
        self.refine = nn.Sequential(*_refinement(outputs), *_refinement(outputs))

    def forward(self, maps: Tensor) -> Tensor:
        """The widened map, (sample, outputs, 2y, 2x)."""
        return self.refine(self.widen(maps))  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """From maps to one value an output and pixel (paper, Table 8).

    Four UpBlocks to 256, 128, 64 and 32 channels, and a 1x1 convolution. With 512 channels
    and 7 outputs it has the 2,266,631 parameters the paper prints; its sizes there are
    misprints (FACTS section 3). A map of another stride than 16 takes more or fewer steps,
    the last of them to 32 channels as well.

    Args:
        channels: Channels of the map.
        outputs: Values a pixel: logits of classes, or channels of an image.
        steps: UpBlocks, each of which doubles the side.
    """

    def __init__(self, channels: int, outputs: int, steps: int = STEPS) -> None:
        super().__init__()
        widths = [LAST_WIDTH << step for step in reversed(range(steps))]
        pairs = zip((channels, *widths), widths, strict=False)
        self.blocks = nn.Sequential(*(UpBlock(*pair) for pair in pairs))
        self.classify = nn.Conv2d(LAST_WIDTH, outputs, kernel_size=1)

    def forward(self, maps: Tensor) -> Tensor:
        """(sample, channels, y, x) -> (sample, outputs, 16 y, 16 x) with four steps."""
        return self.classify(self.blocks(maps))  # type: ignore[no-any-return]


def _refinement(channels: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
    return convolution, nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
