"""Batches of samples, ready for a method."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Generator, Tensor

from speckle2vec.networks.crops import side_of
from speckle2vec.provenance import stream_seed
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.checkpoints import Progress
from speckle2vec.training.draws import Draws, random_corners
from speckle2vec.training.method import Batch
from speckle2vec.training.order import epoch_order
from speckle2vec.training.ranks import own_share, rank, world
from speckle2vec.training.samples import HeldSource, Source


def batches_per_epoch(samples: int, batch_size: int) -> int:
    """Full batches in an epoch; one of all samples where there are fewer than a batch."""
    return max(samples // batch_size, 1)


def batches(
    source: Source, settings: Pretrain, seed: int, progress: Progress, device: torch.device
) -> Iterator[Batch]:
    """This rank's shares of the batches of an epoch that are still to do, in its own order.

    The rest that fills no batch is left out; another order leaves out others. Torch's
    own random state, which dropout draws from, is set for each batch as well.

    Args:
        source: The training samples.
        settings: Sizes of batches and crops.
        seed: The seed in the settings.
        progress: The epoch, and the steps of it that are done.
        device: Where the batches go.
    """
    epoch, first = progress.epoch, progress.step * settings.accumulate
    order = torch.from_numpy(epoch_order(seed, epoch, source.shards, settings.mixed_shards))
    size = min(settings.batch_size, len(source) // world() * world())
    total = batches_per_epoch(len(source), settings.batch_size)
    whole = [order[index * size : (index + 1) * size] for index in range(first, total)]
    own = own_share(size)
    patches = _taken(source, [rows[own] for rows in whole], device)
    for index, rows in enumerate(whole, first):
        stream = stream_seed(seed, "views", epoch, index)
        batch = _batch(source, rows, next(patches), settings, epoch, stream, device)
        torch.manual_seed(stream_seed(seed, "step", epoch, index, *[rank()] * (world() > 1)))
        yield batch


def batch_of(
    source: Source,
    rows: Tensor,
    settings: Pretrain,
    epoch: int,
    stream: int,
    device: torch.device,
) -> Batch:
    """This rank's share of some samples of a source, with their crops drawn.

    Args:
        source: The split.
        rows: Places of the samples in it, those of all ranks.
        settings: The size of the crops.
        epoch: Counted from 0.
        stream: Seed of the step's random numbers.
        device: Where the batch goes.
    """
    patches = source.take(rows[own_share(len(rows))])
    return _batch(source, rows, patches, settings, epoch, stream, device)


def _batch(
    source: Source,
    rows: Tensor,
    patches: Tensor,
    settings: Pretrain,
    epoch: int,
    stream: int,
    device: torch.device,
) -> Batch:
    own = own_share(len(rows))
    draws = Draws(Generator(device).manual_seed(stream), len(rows), own)
    patches = patches.to(device, non_blocking=True)
    size = side_of(patches.shape[2], patches.shape[3], settings.crop)
    return Batch(
        source=source,
        rows=rows[own],
        patches=patches,
        corners=random_corners(patches, size, draws),
        size=size,
        seasons=source.seasons[rows[own]].to(device),
        epoch=epoch,
        draws=draws,
    )


def _taken(source: Source, shares: Sequence[Tensor], device: torch.device) -> Iterator[Tensor]:
    """Patches of one share after the other; the next are fetched while these are in use.

    What is held where it is used needs no fetching.
    """
    if isinstance(source, HeldSource) and source.patches.device.type == device.type:
        yield from map(source.take, shares)
        return

    def fetch(rows: Tensor) -> Tensor:
        patches = source.take(rows)
        return patches.pin_memory() if device.type == "cuda" else patches

    with ThreadPoolExecutor(1) as pool:
        coming = [pool.submit(fetch, rows) for rows in shares[:1]]
        for following in [*shares[1:], None]:
            patches = coming.pop().result()
            if following is not None:
                coming.append(pool.submit(fetch, following))
            yield patches
