"""SimCLR: two views of a sample shall be alike, and unlike those of other samples."""

from collections.abc import Sequence

from torch import Tensor, nn

from speckle2vec.networks.base import Encoder
from speckle2vec.pretrain.ntxent import nt_xent
from speckle2vec.pretrain.views import sar_view
from speckle2vec.settings.methods import Simclr
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.method import Batch, Method


def build(
    encoder: Encoder,
    settings: Pretrain,
    features: Sequence[str],  # noqa: ARG001
    side: int,  # noqa: ARG001
) -> "SimclrMethod":
    """The method with the settings of the group `simclr`."""
    return SimclrMethod(encoder, settings.simclr)


class SimclrMethod(Method):
    """SimCLR (Chen et al. 2020, arXiv:2002.05709; report, sections 5 and 6).

    As in the report, each view is forwarded by itself, so that batch normalisation
    sees one view at a time, and there is no projection head unless a setting asks
    for one.
    """

    def __init__(self, encoder: Encoder, settings: Simclr) -> None:
        super().__init__()
        self.encoder = encoder
        self.settings = settings
        self.head = _head(encoder.width, settings.projection)

    def forward(self, batch: Batch) -> Tensor:
        """NT-Xent of two views of each sample."""
        views = [sar_view(batch.cubes, self.settings.views, batch.draws) for _ in range(2)]
        first, second = (self.head(self.encoder(view, batch.seasons)) for view in views)
        return nt_xent(first, second, self.settings.temperature)


def _head(width: int, projection: int) -> nn.Module:
    """A hidden layer as wide as the embedding, ReLU, and the projection; nothing at 0."""
    if not projection:
        return nn.Identity()
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, projection))
