"""What the engine does in an undisturbed training."""

import logging
import math

import pytest
import small
import torch
from torch.optim import Adam

from speckle2vec.errors import UserError
from speckle2vec.training import loop
from speckle2vec.training.batches import batches
from speckle2vec.training.checkpoints import Checkpoint, Progress
from speckle2vec.training.loop import take_step
from speckle2vec.training.method import Method

CPU = torch.device("cpu")


def all_batches(source, size=small.BATCH, **progress):
    """What is left of an epoch."""
    return batches(source, small.changed(batch_size=size), 0, Progress(**progress), CPU)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return small.run(tmp_path_factory.mktemp("whole") / "checkpoint")


def test_the_history_has_the_untrained_encoder_and_every_epoch(undisturbed):
    _, history = undisturbed
    assert [row["epoch"] for row in history] == [0, 1, 2, 3]
    assert "loss" not in history[0]
    names = ["epoch", "loss", "held_out_loss", "std", "cosine", "rank", "kept"]
    assert all(list(row) == names for row in history[1:])
    assert [row["kept"] for row in history] == [0, 0, 0, 1]
    assert all(math.isfinite(value) for row in history for value in row.values())


def test_the_loss_falls(tmp_path):
    settings = small.changed(learning_rate=3e-3, epochs=8)
    _, history = small.run(tmp_path / "checkpoint", settings=settings)
    assert history[-1]["loss"] < history[1]["loss"]
    assert history[-1]["held_out_loss"] < history[0]["held_out_loss"]


def test_every_parameter_is_trained(undisturbed):
    start = dict(small.method("simclr").named_parameters())
    trained = undisturbed[0].named_parameters()
    assert [name for name, value in trained if torch.equal(value, start[name])] == []


@pytest.mark.parametrize("name", small.LEARNING)
def test_every_parameter_of_every_method_receives_a_gradient(tmp_path, name):
    method, samples = small.method(name), small.samples(tmp_path)
    method.attach(samples)
    method(next(all_batches(samples.train, epoch=2))).backward()
    unused = [n for n, p in method.named_parameters() if p.grad is None or not p.grad.any()]
    assert unused == []


def test_every_parameter_of_the_encoder_of_the_report_receives_a_gradient():
    method, _ = small.of_report()
    method(next(all_batches(small.samples().train))).backward()
    unused = [n for n, p in method.named_parameters() if p.grad is None or p.grad.norm() < 1e-6]
    assert unused == []


def test_an_epoch_shows_full_batches_of_different_samples_in_its_own_order():
    source = small.held(torch.zeros(27, 1, 32, 32))

    def rows(epoch, step=0):
        return [batch.rows.tolist() for batch in all_batches(source, epoch=epoch, step=step)]

    first = rows(0)
    assert [len(batch) for batch in first] == [8, 8, 8]
    assert len({row for batch in first for row in batch}) == 24
    assert rows(0, step=1) == first[1:]
    assert rows(1) != first
    assert len(next(all_batches(source, 64)).rows) == 27


def test_views_and_dropout_differ_from_step_to_step_and_from_epoch_to_epoch():
    source, seeds = small.held(torch.zeros(27, 1, 32, 32)), []
    for epoch in range(3):
        for batch in all_batches(source, epoch=epoch):
            seeds += [batch.draws.generator.initial_seed(), torch.initial_seed()]
    assert len(set(seeds)) == 2 * 3 * 3


class Mean(Method):
    """A loss that is the mean over samples of something, without chance."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.encoder = small.Constant(1.0)

    def forward(self, batch):
        return self.encoder(batch.cubes).square().mean()


def gradients(method):
    return {name: parameter.grad.clone() for name, parameter in method.named_parameters()}


def test_accumulated_batches_have_the_gradient_of_all_their_samples(monkeypatch):
    method, source = Mean(), small.samples().train
    several = list(all_batches(source))
    optimizer = Adam(method.parameters())
    loss = take_step(method, optimizer, several, 3, 1e-3, small.SETTINGS, Progress())
    found = gradients(method)
    again = Mean()
    together = torch.cat([batch.cubes for batch in several])
    expected = again.encoder(together).square().mean()
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-6)
    for name, gradient in gradients(again).items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(("accumulate", "sizes"), [(1, [1, 1, 1]), (2, [2, 1]), (5, [3])])
def test_a_step_takes_so_many_batches_and_the_last_what_is_left(
    tmp_path, monkeypatch, accumulate, sizes
):
    seen, real = [], loop.take_step

    def counting(method, optimizer, several, count, *others):
        taken = list(several)
        assert len(taken) == count
        seen.append(count)
        return real(method, optimizer, taken, count, *others)

    monkeypatch.setattr(loop, "take_step", counting)
    small.run(tmp_path / "checkpoint", settings=small.changed(accumulate=accumulate, epochs=2))
    assert seen == 2 * sizes


def test_the_weights_of_the_best_epoch_are_kept(tmp_path, monkeypatch):
    losses = iter([9.0, 5.0, 3.0, 4.0, 4.0, 4.0])
    real, states = loop.measure, []

    def measure(method, *arguments):
        states.append({name: value.clone() for name, value in method.state_dict().items()})
        return {**real(method, *arguments), "held_out_loss": next(losses)}

    monkeypatch.setattr(loop, "measure", measure)
    settings = small.changed(patience=2, epochs=100)
    method, history = small.run(tmp_path / "checkpoint", settings=settings)
    assert [row["epoch"] for row in history] == [0, 1, 2, 3, 4]
    kept = method.state_dict()
    assert all(torch.equal(kept[name], value) for name, value in states[2].items())
    assert not all(torch.equal(kept[name], value) for name, value in states[4].items())


class Exploding(small.Collapsing):
    """In the second epoch the loss, or its gradient alone, is not finite."""

    def __init__(self, encoder, gradient_alone):
        super().__init__(encoder)
        self.gradient_alone = gradient_alone

    def forward(self, batch):
        loss = self.encoder(batch.cubes).mean()
        if not self.training or batch.epoch != 1:
            return loss
        # The square root has an infinite slope at 0.
        return torch.sqrt(loss - loss.detach()) if self.gradient_alone else loss * torch.inf


@pytest.mark.parametrize(
    ("gradient_alone", "told"),
    [(False, r"The loss is -?inf in epoch 2, step 1;.*kept"),
     (True, r"The gradient of the loss is (nan|inf) in epoch 2, step 1;.*kept")],
)  # fmt: skip
def test_what_is_not_finite_stops_and_keeps_the_last_checkpoint(tmp_path, gradient_alone, told):
    path = tmp_path / "checkpoint"
    method = Exploding(small.method("simclr").encoder, gradient_alone)
    with pytest.raises(UserError, match=told):
        small.train_method(path, method, small.SETTINGS)
    assert all(value.isfinite().all() for value in method.state_dict().values())
    again = Exploding(small.method("simclr").encoder, gradient_alone)
    progress = Checkpoint(path, "same").restore(again, Adam(again.parameters()))
    assert (progress.epoch, progress.step) == (1, 0)
    weights = dict(method.named_parameters())
    assert all(torch.equal(weights[name], value) for name, value in again.named_parameters())


def test_progress_names_epoch_step_loss_and_remaining_time(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("speckle2vec.training.clock.SPEAK_S", 0.0)
    with caplog.at_level(logging.INFO, "speckle2vec"):
        small.run(tmp_path / "checkpoint")
    assert "Epoch 2 of 3, step 1 of 3, loss " in caplog.text
    assert " left" in caplog.text
    assert "Epoch 3 of 3: loss " in caplog.text
    assert "effective rank" in caplog.text
