"""Which shards and files a run has.

Nothing here reads pixels or imports what does: the plan is made at every start.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import yaml

from speckle2vec.choices import OPTICAL_FEATURES
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.whole import whole_file
from speckle2vec.readers.label_files import OSM, label_files, watched_files
from speckle2vec.readers.listing import Listing, list_shards, pretraining_shards
from speckle2vec.readers.locations import is_url, locate
from speckle2vec.readers.optical_listing import list_optical
from speckle2vec.readers.shard_files import LOOKED_FOR, ShardFiles, shard_files_text
from speckle2vec.settings.evaluate import OF_CATALOGUE, known_labels, of_pixels
from speckle2vec.settings.root import Settings

MADE = Path("results/corpora")
WRITTEN = Path("results/settings")


class Files:
    """The shards of a run, and the files of its products."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._labels: dict[str, dict[str, str]] = {}

    @cached_property
    def keys(self) -> tuple[ShardKey, ...]:
        """Every shard, in catalogue order."""
        return tuple(self._files)

    @cached_property
    def pretraining(self) -> tuple[ShardKey, ...]:
        """The shards pretraining may see."""
        return pretraining_shards(self.settings, self.keys)

    @cached_property
    def _listings(self) -> dict[str, Listing]:
        return {
            corpus: list_shards(self.settings, corpus, MADE) for corpus in self.settings.corpora
        }

    @cached_property
    def _files(self) -> dict[ShardKey, tuple[str, ...]]:
        return _by_key(self._listings)

    @cached_property
    def _optical_files(self) -> dict[ShardKey, tuple[str, ...]]:
        return _by_key(
            {
                corpus: list_optical(self.settings, corpus, MADE, shards)
                for corpus, shards in self._listings.items()
            }
        )

    def check(self) -> None:
        """See, before any work, that the shards are there and have what the model needs.

        Raises:
            UserError: A corpus has no shard, or no Sentinel-2 where the features need it.
        """
        _ = self.keys, self.pretraining
        if self.settings.model.features in OPTICAL_FEATURES:
            _ = self._optical_files

    def named(self, source: str) -> str:
        """A regular expression for the names of the corpora of one source; matches nothing else."""
        names = [name for name, one in self.settings.corpora.items() if one.source == source]
        return "|".join(re.escape(name) for name in names) or "(?!)"

    def raw(self, corpus: str, shard: str, features: str = "") -> list[str]:
        """Local raw files of a shard; a URL is no file that Snakemake can watch.

        Args:
            corpus: The corpus.
            shard: The shard.
            features: For which feature set; those of Sentinel-2 only come with what needs it.

        Raises:
            UserError: There is no such shard, or no Sentinel-2.
        """
        return [file for file in self._raw(corpus, shard, features) if not is_url(file)]

    def remote(self, corpus: str, shard: str, features: str = "") -> list[str]:
        """URLs among the raw files of a shard: at another address there may be other data.

        Args:
            corpus: The corpus.
            shard: The shard.
            features: As for `raw`.

        Raises:
            UserError: As `raw`.
        """
        return [file for file in self._raw(corpus, shard, features) if is_url(file)]

    def _raw(self, corpus: str, shard: str, features: str) -> tuple[str, ...]:
        key = ShardKey(corpus, shard)
        if key not in self._files:
            raise UserError(f"There is no shard {key}; `speckle2vec shards` lists those there are.")
        optical = self._optical_files[key] if features in OPTICAL_FEATURES else ()
        return *self._files[key], *optical

    def written_raw(self, corpus: str, shard: str, features: str = "") -> str:
        """The raw files of a shard as a file, named by content.

        Only where it is long work to find them: listing 20,000 places takes seconds, and every
        job would do it for its own.

        Args:
            corpus: The corpus.
            shard: The shard.
            features: As for `raw`.

        Raises:
            UserError: As `raw`.
        """
        if self.settings.corpora[corpus].source != "geotiff":
            return LOOKED_FOR
        key, every = ShardKey(corpus, shard), self._raw(corpus, shard, features)
        images = every[len(self._files[key]) :] if features in OPTICAL_FEATURES else None
        return str(written(shard_files_text(key, ShardFiles(self._files[key], images)), ".json"))

    def parts(self, folder: str, suffix: str, pretraining: bool = False) -> list[str]:
        """Paths of the parts of a product, for all shards or those of pretraining."""
        keys = self.pretraining if pretraining else self.keys
        return [str(key.part(Path(folder), suffix)) for key in keys]

    def written_settings(self) -> Path:
        """The settings as a file, named by content, so that no other run can change it."""
        return self._written_settings

    @cached_property
    def _written_settings(self) -> Path:
        text = yaml.safe_dump(self.settings.model_dump(mode="json"), sort_keys=True)
        return written(text, ".yaml")

    def written_keys(self, pretraining: bool = False) -> Path:
        """A list of shards as a file, named by content."""
        keys = self.pretraining if pretraining else self.keys
        return written("".join(f"{key}\n" for key in keys), ".txt")

    def written_models(self) -> Path:
        """The models of the grid as a file, named by content."""
        return written("".join(f"{model}\n" for model in self.settings.models), ".txt")

    def of_models(self, folder: str, suffix: str) -> list[str]:
        """A path for every model of the grid, such as `folder/fusion/none/pca.parquet`."""
        return [f"{folder}/{model}{suffix}" for model in self.settings.models]

    def histories(self) -> list[str]:
        """The history of every model of the grid."""
        return self.of_models("results/models", "/history.csv")

    def probes(self) -> list[str]:
        """The probe of every model of the grid, for every label."""
        labels = self.settings.probes.labels
        return [
            path
            for label in labels
            for path in self.of_models(f"results/probes/{label}", ".parquet")
        ]

    def label_sources(self, label: str) -> list[str]:
        """Files that a label is read from; a URL is no file that Snakemake can watch.

        Raises:
            UserError: There is no such label.
        """
        tables = self.settings.probes.tables
        if label not in tables:
            if of_pixels(label):
                return self.parts("results/labels", ".zarr.zip")
            if label in OF_CATALOGUE:
                return []
            raise UserError(f"There is no label `{label}`; there are {known_labels(tables)}.")
        path = locate(self.settings.data, tables[label].path)
        return [] if "://" in path else [path]

    def label_files(self, corpus: str, shard: str) -> list[str]:
        """Local files that the labels of a shard are made from.

        None where the settings name no labels that are there: Snakemake would show a
        traceback here, where the job that labels tells what is wrong in a sentence.
        """
        if self.settings.labels.source == OSM:
            return list(label_files(self.settings, corpus, MADE, shard).values())
        try:
            raw, files = self.raw(corpus, shard), self._labels_of(corpus)
            return watched_files(self.settings, corpus, raw, files)
        except UserError:
            return []

    def _labels_of(self, corpus: str) -> dict[str, str]:
        """Files of labels by place: a folder of them is listed once and not for every shard."""
        if corpus not in self._labels:
            try:
                self._labels[corpus] = label_files(self.settings, corpus, MADE)
            except UserError:
                self._labels[corpus] = {}
        return self._labels[corpus]

    def corpus_parts(self, corpus: str, folder: str, suffix: str) -> list[str]:
        """Paths of the parts of a product, for the shards of one corpus."""
        return [str(key.part(Path(folder), suffix)) for key in self.keys if key.corpus == corpus]

    def osm_files(self) -> list[str]:
        """Local files that OpenStreetMap is read from; a missing one the job tells of."""
        osm = self.settings.osm
        paths = [locate(self.settings.data, path) for path in (osm.path, osm.outline) if path]
        return [path for path in paths if Path(path).is_file()]

    def neighbours_table(self, method: str) -> list[str]:
        """The table of neighbours, for the one method that draws from it."""
        drawn = self.settings.pretrain.tile2vec.neighbour == "table"
        return ["results/neighbours.parquet"] if method == "tile2vec" and drawn else []


def _by_key(listings: Mapping[str, Listing]) -> dict[ShardKey, tuple[str, ...]]:
    return {
        ShardKey(corpus, shard): files
        for corpus, listing in listings.items()
        for shard, files in listing.items()
    }


def written(text: str, suffix: str) -> Path:
    """A text as a file, named by content, so that no other run can change it."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = WRITTEN / f"{digest}{suffix}"
    if not path.exists():
        with whole_file(path) as target:
            target.write_text(text)
    return path
