"""An encoder as small as can be, with all that a training can get wrong."""

from torch import nn

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.dropout import Dropout


class Small(Encoder):
    """A convolution of stride 4, batch normalisation and dropout."""

    stride = 4

    def __init__(self, channels):
        super().__init__(channels)
        self.map_channels = 8
        self.layers = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 4), nn.BatchNorm2d(8), nn.ReLU(), Dropout(0.2)
        )
        self.embed = nn.Linear(8, self.width)

    def feature_map(self, cubes, seasons=None):
        return self.layers(cubes)

    def pool(self, maps):
        return self.embed(maps.mean(dim=(2, 3)))


def build(channels, settings):
    return Small(channels)
