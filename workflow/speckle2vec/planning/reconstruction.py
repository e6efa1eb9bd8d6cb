"""What the rules of reconstruction ask: files, and what each rule depends on.

Nothing here decodes or imports what does: the plan is made at every start.
"""

from pathlib import Path
from typing import Any

from speckle2vec.choices import DECODING, encoder_module, method_module, seeded
from speckle2vec.planning.files import Files
from speckle2vec.planning.written import written
from speckle2vec.provenance import fingerprint


class ReconstructionPlan(Files):
    """Files and dependencies of images that are decoded again, and of how good they are."""

    decoding = "|".join(DECODING)
    """A regular expression for the methods that keep a decoder."""

    def decoded_models(self) -> tuple[str, ...]:
        """The models whose images are decoded."""
        own = tuple(one for one in self.settings.models if one.split("/")[1] in DECODING)
        return self.settings.reconstruction.models or own

    def written_decoded_models(self) -> Path:
        """The same as a file, named by content."""
        return written("".join(f"{model}\n" for model in self.decoded_models()), ".txt")

    def image_scores(self) -> list[str]:
        """Scores of the images of every model."""
        return [f"results/reconstructions/{one}/scores.parquet" for one in self.decoded_models()]

    def coding_files(self, features: str, method: str, encoder: str) -> list[str]:
        """Encoder and decoder of a model; none of a method without: its job says so in a sentence.

        Snakemake would show a traceback here.
        """
        folder = f"results/models/{features}/{method}/{encoder}"
        names = ("encoder", "decoder") if method in DECODING else ()
        return [f"{folder}/{name}.safetensors" for name in names]

    def decode_images(self, method: str, encoder: str) -> dict[str, Any]:
        """Dependencies of decoding images of one model."""
        modules = ["speckle2vec.pretrain.decode", method_module(method)]
        modules.append(encoder_module(seeded(encoder, 0)[0]))
        return {
            "drawn": self.settings.drawn,
            "shards": self.written_keys().stem,
            "threads": self.settings.embed.threads,
            "scored": self.settings.probes.scored,
            "settings": self.settings.reconstruction.model_dump(mode="json", exclude={"models"}),
            "code": fingerprint(*modules),
        }

    def score_images(self) -> dict[str, Any]:
        """Dependencies of comparing decoded images with other ways."""
        return {"code": fingerprint("speckle2vec.evaluate.reconstruction.score")}

    def reconstruction(self) -> dict[str, Any]:
        """Dependencies of the table of reconstructions."""
        return {
            "seed": self.settings.seed,
            "models": self.decoded_models(),
            "probes": self.settings.probes.model_dump(mode="json", include={"draws", "confidence"}),
            "code": fingerprint("speckle2vec.evaluate.reconstruction.table"),
        }
