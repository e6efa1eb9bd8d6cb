"""What the engine does in an undisturbed training."""

import logging
import math

import numpy as np
import pytest
import small
import torch
from torch import nn
from torch.optim import Adam

from speckle2vec.errors import UserError
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.run import build_method
from speckle2vec.settings.methods import Simclr
from speckle2vec.training import loop
from speckle2vec.training.batches import batches
from speckle2vec.training.checkpoints import Checkpoint, Progress
from speckle2vec.training.loop import take_step, train
from speckle2vec.training.method import Method
from speckle2vec.training.schedule import best_epoch, is_over, rate_at

CPU = torch.device("cpu")


def all_batches(source, size=small.BATCH, **progress):
    """What is left of an epoch."""
    return batches(source, small.changed(batch_size=size), 0, Progress(**progress), CPU)


def of_report(**changes):
    """SimCLR with a head around the encoder of the report."""
    settings = small.changed(simclr=Simclr(projection=16), **changes)
    encoder = build_encoder("cnn-transformer", 4, {}, 1)
    return build_method("simclr", encoder, settings, 1, small.FEATURES, 32), settings


def run(path, method, settings):
    history = train(method, small.samples(), settings, 1, Checkpoint(path, "same"))
    return method, history


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return small.run(tmp_path_factory.mktemp("whole") / "checkpoint")


def test_the_history_has_the_untrained_encoder_and_every_epoch(undisturbed):
    _, history = undisturbed
    assert [row["epoch"] for row in history] == [0, 1, 2, 3]
    assert "loss" not in history[0]
    names = ["epoch", "loss", "held_out_loss", "std", "cosine", "rank"]
    assert all(list(row) == names for row in history[1:])
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
    method, _ = of_report()
    method(next(all_batches(small.samples().train))).backward()
    unused = [n for n, p in method.named_parameters() if p.grad is None or p.grad.norm() < 1e-6]
    assert unused == []


def test_an_epoch_shows_full_batches_of_different_samples_in_its_own_order():
    source = small.held(torch.zeros(27, 1, 1, 1))

    def rows(epoch, step=0):
        return [batch.rows.tolist() for batch in all_batches(source, epoch=epoch, step=step)]

    first = rows(0)
    assert [len(batch) for batch in first] == [8, 8, 8]
    assert len({row for batch in first for row in batch}) == 24
    assert rows(0, step=1) == first[1:]
    assert rows(1) != first
    assert len(next(all_batches(source, 64)).rows) == 27


def test_views_and_dropout_differ_from_step_to_step_and_from_epoch_to_epoch():
    source, seeds = small.held(torch.zeros(27, 1, 1, 1)), []
    for epoch in range(3):
        for batch in all_batches(source, epoch=epoch):
            seeds += [batch.draws.generator.initial_seed(), torch.initial_seed()]
    assert len(set(seeds)) == 2 * 3 * 3


class Constant(Encoder):
    """Embeds every sample alike, but for what `spread` lets through."""

    def __init__(self, spread):
        super().__init__(4)
        self.spread = spread
        self.bias = nn.Parameter(torch.ones(1024))
        self.project = nn.Linear(4, 1024)

    def feature_map(self, cubes, seasons=None):
        return cubes

    def pool(self, maps):
        return self.bias + self.spread * self.project(maps.mean(dim=(2, 3)))


class Collapsing(Method):
    """Rewards embeddings that are all alike."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, batch):
        return self.encoder(batch.cubes).var(dim=0).sum()


class Mean(Method):
    """A loss that is the mean over samples of something, without chance."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.encoder = Constant(1.0)

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


def test_a_collapsed_encoder_stops_with_the_cause_and_what_to_change(tmp_path):
    method = Collapsing(small.method("simclr").encoder)
    settings = small.changed(learning_rate=1e-2, epochs=100)
    with pytest.raises(UserError, match=r"collapsed: after epoch \d+ .* all alike") as stopped:
        run(tmp_path / "checkpoint", method, settings)
    assert "Lower `pretrain.learning_rate`" in str(stopped.value)


def test_a_rate_far_too_high_collapses_simclr(tmp_path):
    method, settings = of_report(learning_rate=1.0, epochs=20)
    with pytest.raises(UserError, match="collapsed"):
        run(tmp_path / "checkpoint", method, settings)


def test_embeddings_alike_from_the_first_stop_too(tmp_path):
    with pytest.raises(UserError, match="collapsed"):
        run(tmp_path / "checkpoint", Collapsing(Constant(spread=0.0)), small.SETTINGS)


def test_an_encoder_that_is_only_untrained_is_not_taken_for_collapsed(tmp_path):
    settings = small.changed(learning_rate=1e-9, epochs=1)
    _, history = run(tmp_path / "checkpoint", Collapsing(Constant(0.01)), settings)
    assert history[-1]["std"] < settings.collapse_std


class Exploding(Collapsing):
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
        run(path, method, small.SETTINGS)
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


def test_bfloat16_trains(tmp_path):
    method, settings = of_report(precision="bfloat16", epochs=1)
    _, history = run(tmp_path / "checkpoint", method, settings)
    assert {value.dtype for value in method.parameters()} == {torch.float32}
    assert np.isfinite(history[-1]["loss"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="finds no GPU here; set it to `auto` or `cpu`"):
        small.run(tmp_path / "checkpoint", settings=small.changed(device="cuda"))


def test_compiling_without_a_compiler(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(UserError, match="needs a C\\+\\+ compiler and none is found"):
        small.run(tmp_path / "checkpoint", settings=small.changed(compile=True))
