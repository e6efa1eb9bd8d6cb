import logging
import math
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from speckle2vec.errors import UserError
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.dropout import Dropout
from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.run import build_method
from speckle2vec.settings.methods import Simclr
from speckle2vec.settings.training import Pretrain
from speckle2vec.training import loop
from speckle2vec.training.checkpoints import Checkpoint, Progress
from speckle2vec.training.data import HeldSource, Samples
from speckle2vec.training.loop import batches, train
from speckle2vec.training.method import Method

EPOCHS, BATCH, SAMPLES = 3, 8, 27
STEPS = SAMPLES // BATCH
SETTINGS = Pretrain(epochs=EPOCHS, batch_size=BATCH, threads=2, checkpoint_minutes=0, device="cpu")


def held(cubes):
    """A source of cubes that stand for one shard."""
    names = tuple(map(str, range(len(cubes))))
    return HeldSource(names, (len(cubes),), torch.zeros(len(cubes), 4), cubes)


CPU = torch.device("cpu")


def all_batches(source, size=BATCH, **progress):
    """What is left of an epoch."""
    settings = SETTINGS.model_copy(update={"batch_size": size})
    return batches(source, settings, 0, Progress(**progress), CPU)


def samples():
    generator = torch.Generator().manual_seed(0)
    level = torch.randn(SAMPLES + 9, 3, 1, 1, generator=generator)
    cubes = level + 0.5 * torch.randn(SAMPLES + 9, 3, 32, 32, generator=generator)
    return Samples(held(cubes[:SAMPLES]), held(cubes[SAMPLES:]), False, {}, "")


class Small(Encoder):
    """All that a resumed training can get wrong, at little cost."""

    def __init__(self):
        super().__init__(3)
        self.convolution = nn.Sequential(nn.Conv2d(3, 16, 4, 4), nn.BatchNorm2d(16), nn.ReLU())
        self.dropout = Dropout(0.2)
        self.embed = nn.Linear(16, self.width)

    def feature_map(self, cubes, seasons=None):
        return self.convolution(cubes)

    def pool(self, maps):
        return self.embed(self.dropout(maps.mean(dim=(2, 3))))


def simclr(encoder=None, projection=0):
    settings = SETTINGS.model_copy(update={"simclr": Simclr(projection=projection)})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        encoder = encoder or Small()
    return build_method("simclr", encoder, settings, 1, "abc", 32)


def report_encoder():
    return build_encoder("cnn-transformer", 3, {}, 1)


def run(path, method=None, settings=SETTINGS, identity="same"):
    method = method or simclr()
    history = train(method, samples(), settings, 1, Checkpoint(path, identity))
    return method, history


def assert_equal_bits(first: nn.Module, second: nn.Module):
    left, right = first.state_dict(), second.state_dict()
    assert left.keys() == right.keys()
    assert [name for name in left if not torch.equal(left[name], right[name])] == []


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return run(tmp_path_factory.mktemp("whole") / "checkpoint.safetensors")


class Killed(BaseException):
    pass


def stop_at(monkeypatch, step):
    """Let the training die in the middle of its step number `step`."""
    real, left = loop.take_step, [step]

    def dying(*arguments):
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*arguments)

    monkeypatch.setattr(loop, "take_step", dying)


@pytest.mark.parametrize("step", [0, 1, STEPS, *random.Random(4).sample(range(4, 9), 2)])
def test_a_killed_training_ends_bit_for_bit_as_one_that_was_not(
    tmp_path, monkeypatch, undisturbed, step
):
    path = tmp_path / "checkpoint.safetensors"
    with monkeypatch.context() as patch:
        stop_at(patch, step)
        with pytest.raises(Killed):
            run(path)
    assert path.exists() == (step > 0)
    torch.manual_seed(1234)
    method, history = run(path)
    assert_equal_bits(method, undisturbed[0])
    assert history == undisturbed[1]


def test_the_encoder_of_the_report_with_a_head_resumes_as_well(tmp_path, monkeypatch):
    def method():
        return simclr(report_encoder(), projection=16)

    whole, _ = run(tmp_path / "whole.safetensors", method())
    with monkeypatch.context() as patch:
        stop_at(patch, 4)
        with pytest.raises(Killed):
            run(tmp_path / "killed.safetensors", method())
    assert_equal_bits(run(tmp_path / "killed.safetensors", method())[0], whole)


