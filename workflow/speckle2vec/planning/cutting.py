"""What the rules ask that cut corpora from archives.

Nothing here reads pixels or imports what does: the plan is made at every start.
"""

import re
from typing import Any

from speckle2vec.planning.files import Files
from speckle2vec.provenance import fingerprint
from speckle2vec.settings.corpora import StacCorpus
from speckle2vec.settings.cutting import cut_settings


class CutPlan(Files):
    """Names and dependencies of what is cut from archives."""

    def cut_corpora(self, optical: bool) -> str:
        """A regular expression for the names of corpora with, or without, Sentinel-2."""
        names = [
            name
            for name, corpus in self.settings.corpora.items()
            if isinstance(corpus, StacCorpus) and corpus.search.optical == optical
        ]
        return "|".join(re.escape(name) for name in names) or "(?!)"

    def cut(self, corpus: str) -> dict[str, Any]:
        """Dependencies of cutting one shard."""
        declared = self.settings.corpora[corpus]
        assert isinstance(declared, StacCorpus)
        return {
            "corpus": cut_settings(declared),
            "code": fingerprint("speckle2vec.corpus.cutting.run"),
        }
