"""An encoder of one convolution."""

from torch import nn

from speckle2vec.networks.base import Encoder


class Small(Encoder):
    """One convolution, which remembers what it was shown."""

    decodes_map = True
    map_channels = 16

    def __init__(self):
        super().__init__(3)
        self.convolution = nn.Conv2d(3, 16, 16, 16)
        self.shown = []

    def feature_map(self, cubes, seasons=None):
        self.shown.append(cubes)
        return self.convolution(cubes)

    def pool(self, maps):
        return maps.mean(dim=(2, 3)).repeat(1, 64)
