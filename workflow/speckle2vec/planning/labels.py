"""What the rules of labels, OpenStreetMap and fine-tuning depend on."""

from functools import cached_property
from typing import Any

from speckle2vec.choices import LABEL_SOURCES, encoder_module, seeded
from speckle2vec.planning.label_files import LabelFiles
from speckle2vec.provenance import fingerprint
from speckle2vec.readers.label_files import state_of, tells_places
from speckle2vec.readers.locations import is_url, locate


class LabelPlan(LabelFiles):
    """What the rules of labels, OpenStreetMap and fine-tuning depend on."""

    def labels(self) -> dict[str, Any]:
        """Dependencies of labelling one shard, beside its files and `unwatched_labels`."""
        labels = self.settings.labels
        return {
            "settings": labels.model_dump(mode="json", exclude={"path"}),
            "code": fingerprint("speckle2vec.landcover.labels.run", LABEL_SOURCES[labels.source]),
        }

    def unwatched_labels(self, corpus: str) -> str:
        """What tells a source of labels from another where its files are no input of the rule.

        That is the address of a URL, and the state of all files where there is one a place and
        no name of a raw file tells which shard holds which.
        """
        labels = self.settings.labels
        path = locate(self.settings.data, labels.path) if labels.path else ""
        if is_url(path):
            return path
        return (
            self._state_of_labels
            if labels.files and not tells_places(self.settings, corpus)
            else ""
        )

    @cached_property
    def _state_of_labels(self) -> str:
        """The files are the same for every corpus, and looked at once."""
        return state_of(self._labels_of(next(iter(self.settings.corpora))))

    def osm_features(self, corpus: str) -> dict[str, Any]:
        """Dependencies of taking the OpenStreetMap features of a corpus."""
        osm = self.settings.osm
        table = [(name, one.model_dump(mode="json")) for name, one in osm.table.items()]
        return {
            "shards": self.corpus_parts(corpus, "", ""),
            "settings": {"around": osm.around, "classes": table},
            "code": fingerprint("speckle2vec.corpus.osm.extract"),
        }

    def osm_outlines(self, corpus: str) -> dict[str, Any]:
        """Dependencies of the outlines that a large OpenStreetMap extract is cut by."""
        return {
            "shards": self.corpus_parts(corpus, "", ""),
            "settings": {"around": self.settings.osm.around},
            "code": fingerprint("speckle2vec.corpus.osm.outlines"),
        }

    def osm_layers(self) -> dict[str, Any]:
        """Dependencies of drawing the OpenStreetMap features of one shard."""
        return {"code": fingerprint("speckle2vec.corpus.osm.rasters")}

    def class_shares(self) -> dict[str, Any]:
        """Dependencies of the table of class shares."""
        code = fingerprint("speckle2vec.landcover.labels.shares")
        return {"drawn": self.settings.drawn, "shards": self.written_keys().stem, "code": code}

    def finetune(self, encoder: str) -> dict[str, Any]:
        """Dependencies of training a model on labels."""
        return {
            "seed": seeded(encoder, self.settings.seed)[1],
            "drawn": self.settings.drawn,
            "shards": self.written_keys().stem,
            "settings": self.settings.landcover.finetune.common(),
            "code": self.finetune_code(encoder),
        }

    def finetune_code(self, encoder: str) -> str:
        """Fingerprint of the code that training a model on labels reaches."""
        network = encoder_module(seeded(encoder, 0)[0])
        return fingerprint("speckle2vec.landcover.finetuning.finetune", network)

    def confusion(self, encoder: str) -> dict[str, Any]:
        """Dependencies of counting what a segmenter says."""
        network = encoder_module(seeded(encoder, 0)[0])
        return {
            "drawn": self.settings.drawn,
            "shards": self.written_keys().stem,
            "scored": self.settings.landcover.scored,
            "settings": self.settings.landcover.finetune.model_dump(
                mode="json", include={"threads", "device"}
            ),
            "code": fingerprint("speckle2vec.landcover.finetuning.confuse", network),
        }
