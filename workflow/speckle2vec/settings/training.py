"""Settings of pretraining."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from speckle2vec.settings.base import Section
from speckle2vec.settings.methods import Csf, Mae, Simclr, Tile2vec, Vae


class CnnTransformer(Section):
    """The report's encoder (report, section 4)."""

    dropout: float = Field(default=0.1, ge=0, lt=1)
    """Dropout inside the Transformer."""
    positions: bool = False
    """Whether tokens learn where they are (report, future work)."""
    seasons: bool = False
    """Whether tokens learn the season of the first and the last date (report, future work)."""
    pooling: Literal["mean", "mean-std"] = "mean"
    """How tokens become one: their mean as in the report, or mean and standard deviation."""


class Pretrain(Section):
    """Pretraining (report, section 6)."""

    shards: tuple[str, ...] = ("*/*",)
    """Globs over `corpus/shard` that pretraining may see."""
    epochs: int = Field(default=10, ge=1)
    """Passes over the training samples."""
    batch_size: int = Field(default=64, ge=8)
    """Samples a forward pass, over all ranks; all of them where there are fewer."""
    accumulate: int = Field(default=1, ge=1)
    """Batches whose gradients make up one step. A contrastive loss still sees one batch."""
    crop: int = Field(default=128, ge=32, multiple_of=32)
    """Side of what is cut from larger patches, pixels: at random to train, the centre to
    embed. Cubes of this size or smaller stay whole."""
    learning_rate: float = Field(default=1e-4, gt=0)
    """Rate of Adam."""
    schedule: Literal["constant", "cosine"] = "constant"
    """`cosine` lowers the rate to 0 along half a cosine, step by step."""
    patience: int = Field(default=0, ge=0)
    """Training stops after so many epochs without a lower held-out loss, and the best
    epoch is kept; 0 trains to the end and keeps the last."""
    mixed_shards: int = Field(default=16, ge=1)
    """Shards whose samples are shuffled among each other; what streams holds so many."""
    threads: int = Field(default=4, ge=1)
    """Threads torch uses, each rank its own; part of the settings because sums depend
    on it."""
    ranks: int = Field(default=1, ge=1)
    """Processes that train together, one a GPU, each on its share of every batch; more
    than 1 are started by torchrun."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to train; `auto` takes a GPU where there is one."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Arithmetic of forward and backward passes."""
    compile: bool = False
    """Whether torch.compile is used; needs a C++ compiler."""
    checkpoint_minutes: float = Field(default=5.0, ge=0)
    """A checkpoint is written at least every so many minutes, at a step's end."""
    memory_gb: float = Field(default=16.0, gt=0)
    """The most memory the samples may take, GB; larger sets are streamed. The encoder
    does not depend on it."""
    collapse_std: float = Field(default=0.05, ge=0)
    """Training stops when the held-out embeddings' mean standard deviation, after
    scaling each to unit length and times sqrt(1024), is below this at an epoch's end
    and has halved since before training. Healthy is 0.3 to 1, untrained about 0.2."""
    simclr: Simclr = Simclr()
    """Settings of the method `simclr`."""
    vae: Vae = Vae()
    """Settings of the method `vae`."""
    tile2vec: Tile2vec = Tile2vec()
    """Settings of the method `tile2vec`."""
    csf: Csf = Csf()
    """Settings of the method `csf`."""
    mae: Mae = Mae()
    """Settings of the method `mae`."""
    cnn_transformer: CnnTransformer = CnnTransformer()
    """Settings of the encoder `cnn-transformer`."""

    group: ClassVar[str] = "pretrain"
    """Where a person finds these settings, for sentences."""
    no_matter: ClassVar[frozenset[str]] = frozenset({"shards", "checkpoint_minutes", "memory_gb"})
    """Settings that a trained encoder does not depend on, beside the samples they give."""

    def of_method(self, name: str) -> Self:
        """These settings, with the rate of one method where it has its own."""
        rate = self.own(name).get("learning_rate")
        return self.model_copy(update={"learning_rate": rate}) if rate else self

    def common(self) -> dict[str, Any]:
        """What every encoder and method reads, as plain values."""
        return self.model_dump(mode="json", exclude=self._groups() | self.no_matter)

    def own(self, name: str) -> dict[str, Any]:
        """The settings of one encoder or method, as plain values; empty where it has none."""
        group = name.replace("-", "_")
        if group not in self._groups():
            return {}
        return dict(getattr(self, group).model_dump(mode="json"))

    def _groups(self) -> set[str]:
        return {name for name, value in self if isinstance(value, Section)}

    @model_validator(mode="after")
    def _shares_are_equal(self) -> "Pretrain":
        if self.batch_size % self.ranks:
            raise ValueError(
                f"batch_size is {self.batch_size} and must be divisible by ranks ({self.ranks}), "
                "so that every rank has an equal share"
            )
        return self
