"""What the rules that judge embeddings depend on."""

from typing import Any

from speckle2vec.planning.files import Files
from speckle2vec.provenance import fingerprint


class EvaluationPlan(Files):
    """What the rules that judge embeddings depend on."""

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