def test_a_finished_training_is_not_trained_again(tmp_path, monkeypatch, undisturbed):
    path = tmp_path / "checkpoint.safetensors"
    run(path)
    stop_at(monkeypatch, 0)
    method, history = run(path)
    assert_equal_bits(method, undisturbed[0])
    assert history == undisturbed[1]


def test_two_runs_are_equal_bit_for_bit_and_leave_the_state_of_torch_alone(tmp_path, undisturbed):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    method, _ = run(tmp_path / "checkpoint.safetensors")
    assert torch.equal(torch.get_rng_state(), before)
    assert_equal_bits(method, undisturbed[0])


def test_a_checkpoint_of_another_training_is_passed_over(tmp_path, caplog, undisturbed):
    path = tmp_path / "checkpoint.safetensors"
    run(path, settings=SETTINGS.model_copy(update={"learning_rate": 1e-3}), identity="other")
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method, _ = run(path)
    assert "other settings, data or code; training starts anew" in caplog.text
    assert_equal_bits(method, undisturbed[0])


def test_a_damaged_checkpoint_is_passed_over(tmp_path, monkeypatch, caplog, undisturbed):
    path = tmp_path / "checkpoint.safetensors"
    with monkeypatch.context() as patch:
        stop_at(patch, 3)
        with pytest.raises(Killed):
            run(path)
    path.write_bytes(path.read_bytes()[:-1000])
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method, _ = run(path)
    assert "is damaged" in caplog.text
    assert_equal_bits(method, undisturbed[0])


def test_a_disk_that_is_full_costs_the_checkpoint_and_not_the_run(
    tmp_path, monkeypatch, caplog, undisturbed
):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("speckle2vec.training.checkpoints.save_file", full)
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(b"the checkpoint before")
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method, _ = run(path)
    assert "No space left on device" in caplog.text
    assert path.read_bytes() == b"the checkpoint before"
    assert_equal_bits(method, undisturbed[0])


KILLED_BY_SIGNAL = """
import os, signal, sys
sys.path.insert(0, {folder!r})
import test_loop
real, left = test_loop.loop.take_step, [5]
def dying(*arguments):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
test_loop.loop.take_step = dying
test_loop.run(test_loop.Path({path!r}))
"""


def test_kill_9_in_another_process(tmp_path, undisturbed):
    path = tmp_path / "checkpoint.safetensors"
    code = KILLED_BY_SIGNAL.format(folder=str(Path(__file__).parent), path=str(path))
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert path.exists()
    method, history = run(path)
    assert_equal_bits(method, undisturbed[0])
    assert history == undisturbed[1]


def test_the_history_has_the_untrained_encoder_and_every_epoch(undisturbed):
    _, history = undisturbed
    assert [row["epoch"] for row in history] == [0, 1, 2, 3]
    assert "loss" not in history[0]
    names = ["epoch", "loss", "held_out_loss", "std", "cosine", "rank"]
    assert all(list(row) == names for row in history[1:])
    assert all(math.isfinite(value) for row in history for value in row.values())


def test_the_loss_falls(tmp_path):
    settings = SETTINGS.model_copy(update={"learning_rate": 1e-3, "epochs": 6})
    _, history = run(tmp_path / "checkpoint.safetensors", settings=settings)
    assert history[-1]["loss"] < history[1]["loss"]
    assert history[-1]["held_out_loss"] < history[0]["held_out_loss"]


def test_every_parameter_is_trained(undisturbed):
    start = dict(simclr().named_parameters())
    trained = undisturbed[0].named_parameters()
    assert [name for name, value in trained if torch.equal(value, start[name])] == []


def test_every_parameter_of_the_encoder_of_the_report_receives_a_gradient():
    method = simclr(report_encoder(), projection=16)
    method(next(all_batches(samples().train))).backward()
    unused = [n for n, p in method.named_parameters() if p.grad is None or p.grad.norm() < 1e-6]
    assert unused == []


