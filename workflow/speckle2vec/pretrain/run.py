"""The stage: cubes to a trained encoder, with its card and its history."""

import hashlib
import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from speckle2vec.choices import method_module
from speckle2vec.errors import UserError
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.crops import side_of
from speckle2vec.networks.registry import build_encoder
from speckle2vec.networks.trained import weights_of
from speckle2vec.pretrain.card import write_card
from speckle2vec.products.encoders import EncoderFile, write_encoder
from speckle2vec.products.histories import write_history
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.neighbours import about_samples, check_neighbours
from speckle2vec.products.statistics import Statistics, read_statistics
from speckle2vec.progress import LOGGER
from speckle2vec.provenance import stream_seed, versions
from speckle2vec.settings.root import Settings
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.loading import load_samples
from speckle2vec.training.loop import train
from speckle2vec.training.method import Method
from speckle2vec.training.ranks import joined, rank
from speckle2vec.training.samples import Samples

Keep = Callable[[Method, EncoderFile], None]
"""Writes what else of a trained method is kept, given its encoder as well."""


def pretrain(
    settings: Settings,
    features: str,
    method: str,
    encoder: str,
    keys: Sequence[ShardKey],
    cubes: Path,
    catalogue: Path,
    statistics: Path,
    checkpoint: Path,
    output: Path,
    card: Path,
    history: Path,
    code: str,
    neighbours: Path | None = None,
    curves: Path | None = None,
    drawn: Mapping[str, Any] | None = None,
    keep: Keep | None = None,
) -> None:
    """Train an encoder on the training samples of some shards.

    Args:
        settings: All settings; the group `pretrain` counts, and the seed.
        features: Name of the feature set, for the log.
        method: Name of the pretraining method.
        encoder: Name of the network.
        keys: The shards pretraining may see.
        cubes: Folder of the cubes, `results/cubes/{features}`.
        catalogue: Folder of the catalogue's parts.
        statistics: `results/statistics/{features}.json`.
        checkpoint: Where an unfinished training is kept; removed at the end.
        output: The encoder to write.
        card: The model card to write.
        history: The table of the epochs to write.
        code: Fingerprint of the code; a checkpoint of other code is not gone on from.
        neighbours: The table of neighbours, for methods that draw from it.
        curves: Folder of the curves for TensorBoard, if they are wanted.
        drawn: By what splits have to be drawn (`Settings.drawn`), to see that
            statistics, neighbours and catalogue are of this run.
        keep: What else of the trained method is kept; called when the encoder is written.

    Raises:
        UserError: The data or the settings cannot be trained on, or the training failed.
    """
    section = settings.pretrain.of_method(method)
    settings = settings.model_copy(update={"pretrain": section})
    chosen = section.own(encoder)
    numbers = read_statistics(statistics, drawn)
    samples = load_samples(
        keys, cubes, catalogue, numbers, section.memory_gb, neighbours, drawn=drawn
    )
    if drawn is not None:
        near = settings.neighbours.model_dump(mode="json")
        _check_this_run({**about_samples(keys, drawn), **near}, statistics, numbers, samples)
    network = build_encoder(encoder, len(numbers.features), chosen, settings.seed)
    _check_trainable(method, encoder, network)
    side = side_of(*samples.train.shape[1:], section.crop)
    module = build_method(method, network, section, settings.seed, numbers.features, side)
    about = _about(settings, method, encoder, chosen, numbers, samples, code)
    _announce(features, method, encoder, samples)
    kept = Checkpoint(checkpoint, _digest(about))
    with joined(section):
        rows = train(module, samples, section, settings.seed, kept, curves)
    if rank():  # the first rank writes for all
        return
    trained = EncoderFile(**about, statistics=numbers, weights=weights_of(network))
    write_encoder(trained, output)
    write_history(rows, history)
    write_card(trained, rows, samples.held_out_is_training, card)
    if keep is not None:
        keep(module, trained)
    kept.remove()


def build_method(
    name: str,
    encoder: Encoder,
    settings: Pretrain,
    seed: int,
    features: Sequence[str],
    side: int,
) -> Method:
    """A new method around an encoder; what it adds depends on its arguments alone.

    Args:
        name: Such as `simclr`; only its own module is imported.
        encoder: The network to train.
        settings: Settings of pretraining.
        seed: The seed in the settings.
        features: Names of the cubes' features.
        side: Side of what the encoder will see, pixels.

    Raises:
        UserError: There is no such method.
    """
    module = importlib.import_module(method_module(name))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(stream_seed(seed, "weights", name))
        method: Method = module.build(encoder, settings, features, side)
    return method


def _check_this_run(
    table: Mapping[str, Any], statistics: Path, numbers: Statistics, samples: Samples
) -> None:
    """Statistics and neighbours have to be of these cubes and shards."""
    if numbers.fingerprint != samples.cubes:
        raise UserError(
            f"{statistics}: is not of the cubes that stand here: they were made anew since, or it "
            "is another run's file; remove it and run the same command again, or make it with "
            "`speckle2vec statistics`."
        )
    if samples.neighbours is not None:
        check_neighbours(samples.neighbours, table)


def _check_trainable(method: str, encoder: str, network: Encoder) -> None:
    """Only `none` takes encoders that are computed and not trained."""
    if method != "none" and not any(True for _ in network.parameters()):
        raise UserError(
            f"The encoder `{encoder}` has nothing to train, so the method `{method}` cannot be "
            "used with it; set the method to `none`, or take another encoder."
        )


def _about(
    settings: Settings,
    method: str,
    encoder: str,
    chosen: dict[str, Any],
    statistics: Statistics,
    samples: Samples,
    code: str,
) -> dict[str, Any]:
    """All that makes this training what it is, but the statistics' numbers and the weights."""
    return {
        "architecture": encoder,
        "channels": len(statistics.features),
        "settings": chosen,
        "recipe": dict(samples.attributes["recipe"] or {}),
        "method": method,
        "training": {**settings.pretrain.common(), "method": settings.pretrain.own(method)},
        "seed": settings.seed,
        "data": hashlib.sha256(f"{samples.fingerprint} {statistics}".encode()).hexdigest(),
        "samples": len(samples.train),
        "code": code,
        "versions": versions("torch", "numpy", "safetensors"),
    }


def _digest(about: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _announce(features: str, method: str, encoder: str, samples: Samples) -> None:
    LOGGER.info(
        "Pretraining %s by %s on %s: %d training samples, %d held out",
        encoder, method, features, len(samples.train), samples.validated,
    )  # fmt: skip
    if samples.held_out_is_training:
        LOGGER.warning(
            "Too few samples are held out; the health of the embeddings is measured on training "
            "samples. Raise `splits.validation` to hold out more."
        )
