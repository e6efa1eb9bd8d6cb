"""The key of a shard, and where its parts stand."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from speckle2vec.errors import UserError


class ShardKey(NamedTuple):
    """A shard of a corpus; written `corpus/shard`."""

    corpus: str
    shard: str

    def __str__(self) -> str:
        return f"{self.corpus}/{self.shard}"

    def part(self, folder: Path, suffix: str) -> Path:
        """Path of this shard's part of a product, such as `folder/demo/train-000001.parquet`."""
        return folder / self.corpus / f"{self.shard}{suffix}"


def parse_keys(lines: Iterable[str]) -> tuple[ShardKey, ...]:
    """Keys from lines of `corpus/shard`; empty lines are skipped.

    Raises:
        UserError: A line is no `corpus/shard`.
    """
    return tuple(_parse_key(line.strip()) for line in lines if line.strip())


def _parse_key(text: str) -> ShardKey:
    corpus, slash, shard = text.partition("/")
    if not (corpus and slash and shard) or "/" in shard:
        raise UserError(f"{text!r} names no shard; write it as corpus/shard.")
    return ShardKey(corpus, shard)
