"""Which shards a run has, and the raw files of each.

Nothing here reads pixels or imports what does: the plan is made at every start.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from speckle2vec.choices import OPTICAL_FEATURES
from speckle2vec.errors import UserError
from speckle2vec.planning.written import written
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.chosen import Listing
from speckle2vec.readers.listing import list_shards, pretraining_shards
from speckle2vec.readers.locations import is_url
from speckle2vec.readers.optical_listing import list_optical
from speckle2vec.readers.shard_files import LOOKED_FOR, ShardFiles, shard_files_text
from speckle2vec.settings.root import Settings

MADE = Path("results/corpora")


class Shards:
    """The shards of a run, and their raw files."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def keys(self) -> tuple[ShardKey, ...]:
        """Every shard, in catalogue order."""
        return tuple(self._files)

    @cached_property
    def pretraining(self) -> tuple[ShardKey, ...]:
        """The shards pretraining may see."""
        return pretraining_shards(self.settings, self.keys)

    @cached_property
    def _listings(self) -> dict[str, Listing]:
        return {
            corpus: list_shards(self.settings, corpus, MADE) for corpus in self.settings.corpora
        }

    @cached_property
    def _files(self) -> dict[ShardKey, tuple[str, ...]]:
        return _by_key(self._listings)

    @cached_property
    def _optical_files(self) -> dict[ShardKey, tuple[str, ...]]:
        return _by_key(
            {
                corpus: list_optical(self.settings, corpus, MADE, shards)
                for corpus, shards in self._listings.items()
            }
        )

    def check(self) -> None:
        """See, before any work, that the shards are there and have what the model needs.

        Raises:
            UserError: A corpus has no shard, or no Sentinel-2 where the features need it.
        """
        _ = self.keys, self.pretraining
        if self.settings.model.features in OPTICAL_FEATURES:
            _ = self._optical_files

    def named(self, source: str) -> str:
        """A regular expression for the names of the corpora of one source; matches nothing else."""
        names = [name for name, one in self.settings.corpora.items() if one.source == source]
        return "|".join(re.escape(name) for name in names) or "(?!)"

    def raw(self, corpus: str, shard: str, features: str = "") -> list[str]:
        """Local raw files of a shard; a URL is no file that Snakemake can watch.

        Args:
            corpus: The corpus.
            shard: The shard.
            features: For which feature set; those of Sentinel-2 only come with what needs it.

        Raises:
            UserError: There is no such shard, or no Sentinel-2.
        """
        return [file for file in self._raw(corpus, shard, features) if not is_url(file)]

    def remote(self, corpus: str, shard: str, features: str = "") -> list[str]:
        """URLs among the raw files of a shard: at another address there may be other data.

        Args:
            corpus: The corpus.
            shard: The shard.
            features: As for `raw`.

        Raises:
            UserError: As `raw`.
        """
        return [file for file in self._raw(corpus, shard, features) if is_url(file)]

    def _raw(self, corpus: str, shard: str, features: str) -> tuple[str, ...]:
        key = ShardKey(corpus, shard)
        if key not in self._files:
            raise UserError(f"There is no shard {key}; `speckle2vec shards` lists those there are.")
        optical = self._optical_files[key] if features in OPTICAL_FEATURES else ()
        return *self._files[key], *optical

    def written_raw(self, corpus: str, shard: str, features: str = "") -> str:
        """The raw files of a shard as a file, named by content.

        Only where it is long work to find them: listing 20,000 places takes seconds, and every
        job would do it for its own.

        Args:
            corpus: The corpus.
            shard: The shard.
            features: As for `raw`.

        Raises:
            UserError: As `raw`.
        """
        if self.settings.corpora[corpus].source != "geotiff":
            return LOOKED_FOR
        key, every = ShardKey(corpus, shard), self._raw(corpus, shard, features)
        images = every[len(self._files[key]) :] if features in OPTICAL_FEATURES else None
        return str(written(shard_files_text(key, ShardFiles(self._files[key], images)), ".json"))


def _by_key(listings: Mapping[str, Listing]) -> dict[ShardKey, tuple[str, ...]]:
    return {
        ShardKey(corpus, shard): files
        for corpus, listing in listings.items()
        for shard, files in listing.items()
    }
