"""Commands that train networks on labels and count what they say.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse
from typing import TYPE_CHECKING

from speckle2vec.choices import seeded
from speckle2vec.commands.base import Command, keys_of, promised_model
from speckle2vec.settings.landcover import Run
from speckle2vec.settings.root import Settings

if TYPE_CHECKING:
    from speckle2vec.landcover.finetuning.laying import Sources


def _finetune(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.finetuning.finetune import finetune

    seed = seeded(given.encoder, settings.seed)[1]
    finetune(
        settings, Run.parse(given.run), seed, given.encoder_file, _sources(settings, given),
        given.checkpoint, given.output, given.history, given.code, given.curves,
        promised_model(settings, given),
    )  # fmt: skip


def _confusion(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.finetuning.confuse import confuse

    model = f"{given.features}/{given.method}/{given.encoder}"
    sources = _sources(settings, given)
    confuse(
        settings, model, Run.parse(given.run), given.segmenter, sources, given.output,
        promised_model(settings, given),
    )  # fmt: skip


def _sources(settings: Settings, given: argparse.Namespace) -> "Sources":
    from speckle2vec.landcover.finetuning.laying import Sources

    keys = keys_of(settings, given.shards, given.made)
    return Sources(keys, given.cubes, given.catalogue, given.labels)


COMMANDS: dict[str, Command] = {
    "finetune": Command("train an encoder and a decoder on labels",
                        ("run", "features", "method", "encoder", "encoder-file", "shards",
                         "cubes", "catalogue", "labels", "checkpoint", "curves", "code",
                         "output", "history"),
                        _finetune, optional=("features", "method")),
    "confusion": Command("count what a segmenter says of labelled pixels",
                         ("features", "method", "encoder", "run", "segmenter", "shards", "cubes",
                          "catalogue", "labels", "output"), _confusion),
}  # fmt: skip
