"""What the rules of labelled places ask: files, and what each rule depends on.

Nothing here reads places or imports what does: the plan is made at every start.
"""

from pathlib import Path
from typing import Any

from speckle2vec.choices import encoder_module, seeded
from speckle2vec.planning.files import Files
from speckle2vec.planning.written import written
from speckle2vec.provenance import fingerprint
from speckle2vec.readers.locations import is_url, locate

PLACES = Path("results/places")


class PlacePlan(Files):
    """Files and dependencies of labelled places."""

    def place_files(self, place: str) -> list[str]:
        """The user's file of labelled places.

        None where it is a URL, or where the settings do not name those places: the job that
        reads them tells what is wrong in a sentence.
        """
        declared = self.settings.places.get(place)
        path = locate(self.settings.data, declared.path) if declared else ""
        return [] if is_url(path) or not Path(path).is_file() else [path]

    def place_classifiers(self, place: str) -> tuple[str, ...]:
        """Folders of the classifiers of a place, such as `fusion/simclr/resnet18@7/tuned`.

        Encoders that learn nothing are not tuned.
        """
        declared = self.settings.places.get(place)
        modes = declared.modes if declared else ("frozen",)
        names = list(self.settings.models) if "frozen" in modes else []
        if "tuned" in modes:
            names += [
                f"{model}/tuned"
                for model in self.settings.models
                if model.split("/")[2] not in self.settings.grid.baselines
            ]
        return tuple(names)

    def place_scored(self, place: str) -> list[str]:
        """What every classifier of a place says."""
        return [f"{PLACES}/{place}/{one}/scores.parquet" for one in self.place_classifiers(place)]

    def written_classifiers(self, place: str) -> Path:
        """The classifiers as a file, named by content."""
        return written("".join(f"{one}\n" for one in self.place_classifiers(place)), ".txt")

    def place_products(self) -> list[str]:
        """What people look at, of all places."""
        return [
            f"{PLACES}/{place}/{name}"
            for place in self.settings.places
            for name in ("precision_recall.png", f"{self.settings.model.path}/similar.csv")
        ]

    def place_labels(self, place: str) -> dict[str, Any]:
        """Dependencies of joining labelled places with samples."""
        declared = self.settings.places.get(place)
        path = locate(self.settings.data, declared.path) if declared else ""
        others = {"path", "modes", "similar"}
        return {
            "url": path if is_url(path) else "",
            "settings": declared and declared.model_dump(mode="json", exclude=others),
            "code": fingerprint("speckle2vec.evaluate.places.target"),
        }

    def place_scores(self) -> dict[str, Any]:
        """Dependencies of a classifier on embeddings."""
        read = {"folds", "strengths", "most"}
        return {
            "seed": self.settings.seed,
            "shards": self.written_keys().stem,
            "settings": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.places.classifier"),
        }

    def place_tuning(self, encoder: str) -> dict[str, Any]:
        """Dependencies of fine-tuning an encoder on labelled places."""
        return {
            "seed": seeded(encoder, self.settings.seed)[1],
            "shards": self.written_keys().stem,
            "settings": self.settings.landcover.finetune.common(),
            "code": self.place_tuning_code(encoder),
        }

    def place_tuning_code(self, encoder: str) -> str:
        """Fingerprint of the code that fine-tuning on labelled places reaches."""
        network = encoder_module(seeded(encoder, 0)[0])
        return fingerprint("speckle2vec.landcover.finetuning.place_tuning", network)

    def place_similar(self, place: str) -> dict[str, Any]:
        """Dependencies of the list of similar samples."""
        declared = self.settings.places.get(place)
        return {
            "shards": self.written_keys().stem,
            "most": declared and declared.similar,
            "code": fingerprint("speckle2vec.evaluate.places.ranking"),
        }

    def place_curves(self, place: str) -> dict[str, Any]:
        """Dependencies of precision against recall."""
        read = {"scored", "draws", "confidence"}
        return {
            "seed": self.settings.seed,
            "classifiers": self.written_classifiers(place).stem,
            "settings": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.places.curves"),
        }
