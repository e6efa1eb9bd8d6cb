"""The stage: an encoder fine-tuned on labelled places, and what it says of every sample."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import torch

from speckle2vec.errors import UserError
from speckle2vec.landcover.finetuning.engine import Engine, engine_settings
from speckle2vec.landcover.finetuning.place_method import PlaceMethod
from speckle2vec.landcover.finetuning.segmentation import balanced
from speckle2vec.networks.crops import centres, crop, side_of
from speckle2vec.networks.trained import load_network
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.cubes import CubeShard, open_cubes
from speckle2vec.products.encoders import EncoderFile, check_compatible, normalise, read_encoder
from speckle2vec.products.histories import write_history
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.place_labels import PlaceTarget, new_scores, read_place_target
from speckle2vec.products.seasons import seasons_of
from speckle2vec.progress import LOGGER, track
from speckle2vec.provenance import versions
from speckle2vec.settings.root import Settings
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.data import Samples, load_samples
from speckle2vec.training.loop import train

TOGETHER = 64
"""Samples that are scored in one pass."""
LEARNING = ("train", "validation")


@dataclass(frozen=True)
class PlaceSources:
    """Where the data of a fine-tuning on places stand."""

    keys: Sequence[ShardKey]
    """All shards."""
    cubes: Path
    """Folder of the cubes, `results/cubes/{features}`."""
    parts: Path
    """Folder of the catalogue's parts, `results/catalogue`."""
    catalogue: Path
    """The merged catalogue, whose verdict counts."""
    labels: Path
    """`results/places/{name}/labels.parquet`."""


