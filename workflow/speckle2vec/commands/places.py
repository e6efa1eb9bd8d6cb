"""Commands on a user's labelled places.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.choices import seeded
from speckle2vec.commands.base import Command, keys_of
from speckle2vec.planning.places import PlacePlan
from speckle2vec.settings.root import Settings


def _labels(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.places.target import label_places

    label_places(settings, given.place, given.catalogue, given.output)


def _scores(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.places.classifier import score_places

    keys = keys_of(settings, given.shards, given.made)
    score_places(
        settings, keys, given.place_labels, given.catalogue, given.embeddings, given.output
    )


def _tuning(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.finetuning.place_scoring import PlaceSources
    from speckle2vec.landcover.finetuning.place_tuning import tune_on_places

    keys = keys_of(settings, given.shards, given.made)
    sources = PlaceSources(keys, given.cubes, given.parts, given.catalogue, given.place_labels)
    tune_on_places(
        settings, seeded(given.encoder, settings.seed)[1], given.encoder_file, sources,
        given.checkpoint, given.output, given.history, given.code,
    )  # fmt: skip


def _similar(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.places.ranking import rank_similar
    from speckle2vec.evaluate.places.target import declared_places

    keys = keys_of(settings, given.shards, given.made)
    rank_similar(
        declared_places(settings, given.place).similar, keys, given.place_labels, given.scores,
        given.catalogue, given.embeddings, given.output,
    )  # fmt: skip


def _curves(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.places.curves import place_curves

    listed = given.classifiers
    names = listed.read_text().split() if listed else PlacePlan(settings).place_classifiers(
        given.place
    )  # fmt: skip
    place_curves(
        settings, given.place, names, given.places, given.output, given.averages, given.figure
    )


COMMANDS: dict[str, Command] = {
    "place-labels": Command("find the samples that hold a user's labelled places",
                            ("place", "catalogue", "output"), _labels),
    "place-scores": Command("classify all samples by embeddings, as labelled places teach it",
                            ("shards", "place-labels", "catalogue", "embeddings", "output"),
                            _scores),
    "place-tuning": Command("fine-tune an encoder on labelled places and classify all samples",
                            ("encoder", "encoder-file", "shards", "cubes", "parts", "catalogue",
                             "place-labels", "checkpoint", "code", "output", "history"), _tuning),
    "place-similar": Command("list the unlabelled samples most like the labelled ones",
                             ("place", "shards", "place-labels", "scores", "catalogue",
                              "embeddings", "output"), _similar),
    "place-curves": Command("draw precision against recall of all classifiers of places",
                            ("place", "classifiers", "places", "output", "averages", "figure"),
                            _curves),
}  # fmt: skip
