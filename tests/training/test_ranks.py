"""Two ranks against one, on the same batch."""

import subprocess
import sys
from pathlib import Path

import pytest
import small
import torch
import yaml
from safetensors.torch import load_file

from speckle2vec.choices import METHODS
from speckle2vec.errors import UserError
from speckle2vec.settings.load import parse_settings
from speckle2vec.training.batches import batches
from speckle2vec.training.checkpoints import Progress
from speckle2vec.training.ranks import agree, apart, gather, joined, own_share, world

WORKER = Path(__file__).parent / "rank_worker.py"
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    """What two ranks have written."""
    folder = tmp_path_factory.mktemp("ranks")
    ended = subprocess.run([*TORCHRUN, WORKER, folder], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.mark.parametrize("name", small.LEARNING)
def test_two_ranks_give_the_gradient_of_one_on_the_same_batch(ranks, tmp_path, name):
    train = small.samples(tmp_path).train
    batch = next(batches(train, small.SETTINGS, 0, Progress(epoch=2), torch.device("cpu")))
    one = small.gradient_of(name, batch, tmp_path)
    for rank in range(2):
        found = load_file(ranks / f"{name}-{rank}.safetensors")
        assert found.keys() == one.keys()
        for key, expected in one.items():
            torch.testing.assert_close(found[key], expected, atol=1e-5, rtol=0, msg=key)
    assert max(gradient.abs().max() for gradient in one.values()) > 1e-3


def test_every_method_is_compared():
    assert [name for name in METHODS if name != "none"] == small.LEARNING


def test_ranks_end_with_the_same_weights_and_figures(ranks):
    first, second = (load_file(ranks / f"whole-{rank}.safetensors") for rank in range(2))
    running = [name for name in first if "running" in name]
    assert [name for name in first if not torch.equal(first[name], second[name])] == running


def test_ranks_resume_bit_for_bit(ranks):
    whole, resumed = (load_file(ranks / f"{name}-0.safetensors") for name in ("whole", "resumed"))
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []


def test_one_rank_alone_gathers_and_agrees_on_what_is_its_own():
    values = torch.ones(3, 2)
    assert gather(values) is values
    assert agree({"std": 0.5}, torch.device("cpu")) == {"std": 0.5}
    assert own_share(7) == slice(0, 7)
    with apart():
        assert world() == 1


def test_torchrun_must_start_as_many_ranks_as_the_settings_name(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    told = r"`pretrain\.ranks` is 1 and torchrun has started 4; set `pretrain\.ranks` to 4"
    with pytest.raises(UserError, match=told), joined(small.SETTINGS):
        pass


def test_a_batch_must_be_divisible_among_the_ranks():
    config = {"corpora": {"a": {"source": "simulated"}}, "pretrain": {"batch_size": 9, "ranks": 2}}
    with pytest.raises(UserError, match=r"batch_size is 9 and must be divisible by ranks \(2\)"):
        parse_settings(config, "test")


def test_the_command_line_starts_the_ranks_that_the_settings_name(cube_corpus, tmp_path):
    keys = [cube_corpus.write_shard(shard, ["train", "validation"] * 8) for shard in "12"]
    (tmp_path / "keys.txt").write_text("".join(f"{key}\n" for key in keys))
    pretraining = {"epochs": 1, "batch_size": 8, "threads": 1, "device": "cpu", "ranks": 2}
    config = {"corpora": {"test": {"source": "simulated"}}, "pretrain": pretraining}
    program = [sys.executable, "-m", "speckle2vec"]
    command = [
        *program, "pretrain", "--config", "config.yaml",
        "--shards", "keys.txt", "--features", "sar-temporal", "--method", "simclr",
        "--encoder", "cnn-transformer", "--cubes", "cubes", "--catalogue", "catalogue",
        "--statistics", "statistics.json", "--checkpoint", "checkpoint", "--curves", "curves",
        "--output", "encoder", "--card", "card.md", "--history", "history.csv", "--log", "log",
    ]  # fmt: skip
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    subprocess.run(
        [*program, "statistics", "--config", "config.yaml", "--shards", "keys.txt",
         "--features", "sar-temporal",
         "--cubes", "cubes", "--catalogue", "catalogue", "--output", "statistics.json"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    for rate, status in ((1e-4, 0), (1e38, 1)):
        pretraining["learning_rate"] = rate
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == status, ended.stderr
        assert "Traceback" not in ended.stderr
        assert (tmp_path / "log").read_text().count("Pretraining cnn-transformer") == 1
        assert (tmp_path / "encoder").exists()
        assert len(list((tmp_path / "curves").iterdir())) == (1 if status == 0 else 2)
    assert "error: The loss is nan in epoch 1, step 2" in (tmp_path / "log").read_text()
