"""Commands on codes of embeddings.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.commands.base import Command, keys_of
from speckle2vec.planning.codes import CodePlan
from speckle2vec.settings.root import Settings


def _encode(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.codes.encode import encode_model

    keys = keys_of(settings, given.shards, given.made)
    encode_model(
        settings, given.code_name, keys, given.catalogue, given.embeddings, given.output
    )  # fmt: skip


def _probe(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.codes.probe import probe_code

    probe_code(
        settings, given.codes, given.encoder_file, given.target, given.catalogue, given.output
    )


def _compression(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.codes.raw_bytes import raw_bytes
    from speckle2vec.evaluate.codes.sizes import Folders
    from speckle2vec.evaluate.codes.table import compare_codes

    keys = keys_of(settings, given.shards, given.made)
    listed = given.grid
    models = tuple(listed.read_text().split()) if listed else CodePlan(settings).coded_models()
    features = dict.fromkeys(model.split("/")[0] for model in models)
    raw = {one: raw_bytes(settings, keys, one, given.made) for one in features}
    folders = Folders(given.catalogue, given.codes, given.probes)
    compare_codes(settings, models, folders, raw, given.output, given.figure)


COMMANDS: dict[str, Command] = {
    "encode": Command("write all embeddings of a model as a code of fewer bytes",
                      ("code-name", "shards", "catalogue", "embeddings", "output"), _encode),
    "probe-code": Command("measure how well a linear probe on a code tells a label",
                          ("codes", "encoder-file", "target", "catalogue", "output"), _probe),
    "compression": Command("compare all codes: bytes on disk and what they lose",
                           ("grid", "shards", "catalogue", "codes", "probes", "output", "figure"),
                           _compression),
}  # fmt: skip
