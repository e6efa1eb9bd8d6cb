"""Which reader opens which source."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from speckle2vec.choices import reader_module
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.listing import declared_corpus, list_shards
from speckle2vec.readers.shard_files import ShardFiles
from speckle2vec.settings.root import Settings

if TYPE_CHECKING:
    from speckle2vec.readers.base import Shard


def open_shard(
    settings: Settings, key: ShardKey, made: Path, files: ShardFiles | None = None
) -> "Shard":
    """Open one shard of raw data; the caller closes it.

    Args:
        settings: All settings.
        key: The shard.
        made: Folder in which the workflow writes simulated corpora.
        files: The files of the shard; where they are not given, the corpus is listed.

    Raises:
        UserError: There is no such shard, or a file of it is missing or damaged.
    """
    corpus = declared_corpus(settings, key.corpus)
    radar = files.radar if files else _listed(settings, key, made)
    reader = importlib.import_module(reader_module(corpus.source))
    shard: Shard = reader.open_files(settings, corpus, radar)
    return shard


def _listed(settings: Settings, key: ShardKey, made: Path) -> tuple[str, ...]:
    shards = list_shards(settings, key.corpus, made)
    if key.shard not in shards:
        known = ", ".join(list(shards)[:3])
        raise UserError(f"There is no shard {str(key)!r}; corpus {key.corpus} holds {known}, ...")
    return shards[key.shard]
