"""The stage: an encoder and a decoder trained on labels (paper, section 3.3)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from speckle2vec.landcover.choosing.chosen import Chosen, choose
from speckle2vec.landcover.choosing.shares import LEARNING
from speckle2vec.landcover.finetuning.engine import engine_settings
from speckle2vec.landcover.finetuning.identity import training_identity
from speckle2vec.landcover.finetuning.label_shelf import (
    CubeGrid,
    LabelPlace,
    LabelShelf,
    digest_of,
    places_of,
)
from speckle2vec.landcover.finetuning.laying import Sources, lay
from speckle2vec.landcover.finetuning.segmentation import Segmentation, balanced
from speckle2vec.landcover.finetuning.telling import announce
from speckle2vec.networks.segmenter import build_segmenter
from speckle2vec.networks.trained import load_network, weights_of
from speckle2vec.products.encoders import check_trained, read_encoder
from speckle2vec.products.histories import write_history
from speckle2vec.products.segmenters import SegmenterFile, write_segmenter
from speckle2vec.provenance import versions
from speckle2vec.settings.landcover import Finetune, Run
from speckle2vec.settings.root import Settings
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.loading import load_samples
from speckle2vec.training.loop import train
from speckle2vec.training.samples import Samples

LABELS_SHARE = 0.2
"""Of the memory for samples, what labels may take."""


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
    announce(f"{trained.architecture} ({run}), trained by {trained.method}", samples)
    kept = Checkpoint(checkpoint, training_identity(about, engine, encoder))
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
    data = f"{samples.fingerprint} {digest_of(places)}"
    return {
        "run": str(run),
        "training": settings.landcover.finetune.common(),
        "seed": seed,
        "drawn": settings.seed,
        "data": hashlib.sha256(data.encode()).hexdigest(),
        "samples": {"train": len(samples.train), "validation": samples.validated},
        "code": code,
        "versions": versions("torch", "numpy", "safetensors"),
    }


def _epochs(rows: Sequence[Mapping[str, float]]) -> dict[str, int]:
    kept = next(row for row in rows if row["kept"])
    return {"trained": int(rows[-1]["epoch"]), "kept": int(kept["epoch"])}
