"""Settings of pretraining."""

from typing import Literal

from pydantic import Field

from speckle2vec.settings.base import Section


class SarViews(Section):
    """How far two views of one radar sample may differ; each 0 switches a view off."""

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


class Simclr(Section):
    """SimCLR (report, section 5)."""

    temperature: float = Field(default=0.5, gt=0)
    """Temperature of NT-Xent."""
    projection: int = Field(default=0, ge=0)
    """Width of a projection head between embedding and loss; 0, as in the report: none."""
    views: SarViews = SarViews()
    """The views of a sample."""


class CnnTransformer(Section):
    """The report's encoder (report, section 4)."""

    dropout: float = Field(default=0.1, ge=0, lt=1)
    """Dropout inside the Transformer."""


class Pretrain(Section):
    """Pretraining (report, section 6)."""

    shards: tuple[str, ...] = ("*/*",)
    """Globs over `corpus/shard` that pretraining may see."""
    epochs: int = Field(default=10, ge=1)
    """Passes over the training samples."""
    batch_size: int = Field(default=64, ge=8)
    """Samples a step; all of them where there are fewer."""
    learning_rate: float = Field(default=1e-4, gt=0)
    """Rate of Adam."""
    threads: int = Field(default=4, ge=1)
    """Threads torch uses; part of the settings because sums depend on it."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to train; `auto` takes a GPU where there is one."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Arithmetic of forward and backward passes."""
    compile: bool = False
    """Whether torch.compile is used; needs a C++ compiler."""
    checkpoint_minutes: float = Field(default=5.0, ge=0)
    """A checkpoint is written at least every so many minutes, at a step's end."""
    memory_gb: float = Field(default=16.0, gt=0)
    """The most memory the samples may take, GB; more stops before training."""
    collapse_std: float = Field(default=0.05, ge=0)
    """Training stops when the held-out embeddings' mean standard deviation, after
    scaling each to unit length and times sqrt(1024), is below this at an epoch's end
    and has halved since before training. Healthy is 0.3 to 1, untrained about 0.2."""
    simclr: Simclr = Simclr()
    """Settings of the method `simclr`."""
    cnn_transformer: CnnTransformer = CnnTransformer()
    """Settings of the encoder `cnn-transformer`."""
