"""What the rules that search archives depend on.

Nothing here asks an archive or imports what does: the plan is made at every start.
"""

from typing import Any

from speckle2vec.planning.archive import ArchivePlan
from speckle2vec.provenance import fingerprint

HOW_TO_ASK = {"connections", "attempts", "pause_s", "give_up"}
"""Settings of a provider that change no answer."""


class SearchPlan(ArchivePlan):
    """Files and dependencies of the images chosen for corpora with `source: stac`."""

    def image_search(self, corpus: str, shard: str) -> dict[str, Any]:
        """Dependencies of choosing the images of one shard."""
        declared = self._cut_corpus(corpus)
        return {
            "places": self.places_drawn(corpus, shard),
            "search": declared.search.model_dump(mode="json"),
            "provider": declared.provider.model_dump(mode="json", exclude=HOW_TO_ASK),
            "size": declared.size,
            "code": fingerprint("speckle2vec.corpus.search.find_images"),
        }

    def candidate_parts(self, corpus: str) -> list[str]:
        """The chosen images of every shard of a corpus."""
        return [
            f"results/corpora/{corpus}/candidates/{key.shard}.parquet"
            for key in self.keys
            if key.corpus == corpus
        ]

    def candidates(self, corpus: str) -> dict[str, Any]:
        """Dependencies of merging the chosen images of a corpus."""
        return {
            "shards": self.candidate_parts(corpus),
            "code": fingerprint("speckle2vec.products.candidates"),
        }
