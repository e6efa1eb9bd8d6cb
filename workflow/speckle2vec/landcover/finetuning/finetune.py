"""The stage: an encoder and a decoder trained on labels (paper, section 3.3)."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor

from speckle2vec.landcover.finetuning.chosen import LEARNING, Chosen, choose
from speckle2vec.landcover.finetuning.fits import Fit, Side, check_native, fit_of
from speckle2vec.landcover.finetuning.label_shelf import (
    CubeGrid,
    LabelPlace,
    LabelShelf,
    digest_of,
    places_of,
)
from speckle2vec.landcover.finetuning.segmentation import Segmentation, balanced
from speckle2vec.networks.segmenter import build_segmenter
from speckle2vec.networks.trained import load_network, weights_of
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.encoders import (
    EncoderFile,
    check_compatible,
    check_trained,
    read_encoder,
)
from speckle2vec.products.histories import write_history
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.segmenters import SegmenterFile, write_segmenter
from speckle2vec.progress import LOGGER
from speckle2vec.provenance import versions
from speckle2vec.settings.landcover import Finetune, Run
from speckle2vec.settings.root import Settings
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.batches import batches_per_epoch
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.data import Samples, load_samples
from speckle2vec.training.loop import train

LABELS_SHARE = 0.2
"""Of the memory for samples, what labels may take."""
LEAST_STEPS = 50
"""Patience never ends before so many steps without a lower loss."""


class Engine(Pretrain):
    """What the engine reads, with the settings of fine-tuning in it."""

    group: ClassVar[str] = "landcover.finetune"


@dataclass(frozen=True)
class Sources:
    """Where the data of a fine-tuning stand."""

    keys: Sequence[ShardKey]
    """The shards."""
    cubes: Path
    """Folder of the cubes, `results/cubes/{features}`."""
    catalogue: Path
    """Folder of the catalogue's parts, `results/catalogue`."""
    labels: Path
    """Folder of the labels, `results/labels`."""


def finetune(
    settings: Settings,
    run: Run,
    seed: int,
    encoder: Path,
    sources: Sources,
    checkpoint: Path,
    output: Path,
    history: Path,
    code: str,
    curves: Path | None = None,
    model: Mapping[str, Any] | None = None,
) -> None:
    """Train an encoder and a new decoder, or the decoder alone, on labels.

    Args:
        settings: All settings; the group `landcover.finetune` counts. Splits come from their
            seed.
        run: Whether the encoder is trained, on which share of the labels, by which split.
        seed: Seed of the training: of the share, the decoder's first weights, order, crops
            and turns.
        encoder: The pretrained encoder, `encoder.safetensors`.
        sources: Shards, cubes, catalogue, labels.
        checkpoint: Where an unfinished training is kept; removed at the end.
        output: The segmenter to write.
        history: The table of the epochs to write.
        code: Fingerprint of the code; a checkpoint of other code is not gone on from.
        curves: Folder of the curves for TensorBoard, if they are wanted.
        model: What the encoder has to be, from `products.encoders.promise_of`.

    Raises:
        UserError: Data, labels, encoder or settings cannot be trained with, or the training
            failed.
    """
    chosen = choose(
        sources.keys, sources.catalogue, sources.labels, run, settings.seed, seed,
        settings.drawn,
    )  # fmt: skip
    trained, section = read_encoder(encoder), settings.landcover.finetune
    check_trained(encoder, trained, model or {})
    places = places_of(sources.keys, sources.labels, chosen.splits)
    fit, sides = lay(sources, trained, places)
    samples = load_samples(
        sources.keys, sources.cubes, sources.catalogue, trained.statistics,
        section.memory_gb * (1 - LABELS_SHARE), chosen=chosen.splits,
    )  # fmt: skip
    engine = engine_settings(section, trained.training["crop"], len(samples.train))
    grids = {path: CubeGrid(side, samples.train.shape[1:]) for path, side in sides.items()}
    shelf = LabelShelf(places, int(section.memory_gb * LABELS_SHARE * 1e9), grids)
    segmenter = build_segmenter(load_network(trained, encoder), len(chosen.classes), seed)
    frozen, weights = run.mode == "frozen", _weights(section, chosen)
    method = Segmentation(segmenter, shelf, fit, frozen, section.turn, weights)
    about = _about(settings, run, seed, samples, places, code)
    _announce(run, trained, samples)
    kept = Checkpoint(checkpoint, _identity(about, engine, encoder))
    rows = train(method, samples, engine, seed, kept, curves)
    file = SegmenterFile(
        encoder=replace(trained, weights=weights_of(segmenter.encoder)),
        decoder=weights_of(segmenter.decoder),
        classes=chosen.classes,
        crop=engine.crop,
        epochs=_epochs(rows),
        **about,
    )
    write_segmenter(file, output)
    write_history(rows, history)
    kept.remove()


