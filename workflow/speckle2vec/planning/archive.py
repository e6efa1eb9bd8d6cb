"""What the rules of corpora that are cut from archives depend on: the drawing of places.

Nothing here reads polygons or imports what does: the plan is made at every start.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from speckle2vec.errors import UserError
from speckle2vec.planning.files import Files
from speckle2vec.provenance import fingerprint
from speckle2vec.readers.cut import cut_shards
from speckle2vec.readers.locations import is_url, locate
from speckle2vec.settings.corpora import StacCorpus


class ArchivePlan(Files):
    """Files and dependencies of the places of corpora with `source: stac`."""

    def check(self) -> None:
        """See as well that the outlines are there, before Snakemake removes what it remakes.

        Raises:
            UserError: As `Files.check`, or outlines or CORINE are missing.
        """
        super().check()
        for name, declared in self.settings.corpora.items():
            for path in self.place_outlines(name) if declared.source == "stac" else []:
                if not Path(path).exists():
                    raise UserError(
                        f"{path}: there is no such file, and the places of the corpus {name!r} are "
                        "drawn from it; fetch it (Natural Earth's land or countries will do for "
                        "`sampling.outlines`), or correct `sampling`."
                    )

    def place_outlines(self, corpus: str) -> list[str]:
        """Local files that places are drawn from: outlines, and CORINE where it is set."""
        sampling = self._cut_corpus(corpus).sampling
        named = [sampling.outlines, *([sampling.corine.path] if sampling.corine else [])]
        paths = [locate(self.settings.data, name) for name in named]
        return [path for path in dict.fromkeys(paths) if not is_url(path)]

    def place_drawing(self, corpus: str) -> dict[str, Any]:
        """Dependencies of drawing the places of a corpus."""
        declared = self._cut_corpus(corpus)
        return {**self._drawing(declared), "count": declared.sampling.count}

    def places_drawn(self, corpus: str, shard: str) -> dict[str, Any]:
        """What the places of one shard depend on, for rules that read only these.

        A larger `count` adds places and moves none, so that a rule may declare the file of
        all places as `ancient` and run again for a shard where this says so.

        Args:
            corpus: The corpus.
            shard: One of its shards, such as `train-000001`.
        """
        declared = self._cut_corpus(corpus)
        first = cut_shards(declared).index(shard) * declared.places_per_shard
        held = min(declared.places_per_shard, declared.sampling.count - first)
        files = [_digest(path) for path in self.place_outlines(corpus)]
        return {**self._drawing(declared), "places": held, "files": files}

    def _drawing(self, declared: StacCorpus) -> dict[str, Any]:
        return {
            "seed": self.settings.seed,
            "settings": declared.sampling.model_dump(mode="json", exclude={"count"}),
            "places_per_shard": declared.places_per_shard,
            "code": fingerprint("speckle2vec.corpus.sampling.draw"),
        }

    def _cut_corpus(self, corpus: str) -> StacCorpus:
        declared = self.settings.corpora[corpus]
        if not isinstance(declared, StacCorpus):
            raise UserError(f"The corpus {corpus!r} is not cut from archives (`source: stac`).")
        return declared


@cache
def _digest(path: str) -> str:
    """SHA-256 of a file; of a folder, such as a geodatabase, those of the files in it."""
    where = Path(path)
    if not where.exists():
        return "missing"
    if where.is_dir():
        inside = sorted(one for one in where.rglob("*") if one.is_file())
        text = "".join(f"{one.relative_to(where)} {_digest(str(one))}\n" for one in inside)
        return hashlib.sha256(text.encode()).hexdigest()
    with where.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
