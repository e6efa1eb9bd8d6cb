"""The stage that counts what a segmenter says of labelled pixels, block by block."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from speckle2vec.errors import UserError
from speckle2vec.landcover.choosing.chosen import Chosen, choose
from speckle2vec.landcover.choosing.shares import LEARNING
from speckle2vec.landcover.finetuning.engine import Engine
from speckle2vec.landcover.finetuning.fits import Fit, check_native, fit_of
from speckle2vec.landcover.finetuning.laying import Sources
from speckle2vec.landcover.finetuning.segment import LoadedSegmenter, load_segmenter, told_classes
from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.confusions import Confusion, write_confusion
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.encoders import check_trained
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import ClassArray, CountArray, open_labels
from speckle2vec.progress import LOGGER, track
from speckle2vec.provenance import versions
from speckle2vec.settings.landcover import Run
from speckle2vec.settings.root import Settings
from speckle2vec.training.machine import choose_device

TOGETHER = 16
"""Samples in memory."""


def confuse(
    settings: Settings,
    model: str,
    run: Run,
    segmenter: Path,
    sources: Sources,
    output: Path,
    promised: Mapping[str, Any] | None = None,
) -> None:
    """Count true and predicted classes of the scored samples, block by block.

    A few samples are in memory at a time, however many shards there are. Every labelled pixel
    that the cube shows counts; samples whose labels have no cube are counted in `about`.

    Args:
        settings: All settings; splits come from their seed.
        model: Name of the encoder, `features/method/encoder`.
        run: The run, whose splits are scored.
        segmenter: The trained segmenter.
        sources: Shards, cubes, catalogue, labels.
        output: The product, `results/landcover/{model}/{run}/confusion.parquet`.
        promised: What its encoder has to be, from `products.encoders.promise_of`.

    Raises:
        UserError: A part is missing or damaged, the parts do not fit each other, or no scored
            sample has a cube.
    """
    section = settings.landcover.finetune
    torch.set_num_threads(section.threads)
    loaded = load_segmenter(segmenter, choose_device(section.device, Engine.group))
    chosen = choose(
        sources.keys, sources.catalogue, sources.labels, run, settings.seed, loaded.file.seed,
        settings.drawn,
    )  # fmt: skip
    check_trained(segmenter, loaded.file.encoder, promised or {})
    check_belongs(segmenter, {"run": loaded.file.run}, {"run": str(run)} if promised else {})
    _check_classes(loaded, chosen, segmenter)
    scored = {name: chosen.blocks[name] for name in chosen.scored(settings.landcover.scored)}
    counts: dict[str, CountArray] = {}
    seen, keys = 0, sorted(sources.keys)
    for key in track(keys, len(keys), f"Scoring {model}/{run}"):
        for name, pairs in _shard(loaded, key, sources, scored):
            counts[scored[name]] = counts.get(scored[name], 0) + pairs
            seen += 1
    _check_seen(seen, len(scored))
    samples = {"scored": seen, "without_cube": len(scored) - seen, "learned": loaded.file.samples}
    about = _about(settings, model, run, loaded, chosen) | {"samples": samples}
    blocks = tuple(sorted(counts))
    matrices = np.stack([counts[block] for block in blocks])
    write_confusion(Confusion(about, chosen.classes, blocks, matrices), output)


def confusion_of(truth: ClassArray, predicted: ClassArray, classes: int) -> CountArray:
    """Pixels by true and predicted class, (class, class); those without one are not counted.

    Args:
        truth: Class indices from 1, 0 is nodata.
        predicted: Of the same shape; 0 where nothing is said.
        classes: How many classes there are.
    """
    known = (truth > 0) & (predicted > 0)
    pairs = (truth[known].astype(np.int64) - 1) * classes + predicted[known] - 1
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def _shard(
    loaded: LoadedSegmenter, key: ShardKey, sources: Sources, scored: Mapping[str, str]
) -> Iterator[tuple[str, CountArray]]:
    """The counts of each scored sample of a shard."""
    path = key.part(sources.cubes, ".zarr.zip")
    own = key.part(sources.labels, ".zarr.zip")
    with open_labels(own, key) as labels, open_cubes(path, key) as cubes:
        places = {name: place for place, name in enumerate(labels.sample_ids) if name in scored}
        shapes = {name: _shape(labels.shapes[place]) for name, place in places.items()}
        rows = [row for row, name in enumerate(cubes.sample_ids) if name in places]
        if rows and fit_of(cubes.attributes, path) is Fit.NATIVE:
            check_native(path, cubes.sample_ids, shapes)
        for start in range(0, len(rows), TOGETHER):
            some = rows[start : start + TOGETHER]
            names = [cubes.sample_ids[row] for row in some]
            told = loaded.several(cubes, some, [shapes[name] for name in names])
            for name, probabilities in zip(names, told, strict=True):
                truth = labels.read(places[name])
                predicted = told_classes(probabilities)
                yield name, confusion_of(truth, predicted, len(loaded.classes))


def _shape(sides: np.ndarray[Any, np.dtype[np.int64]]) -> tuple[int, int]:
    return int(sides[0]), int(sides[1])


def _check_classes(loaded: LoadedSegmenter, chosen: Chosen, path: Path) -> None:
    if loaded.classes != chosen.classes:
        raise UserError(
            f"{path}: was trained on the classes {', '.join(one.name for one in loaded.classes)}, "
            f"and the labels have {', '.join(one.name for one in chosen.classes)}; remove it and "
            "run the same command again."
        )


def _check_seen(seen: int, scored: int) -> None:
    if not seen:
        raise UserError(
            f"None of the {scored} samples that are to be scored has a cube; the cubes' attribute "
            "`left_out` says why."
        )
    if seen < scored:
        LOGGER.info("%d of %d scored samples have labels and no cube.", scored - seen, scored)


def _about(
    settings: Settings, model: str, run: Run, loaded: LoadedSegmenter, chosen: Chosen
) -> dict[str, Any]:
    """All that reading the counts takes."""
    features, method, encoder = model.split("/")
    file, names = loaded.file, [one.name for one in chosen.classes]
    pixels = zip(LEARNING, chosen.pixels.tolist(), strict=True)
    return {
        "features": features,
        "method": method,
        "encoder": encoder,
        "architecture": file.encoder.architecture,
        "seed": file.seed,
        "run": run._asdict(),
        "scored": list(settings.landcover.scored),
        "splits": chosen.numbers(),
        "pixels": {split: dict(zip(names, row, strict=True)) for split, row in pixels},
        "epochs": file.epochs,
        "settings": file.training,
        "data": file.data,
        "versions": versions("torch", "numpy"),
    }
