"""The command line: one command a stage, each runs by hand on one shard."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speckle2vec.choices import seeded
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey, parse_keys
from speckle2vec.settings.load import load_settings, parse_settings
from speckle2vec.settings.root import Settings

CONFIG = Path("config/config.yaml")

# Stages are imported when their command runs: none pays for another's libraries.

OPTIONS: dict[str, dict[str, Any]] = {
    "corpus": {"help": "name of a corpus in the config"},
    "shard": {"help": "one shard, as corpus/shard"},
    "shards": {"help": "file of shards, one corpus/shard a line; all of the config when left out",
               "type": Path, "required": False},
    "modality": {"help": "S1GRD or S2L2A", "choices": ("S1GRD", "S2L2A")},
    "features": {"help": "feature set, such as sar-temporal"},
    "method": {"help": "pretraining method, such as simclr"},
    "encoder": {"help": "network, such as cnn-transformer, or cnn-transformer@7 from seed 7"},
    "encoder-file": {"help": "a trained encoder, encoder.safetensors", "type": Path},
    "land-cover": {"help": "GeoPackage of the simulated land cover", "type": Path},
    "catalogue": {"help": "catalogue: the shard's part, or where many are read their folder",
                  "type": Path},
    "cubes": {"help": "cubes: the shard's file, or where many are read their folder", "type": Path},
    "embeddings": {"help": "folder of the embedded parts", "type": Path},
    "statistics": {"help": "statistics of the features, JSON", "type": Path},
    "neighbours": {"help": "table of neighbours, which only tile2vec reads", "type": Path,
                   "required": False},
    "checkpoint": {"help": "where an unfinished training is kept", "type": Path},
    "curves": {"help": "folder of the curves for TensorBoard", "type": Path, "required": False},
    "code": {"help": "fingerprint of the code, part of a checkpoint's identity",
             "required": False, "default": ""},
    "threads": {"help": "threads to work with", "type": int, "required": False, "default": 1},
    "card": {"help": "model card to write", "type": Path},
    "history": {"help": "table of the epochs to write", "type": Path},
    "label": {"help": "what a probe is asked: land-cover, or a table of `probes.tables`"},
    "labels": {"help": "folder of the rasterised labels", "type": Path},
    "target": {"help": "labels a probe is asked, written by probe-target", "type": Path},
    "probes": {"help": "folder of the probes", "type": Path},
    "models": {"help": "folder of the trained models", "type": Path},
    "grid": {"help": "file of models, one features/method/encoder a line; all of the config when "
             "left out", "type": Path, "required": False},
    "csv": {"help": "CSV to write: id,0,...,1023", "type": Path},
    "parquet": {"help": "Parquet table to write", "type": Path},
    "channels": {"help": "features of the cubes (default: %(default)s)", "type": int,
                 "required": False, "default": 14},
    "size": {"help": "side of the cubes, pixels (default: %(default)s)", "type": int,
             "required": False, "default": 128},
    "output": {"help": "file to write", "type": Path},
}  # fmt: skip


@dataclass(frozen=True)
class Command:
    """One command: what it takes and what it does."""

    text: str
    options: tuple[str, ...]
    run: Callable[[Settings, argparse.Namespace], None]
    configured: bool = True
    """Whether it reads a config where none is named; else it takes the defaults."""


def _land_cover(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.demo import draw_land_cover

    draw_land_cover(settings, given.corpus, given.output)


def _simulate(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.demo import draw_shard

    key = _key(given.shard)
    draw_shard(settings, key.corpus, key.shard, given.modality, given.land_cover, given.output)


def _shards(settings: Settings, given: argparse.Namespace) -> None:
    sys.stdout.writelines(f"{key}\n" for key in _keys(settings, given.shards))


def _ingest(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.ingest.run import ingest_shard

    ingest_shard(settings, _key(given.shard), given.made, given.output)


def _catalogue(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.ingest.merge import merge_catalogue

    keys = _keys(settings, given.shards, given.made)
    merge_catalogue(settings, keys, given.catalogue, given.output)


def _neighbours(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.ingest.neighbours import make_neighbours

    keys = _pretraining_keys(settings, given.shards, given.made)
    make_neighbours(settings, keys, given.catalogue, given.output)


def _preprocess(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.preprocess.run import preprocess_shard

    preprocess_shard(
        settings, _key(given.shard), given.features, given.catalogue, given.made,
        given.output, given.threads,
    )  # fmt: skip


def _statistics(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.preprocess.statistics import merge_statistics

    keys = _pretraining_keys(settings, given.shards, given.made)
    merge_statistics(settings, keys, given.features, given.cubes, given.catalogue, given.output)


def _pretrain(settings: Settings, given: argparse.Namespace) -> None:
    if settings.pretrain.ranks > 1 and "RANK" not in os.environ:
        from speckle2vec.training.ranks import launch

        sys.exit(launch(settings.pretrain.ranks, given.line))
    from speckle2vec.pretrain.run import pretrain

    keys = _pretraining_keys(settings, given.shards, given.made)
    encoder, seed = seeded(given.encoder, settings.seed)
    pretrain(
        settings.model_copy(update={"seed": seed}),
        given.features, given.method, encoder, keys, given.cubes,
        given.catalogue, given.statistics, given.checkpoint, given.output, given.card,
        given.history, given.code, given.neighbours, given.curves,
    )  # fmt: skip


def _embed(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.embed.extract import embed_shard

    embed_shard(settings, given.encoder_file, given.cubes, given.output)


def _export(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.embed.export import export_embeddings

    keys = _keys(settings, given.shards, given.made)
    export_embeddings(keys, given.catalogue, given.embeddings, given.csv, given.parquet)


def _networks(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.networks.table import describe_networks

    sys.stdout.write(describe_networks(given.channels, given.size, settings.pretrain))


def _probe_target(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.target import collect_target

    keys = _keys(settings, given.shards, given.made)
    collect_target(settings, given.label, keys, given.catalogue, given.labels, given.output)


def _probe(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.run import probe

    keys = _keys(settings, given.shards, given.made)
    probe(settings, keys, given.target, given.catalogue, given.embeddings, given.output)


def _probes(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.summary import summarise

    summarise(settings, _models(settings, given.grid), given.probes, given.output)


def _grid(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.grid import gather_histories

    gather_histories(settings, _models(settings, given.grid), given.models, given.output)


def _labels(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.labels import label_shard

    label_shard(settings, _key(given.shard), given.catalogue, given.made, given.output)


def _class_shares(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.shares import class_shares

    keys = _keys(settings, given.shards, given.made)
    class_shares(keys, given.labels, given.catalogue, given.output)


def _settings(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.settings.describe import describe

    sys.stdout.write(describe(settings, as_schema=given.schema))


COMMANDS: dict[str, Command] = {
    "settings": Command("print every setting with its meaning, default and value", (), _settings),
    "networks": Command("print name, parameters and shapes of every network",
                        ("channels", "size"), _networks, configured=False),
    "shards": Command("list the shards of the corpora", ("shards",), _shards),
    "land-cover": Command("draw the land cover of a simulated corpus", ("corpus", "output"),
                          _land_cover),
    "simulate": Command("draw one shard of a simulated corpus",
                        ("shard", "modality", "land-cover", "output"), _simulate),
    "ingest": Command("check the samples of one raw shard", ("shard", "output"), _ingest),
    "catalogue": Command("merge the catalogue of all shards", ("shards", "catalogue", "output"),
                         _catalogue),
    "neighbours": Command("list the samples near each sample, for tile2vec",
                          ("shards", "catalogue", "output"), _neighbours),
    "preprocess": Command("compute the cubes of one shard",
                          ("shard", "features", "catalogue", "threads", "output"), _preprocess),
    "statistics": Command("merge the statistics of the features",
                          ("shards", "features", "cubes", "catalogue", "output"), _statistics),
    "pretrain": Command("train an encoder",
                        ("shards", "features", "method", "encoder", "cubes", "catalogue",
                         "statistics", "neighbours", "checkpoint", "curves", "code", "output",
                         "card", "history"),
                        _pretrain),
    "embed": Command("embed the cubes of one shard", ("encoder-file", "cubes", "output"), _embed),
    "export": Command("write all embeddings as CSV and Parquet",
                      ("shards", "catalogue", "embeddings", "csv", "parquet"), _export),
    "labels": Command("rasterise the labels of one shard", ("shard", "catalogue", "output"),
                      _labels),
    "class-shares": Command("write how much of each class every split holds",
                            ("shards", "labels", "catalogue", "output"), _class_shares),
    "probe-target": Command("collect the labels that probes are asked",
                            ("label", "shards", "catalogue", "labels", "output"), _probe_target),
    "probe": Command("measure how well a linear probe on a model's embeddings tells a label",
                     ("shards", "target", "catalogue", "embeddings", "output"), _probe),
    "probes": Command("compare the probes of all models", ("grid", "probes", "output"), _probes),
    "grid": Command("compare the trainings of all models", ("grid", "models", "output"), _grid),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a person's mistake ends in one sentence and status 1."""
    # Torch reads this when it is imported. Its threads spin by default while they wait, and
    # trainings that share their cores then take ten times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    given = _parser().parse_args(arguments)
    given.line = list(sys.argv[1:] if arguments is None else arguments)
    _start_log(given.log)
    try:
        COMMANDS[given.command].run(_load(given.config), given)
    except UserError as error:
        logging.getLogger("speckle2vec").error("error: %s", error)
        return 1
    except OSError as error:
        if error.filename is None and error.strerror is None:
            raise
        place = f" {error.filename}" if error.filename else ""
        logging.getLogger("speckle2vec").error(
            "error: %s:%s; nothing half-written is left. Mend that and run the same command again.",
            error.strerror, place,
        )  # fmt: skip
        return 1
    except KeyboardInterrupt:
        logging.getLogger("speckle2vec").error("stopped by hand; the same command goes on.")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="speckle2vec",
        description="Raw Sentinel-1 and Sentinel-2 time series to embeddings. The workflow calls "
        "these commands; each runs by hand as well.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.text, description=command.text)
        config = CONFIG if command.configured else None
        sub.add_argument("--config", type=Path, default=config,
                         help=f"settings, YAML (default: {config or 'every default'})")  # fmt: skip
        sub.add_argument("--made", type=Path, default=Path("results/corpora"),
                         help="folder of simulated corpora (default: %(default)s)")  # fmt: skip
        sub.add_argument("--log", type=Path, help="file that messages are also written to")
        for option in command.options:
            sub.add_argument(f"--{option}", **{"required": True, **OPTIONS[option]})
        if name == "settings":
            sub.add_argument("--schema", action="store_true", help="print the JSON schema")
    return parser


