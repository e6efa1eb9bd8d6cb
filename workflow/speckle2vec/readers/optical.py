"""Which reader opens the Sentinel-2 images of a shard."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from speckle2vec.choices import optical_module
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.listing import declared_corpus
from speckle2vec.readers.optical_listing import list_optical
from speckle2vec.readers.shard_files import ShardFiles
from speckle2vec.settings.root import Settings

if TYPE_CHECKING:
    from speckle2vec.readers.base import OpticalShard


def open_optical(
    settings: Settings, key: ShardKey, made: Path, files: ShardFiles | None = None
) -> "OpticalShard":
    """Open the Sentinel-2 images of one shard; the caller closes them.

    Args:
        settings: All settings.
        key: The shard.
        made: Folder in which the workflow writes simulated corpora.
        files: The files of the shard; where its images are not given, the corpus is listed.

    Raises:
        UserError: The corpus has no Sentinel-2, or a file is missing or damaged.
    """
    corpus = declared_corpus(settings, key.corpus)
    images = files.optical if files else None
    if images is None:
        images = list_optical(settings, key.corpus, made).get(key.shard, ())
    reader = importlib.import_module(optical_module(corpus.source))
    shard: OpticalShard = reader.open_files(settings, corpus, images)
    return shard
