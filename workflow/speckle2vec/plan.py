"""What the Snakefile asks: which shards there are, and what each rule depends on.

Nothing here reads pixels or imports what does: the plan is made at every start.
"""

import hashlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from speckle2vec.choices import (
    LABEL_SOURCES,
    OPTICAL_FEATURES,
    encoder_module,
    feature_module,
    method_module,
    optical_module,
    reader_module,
    seeded,
)
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.whole import whole_file
from speckle2vec.provenance import fingerprint
from speckle2vec.readers.label_files import watched_files
from speckle2vec.readers.listing import list_shards, pretraining_shards
from speckle2vec.readers.locations import locate
from speckle2vec.readers.optical_listing import list_optical
from speckle2vec.settings.evaluate import LAND_COVER
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.root import Settings

MADE = Path("results/corpora")
WRITTEN = Path("results/settings")


def run_this_package() -> None:
    """Let every job import the package that made the plan, in whatever environment it runs."""
    here = str(Path(__file__).parents[1])
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([here, *others]))


def settings_of(config: Mapping[str, Any], repository: Path) -> Settings:
    """Settings of a Snakemake config; a relative `data` starts from the repository.

    Raises:
        UserError: A setting is unknown, missing or wrong.
    """
    settings = parse_settings(config, "config")
    if "://" in settings.data:
        return settings
    data = repository / Path(settings.data).expanduser()
    return settings.model_copy(update={"data": str(data)})


