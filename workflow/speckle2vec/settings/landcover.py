"""Settings of fine-tuning on labels, and of the table it ends in."""

from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field, field_validator

from speckle2vec.errors import UserError
from speckle2vec.settings.base import Section
from speckle2vec.settings.evaluate import Grid

Percent = Annotated[float, Field(ge=0.0001, le=100)]
PIXELS = "pixels"
"""The place of the method in the name of a classifier of single pixels."""
RANDOM_ENCODER = "random-convolutions"
UNTRAINED = ("pixel-statistics", RANDOM_ENCODER, "pca")
"""Encoders that have nothing to train, so that only a decoder learns."""


class Run(NamedTuple):
    """One way to learn from labels: `whole-100`, `frozen-5`, `whole-25-random`."""

    mode: str
    """`whole` trains encoder and decoder, `frozen` the decoder alone, `fit` a classifier of
    single pixels."""
    share: float
    """Share of the labelled training samples that is used, percent."""
    split: str = "blocks"
    """`blocks` are the spatial splits, `random` the paper's."""

    def __str__(self) -> str:
        """Its name."""
        tail = "" if self.split == "blocks" else f"-{self.split}"
        return f"{self.mode}-{self.share:g}{tail}"

    @classmethod
    def parse(cls, name: str) -> "Run":
        """The run of a name.

        Raises:
            UserError: It is no name of a run.
        """
        mode, *rest = name.split("-")
        try:
            run = cls(mode, float(rest[0]), *(rest[1:] or ["blocks"]))
        except (IndexError, ValueError, TypeError):
            run = cls("", 0)
        modes, splits = ("whole", "frozen", "fit"), ("blocks", "random")
        if run.mode in modes and run.split in splits and 0 < run.share <= 100 and str(run) == name:
            return run
        raise UserError(
            f"`{name}` names no run on labels; such names are `whole-100`, `frozen-25` and "
            "`whole-100-random`."
        )


class Finetune(Section):
    """An encoder and a decoder trained on labels (paper, section 3.3)."""

    epochs: int = Field(default=200, ge=1)
    """Most passes over the labelled samples."""
    least_steps: int = Field(default=0, ge=0)
    """No training is shorter, whatever `epochs` and `patience` say: of few labels an epoch is few
    steps, and a new decoder needs some hundreds."""
    patience: int = Field(default=10, ge=0)
    """Training stops after so many epochs, and 50 steps or `least_steps` at least, without a lower
    loss on validation, and the best epoch is kept; 0 trains to the end and keeps the last."""
    batch_size: int = Field(default=64, ge=8)
    """Samples a forward pass; all of them where there are fewer."""
    learning_rate: float = Field(default=5e-4, gt=0)
    """Rate of Adam."""
    schedule: Literal["constant", "cosine"] = "constant"
    """`cosine` lowers the rate to 0 along half a cosine, step by step."""
    class_weights: Literal["none", "balanced"] = "none"
    """`balanced` weighs every class by the inverse of its share of the training pixels."""
    turn: bool = True
    """Whether image and label are mirrored and turned by quarters at random, together."""
    threads: int = Field(default=4, ge=1)
    """Threads torch uses; part of the settings because sums depend on it."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to train; `auto` takes a GPU where there is one."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Arithmetic of forward and backward passes."""
    checkpoint_minutes: float = Field(default=5.0, ge=0)
    """A checkpoint is written at least every so many minutes, at a step's end."""
    memory_gb: float = Field(default=16.0, gt=0)
    """The most memory samples and labels may take, GB; larger sets are streamed."""

    no_matter: ClassVar[frozenset[str]] = frozenset({"checkpoint_minutes", "memory_gb"})
    """Settings that a trained network does not depend on."""

    def common(self) -> dict[str, Any]:
        """What a trained network depends on, as plain values."""
        return self.model_dump(mode="json", exclude=set(self.no_matter))


class LandCover(Section):
    """The table of land cover (paper, Table 9), and what it is made of."""

    modes: tuple[Literal["whole", "frozen"], ...] = Field(default=("whole",), min_length=1)
    """What the encoders of the grid learn from labels: `whole` trains encoder and decoder,
    `frozen` the decoder alone."""
    shares: tuple[Percent, ...] = Field(default=(100,), min_length=1)
    """Shares of the labelled training samples, percent, each a part of the next larger."""
    splits: tuple[Literal["blocks", "random"], ...] = Field(default=("blocks",), min_length=1)
    """`blocks` are the spatial splits; `random` is the paper's random 70/20/10 over all
    samples, which puts neighbours of training samples into the test."""
    scored: tuple[Literal["validation", "test"], ...] = Field(default=("test",), min_length=1)
    """Splits that are scored together; validation as well where the test blocks are few."""
    baselines: tuple[Literal["majority", "logistic-regression", "random-forest"], ...] = (
        "majority",
        "logistic-regression",
        "random-forest",
    )
    """Classifiers of single pixels that stand beside the networks."""
    pixels: int = Field(default=200_000, ge=1000)
    """The most training pixels they are fitted on; of more, so many are drawn."""
    trees: int = Field(default=100, ge=1)
    """Trees of the random forest."""
    draws: int = Field(default=2000, ge=100)
    """Draws of the bootstrap over blocks."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Share of the draws that lies inside an interval."""
    finetune: Finetune = Finetune()
    """How networks are trained on labels."""

    @field_validator("modes", "shares", "splits", "baselines")
    @classmethod
    def _nothing_twice(cls, values: tuple[object, ...]) -> tuple[object, ...]:
        if len(set(values)) != len(values):
            raise ValueError("names something twice")
        return values

    def of_baseline(self, name: str) -> dict[str, Any]:
        """What a classifier of single pixels depends on, as plain values."""
        read = {"logistic-regression": {"pixels"}, "random-forest": {"pixels", "trees"}}
        return self.model_dump(mode="json", include=read.get(name, set()))

    def cells(self, grid: Grid, own_seed: int) -> tuple[str, ...]:
        """Names of all runs, `{features}/{method}/{encoder}/{run}`, those that learn least last.

        Every model of the grid is fine-tuned in every mode, for every share and split. Beside
        them stand the untrained encoders and random convolutions, frozen, and the
        classifiers of single pixels, each with every seed.
        """
        ends = [(share, split) for split in self.splits for share in self.shares]
        names = [
            f"{model}/{Run(mode, *end)}"
            for mode in self.modes
            for end in ends
            for model in grid.models(own_seed)
            if model.split("/")[2] not in grid.baselines
        ]
        seeds = ["" if seed == own_seed else f"@{seed}" for seed in grid.seeds or (own_seed,)]
        for features in grid.features:
            still = [f"{features}/none/{one}" for one in (*grid.encoders, RANDOM_ENCODER)]
            names += [f"{one}{seed}/{Run('frozen', *end)}"
                      for one in still for end in ends for seed in seeds]  # fmt: skip
            names += [f"{features}/{PIXELS}/{one}{seed}/{Run('fit', *end)}"
                      for one in self.baselines for end in ends for seed in seeds]  # fmt: skip
        return tuple(dict.fromkeys(names))
