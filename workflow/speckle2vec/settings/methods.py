"""Settings of the pretraining methods, one group a method."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from speckle2vec.settings.base import Section

Chance = Annotated[float, Field(ge=0, lt=1)]
Strength = Annotated[float, Field(ge=0)]


class MethodSection(Section):
    """What every method may set for itself."""

    learning_rate: float | None = Field(default=None, gt=0)
    """Rate of Adam for this method alone; `null` for that of `pretrain`."""


class SarViews(Section):
    """How far two views of one sample may differ; each 0 switches a view off."""

    smallest_crop: float = Field(default=0.5, gt=0, le=1)
    """Least side of the random crop, as a share of the image's side."""
    flip: bool = True
    """Mirror images, left to right and top to bottom."""
    quarter_turns: bool = True
    """Turns by multiples of 90 degrees."""
    speckle: float = Field(default=0.1, ge=0)
    """Standard deviation of the added noise, in standard deviations of a feature."""
    channel_dropout: float = Field(default=0.1, ge=0, lt=1)
    """Chance of each feature to be set to its mean."""
    gain: float = Field(default=0.05, ge=0)
    """Standard deviation of one offset for the level of all features of a sample, in
    standard deviations. Small on purpose: absolute backscatter is information."""


class Simclr(MethodSection):
    """SimCLR (report, section 5)."""

    temperature: float = Field(default=0.5, gt=0)
    """Temperature of NT-Xent."""
    projection: int = Field(default=0, ge=0)
    """Width of a projection head between embedding and loss; 0, as in the report: none."""
    views: SarViews = SarViews()
    """The views of a sample."""


class DecodingSection(MethodSection):
    """What the methods that decode images have in common."""

    decodes: Literal["embedding", "map"] = "embedding"
    """What images of `cnn-transformer` are decoded from: `embedding`, which then is trained
    whole, or `map`, whose tokens keep their places; the last linear layer then stays as it
    was drawn. Of the ResNets it is always the map."""


class Vae(DecodingSection):
    """Variational autoencoder (paper, section 3.2)."""

    latent: int = Field(default=64, ge=1)
    """Channels of the latent map."""
    beta: float = Field(default=1.0, ge=0)
    """Weight of the Kullback-Leibler term; 0 leaves it out, as the paper's code did."""
    warm_up_epochs: int = Field(default=5, ge=0)
    """Epochs over which the weight rises from 0 to `beta`."""
    free_bits: float = Field(default=0.02, ge=0)
    """Information a latent channel may carry at no cost, nats a number; guards against
    a posterior that ignores the image."""


class Tile2vec(MethodSection):
    """Tile2Vec (paper, section 3.2): near places alike, far places not."""

    margin: float = Field(default=0.1, ge=0)
    """Margin of the triplet loss, in the embeddings' own unit."""
    penalty: float = Field(default=0.01, ge=0)
    """Weight of the embeddings' mean norm, which brings their distances to the scale of
    the margin; without it what all embeddings have in common stays large beside them."""
    neighbour: Literal["table", "patch"] = "table"
    """`table` draws another place from the table of neighbours; `patch` cuts another
    piece of the same patch, as the original Tile2Vec does."""
    prefer: Literal["nearer", "farther"] = "nearer"
    """Which neighbours are likelier: softmax(-d / tau), or as the paper prints it."""
    tau: float = Field(default=0.02, gt=0)
    """Temperature of the draw of a neighbour, degrees; 1 as the paper prints it. Small by
    default: land cover is alike over a few kilometres, seldom over a degree."""
    turn: bool = True
    """Whether tiles are mirrored and turned by quarters at random, as the original does."""


class Ramp(Section):
    """A strength that rises while pretraining goes on."""

    least: float = Field(ge=0)
    """Strength during the warm-up."""
    most: float = Field(ge=0)
    """Strength when the ramp has ended, and after."""


class Csf(MethodSection):
    """Contrastive sensor fusion (paper, section 3.2)."""

    loss: Literal["triplet", "infonce"] = "triplet"
    """`triplet` by Euclidean distance, as in the paper, or `infonce`, as in the original."""
    margin: float = Field(default=0.1, ge=0)
    """Margin of the triplet loss."""
    temperature: float = Field(default=0.1, gt=0)
    """Temperature of InfoNCE."""
    warm_up_epochs: int = Field(default=5, ge=0)
    """Epochs at the least strength."""
    ramp_epochs: int = Field(default=10, ge=0)
    """Epochs over which the strengths rise; then they hold."""
    shift: Ramp = Ramp(least=1, most=16)
    """Largest shift of the crop, pixels."""
    radar_dropout: Ramp = Ramp(least=0.01, most=0.3)
    """Chance of each radar feature to be set to its mean."""
    optical_dropout: Ramp = Ramp(least=0.01, most=0.3)
    """Chance of each optical band to be set to its mean."""
    brightness: Ramp = Ramp(least=0.01, most=0.1)
    """Largest offset a feature, standard deviations."""
    contrast: Ramp = Ramp(least=0.01, most=0.1)
    """Largest relative change of contrast a feature."""
    saturation: Ramp = Ramp(least=0.01, most=0.1)
    """Largest relative change of saturation of the visible bands."""
    hue: Ramp = Ramp(least=0.01, most=0.1)
    """Largest turn of the hue of the visible bands, full turns."""

    @field_validator("radar_dropout", "optical_dropout")
    @classmethod
    def _chances_are_below_one(cls, ramp: Ramp) -> Ramp:
        if max(ramp.least, ramp.most) >= 1:
            raise ValueError("least and most are chances and must be below 1")
        return ramp


class Mae(DecodingSection):
    """Masked autoencoding (He et al. 2022; the report's future work)."""

    patch: int = Field(default=8, ge=1)
    """Side of the squares that are hidden, pixels."""
    hidden: float = Field(default=0.6, gt=0, lt=1)
    """Share of the squares that are hidden."""
