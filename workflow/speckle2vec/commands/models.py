"""Commands from cubes to encoders and embeddings.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from speckle2vec.choices import seeded
from speckle2vec.commands.base import (
    Command,
    key_of,
    keys_of,
    pretraining_keys,
    promised_model,
)
from speckle2vec.settings.root import Settings

if TYPE_CHECKING:
    from speckle2vec.pretrain.building import Keep


def _pretrain(settings: Settings, given: argparse.Namespace) -> None:
    if settings.pretrain.ranks > 1 and "RANK" not in os.environ:
        from speckle2vec.training.ranks import launch

        sys.exit(launch(settings.pretrain.ranks, given.line))
    from speckle2vec.pretrain.run import pretrain

    keys = pretraining_keys(settings, given.shards, given.made)
    encoder, seed = seeded(given.encoder, settings.seed)
    pretrain(
        settings.model_copy(update={"seed": seed}),
        given.features, given.method, encoder, keys, given.cubes,
        given.catalogue, given.statistics, given.checkpoint, given.output, given.card,
        given.history, given.code, given.neighbours, given.curves, settings.drawn, _kept(given),
    )  # fmt: skip


def _kept(given: argparse.Namespace) -> "Keep | None":
    if given.decoder is None:
        return None
    from speckle2vec.pretrain.decoding import keeping_decoder

    return keeping_decoder(given.method, given.output, given.decoder)


def _embed(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.embed.extract import embed_shard

    key = key_of(given.shard) if given.shard else None
    model = promised_model(settings, given)
    embed_shard(settings, given.encoder_file, given.cubes, given.output, key, model)


def _export(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.embed.export import export_embeddings

    keys = keys_of(settings, given.shards, given.made)
    export_embeddings(
        keys, given.catalogue, given.embeddings, given.csv, given.parquet, given.encoder_file,
        settings.drawn,
    )  # fmt: skip


def _geoparquet(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.embed.geoparquet import write_geoparquet

    write_geoparquet(settings, given.embeddings, given.catalogue, given.encoder_file, given.output)


def _data_card(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.embed.data_card import write_data_card

    write_data_card(settings, given.embeddings, given.catalogue, given.encoder_file, given.output)


def _networks(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.networks.table import describe_networks

    sys.stdout.write(describe_networks(given.channels, given.size, settings.pretrain))


COMMANDS: dict[str, Command] = {
    "pretrain": Command("train an encoder",
                        ("shards", "features", "method", "encoder", "cubes", "catalogue",
                         "statistics", "neighbours", "checkpoint", "curves", "code", "output",
                         "card", "history", "decoder"),
                        _pretrain),
    "embed": Command("embed the cubes of one shard; what its names are told is seen to be so",
                     ("encoder-file", "features", "method", "encoder", "shard", "cubes", "output"),
                     _embed, optional=("features", "method", "encoder", "shard")),
    "export": Command("write all embeddings as CSV and Parquet",
                      ("shards", "catalogue", "embeddings", "encoder-file", "csv", "parquet"),
                      _export, optional=("encoder-file",)),
    "geoparquet": Command("write results/embeddings.parquet as GeoParquet, for maps",
                          ("embeddings", "catalogue", "encoder-file", "output"), _geoparquet),
    "data-card": Command("tell what stands in results/embeddings.parquet, and what to beware of",
                         ("embeddings", "catalogue", "encoder-file", "output"), _data_card),
    "networks": Command("print name, parameters and shapes of every network",
                        ("channels", "size"), _networks, configured=False),
}  # fmt: skip
