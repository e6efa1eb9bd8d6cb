"""The stage: samples that no training has seen, encoded, stored as codes and decoded again."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.coder import Coder, fit_coder
from speckle2vec.measures.codes.names import parse_code
from speckle2vec.pretrain.decoder import TOGETHER, Decoder, FloatArray
from speckle2vec.pretrain.decoding import check_decodes, load_decoding
from speckle2vec.pretrain.judged import Place, chosen_places
from speckle2vec.products.encoders import check_trained, digest_of
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.reconstructions import Images, write_reconstructions
from speckle2vec.progress import LOGGER, track
from speckle2vec.provenance import stream_seed, versions
from speckle2vec.settings.root import Settings

MOST_TURNED = 4096
"""Numbers of an image that PCA may turn."""


def decode_images(
    settings: Settings,
    promised: Mapping[str, Any],
    encoder: Path | None,
    decoder: Path | None,
    keys: Sequence[ShardKey],
    cubes: Path,
    catalogue: Path,
    output: Path,
) -> None:
    """Encode and decode samples of the scored splits, through every code of the settings.

    Codes are fitted on samples of training blocks. Memory holds the numbers of at most
    `reconstruction.fitted` of those and a few images.

    Args:
        settings: All settings; `reconstruction` counts, `probes.scored`, and the seed.
        promised: What the encoder has to be: `features`, `method`, `architecture` and `seed`.
        encoder: The encoder's file.
        decoder: The decoder's file.
        keys: All shards.
        cubes: Folder of the cubes, `results/cubes/{features}`.
        catalogue: Folder of the catalogue's parts.
        output: `results/reconstructions/{model}/images.zarr.zip`.

    Raises:
        UserError: The method decodes no images, a file is missing, damaged or another's, or there
            are too few samples.
    """
    check_decodes(promised["method"])
    if encoder is None or decoder is None:
        raise UserError("Images are decoded with --encoder-file and --decoder-file; give both.")
    torch.set_num_threads(settings.embed.threads)
    chosen, model = settings.reconstruction, Decoder(*load_decoding(encoder, decoder), cubes)
    check_trained(encoder, model.trained, promised)
    training, scored = chosen_places(settings, keys, cubes, catalogue)
    known = np.concatenate([code for _, code in model.encoded(training)])
    coders = [fitted_coder(name, known, settings.seed) for name in chosen.codes]
    LOGGER.info(
        "%d images of unseen blocks are decoded from %d numbers (%s); codes are fitted on %d "
        "samples of training blocks", len(scored), known.shape[1], model.method.starts_from,
        len(known),
    )  # fmt: skip
    about = {**_about(model, coders, known, encoder), "model": dict(promised)}
    shape = len(model.trained.statistics.features), model.method.side, model.method.side
    ids, blocks = [one.sample_id for one in scored], [one.block for one in scored]
    write_reconstructions(output, _images(model, coders, scored), ids, blocks, shape, about)


def fitted_coder(name: str, known: FloatArray, seed: int) -> Coder:
    """A code that is fitted on the numbers of training samples, (sample, number).

    Raises:
        UserError: So many numbers cannot be coded so.
    """
    width = known.shape[1]
    try:
        if parse_code(name, width).components and width > MOST_TURNED:
            raise ValueError(
                f"{name!r} turns {width} numbers an image by PCA, which takes gigabytes above "
                f"{MOST_TURNED}; name a code without"
            )
        return fit_coder(name, known, stream_seed(seed, "codes", name))
    except ValueError as error:
        raise UserError(f"`reconstruction.codes` is wrong: {error}.") from error


def _images(model: Decoder, coders: Sequence[Coder], places: Sequence[Place]) -> Iterator[Images]:
    total = -(-len(places) // TOGETHER)
    for original, code in track(model.encoded(places), total, "Decoding images"):
        stored = {one.name: one.decode(one.encode(code)) for one in coders}
        yield Images(original, {name: model.decoded(values) for name, values in stored.items()})


def _about(
    model: Decoder, coders: Sequence[Coder], known: FloatArray, encoder: Path
) -> dict[str, Any]:
    """All that reading the images takes."""
    numbers = model.trained.statistics
    return {
        "features": list(numbers.features),
        "units": numbers.units,
        "calibration": numbers.calibration,
        "deviations": list(numbers.std),
        "encoder": digest_of(encoder),
        "starts_from": model.method.starts_from,
        "numbers": known.shape[1],
        "codes": [one.name for one in coders],
        "bytes": {one.name: one.encode(known[:1]).nbytes for one in coders},
        "training_samples": len(known),
        "versions": versions("torch", "numpy", "faiss-cpu"),
    }
