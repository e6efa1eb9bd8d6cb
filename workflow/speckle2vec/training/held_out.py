"""How an encoder does on samples it is not trained on."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch

from speckle2vec.errors import UserError
from speckle2vec.measures.health import health
from speckle2vec.progress import LOGGER
from speckle2vec.provenance import stream_seed
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.batches import batch_of
from speckle2vec.training.machine import precision
from speckle2vec.training.method import Batch, Method
from speckle2vec.training.ranks import agree, apart
from speckle2vec.training.samples import Source

MOST_SAMPLES = 256
LEAST_RANK = 2.0


def measure(
    method: Method, source: Source, settings: Pretrain, seed: int, device: torch.device
) -> dict[str, float]:
    """Loss and health on held-out samples, in evaluation mode.

    The views are the same after every epoch, and as strong as in the last one, so that
    losses can be compared. Where embeddings are measured, at most 256 samples count. Each
    rank measures all of them, and the figures of the first hold.

    Returns:
        `held_out_loss` where there is a loss, and the `std`, `cosine` and `rank` of
        embeddings where the method is about them.
    """
    judged, embeddings = [], []
    method.eval()
    with torch.no_grad(), precision(settings, device), apart():
        for batch in _batches(source, settings, seed, device, every=not method.embeds):
            if method.embeds:
                embedded = method.encoder(batch.cubes, batch.seasons)
                embeddings.append(embedded.float().cpu().numpy())
            if method.learns:
                judged.append(method.judge(batch))
    method.train()
    figures = {"held_out_loss": _mean(judged)} if judged else {}
    if embeddings:
        figures |= health(np.concatenate(embeddings))._asdict()
    return agree(figures, device)


def _mean(judged: Sequence[tuple[float, float]]) -> float:
    """The mean loss of batches by their weights; not a number where nothing counts."""
    losses, weights = np.array(judged).T
    return float(np.average(losses, weights=weights)) if weights.any() else math.nan


def _batches(
    source: Source, settings: Pretrain, seed: int, device: torch.device, every: bool
) -> Iterator[Batch]:
    chosen = torch.arange(len(source) if every else min(len(source), MOST_SAMPLES))
    for index, rows in enumerate(torch.split(chosen, settings.batch_size)):
        stream = stream_seed(seed, "held-out", index)
        yield batch_of(source, rows, settings, settings.epochs - 1, stream, device)


def check_alive(
    figures: Mapping[str, float], untrained: Mapping[str, float], settings: Pretrain
) -> None:
    """Stop a training whose embeddings have become all alike; warn of those on one line.

    An untrained encoder has a small spread too, smaller still on images of low
    contrast; what tells collapse from that is that training has made it smaller. Where
    all embeddings lie on a line their spread is healthy and they still tell nothing but
    more or less of one thing.

    Raises:
        UserError: The spread is below `pretrain.collapse_std` and half of what it was.
    """
    if figures["std"] < settings.collapse_std and figures["std"] <= untrained["std"] / 2:
        raise UserError(
            f"The encoder has collapsed: after epoch {figures['epoch']:.0f} the embeddings of "
            f"different samples are all alike (spread {figures['std']:.2g}, before training "
            f"{untrained['std']:.2g}, mean cosine {figures['cosine']:.6f}; `pretrain.collapse_std` "
            f"is {settings.collapse_std:g}). "
            "Lower `pretrain.learning_rate`, raise `pretrain.batch_size`, or weaken the views of "
            "the method."
        )
    if figures["rank"] < LEAST_RANK <= untrained["rank"]:
        LOGGER.warning(
            "After epoch %d the embeddings lie almost on one line: their effective rank is %.2g, "
            "before training it was %.2g. Lower `pretrain.learning_rate`, or look at `rank` in "
            "history.csv before you use this encoder.",
            figures["epoch"], figures["rank"], untrained["rank"],
        )  # fmt: skip
