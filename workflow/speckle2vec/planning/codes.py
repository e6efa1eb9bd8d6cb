"""What the rules of codes ask: files, and what each rule depends on.

Nothing here reads embeddings or imports what does: the plan is made at every start.
"""

from pathlib import Path
from typing import Any

from speckle2vec.planning.files import Files
from speckle2vec.planning.written import written
from speckle2vec.provenance import fingerprint
from speckle2vec.settings.codes import EXACT

PIXELS = "none/pixel-statistics"


class CodePlan(Files):
    """Files and dependencies of codes and of the table that compares them."""

    def coded_models(self) -> tuple[str, ...]:
        """The models whose embeddings are encoded."""
        return self.settings.codes.models or (self.settings.model.path,)

    def written_coded_models(self) -> Path:
        """The same as a file, named by content."""
        return written("".join(f"{model}\n" for model in self.coded_models()), ".txt")

    def codes(self, folder: str = "results/codes") -> list[str]:
        """Every code of every model, and pixel statistics in float32 beside."""
        models = self.coded_models()
        pixels = [f"{name}/{PIXELS}" for name in dict.fromkeys(one.split("/")[0] for one in models)]
        names = [f"{model}/{code}" for model in models for code in self.settings.codes.compared]
        names += [f"{model}/{EXACT}" for model in pixels if model not in models]
        return [f"{folder}/{name}.parquet" for name in names]

    def code_probes(self) -> list[str]:
        """The probe of every code, for every label."""
        labels = self.settings.probes.labels
        return [path for label in labels for path in self.codes(f"results/code_probes/{label}")]

    def raw_files(self) -> list[str]:
        """Local raw files of all shards that the encoded models' features are made from."""
        features = dict.fromkeys(model.split("/")[0] for model in self.coded_models())
        found = [
            path for key in self.keys for one in features for path in self.raw(*key, features=one)
        ]
        return list(dict.fromkeys(found))

    def encode(self, code: str) -> dict[str, Any]:
        """Dependencies of encoding one model."""
        return {
            "seed": self.settings.seed,
            "code_name": code,
            "shards": self.written_keys().stem,
            "most": self.settings.codes.most,
            "code": fingerprint("speckle2vec.evaluate.codes.encode"),
        }

    def probe_code(self) -> dict[str, Any]:
        """Dependencies of probing one code."""
        read = {"scored", "folds", "strengths", "most"}
        return {
            "seed": self.settings.seed,
            "settings": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.codes.probe"),
        }

    def compression(self) -> dict[str, Any]:
        """Dependencies of the table of codes."""
        read = {"labels", "scored", "draws", "confidence"}
        return {
            "seed": self.settings.seed,
            "shards": self.written_keys().stem,
            "codes": self.codes(),
            "settings": self.settings.codes.model_dump(
                mode="json", include={"neighbours", "queries", "searched", "points"}
            ),
            "probes": self.settings.probes.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.evaluate.codes.table"),
        }