def engine_settings(section: Finetune, crop: int, samples: int | None = None) -> Engine:
    """The engine's settings: those of fine-tuning, and the crop the encoder was made for.

    Of few samples an epoch is few steps, and the running statistics of a new decoder's batch
    normalisation take some dozens of steps to say what validation then shows: with one step an
    epoch (30 simulated samples) its loss stood still from epoch 6 to 17 and then fell. So patience
    never ends before `LEAST_STEPS` steps, and `epochs` not before `least_steps`.

    Args:
        section: Settings of fine-tuning.
        crop: Side of the squares the encoder was made for, pixels.
        samples: How many are trained on; left out where there is no new decoder.
    """
    names = set(Finetune.model_fields) & set(Pretrain.model_fields)
    values = {name: getattr(section, name) for name in names}
    if samples is not None:
        steps = batches_per_epoch(samples, section.batch_size)
        values["epochs"] = max(section.epochs, math.ceil(section.least_steps / steps))
        patience = max(section.patience, math.ceil(LEAST_STEPS / steps))
        values["patience"] = patience if section.patience else 0
    return Engine(**values, crop=crop)


def lay(
    sources: Sources, trained: EncoderFile, places: Mapping[str, LabelPlace]
) -> tuple[Fit, dict[Path, Side]]:
    """How cubes lie on their labels.

    Args:
        sources: Shards, cubes and labels.
        trained: The encoder that shall see the cubes.
        places: The labels of the chosen samples.

    Returns:
        The fit, and for `Fit.NATIVE` height and width of the cubes of each shard, by path of
        its labels.

    Raises:
        UserError: Cubes and labels cannot be laid on each other, or the cubes are not of the
            kind the encoder was trained on.
    """
    fit, sides = Fit.WHOLE, {}
    shapes = {name: place.shape for name, place in places.items()}
    for key in sorted(sources.keys):
        path = key.part(sources.cubes, ".zarr.zip")
        with open_cubes(path, key) as shard:
            check_compatible(trained, shard.attributes, path)
            fit, names = fit_of(shard.attributes, path), shard.sample_ids
            height, width = shard.cubes.shape[2:]
        if fit is Fit.NATIVE:
            check_native(path, names, shapes)
            sides[key.part(sources.labels, ".zarr.zip")] = height, width
    return fit, sides


def _weights(section: Finetune, chosen: Chosen) -> Tensor | None:
    if section.class_weights == "none":
        return None
    return balanced(chosen.pixels[LEARNING.index("train")])


def _about(
    settings: Settings,
    run: Run,
    seed: int,
    samples: Samples,
    places: Mapping[str, LabelPlace],
    code: str,
) -> dict[str, Any]:
    """All that makes this training what it is, but the encoder and the weights."""
    held_out = 0 if samples.held_out_is_training else len(samples.held_out)
    data = f"{samples.fingerprint} {digest_of(places)}"
    return {
        "run": str(run),
        "training": settings.landcover.finetune.common(),
        "seed": seed,
        "drawn": settings.seed,
        "data": hashlib.sha256(data.encode()).hexdigest(),
        "samples": {"train": len(samples.train), "validation": held_out},
        "code": code,
        "versions": versions("torch", "numpy", "safetensors"),
    }


def _identity(about: Mapping[str, Any], engine: Engine, encoder: Path) -> str:
    """Digest of the training, for its checkpoint."""
    with encoder.open("rb") as file:
        weights = hashlib.file_digest(file, "sha256").hexdigest()
    told = {**about, "encoder": weights, "crop": engine.crop}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _epochs(rows: Sequence[Mapping[str, float]]) -> dict[str, int]:
    kept = next(row for row in rows if row["kept"])
    return {"trained": int(rows[-1]["epoch"]), "kept": int(kept["epoch"])}


def _announce(run: Run, trained: EncoderFile, samples: Samples) -> None:
    LOGGER.info(
        "Fine-tuning %s (%s), trained by %s: %d training samples, %d of validation",
        trained.architecture, run, trained.method, len(samples.train),
        0 if samples.held_out_is_training else len(samples.held_out),
    )  # fmt: skip
    if samples.held_out_is_training:
        LOGGER.warning(
            "Too few samples of the validation have labels and cubes; the loss that stops the "
            "training is that of training samples. Raise `splits.validation`, or set "
            "`landcover.finetune.patience` to 0."
        )
