"""Commands that judge embeddings as compressed images.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.choices import seeded
from speckle2vec.commands.base import Command, keys_of
from speckle2vec.planning.reconstruction import ReconstructionPlan
from speckle2vec.settings.root import Settings


def _decode(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.pretrain.decode import decode_images

    keys = keys_of(settings, given.shards, given.made)
    network, seed = seeded(given.encoder, settings.seed)
    promised = {"features": given.features, "method": given.method, "architecture": network,
                "seed": seed}  # fmt: skip
    decode_images(
        settings, promised, given.encoder_file, given.decoder_file, keys, given.cubes,
        given.catalogue, given.output,
    )  # fmt: skip


def _score(_settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.reconstruction.score import score_images

    score_images(given.images, given.output, given.figure)


def _compare(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.reconstruction.table import compare_reconstructions

    listed = given.grid
    models = listed.read_text().split() if listed else ReconstructionPlan(settings).decoded_models()
    compare_reconstructions(settings, models, given.reconstructions, given.output)


COMMANDS: dict[str, Command] = {
    "decode-images": Command("encode and decode samples that no training has seen",
                             ("features", "method", "encoder", "encoder-file", "decoder-file",
                              "shards", "cubes", "catalogue", "output"), _decode,
                             optional=("encoder-file",)),
    "score-images": Command("compare decoded images with JPEG 2000 and fewer pixels, byte for byte",
                            ("images", "output", "figure"), _score, configured=False),
    "reconstruction": Command("compare the decoded images of all models",
                              ("grid", "reconstructions", "output"), _compare),
}  # fmt: skip