class Plan:
    """The shards of a run and the dependencies of its rules."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def keys(self) -> tuple[ShardKey, ...]:
        """Every shard, in catalogue order."""
        return tuple(self._files)

    @cached_property
    def pretraining(self) -> tuple[ShardKey, ...]:
        """The shards pretraining may see."""
        return pretraining_shards(self.settings, self.keys)

    @cached_property
    def _files(self) -> dict[ShardKey, tuple[str, ...]]:
        return {
            ShardKey(corpus, shard): files
            for corpus in self.settings.corpora
            for shard, files in list_shards(self.settings, corpus, MADE).items()
        }

    @cached_property
    def _optical_files(self) -> dict[ShardKey, tuple[str, ...]]:
        return {
            ShardKey(corpus, shard): files
            for corpus in self.settings.corpora
            for shard, files in list_optical(self.settings, corpus, MADE).items()
        }

    def check(self) -> None:
        """See, before any work, that the shards are there and have what the model needs.

        Raises:
            UserError: A corpus has no shard, or no Sentinel-2 where the features need it.
        """
        _ = self.keys, self.pretraining
        if self.settings.model.features in OPTICAL_FEATURES:
            _ = self._optical_files

    def raw(self, corpus: str, shard: str, features: str = "") -> list[str]:
        """Local raw files of a shard; a URL is no file that Snakemake can watch.

        Args:
            corpus: The corpus.
            shard: The shard.
            features: For which feature set; those of Sentinel-2 only come with what needs it.

        Raises:
            UserError: There is no such shard, or no Sentinel-2.
        """
        key = ShardKey(corpus, shard)
        if key not in self._files:
            raise UserError(f"There is no shard {key}; `speckle2vec shards` lists those there are.")
        optical = self._optical_files[key] if features in OPTICAL_FEATURES else ()
        return [file for file in (*self._files[key], *optical) if "://" not in file]

    def parts(self, folder: str, suffix: str, pretraining: bool = False) -> list[str]:
        """Paths of the parts of a product, for all shards or those of pretraining."""
        keys = self.pretraining if pretraining else self.keys
        return [str(key.part(Path(folder), suffix)) for key in keys]

    def written_settings(self) -> Path:
        """The settings as a file, named by content, so that no other run can change it."""
        text = yaml.safe_dump(self.settings.model_dump(mode="json"), sort_keys=True)
        return _written(text, ".yaml")

    def written_keys(self, pretraining: bool = False) -> Path:
        """A list of shards as a file, named by content."""
        keys = self.pretraining if pretraining else self.keys
        return _written("".join(f"{key}\n" for key in keys), ".txt")

    def written_models(self) -> Path:
        """The models of the grid as a file, named by content."""
        return _written("".join(f"{model}\n" for model in self.settings.models), ".txt")

    def of_models(self, folder: str, suffix: str) -> list[str]:
        """A path for every model of the grid, such as `folder/fusion/none/pca.parquet`."""
        return [f"{folder}/{model}{suffix}" for model in self.settings.models]

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
        if label == LAND_COVER:
            return self.parts("results/labels", ".zarr.zip")
        if label not in tables:
            known = ", ".join((LAND_COVER, *tables))
            raise UserError(f"There is no label `{label}`; there are {known}.")
        path = locate(self.settings.data, tables[label].path)
        return [] if "://" in path else [path]

    # What each rule depends on beside its inputs: the settings it reads, the code it reaches.

    def simulation(self, corpus: str) -> dict[str, Any]:
        """Dependencies of the rules that draw a corpus."""
        return {
            "seed": self.settings.seed,
            "size": getattr(self.settings.corpora[corpus], "size", None),
            "code": fingerprint("speckle2vec.corpus.demo"),
        }

    def ingest(self, corpus: str) -> dict[str, Any]:
        """Dependencies of ingesting one shard."""
        return {
            "seed": self.settings.seed,
            "corpus": self._corpus(corpus),
            "splits": self.settings.splits.model_dump(mode="json"),
            "code": fingerprint("speckle2vec.ingest.run", self._reader(corpus)),
        }

    def catalogue(self) -> dict[str, Any]:
        """Dependencies of merging the catalogue."""
        return {"shards": self.written_keys().stem, "code": fingerprint("speckle2vec.ingest.merge")}

    def preprocess(self, corpus: str, features: str) -> dict[str, Any]:
        """Dependencies of preprocessing one shard."""
        section = features.replace("-", "_")
        modules = ["speckle2vec.preprocess.run", feature_module(features), self._reader(corpus)]
        if optical := features in OPTICAL_FEATURES:
            modules.append(optical_module(self.settings.corpora[corpus].source))
        return {
            "corpus": self._corpus(corpus, optical),
            "settings": self.settings.preprocess.model_dump(mode="json").get(section),
            "code": fingerprint(*modules),
        }

    def statistics(self) -> dict[str, Any]:
        """Dependencies of merging the statistics."""
        return {
            "shards": self.written_keys(pretraining=True).stem,
            "code": fingerprint("speckle2vec.preprocess.statistics"),
        }

    def neighbours(self) -> dict[str, Any]:
        """Dependencies of the table of neighbours."""
        return {
            "shards": self.written_keys(pretraining=True).stem,
            "settings": self.settings.neighbours.model_dump(mode="json"),
            "code": fingerprint("speckle2vec.ingest.neighbours"),
        }

    def neighbours_table(self, method: str) -> list[str]:
        """The table of neighbours, for the one method that draws from it."""
        drawn = self.settings.pretrain.tile2vec.neighbour == "table"
        return ["results/neighbours.parquet"] if method == "tile2vec" and drawn else []

    def pretrain(self, method: str, encoder: str) -> dict[str, Any]:
        """Dependencies of pretraining one model."""
        network, seed = seeded(encoder, self.settings.seed)
        return {
            "seed": seed,
            "shards": self.written_keys(pretraining=True).stem,
            "settings": _of_model(self.settings, method, network),
            "code": self.pretrain_code(method, encoder),
        }

    def pretrain_code(self, method: str, encoder: str) -> str:
        """Fingerprint of the code that pretraining one model reaches."""
        modules = method_module(method), encoder_module(seeded(encoder, 0)[0])
        return fingerprint("speckle2vec.pretrain.run", *modules)

    def embed(self, encoder: str) -> dict[str, Any]:
        """Dependencies of embedding one shard."""
        return {
            "settings": self.settings.embed.model_dump(mode="json"),
            "code": fingerprint("speckle2vec.embed.extract", encoder_module(seeded(encoder, 0)[0])),
        }

    def labels(self) -> dict[str, Any]:
        """Dependencies of labelling one shard."""
        labels = self.settings.labels
        return {
            "settings": labels.model_dump(mode="json", exclude={"path"}),
            "code": fingerprint("speckle2vec.landcover.labels", LABEL_SOURCES[labels.source]),
        }

    def label_files(self, corpus: str, shard: str) -> list[str]:
        """Local files that the labels of a shard are made from.

        None where the settings name no labels that are there: Snakemake would show a
        traceback here, where the job that labels tells what is wrong in a sentence.
        """
        try:
            return watched_files(self.settings, corpus, self.raw(corpus, shard), MADE)
        except UserError:
            return []

    def class_shares(self) -> dict[str, Any]:
        """Dependencies of the table of class shares."""
        code = fingerprint("speckle2vec.landcover.shares")
        return {"shards": self.written_keys().stem, "code": code}

    def export(self) -> dict[str, Any]:
        """Dependencies of the exported tables."""
        return {"shards": self.written_keys().stem, "code": fingerprint("speckle2vec.embed.export")}

    def probe_target(self, label: str) -> dict[str, Any]:
        """Dependencies of collecting the labels that probes are asked."""
        table = self.settings.probes.tables.get(label)
        return {
            "shards": self.written_keys().stem,
            "settings": table and table.model_dump(mode="json"),
            "code": fingerprint("speckle2vec.evaluate.target"),
        }

    def probe(self) -> dict[str, Any]:
        """Dependencies of probing one model."""
        read = {"scored", "folds", "strengths", "most"}
        return {
            "seed": self.settings.seed,
            "shards": self.written_keys().stem,
            "settings": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.run"),
        }

    def probe_table(self) -> dict[str, Any]:
        """Dependencies of the table of probes."""
        read = {"labels", "draws", "confidence"}
        return {
            "seed": self.settings.seed,
            "models": self.written_models().stem,
            "settings": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.summary"),
        }

    def grid(self) -> dict[str, Any]:
        """Dependencies of the table of trainings."""
        return {
            "seed": self.settings.seed,
            "models": self.written_models().stem,
            "code": fingerprint("speckle2vec.evaluate.grid"),
        }

    def _corpus(self, corpus: str, optical: bool = False) -> dict[str, Any]:
        """What a corpus declares of its data, of Sentinel-2 only where that is read."""
        told = self.settings.corpora[corpus].model_dump(mode="json", exclude={"path", "shards"})
        images, offset = told.pop("optical", None), told.pop("optical_offset")
        if not optical:
            return told
        images = {name: value for name, value in (images or {}).items() if name != "path"}
        return {**told, "optical": images, "optical_offset": offset}

    def _reader(self, corpus: str) -> str:
        return reader_module(self.settings.corpora[corpus].source)


def _of_model(settings: Settings, method: str, encoder: str) -> dict[str, Any]:
    """Settings of pretraining that this method and this encoder read."""
    section = settings.pretrain
    chosen = {method.replace("-", "_"), encoder.replace("-", "_")}
    groups = {name for name, value in section if hasattr(value, "model_dump")}
    unread = (groups - chosen) | {"shards", "checkpoint_minutes", "memory_gb"}
    return section.model_dump(mode="json", exclude=unread)


def _written(text: str, suffix: str) -> Path:
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = WRITTEN / f"{digest}{suffix}"
    if not path.exists():
        with whole_file(path) as target:
            target.write_text(text)
    return path
