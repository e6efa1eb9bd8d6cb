"""The stage: an encoder fine-tuned on labelled places, and what it says of every sample."""

from pathlib import Path
from typing import Any

import torch

from speckle2vec.landcover.finetuning.engine import engine_settings
from speckle2vec.landcover.finetuning.identity import training_identity
from speckle2vec.landcover.finetuning.place_learning import Learnt, learnt_from
from speckle2vec.landcover.finetuning.place_method import PlaceMethod
from speckle2vec.landcover.finetuning.place_scoring import PlaceSources, check_cubes, scored
from speckle2vec.landcover.finetuning.segmentation import balanced
from speckle2vec.landcover.finetuning.telling import announce
from speckle2vec.networks.trained import load_network
from speckle2vec.products.encoders import read_encoder
from speckle2vec.products.histories import write_history
from speckle2vec.products.place_labels import PlaceTarget, read_place_target
from speckle2vec.products.place_scores import new_scores
from speckle2vec.provenance import versions
from speckle2vec.settings.root import Settings
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.loading import load_samples
from speckle2vec.training.loop import train
from speckle2vec.training.samples import Samples


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
    check_cubes(trained, sources)
    samples = load_samples(
        sources.keys, sources.cubes, sources.parts, trained.statistics, section.memory_gb,
        chosen=learnt.splits,
    )  # fmt: skip
    weights = balanced(learnt.counts) if section.class_weights == "balanced" else None
    network = load_network(trained, encoder)
    method = PlaceMethod(network, learnt.labels, len(learnt.classes), section.turn, weights, seed)
    about = _about(settings, seed, target, learnt, samples, code)
    kept = Checkpoint(checkpoint, training_identity(about, engine, encoder, sources.labels))
    announce(f"{trained.architecture}, trained by {trained.method}, on {target.name}", samples)
    rows = train(method, samples, engine, seed, kept)
    with new_scores(output, {**about, "epochs": int(rows[-1]["epoch"])}) as writer:
        for found, logits in scored(method, trained, sources):
            chances = torch.softmax(logits.double(), dim=1).cpu().numpy()
            writer.add(target.beside(found), target.known_to(learnt.classes, chances))
    write_history(rows, history)
    kept.remove()


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
