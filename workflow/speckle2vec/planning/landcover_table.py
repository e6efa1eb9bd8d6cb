"""What the rules of the land cover's table ask: files, and what each rule depends on.

Nothing here reads pixels or imports what does: the plan is made at every start.
"""

from pathlib import Path
from typing import Any

from speckle2vec.choices import seeded
from speckle2vec.planning.files import Files
from speckle2vec.planning.written import written
from speckle2vec.provenance import fingerprint


class TablePlan(Files):
    """Files and dependencies of the classifiers of pixels, the table and its pictures."""

    def written_cells(self) -> Path:
        """The runs of the table as a file, named by content."""
        return written("".join(f"{cell}\n" for cell in self.settings.cells), ".txt")

    def confusions(self) -> list[str]:
        """The confusion matrices of every run of the table."""
        return [f"results/landcover/{cell}/confusion.parquet" for cell in self.settings.cells]

    def fit_pixels(self, encoder: str) -> dict[str, Any]:
        """Dependencies of fitting and scoring a classifier of single pixels."""
        name, seed = seeded(encoder, self.settings.seed)
        return {
            "seed": seed,
            "drawn": self.settings.drawn,
            "shards": self.written_keys().stem,
            "scored": self.settings.landcover.scored,
            "settings": self.settings.landcover.of_baseline(name),
            "code": fingerprint("speckle2vec.landcover.pixels.run"),
        }

    def landcover_table(self) -> dict[str, Any]:
        """Dependencies of the table of land cover."""
        read = {"scored", "draws", "confidence"}
        return {
            "seed": self.settings.seed,
            "cells": self.written_cells().stem,
            "settings": self.settings.landcover.model_dump(mode="json", include=read),
            "code": fingerprint("speckle2vec.landcover.table.run"),
        }

    def landcover_figures(self) -> dict[str, Any]:
        """Dependencies of the pictures of the table."""
        return {"code": fingerprint("speckle2vec.landcover.table.figures")}
