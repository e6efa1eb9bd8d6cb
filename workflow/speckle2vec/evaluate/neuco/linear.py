"""The linear layer of NeuCo-Bench (arXiv:2510.17914), one split after the other.

Its ways are kept where they change a score: one seed for everything, which every draw moves
on; the best epoch is chosen on the samples that are scored; predictions of classes that all
lie in 0..1 are taken for probabilities, others for logits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
from sklearn.model_selection import ShuffleSplit
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, SubsetRandomSampler, TensorDataset
from torchmetrics.functional import r2_score
from torchmetrics.functional.classification import binary_f1_score

SEED, SPLITS, HELD_OUT = 42, 40, 0.1
EPOCHS, BATCH, RATE = 10, 64, 1e-3
Rows = npt.NDArray[np.intp]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Loader = DataLoader[tuple[torch.Tensor, ...]]


@contextmanager
def protocol_draws() -> Iterator[None]:
    """All draws inside follow from the protocol's own seed, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            yield
    finally:
        torch.set_num_threads(threads)


def splits(samples: int) -> list[tuple[Rows, Rows]]:
    """Rows to fit on and rows held out, 40 times: blocks and places do not count."""
    drawn = ShuffleSplit(SPLITS, test_size=HELD_OUT, random_state=SEED)
    return list(drawn.split(np.zeros(samples)))


def protocol_scores(
    kind: str, values: npt.NDArray[np.float32], labels: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """The best score of each split: R2 of numbers, F1 of classes.

    Args:
        kind: `regression` or `classification`.
        values: Standardised embeddings, (sample, dimension).
        labels: 0..1, (sample).
    """
    samples = TensorDataset(torch.from_numpy(values), torch.from_numpy(labels))
    return np.array([_split(kind, samples, *rows) for rows in splits(len(labels))], np.float64)


def _split(kind: str, samples: TensorDataset, fitted: Rows, held: Rows) -> float:
    shown, asked = _loader(samples, fitted), _loader(samples, held)
    layer = nn.Linear(samples.tensors[0].shape[1], 1)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=RATE)
    loss = nn.MSELoss() if kind == "regression" else nn.BCEWithLogitsLoss()
    best = -np.inf
    for _ in range(EPOCHS):
        _epoch(layer, optimizer, loss, shown)
        best = max(best, _score(kind, layer, asked))
    return best


def _loader(samples: TensorDataset, rows: Rows) -> Loader:
    sampler = SubsetRandomSampler(rows.tolist())
    return DataLoader(samples, sampler=BatchSampler(sampler, BATCH, False), batch_size=None)


def _epoch(layer: nn.Linear, optimizer: torch.optim.Optimizer, loss: Loss, shown: Loader) -> None:
    for values, labels in shown:
        optimizer.zero_grad()
        loss(layer(values).view(-1), labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()


@torch.no_grad()
def _score(kind: str, layer: nn.Linear, asked: Loader) -> float:
    batches = [(layer(values).view(-1), labels) for values, labels in asked]
    said, truth = (torch.cat(part) for part in zip(*batches, strict=True))
    if kind == "regression":
        return float(r2_score(said, truth))
    return float(binary_f1_score(said, truth.long()))
