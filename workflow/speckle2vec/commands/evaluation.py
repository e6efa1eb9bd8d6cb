"""Commands that ask what embeddings are worth.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse
from pathlib import Path

from speckle2vec.commands.base import Command, key_of, keys_of, models_of
from speckle2vec.errors import UserError
from speckle2vec.settings.root import Settings


def _labels(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.labels.run import label_shard

    label_shard(settings, key_of(given.shard), given.catalogue, given.made, given.output)


def _class_shares(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.labels.shares import class_shares

    keys = keys_of(settings, given.shards, given.made)
    class_shares(settings, keys, given.labels, given.catalogue, given.output)


def _probe_target(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.probes.target import collect_target

    keys = keys_of(settings, given.shards, given.made)
    collect_target(settings, given.label, keys, given.catalogue, given.labels, given.output)


def _probe(settings: Settings, given: argparse.Namespace) -> None:
    if given.protocol == "neuco":
        _protocol(given)
        return
    from speckle2vec.evaluate.probes.run import probe

    if None in (given.target, given.catalogue, given.output):
        raise UserError("Probes over blocks need --target, --catalogue and --output; NeuCo-Bench's "
                        "protocol is asked for by --protocol neuco.")  # fmt: skip
    keys = keys_of(settings, given.shards, given.made)
    probe(settings, keys, given.target, given.catalogue, given.embeddings, given.output)


def _probe_groups(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.probes.groups import probe_groups

    keys, models = keys_of(settings, given.shards, given.made), models_of(settings, given.grid)
    probe_groups(
        settings, keys, models, given.target, given.catalogue, given.embeddings, given.output
    )


def _protocol(given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.neuco.protocol import probe_tasks

    if given.tasks is None:
        raise UserError("The protocol neuco needs --tasks, a folder of <task>__<regr|cls>.csv.")
    probe_tasks(given.tasks, given.embeddings, given.output or Path("results/neuco.csv"))


def _check_submission(_settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.neuco.submission import check_submission

    check_submission(given.submission, given.expected, given.output)


def _probes(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.probes.summary import summarise

    summarise(settings, models_of(settings, given.grid), given.probes, given.output)


def _grid(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.probes.grid import gather_histories

    gather_histories(settings, models_of(settings, given.grid), given.models, given.output)


COMMANDS: dict[str, Command] = {
    "labels": Command("rasterise the labels of one shard", ("shard", "catalogue", "output"),
                      _labels),
    "class-shares": Command("write how much of each class every split holds",
                            ("shards", "labels", "catalogue", "output"), _class_shares),
    "probe-target": Command("collect the labels that probes are asked",
                            ("label", "shards", "catalogue", "labels", "output"), _probe_target),
    "probe": Command("measure how well a linear probe on a model's embeddings tells a label",
                     ("shards", "target", "catalogue", "embeddings", "protocol", "tasks",
                      "output"), _probe, optional=("target", "catalogue", "tasks", "output")),
    "probe-groups": Command("measure how well probes tell a label in groups they were not shown",
                            ("shards", "grid", "target", "catalogue", "embeddings", "output"),
                            _probe_groups),
    "check-submission": Command("see that a CSV of embeddings is a valid submission to NeuCo-Bench",
                                ("expected", "output"), _check_submission, configured=False,
                                optional=("output",), positional=("submission",)),
    "probes": Command("compare the probes of all models", ("grid", "probes", "output"), _probes),
    "grid": Command("compare the trainings of all models", ("grid", "models", "output"), _grid),
}  # fmt: skip
