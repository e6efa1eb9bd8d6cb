"""What the Snakefile asks: the files of a run, and what each of its rules depends on.

Nothing here reads pixels or imports what does: the plan is made at every start.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
from speckle2vec.code_plan import CodePlan
from speckle2vec.cut_plan import CutPlan
from speckle2vec.picture_plan import PicturePlan
from speckle2vec.place_plan import PlacePlan
from speckle2vec.provenance import fingerprint
from speckle2vec.search_plan import SearchPlan
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.root import Settings
from speckle2vec.similarity_plan import SimilarityPlan
from speckle2vec.table_plan import TablePlan


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


class Plan(PlacePlan, PicturePlan, SearchPlan, SimilarityPlan, TablePlan, CutPlan, CodePlan):
    """The files of a run and the dependencies of its rules.

    A rule depends, beside its inputs, on the settings it reads and the code it reaches.
    """

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

    def osm_features(self, corpus: str) -> dict[str, Any]:
        """Dependencies of taking the OpenStreetMap features of a corpus."""
        osm = self.settings.osm
        table = [(name, one.model_dump(mode="json")) for name, one in osm.table.items()]
        return {
            "shards": self.corpus_parts(corpus, "", ""),
            "settings": {"around": osm.around, "classes": table},
            "code": fingerprint("speckle2vec.corpus.osm_extract"),
        }

    def osm_outlines(self, corpus: str) -> dict[str, Any]:
        """Dependencies of the outlines that a large OpenStreetMap extract is cut by."""
        return {
            "shards": self.corpus_parts(corpus, "", ""),
            "settings": {"around": self.settings.osm.around},
            "code": fingerprint("speckle2vec.corpus.osm_outlines"),
        }

    def osm_layers(self) -> dict[str, Any]:
        """Dependencies of drawing the OpenStreetMap features of one shard."""
        return {"code": fingerprint("speckle2vec.corpus.osm_rasters")}

    def class_shares(self) -> dict[str, Any]:
        """Dependencies of the table of class shares."""
        code = fingerprint("speckle2vec.landcover.shares")
        return {"shards": self.written_keys().stem, "code": code}

    def finetune(self, encoder: str) -> dict[str, Any]:
        """Dependencies of training a model on labels."""
        return {
            "seed": seeded(encoder, self.settings.seed)[1],
            "drawn": self.settings.seed,
            "shards": self.written_keys().stem,
            "settings": self.settings.landcover.finetune.common(),
            "code": self.finetune_code(encoder),
        }

    def finetune_code(self, encoder: str) -> str:
        """Fingerprint of the code that training a model on labels reaches."""
        network = encoder_module(seeded(encoder, 0)[0])
        return fingerprint("speckle2vec.landcover.finetune", network)

    def confusion(self, encoder: str) -> dict[str, Any]:
        """Dependencies of counting what a segmenter says."""
        network = encoder_module(seeded(encoder, 0)[0])
        return {
            "drawn": self.settings.seed,
            "shards": self.written_keys().stem,
            "scored": self.settings.landcover.scored,
            "settings": self.settings.landcover.finetune.model_dump(
                mode="json", include={"threads", "device"}
            ),
            "code": fingerprint("speckle2vec.landcover.confuse", network),
        }

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

    def probe_groups(self) -> dict[str, Any]:
        """Dependencies of probing groups of places that are left out in turn."""
        read = {"groups", "strengths", "draws", "confidence"}
        return {
            "seed": self.settings.seed,
            "shards": self.written_keys().stem,
            "models": self.written_models().stem,
            "settings": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.groups"),
        }

    def check_submission(self) -> dict[str, Any]:
        """Dependencies of checking the exported table as a submission."""
        return {"code": fingerprint("speckle2vec.evaluate.submission")}

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
