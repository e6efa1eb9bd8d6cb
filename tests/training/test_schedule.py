"""The rate of each step, and when a training is over."""

import math

import pytest
import small
import torch
from torch.optim import Adam

from speckle2vec.training.schedule import best_epoch, is_over, marked, rate_at


def test_the_rate_follows_half_a_cosine_step_by_step(tmp_path, monkeypatch):
    settings = small.changed(schedule="cosine", learning_rate=0.02)
    used, real = [], Adam.step

    def noting(optimizer, *arguments):
        used.append(optimizer.param_groups[0]["lr"])
        return real(optimizer, *arguments)

    monkeypatch.setattr(Adam, "step", noting)
    small.run(tmp_path / "checkpoint", settings=settings)
    reference = torch.optim.lr_scheduler.CosineAnnealingLR(
        torch.optim.SGD([torch.zeros(1)], lr=0.02), T_max=9
    )
    for rate in used:
        assert rate == pytest.approx(reference.get_last_lr()[0], rel=1e-9)
        reference.optimizer.step()
        reference.step()
    assert len(used) == 9
    assert rate_at(small.SETTINGS, 5, 9) == small.SETTINGS.learning_rate


@pytest.mark.parametrize(
    ("losses", "patience", "best", "over"),
    [
        ([9, 5, 4, 3], 2, 3, False),
        ([9, 5, 6, 5], 2, 1, True),
        ([9, 5, 6], 2, 1, False),
        ([9, 5, 6, 7, 8], 0, 1, False),
        ([1, 5], 1, 1, False),
        ([9, 5, math.nan, 4], 2, 3, False),
        ([9], 1, 0, False),
    ],
)
def test_training_waits_for_a_lower_held_out_loss(losses, patience, best, over):
    history = [{"epoch": n, "held_out_loss": float(loss)} for n, loss in enumerate(losses)]
    settings = small.changed(patience=patience, epochs=10)
    assert best_epoch(history) == best
    assert is_over(settings, history) == over
    assert is_over(small.changed(epochs=len(losses) - 1), history)


def test_one_epoch_is_marked_as_kept():
    history = [{"epoch": epoch, "std": 0.5} for epoch in range(3)]
    assert [row["kept"] for row in marked(history, 1)] == [0, 1, 0]
    assert "kept" not in history[1]
