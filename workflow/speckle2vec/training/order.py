"""The order in which an epoch shows the samples."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speckle2vec.provenance import generator

IntArray = npt.NDArray[np.int64]


def epoch_order(seed: int, epoch: int, shards: Sequence[int], mixed: int) -> IntArray:
    """Places of all samples in the order of an epoch, (sample).

    Shards are shuffled, and the samples of so many of them at a time: what is streamed
    needs few shards at once, and what is held in memory has the same order.

    Args:
        seed: The seed in the settings.
        epoch: Counted from 0.
        shards: Samples of each shard.
        mixed: Shards whose samples are shuffled among each other.
    """
    random = generator(seed, "order", epoch)
    starts = np.cumsum([0, *shards])
    shuffled = random.permutation(len(shards))
    groups = [shuffled[first : first + mixed] for first in range(0, len(shards), mixed)]
    return np.concatenate(
        [
            random.permutation(np.concatenate([np.arange(starts[s], starts[s + 1]) for s in group]))
            for group in groups
        ]
    )