def test_an_epoch_shows_full_batches_of_different_samples_in_its_own_order():
    source = held(torch.zeros(27, 1, 1, 1))

    def rows(epoch, step=0):
        return [batch.rows.tolist() for batch in all_batches(source, epoch=epoch, step=step)]

    first = rows(0)
    assert [len(batch) for batch in first] == [8, 8, 8]
    assert len({row for batch in first for row in batch}) == 24
    assert rows(0, step=1) == first[1:]
    assert rows(1) != first
    assert len(next(all_batches(source, 64)).rows) == 27


def test_views_and_dropout_differ_from_step_to_step_and_from_epoch_to_epoch():
    source, seeds = held(torch.zeros(27, 1, 1, 1)), []
    for epoch in range(3):
        for batch in all_batches(source, epoch=epoch):
            seeds += [batch.draws.generator.initial_seed(), torch.initial_seed()]
    assert len(set(seeds)) == 2 * 3 * 3


class Constant(Encoder):
    """Embeds every sample alike, but for what `spread` lets through."""

    def __init__(self, spread):
        super().__init__(3)
        self.spread = spread
        self.bias = nn.Parameter(torch.ones(1024))
        self.project = nn.Linear(3, 1024)

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


def test_a_collapsed_encoder_stops_with_the_cause_and_what_to_change(tmp_path):
    method = Collapsing(simclr().encoder)
    settings = SETTINGS.model_copy(update={"learning_rate": 1e-2, "epochs": 100})
    with pytest.raises(UserError, match=r"collapsed: after epoch \d+ .* all alike") as stopped:
        run(tmp_path / "checkpoint.safetensors", method, settings)
    assert "Lower `pretrain.learning_rate`" in str(stopped.value)


def test_a_rate_far_too_high_collapses_simclr(tmp_path):
    settings = SETTINGS.model_copy(update={"learning_rate": 1.0, "epochs": 20})
    with pytest.raises(UserError, match="collapsed"):
        run(tmp_path / "checkpoint.safetensors", simclr(report_encoder()), settings)


def test_embeddings_alike_from_the_first_stop_too(tmp_path):
    with pytest.raises(UserError, match="collapsed"):
        run(tmp_path / "checkpoint.safetensors", Collapsing(Constant(spread=0.0)))


def test_an_encoder_that_is_only_untrained_is_not_taken_for_collapsed(tmp_path):
    settings = SETTINGS.model_copy(update={"learning_rate": 1e-9, "epochs": 1})
    _, history = run(tmp_path / "checkpoint.safetensors", Collapsing(Constant(0.01)), settings)
    assert history[-1]["std"] < settings.collapse_std


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    class Exploding(Collapsing):
        def forward(self, batch):
            share = torch.inf if self.training and batch.epoch == 1 else 1.0
            return self.encoder(batch.cubes).mean() * share

    path = tmp_path / "checkpoint.safetensors"
    method = Exploding(simclr().encoder)
    with pytest.raises(UserError, match=r"loss is -?inf in epoch 2, step 1;.*kept"):
        run(path, method)
    again = Exploding(simclr().encoder)
    progress = Checkpoint(path, "same").restore(again, torch.optim.Adam(again.parameters()))
    assert (progress.epoch, progress.step) == (1, 0)
    assert all(value.isfinite().all() for value in again.state_dict().values())


def test_progress_names_epoch_step_loss_and_remaining_time(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("speckle2vec.training.clock.SPEAK_S", 0.0)
    with caplog.at_level(logging.INFO, "speckle2vec"):
        run(tmp_path / "checkpoint.safetensors")
    assert "Epoch 2 of 3, step 1 of 3, loss " in caplog.text
    assert " left" in caplog.text
    assert "Epoch 3 of 3: loss " in caplog.text
    assert "effective rank" in caplog.text


def test_bfloat16_trains(tmp_path):
    settings = SETTINGS.model_copy(update={"precision": "bfloat16", "epochs": 1})
    method, history = run(tmp_path / "checkpoint.safetensors", simclr(report_encoder()), settings)
    assert {value.dtype for value in method.parameters()} == {torch.float32}
    assert np.isfinite(history[-1]["loss"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="finds no GPU here; set it to `auto` or `cpu`"):
        run(tmp_path / "c", settings=SETTINGS.model_copy(update={"device": "cuda"}))


def test_compiling_without_a_compiler(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(UserError, match="needs a C\\+\\+ compiler and none is found"):
        run(tmp_path / "c", settings=SETTINGS.model_copy(update={"compile": True}))