def _start_log(path: Path | None) -> None:
    logger = logging.getLogger("speckle2vec")
    first = os.environ.get("RANK", "0") == "0"
    logger.setLevel(logging.INFO if first else logging.ERROR)
    logger.handlers = [logging.StreamHandler(sys.stderr)]
    if path is not None and first:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        logger.handlers.append(logging.FileHandler(path))  # appends: ranks share the file
    for handler in logger.handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))


def _load(config: Path | None) -> Settings:
    """The settings of a file; the defaults, and a corpus that is not used, without one."""
    if config is None:
        return parse_settings({"corpora": {"demo": {"source": "simulated"}}}, "defaults")
    return load_settings(config)


def _key(text: str) -> ShardKey:
    return parse_keys([text])[0]


def _keys(
    settings: Settings, given: Path | None, made: Path = Path("results/corpora")
) -> tuple[ShardKey, ...]:
    from speckle2vec.readers.listing import all_shards

    return parse_keys(given.read_text().splitlines()) if given else all_shards(settings, made)


def _pretraining_keys(settings: Settings, given: Path | None, made: Path) -> tuple[ShardKey, ...]:
    from speckle2vec.readers.listing import pretraining_shards

    if given:
        return _keys(settings, given, made)
    return pretraining_shards(settings, _keys(settings, None, made))


def _models(settings: Settings, given: Path | None) -> tuple[str, ...]:
    return tuple(given.read_text().split()) if given else settings.models
