"""A training that was interrupted ends as one that was not, bit for bit."""

import logging
import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import small
import torch

from speckle2vec.choices import METHODS
from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.building import build_method
from speckle2vec.settings.methods import Mae, Simclr, Vae
from speckle2vec.training import loop
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.loop import train

PLAIN = small.SETTINGS
RICH = small.changed(
    accumulate=2, schedule="cosine", patience=2, epochs=4, learning_rate=1e-2, batch_size=9
)
MAP = small.changed(vae=Vae(decodes="map", warm_up_epochs=1), mae=Mae(decodes="map"))
SETTINGS = {"plain": PLAIN, "rich": RICH, "map": MAP}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The end of a training that nothing interrupts, by method and settings."""

    @cache
    def trained(name, kind):
        folder = tmp_path_factory.mktemp("whole")
        return small.run(folder / "checkpoint", name, SETTINGS[kind], folder)

    return trained


def kill(monkeypatch, step, *arguments):
    """Let a training die in the middle of its step number `step`."""
    with monkeypatch.context() as patch:
        patch.setattr(loop, "take_step", small.dying(loop.take_step, step))
        with pytest.raises(small.Killed):
            small.run(*arguments)


def test_every_method_is_resumed():
    assert [name for name in METHODS if name != "none"] == small.LEARNING


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("simclr", "plain"),
        *((name, "rich") for name in small.LEARNING),
        ("vae", "map"),  # leaves a layer of the encoder without gradients
        ("mae", "map"),
    ],
)
def test_every_method_killed_at_a_random_step_ends_bit_for_bit_as_undisturbed(
    tmp_path, monkeypatch, undisturbed, name, kind
):
    steps = {"plain": 9, "rich": 4, "map": 9}[kind]
    step = random.Random(name + kind).randrange(1, steps)
    arguments = (tmp_path / "checkpoint", name, SETTINGS[kind], tmp_path)
    kill(monkeypatch, step, *arguments)
    torch.manual_seed(1234)
    method, history = small.run(*arguments)
    whole, expected = undisturbed(name, kind)
    assert small.different(method, whole) == []
    assert history == expected


@pytest.mark.parametrize("step", [0, 1, small.STEPS, 8])
def test_it_may_die_at_any_step(tmp_path, monkeypatch, undisturbed, step):
    path = tmp_path / "checkpoint"
    kill(monkeypatch, step, path)
    assert path.exists() == (step > 0)
    method, history = small.run(path)
    assert small.different(method, undisturbed("simclr", "plain")[0]) == []
    assert history == undisturbed("simclr", "plain")[1]


def test_it_may_die_twice(tmp_path, monkeypatch, undisturbed):
    path = tmp_path / "checkpoint"
    kill(monkeypatch, 2, path)
    kill(monkeypatch, 3, path)
    method, _ = small.run(path)
    assert small.different(method, undisturbed("simclr", "plain")[0]) == []


def test_the_encoder_of_the_report_with_a_head_resumes_as_well(tmp_path, monkeypatch):
    chosen = small.changed(epochs=2, simclr=Simclr(projection=16))

    def run(name):
        encoder = build_encoder("cnn-transformer", 4, {}, 1)
        method = build_method("simclr", encoder, chosen, 1, small.FEATURES, 32)
        train(method, small.samples(), chosen, 1, Checkpoint(tmp_path / name, "same"))
        return method

    with monkeypatch.context() as patch:
        patch.setattr(loop, "take_step", small.dying(loop.take_step, 4))
        with pytest.raises(small.Killed):
            run("killed")
    assert small.different(run("killed"), run("whole")) == []


def test_a_finished_training_is_not_trained_again(tmp_path, monkeypatch, undisturbed):
    path, whole = tmp_path / "checkpoint", undisturbed("simclr", "rich")
    small.run(path, settings=RICH)
    monkeypatch.setattr(loop, "take_step", small.dying(loop.take_step, 0))
    method, history = small.run(path, settings=RICH)
    assert small.different(method, whole[0]) == []
    assert history == whole[1]


def test_two_runs_are_equal_bit_for_bit_and_leave_the_state_of_torch_alone(tmp_path, undisturbed):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    method, _ = small.run(tmp_path / "checkpoint")
    assert torch.equal(torch.get_rng_state(), before)
    assert small.different(method, undisturbed("simclr", "plain")[0]) == []


def test_a_checkpoint_of_another_training_is_passed_over(tmp_path, caplog, undisturbed):
    path = tmp_path / "checkpoint"
    method = small.method("simclr")
    train(method, small.samples(), PLAIN, 1, Checkpoint(path, "other"))
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method, _ = small.run(path)
    assert "other settings, data or code; training starts anew" in caplog.text
    assert small.different(method, undisturbed("simclr", "plain")[0]) == []


def flipped(content, place):
    damaged = bytearray(content)
    damaged[place] ^= 16
    return bytes(damaged)


@pytest.mark.parametrize(
    "damage",
    [lambda whole: whole[:-1000], lambda whole: flipped(whole, -1000), lambda whole: b""],
    ids=["truncated", "flipped", "emptied"],
)
def test_a_damaged_checkpoint_is_passed_over(tmp_path, monkeypatch, caplog, undisturbed, damage):
    path = tmp_path / "checkpoint"
    kill(monkeypatch, 3, path)
    path.write_bytes(damage(path.read_bytes()))
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method, _ = small.run(path)
    assert "is damaged" in caplog.text
    assert small.different(method, undisturbed("simclr", "plain")[0]) == []


def test_a_disk_that_is_full_costs_the_checkpoint_and_not_the_run(
    tmp_path, monkeypatch, caplog, undisturbed
):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("speckle2vec.training.checkpoints.save_file", full)
    path = tmp_path / "checkpoint"
    path.write_bytes(b"the checkpoint before")
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method, _ = small.run(path)
    assert "No space left on device" in caplog.text
    assert path.read_bytes() == b"the checkpoint before"
    assert small.different(method, undisturbed("simclr", "plain")[0]) == []


KILLED_BY_SIGNAL = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {folder!r})
import small
from speckle2vec.training import loop
real, left = loop.take_step, [5]
def dying(*arguments):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
loop.take_step = dying
small.run(Path({path!r}))
"""


def test_kill_9_in_another_process(tmp_path, undisturbed):
    path = tmp_path / "checkpoint"
    code = KILLED_BY_SIGNAL.format(folder=str(Path(__file__).parent), path=str(path))
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert path.exists()
    method, history = small.run(path)
    assert small.different(method, undisturbed("simclr", "plain")[0]) == []
    assert history == undisturbed("simclr", "plain")[1]