@dataclass(frozen=True)
class Learnt:
    """What a classifier of places learns from."""

    classes: tuple[str, ...]
    """Those of the training samples, sorted."""
    labels: Mapping[str, int]
    """Class by sample id, counted from 0."""
    splits: Mapping[str, str]
    """`train` or `validation` by sample id."""

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Training samples of each class."""
        rows = [self.labels[name] for name, split in self.splits.items() if split == "train"]
        return np.bincount(rows, minlength=len(self.classes)).astype(np.int64)


def tune_on_places(
    settings: Settings,
    seed: int,
    encoder: Path,
    sources: PlaceSources,
    checkpoint: Path,
    output: Path,
    history: Path,
    code: str,
) -> None:
    """Train an encoder and one linear layer on labelled samples, and score all samples.

    Memory holds what `landcover.finetune.memory_gb` allows, and a batch.

    Args:
        settings: All settings; the group `landcover.finetune` counts.
        seed: Seed of the training.
        encoder: The pretrained encoder, `encoder.safetensors`.
        sources: Shards, cubes, catalogue, labels.
        checkpoint: Where an unfinished training is kept; removed at the end.
        output: `results/places/{name}/{model}/tuned/scores.parquet`.
        history: The table of the epochs to write.
        code: Fingerprint of the code; a checkpoint of other code is not gone on from.

    Raises:
        UserError: Too few labelled samples or classes, or data that do not fit the encoder.
    """
    target, trained = read_place_target(sources.labels), read_encoder(encoder)
    section, learnt = settings.landcover.finetune, learnt_from(target)
    engine = engine_settings(section, trained.training["crop"])
    samples = load_samples(
        sources.keys, sources.cubes, sources.parts, trained.statistics, section.memory_gb,
        chosen=learnt.splits,
    )  # fmt: skip
    weights = balanced(learnt.counts) if section.class_weights == "balanced" else None
    network = load_network(trained, encoder)
    method = PlaceMethod(network, learnt.labels, len(learnt.classes), section.turn, weights, seed)
    about = _about(settings, seed, target, learnt, samples, code)
    kept = Checkpoint(checkpoint, _identity(about, engine, encoder, sources.labels))
    _announce(target, samples, trained)
    rows = train(method, samples, engine, seed, kept)
    with new_scores(output, {**about, "epochs": int(rows[-1]["epoch"])}) as writer:
        for found, logits in _scored(method, trained, sources):
            chances = torch.softmax(logits.double(), dim=1).cpu().numpy()
            writer.add(target.beside(found), target.known_to(learnt.classes, chances))
    write_history(rows, history)
    kept.remove()


def learnt_from(target: PlaceTarget) -> Learnt:
    """The labelled samples of training and validation.

    Raises:
        UserError: The training samples are all of one class.
    """
    told = target.labelled
    ids, labels, splits = (told[name].to_pylist() for name in ("id", "label", "split"))
    shown = {label for label, split in zip(labels, splits, strict=True) if split == "train"}
    classes = tuple(sorted(shown))
    if len(classes) < 2:
        held = f"are all of {classes[0]!r}" if classes else "are none"
        raise UserError(
            f"The labelled training samples of {target.name!r} {held}: there is nothing to tell "
            "apart; label more places, or change `splits`."
        )
    kept = [
        (name, classes.index(label), split)
        for name, label, split in zip(ids, labels, splits, strict=True)
        if label in shown and split in LEARNING
    ]
    return Learnt(
        classes,
        {name: label for name, label, _ in kept},
        {name: split for name, _, split in kept},
    )


def _scored(
    method: PlaceMethod, trained: EncoderFile, sources: PlaceSources
) -> Iterator[tuple[pa.Table, torch.Tensor]]:
    """Samples of one batch after the other, and their logits, as the centre is embedded."""
    method.eval()
    columns = ("sample_id", "corpus", "shard", "split", "block", "verdict")
    rows = accepted(read_catalogue(sources.catalogue, columns))
    for key in track(sources.keys, len(sources.keys), "Scoring"):
        here = pc.and_(pc.equal(rows["corpus"], key.corpus), pc.equal(rows["shard"], key.shard))
        known, path = rows.filter(here), key.part(sources.cubes, ".zarr.zip")
        with open_cubes(path, key) as shard:
            check_compatible(trained, shard.attributes, path)
            places = pc.index_in(known["sample_id"], pa.array(shard.sample_ids, pa.string()))
            known = known.filter(pc.is_valid(places))
            positions = places.drop_null().to_numpy()
            for start in range(0, len(positions), TOGETHER):
                chosen = positions[start : start + TOGETHER]
                yield known.slice(start, TOGETHER), _logits(method, trained, shard, chosen)


def _logits(
    method: PlaceMethod, trained: EncoderFile, shard: CubeShard, chosen: npt.NDArray[np.int64]
) -> torch.Tensor:
    device = next(method.parameters()).device
    patches = torch.from_numpy(normalise(shard.take(chosen), trained.statistics)).to(device)
    side = side_of(patches.shape[2], patches.shape[3], trained.training["crop"])
    seasons = torch.from_numpy(seasons_of(shard.dates)[chosen]).to(device)
    with torch.inference_mode():
        return method.logits(crop(patches, centres(patches, side), side), seasons)


def _about(
    settings: Settings,
    seed: int,
    target: PlaceTarget,
    learnt: Learnt,
    samples: Samples,
    code: str,
) -> dict[str, Any]:
    return {
        "name": target.name,
        "classes": list(target.classes),
        "positive": target.positive,
        "mode": "tuned",
        "unseen_classes": sorted(set(target.classes) - set(learnt.classes)),
        "training": settings.landcover.finetune.common(),
        "training_samples": len(samples.train),
        "seed": seed,
        "data": samples.fingerprint,
        "code": code,
        "versions": versions("torch", "numpy", "safetensors"),
    }


def _identity(about: Mapping[str, Any], engine: Engine, *files: Path) -> str:
    """Digest of the training, for its checkpoint."""
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    told = json.dumps([about, engine.crop, digests], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _announce(target: PlaceTarget, samples: Samples, trained: EncoderFile) -> None:
    LOGGER.info(
        "Fine-tuning %s, trained by %s, on %s: %d training samples, %d of validation",
        trained.architecture, trained.method, target.name, len(samples.train),
        0 if samples.held_out_is_training else len(samples.held_out),
    )  # fmt: skip
    if samples.held_out_is_training:
        LOGGER.warning(
            "Too few samples of the validation have labels and cubes; the loss that stops the "
            "training is that of training samples. Label more places, or set "
            "`landcover.finetune.patience` to 0."
        )
