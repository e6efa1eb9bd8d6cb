"""What the rules of the land cover's pictures ask: files, and what each rule depends on.

Nothing here draws or imports what does: the plan is made at every start.
"""

from typing import Any

from speckle2vec.choices import encoder_module
from speckle2vec.planning.files import Files
from speckle2vec.provenance import fingerprint


class PicturePlan(Files):
    """Files and dependencies of the pages of patches."""

    def pictured_segmenter(self) -> str:
        """The trained run whose patches are drawn."""
        return f"results/landcover/{self.settings.pictured}/segmenter.safetensors"

    def pictured_cubes(self) -> list[str]:
        """The cubes that are drawn."""
        return self.parts(f"results/cubes/{self.settings.model.features}", ".zarr.zip")

    def landcover_patches(self) -> dict[str, Any]:
        """Dependencies of the page of test patches."""
        network = encoder_module(self.settings.model.encoder)
        return {
            "seed": self.settings.seed,
            "shards": self.written_keys().stem,
            "run": self.settings.pictured,
            "scored": self.settings.landcover.scored,
            "threads": self.settings.embed.threads,
            "code": fingerprint("speckle2vec.landcover.pages.patches_page", network),
        }

    def landcover_corpus(self) -> dict[str, Any]:
        """Dependencies of the page of samples."""
        return {
            "seed": self.settings.seed,
            "shards": self.written_keys().stem,
            "features": self.settings.model.features,
            "code": fingerprint("speckle2vec.landcover.pages.corpus_page"),
        }
