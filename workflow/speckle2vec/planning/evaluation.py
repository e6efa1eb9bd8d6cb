"""What the rules that judge embeddings depend on."""

from typing import Any

from speckle2vec.errors import UserError
from speckle2vec.planning.files import Files
from speckle2vec.provenance import fingerprint
from speckle2vec.readers.locations import is_url, locate
from speckle2vec.settings.evaluate import OF_CATALOGUE, known_labels, of_pixels


class EvaluationPlan(Files):
    """What the rules that judge embeddings read and depend on."""

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
        return [] if is_url(path) else [path]

    def probe_target(self, label: str) -> dict[str, Any]:
        """Dependencies of collecting the labels that probes are asked."""
        table = self.settings.probes.tables.get(label)
        return {
            "shards": self.written_keys().stem,
            "settings": table and table.model_dump(mode="json"),
            "code": fingerprint("speckle2vec.evaluate.probes.target"),
        }

    def probe(self) -> dict[str, Any]:
        """Dependencies of probing one model."""
        read = {"scored", "folds", "strengths", "most"}
        return {
            "seed": self.settings.seed,
            "shards": self.written_keys().stem,
            "settings": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.probes.run"),
        }

    def probe_table(self) -> dict[str, Any]:
        """Dependencies of the table of probes."""
        read = {"labels", "draws", "confidence"}
        return {
            "seed": self.settings.seed,
            "models": self.written_models().stem,
            "settings": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.probes.summary"),
        }

    def probe_groups(self) -> dict[str, Any]:
        """Dependencies of probing groups of places that are left out in turn."""
        read = {"groups", "strengths", "draws", "confidence"}
        return {
            "seed": self.settings.seed,
            "shards": self.written_keys().stem,
            "models": self.written_models().stem,
            "pretraining": self.written_keys(pretraining=True).stem,
            "settings": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.probes.groups"),
        }

    def check_submission(self) -> dict[str, Any]:
        """Dependencies of checking the exported table as a submission."""
        return {"code": fingerprint("speckle2vec.evaluate.neuco.submission")}

    def grid(self) -> dict[str, Any]:
        """Dependencies of the table of trainings."""
        return {
            "seed": self.settings.seed,
            "models": self.written_models().stem,
            "code": fingerprint("speckle2vec.evaluate.probes.grid"),
        }
