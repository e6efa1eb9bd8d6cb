"""What the rules of search and change depend on.

Nothing here reads embeddings or imports what does: the plan is made at every start.
"""

from typing import Any

from speckle2vec.planning.files import Files
from speckle2vec.provenance import fingerprint


class SimilarityPlan(Files):
    """Dependencies of what is made by the similarity of embeddings."""

    def search_index(self) -> dict[str, Any]:
        """Dependencies of indexing the embeddings of a model."""
        read = {"exact", "cells_searched", "threads"}
        return {"seed": self.settings.seed, **self._searched("index", read)}

    def search_nearest(self) -> dict[str, Any]:
        """Dependencies of the table of most similar samples."""
        return self._searched("nearest", {"nearest", "threads"})

    def duplicates(self) -> dict[str, Any]:
        """Dependencies of the list of duplicates."""
        return self._searched("lists", {"alike", "most"})

    def outliers(self) -> dict[str, Any]:
        """Dependencies of the list of outliers."""
        return self._searched("lists", {"most"})

    def change(self) -> dict[str, Any]:
        """Dependencies of the list of changes."""
        return self._searched("change", {"before", "after"})

    def _searched(self, module: str, read: set[str]) -> dict[str, Any]:
        return {
            "shards": self.written_keys().stem,
            "settings": self.settings.search.model_dump(mode="json", include=read),
            "code": fingerprint(f"speckle2vec.evaluate.search.{module}"),
        }
