"""What the rules from raw shards to embeddings depend on."""

from pathlib import Path
from typing import Any

from speckle2vec.choices import (
    OPTICAL_FEATURES,
    encoder_module,
    feature_module,
    method_module,
    optical_module,
    reader_module,
    seeded,
)
from speckle2vec.planning.files import Files
from speckle2vec.products.keys import ShardKey
from speckle2vec.provenance import fingerprint, versions

ARCHIVES = ("stac",)
CUBE_LIBRARIES = ("numpy", "opencv-python-headless", "scikit-image", "zarr")
OF_FILES = ("path", "files", "shards")
"""Settings of a corpus that say which raw files there are, and nothing of what is in them."""
OF_SOURCE = {
    "simulated": ("size",),
    "ssl4eo": ("folders",),
    "geotiff": ("places_per_shard",),
    "stac": ("sampling", "search", "provider", "size", "places_per_shard"),
}
"""More of them by source, and what raw files are made by: files and addresses of a shard are
dependencies themselves."""


class ChainPlan(Files):
    """What the rules from raw shards to embeddings depend on."""

    def simulation(self, corpus: str) -> dict[str, Any]:
        """Dependencies of the rules that draw a corpus."""
        return {
            "seed": self.settings.seed,
            "size": getattr(self.settings.corpora[corpus], "size", None),
            "code": fingerprint("speckle2vec.corpus.simulated.demo"),
        }

    def ingest(self, corpus: str) -> dict[str, Any]:
        """Dependencies of ingesting one shard."""
        return {
            "corpus": self._corpus(corpus),
            "code": fingerprint("speckle2vec.ingest.run", self._reader(corpus)),
        }

    def catalogue(self) -> dict[str, Any]:
        """Dependencies of merging the catalogue."""
        return {
            "drawn": self.settings.drawn,
            "shards": self.written_keys().stem,
            "code": fingerprint("speckle2vec.ingest.merge"),
        }

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

    def sharing(self, corpus: str, shard: str, features: str) -> dict[str, Any]:
        """What tells cubes apart that runs share, beside dependencies and raw files.

        Snakemake's key of a product does not hold its name. What an archive gives may be
        another thing tomorrow: such cubes stay with their run.
        """
        source = self.settings.corpora[corpus].source
        return {
            "cubes": f"{features}/{ShardKey(corpus, shard)}",
            "versions": versions(*CUBE_LIBRARIES),
            "run": str(Path.cwd()) if source in ARCHIVES else "any",
        }

    def statistics(self) -> dict[str, Any]:
        """Dependencies of merging the statistics."""
        return {
            "drawn": self.settings.drawn,
            "shards": self.written_keys(pretraining=True).stem,
            "code": fingerprint("speckle2vec.preprocess.statistics"),
        }

    def neighbours(self) -> dict[str, Any]:
        """Dependencies of the table of neighbours."""
        return {
            "drawn": self.settings.drawn,
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
        section = self.settings.pretrain.of_method(method)
        return {
            "seed": seed,
            "shards": self.written_keys(pretraining=True).stem,
            "settings": {
                "common": section.common(),
                "encoder": section.own(network),
                "method": section.own(method),
            },
            "code": self.pretrain_code(method, encoder),
        }

    def pretrain_code(self, method: str, encoder: str) -> str:
        """Fingerprint of the code that pretraining one model reaches."""
        modules = method_module(method), encoder_module(seeded(encoder, 0)[0])
        return fingerprint("speckle2vec.pretrain.run", *modules)

    def pretrain_decoding(self, method: str, encoder: str) -> dict[str, Any]:
        """Dependencies of pretraining one model whose decoder is kept as well."""
        decoding = fingerprint("speckle2vec.pretrain.decoding")
        return {**self.pretrain(method, encoder), "decoding": decoding}

    def embed(self, encoder: str) -> dict[str, Any]:
        """Dependencies of embedding one shard."""
        return {
            "settings": self.settings.embed.model_dump(mode="json"),
            "code": fingerprint("speckle2vec.embed.extract", encoder_module(seeded(encoder, 0)[0])),
        }

    def export(self) -> dict[str, Any]:
        """Dependencies of the exported tables."""
        return {"shards": self.written_keys().stem, "code": fingerprint("speckle2vec.embed.export")}

    def geoparquet(self) -> dict[str, Any]:
        """Dependencies of the embeddings as GeoParquet."""
        return {
            "model": self.settings.model.path,
            "code": fingerprint("speckle2vec.embed.geoparquet"),
        }

    def data_card(self) -> dict[str, Any]:
        """Dependencies of the data card."""
        read = {"seed", "splits", "corpora"}
        return {
            "model": self.settings.model.path,
            "settings": self.settings.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.embed.data_card"),
        }

    def _corpus(self, corpus: str, optical: bool = False) -> dict[str, Any]:
        """What a corpus declares of its data, of Sentinel-2 only where that is read."""
        declared = self.settings.corpora[corpus]
        told = declared.model_dump(mode="json", exclude={*OF_FILES, *OF_SOURCE[declared.source]})
        told["dates"] = declared.dates
        images, offset = told.pop("optical", None), told.pop("optical_offset")
        if not optical:
            return told
        images = {name: value for name, value in (images or {}).items() if name not in OF_FILES}
        return {**told, "optical": images, "optical_offset": offset}

    def _reader(self, corpus: str) -> str:
        return reader_module(self.settings.corpora[corpus].source)
