"""All settings of a run."""

from typing import Any, Literal

from pydantic import Field, field_validator

from speckle2vec.settings.base import Section
from speckle2vec.settings.codes import Codes
from speckle2vec.settings.corpora import AnyCorpus
from speckle2vec.settings.evaluate import Grid, Probes
from speckle2vec.settings.labels import Labels
from speckle2vec.settings.landcover import UNTRAINED, LandCover, Run
from speckle2vec.settings.osm import Osm
from speckle2vec.settings.places import PlaceLabels
from speckle2vec.settings.reconstruction import Reconstruction
from speckle2vec.settings.report import Report
from speckle2vec.settings.search import Search
from speckle2vec.settings.stages import Embed, Neighbours, Preprocess, Splits
from speckle2vec.settings.training import Pretrain


class Model(Section):
    """Which encoder the default targets use."""

    features: Literal["sar-temporal", "fusion"] = "sar-temporal"
    """The feature set."""
    method: Literal["none", "simclr", "vae", "tile2vec", "csf", "mae"] = "simclr"
    """The pretraining method."""
    encoder: Literal[
        "cnn-transformer",
        "resnet18",
        "resnet34",
        "resnet18-attention",
        "pixel-statistics",
        "random-convolutions",
        "pca",
    ] = "cnn-transformer"
    """The network."""

    @property
    def path(self) -> str:
        """The three folders that name a model on disk."""
        return f"{self.features}/{self.method}/{self.encoder}"


class Settings(Section):
    """Everything a run depends on beside its raw data and its code."""

    seed: int = Field(default=42, ge=0)
    """The seed every random choice comes from."""
    data: str = "data"
    """Folder or URL that relative paths of corpora start from."""
    corpora: dict[str, AnyCorpus] = Field(min_length=1)
    """Named corpora, in the order of the catalogue."""
    model: Model = Model()
    """The default model."""
    splits: Splits = Splits()
    """Spatial splits."""
    neighbours: Neighbours = Neighbours()
    """The table of neighbours Tile2Vec draws from."""
    preprocess: Preprocess = Preprocess()
    """Raw data to cubes."""
    pretrain: Pretrain = Pretrain()
    """Cubes to an encoder."""
    embed: Embed = Embed()
    """Cubes to embeddings."""
    labels: Labels = Labels()
    """What lies in each pixel."""
    landcover: LandCover = LandCover()
    """What encoders make of labels, pixel by pixel."""
    osm: Osm = Osm()
    """What OpenStreetMap knows around each sample."""
    grid: Grid = Grid()
    """The models that are compared."""
    probes: Probes = Probes()
    """How well embeddings tell labels."""
    codes: Codes = Codes()
    """Embeddings in fewer bytes, and what that costs."""
    reconstruction: Reconstruction = Reconstruction()
    """Images decoded again, beside JPEG 2000 and smaller images."""
    search: Search = Search()
    """What is alike, stands alone or changed."""
    report: Report = Report()
    """The page a person reads."""
    places: dict[str, PlaceLabels] = Field(default={})
    """Labelled places by name, for whoever looks for more of their kind."""

    @property
    def drawn(self) -> dict[str, Any]:
        """What puts samples into splits: all depend on it that are told of splits."""
        return {"seed": self.seed, "splits": self.splits.model_dump(mode="json")}

    @property
    def models(self) -> tuple[str, ...]:
        """Names of all models of the grid, such as `fusion/simclr/resnet18@7`."""
        return self.grid.models(self.seed)

    @property
    def cells(self) -> tuple[str, ...]:
        """Names of all runs on labels, such as `fusion/simclr/resnet18@7/whole-100`."""
        return self.landcover.cells(self.grid, self.seed)

    @property
    def pictured(self) -> str:
        """Name of the run on labels that pictures show: the default model's first, in full."""
        mode = "frozen" if self.model.encoder in UNTRAINED else self.landcover.modes[0]
        splits = self.landcover.splits
        split = "blocks" if "blocks" in splits else splits[0]
        return f"{self.model.path}/{Run(mode, max(self.landcover.shares), split)}"

    @field_validator("corpora", "places")
    @classmethod
    def _names_are_folders(cls, named: dict[str, Section]) -> dict[str, Section]:
        for name in named:
            if not name.replace("-", "").replace("_", "").isalnum():
                raise ValueError(f"the name {name!r} may hold letters, digits, - and _ only")
        return named
