"""Folders of empty files, and the shards that they are listed as."""

from pathlib import Path

from speckle2vec.readers.listing import list_shards

MADE = Path("results/corpora")


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(settings, corpus="mine"):
    return list(list_shards(settings, corpus, MADE))
