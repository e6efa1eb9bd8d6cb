"""The name of a cell of the table, taken apart."""

from typing import NamedTuple

from speckle2vec.choices import seeded
from speckle2vec.errors import UserError
from speckle2vec.settings.landcover import Run


class Cell(NamedTuple):
    """One run on labels: which encoder or classifier, and which way to learn."""

    features: str
    method: str
    encoder: str
    seed: int
    mode: str
    share: float
    split: str

    @classmethod
    def parse(cls, name: str, own_seed: int) -> "Cell":
        """The cell of a name such as `fusion/simclr/resnet18@7/whole-100`.

        Args:
            name: `{features}/{method}/{encoder}/{run}`.
            own_seed: The seed in the settings, which counts where the encoder names none.

        Raises:
            UserError: It is no such name.
        """
        parts = name.split("/")
        if len(parts) != 4:
            raise UserError(
                f"`{name}` names no run on labels; such names are made like "
                "`fusion/simclr/resnet18/whole-100`."
            )
        features, method, encoder, way = parts
        network, seed = seeded(encoder, own_seed)
        run = Run.parse(way)
        return cls(features, method, network, seed, run.mode, run.share, run.split)

    @property
    def run(self) -> Run:
        """The way to learn."""
        return Run(self.mode, self.share, self.split)

    def __str__(self) -> str:
        """Its name with its seed, for a person."""
        return f"{self.features}/{self.method}/{self.encoder}@{self.seed}/{self.run}"
