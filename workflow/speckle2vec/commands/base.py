"""What a command is, and how it finds its shards and models."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speckle2vec.products.keys import ShardKey, parse_keys
from speckle2vec.readers.shard_files import LOOKED_FOR, ShardFiles, read_shard_files
from speckle2vec.settings.root import Settings


@dataclass(frozen=True)
class Command:
    """One command: what it takes and what it does."""

    text: str
    options: tuple[str, ...]
    run: Callable[[Settings, argparse.Namespace], None]
    configured: bool = True
    """Whether it reads a config where none is named; else it takes the defaults."""
    optional: tuple[str, ...] = ()
    """Options that this command does not insist on, though others do."""
    positional: tuple[str, ...] = ()
    """What stands behind the command without a name."""


def key_of(text: str) -> ShardKey:
    """The one shard a command works on."""
    return parse_keys([text])[0]


def raw_files_of(given: str, key: ShardKey) -> ShardFiles | None:
    """The raw files of a shard where the plan has written them; none where it has not."""
    return None if given == LOOKED_FOR else read_shard_files(Path(given), key)


def keys_of(
    settings: Settings, given: Path | None, made: Path = Path("results/corpora")
) -> tuple[ShardKey, ...]:
    """The shards of a file, or all of the config."""
    from speckle2vec.readers.listing import all_shards

    return parse_keys(given.read_text().splitlines()) if given else all_shards(settings, made)


def pretraining_keys(settings: Settings, given: Path | None, made: Path) -> tuple[ShardKey, ...]:
    """The shards of a file, or all that pretraining may see."""
    from speckle2vec.readers.listing import pretraining_shards

    if given:
        return keys_of(settings, given, made)
    return pretraining_shards(settings, keys_of(settings, None, made))


def promised_model(settings: Settings, given: argparse.Namespace) -> dict[str, Any]:
    """What an encoder's file has to be; nothing where its names are not all given."""
    from speckle2vec.products.encoders import promise_of

    names = given.features, given.method, given.encoder
    return promise_of("/".join(names), settings.seed) if all(names) else {}


def models_of(settings: Settings, given: Path | None) -> tuple[str, ...]:
    """The models of a file, or all of the grid."""
    return tuple(given.read_text().split()) if given else settings.models


def cells_of(settings: Settings, given: Path | None) -> tuple[str, ...]:
    """The runs on labels of a file, or all of the table."""
    return tuple(given.read_text().split()) if given else settings.cells
