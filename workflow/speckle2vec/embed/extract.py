"""Embeddings of one shard of cubes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.crops import centres, crop, side_of
from speckle2vec.networks.trained import load_network
from speckle2vec.products.cubes import CubeShard, open_cubes
from speckle2vec.products.embeddings import WIDTH, write_embeddings
from speckle2vec.products.encoders import EncoderFile, check_trained, digest_of, read_encoder
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.meaning import check_compatible
from speckle2vec.products.seasons import seasons_of
from speckle2vec.products.statistics import normalise
from speckle2vec.progress import track
from speckle2vec.settings.root import Settings

FloatArray = npt.NDArray[np.float32]


def embed_shard(
    settings: Settings,
    encoder: Path,
    cubes: Path,
    output: Path,
    key: ShardKey | None = None,
    model: Mapping[str, Any] | None = None,
) -> None:
    """Embed every cube of a shard, deterministically, a batch at a time.

    Args:
        settings: All settings; the group `embed` counts.
        encoder: The trained encoder, `encoder.safetensors`.
        cubes: One shard of cubes.
        output: The part to write.
        key: The shard that the cubes have to be of.
        model: What the encoder has to be, from `products.encoders.promise_of`.

    Raises:
        UserError: A file is damaged or another's, or the cubes' units, features or recipe are not
            those the encoder was trained on.
    """
    torch.set_num_threads(settings.embed.threads)
    trained = read_encoder(encoder)
    check_trained(encoder, trained, model or {})
    network = load_network(trained, encoder)
    with open_cubes(cubes, key) as shard:
        check_compatible(trained, shard.attributes, cubes)
        embeddings = embed(network, trained, shard, settings.embed.batch_size)
        about = _about(trained, encoder, shard)
        write_embeddings(output, shard.sample_ids, embeddings, about)


def embed(network: Encoder, trained: EncoderFile, shard: CubeShard, batch_size: int) -> FloatArray:
    """Embeddings (sample, 1024) of a shard; its cubes are never all in memory."""
    total = len(shard.sample_ids)
    embeddings = np.empty((total, WIDTH), np.float32)
    seasons = torch.from_numpy(seasons_of(shard.dates))
    side = side_of(shard.cubes.shape[2], shard.cubes.shape[3], trained.training["crop"])
    for start, batch in _batches(trained, shard, batch_size, total):
        patches = torch.from_numpy(batch)
        cubes = crop(patches, centres(patches, side), side)
        stop = start + len(batch)
        with torch.inference_mode():
            embeddings[start:stop] = network(cubes, seasons[start:stop]).numpy()
    return embeddings


def _batches(
    trained: EncoderFile, shard: CubeShard, batch_size: int, total: int
) -> Iterator[tuple[int, FloatArray]]:
    starts = range(0, total, batch_size)
    for start in track(starts, len(starts), "Embedding batches"):
        yield start, normalise(shard.read(start, start + batch_size), trained.statistics)


def _about(trained: EncoderFile, path: Path, shard: CubeShard) -> dict[str, Any]:
    """What a reader of the part should know of where its numbers come from."""
    return {
        **{
            name: shard.attributes[name] for name in ("corpus", "shard") if name in shard.attributes
        },
        "encoder": digest_of(path),
        "architecture": trained.architecture,
        "method": trained.method,
        "features": list(trained.statistics.features),
        "calibration": trained.statistics.calibration,
        "cubes": shard.attributes["sha256"],
        "left_out": shard.attributes.get("left_out", {}),
    }
