"""What is streamed is what would be held, in the same order, in bounded memory."""

import logging
from threading import Thread

import numpy as np
import pytest
import small
import torch
from torch import nn

from speckle2vec.pretrain.building import build_method
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.statistics import normalise
from speckle2vec.training import streamed
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.loading import load_samples
from speckle2vec.training.loop import train
from speckle2vec.training.samples import HeldSource
from speckle2vec.training.streamed import OpenShard, Recent, StreamedSource

SPLITS = ["train", "", "validation", "train", "test", "train"] * 3
SAMPLE_GB = 3 * 32 * 32 * 4 / 1e9


def load(corpus, keys, room):
    """With room for so many samples of 32 pixels in float32."""
    return load_samples(
        keys, corpus.cubes, corpus.catalogue, corpus.statistics, room * SAMPLE_GB * 1.001
    )


def rewrite(corpus, key, side, dtype):
    """The same samples with other pixels: patches of another side and type."""
    path = key.part(corpus.cubes, ".zarr.zip")
    with open_cubes(path) as shard:
        ids, rows, attributes = shard.sample_ids, shard.rows.tolist(), dict(shard.attributes)
    cubes = small.random_cubes(len(ids), side, int(key.shard), dtype)
    cubes[0, 0, 0, :3] = np.nan, np.inf, -np.inf
    cubes[0, 1, side // 2, side // 2] = np.nan
    write_cubes(path, iter([cubes]), ids, rows, cubes.shape[1:], attributes, dtype=dtype)
    return dict(zip(ids, cubes, strict=True))


@pytest.fixture
def keys(cube_corpus):
    return [cube_corpus.write_shard(shard, SPLITS) for shard in ("1", "2", "3", "4")]


def test_the_measured_size_decides(cube_corpus, keys, caplog):
    with caplog.at_level(logging.INFO, "speckle2vec"):
        assert isinstance(load(cube_corpus, keys, 48).train, HeldSource)
        assert caplog.text == ""
        assert isinstance(load(cube_corpus, keys, 47).train, StreamedSource)
    assert "48 samples take 0.00 GB" in caplog.text
    assert "they are streamed, and 47 of them kept" in caplog.text


def test_ranks_on_one_machine_share_its_memory(cube_corpus, keys, monkeypatch):
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    assert isinstance(load(cube_corpus, keys, 95).train, StreamedSource)
    assert isinstance(load(cube_corpus, keys, 96).train, HeldSource)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("room", [0, 5, 17])
def test_any_rows_are_those_that_would_be_held(cube_corpus, keys, room, dtype):
    for key in keys:
        rewrite(cube_corpus, key, 32, dtype)
    whole, parts = (load(cube_corpus, keys, n) for n in (48, room))
    for split in ("train", "held_out"):
        expected, found = getattr(whole, split), getattr(parts, split)
        assert isinstance(expected, HeldSource)
        assert isinstance(found, StreamedSource)
        assert (found.ids, found.shards, found.shape) == (
            expected.ids, expected.shards, expected.shape,
        )  # fmt: skip
        assert torch.equal(found.seasons, expected.seasons)
        for seed in range(4):
            rows = torch.randint(len(found), (13,), generator=torch.Generator().manual_seed(seed))
            assert torch.equal(found.take(rows), expected.take(rows))
    assert whole.fingerprint == parts.fingerprint


def test_half_precision_is_held_as_stored_and_normalised_when_taken(cube_corpus, keys):
    pixels = {}
    for key in keys:
        pixels |= rewrite(cube_corpus, key, 32, "float16")
    train = load(cube_corpus, keys, 24).train  # half the memory is enough
    assert train.patches.dtype == torch.float16
    taken = train.take(torch.arange(len(train)))
    expected = normalise(np.stack([pixels[name] for name in train.ids]), cube_corpus.statistics)
    assert taken.dtype == torch.float32
    np.testing.assert_array_equal(taken.numpy(), expected)
    assert taken[0, 0, 0, :3].tolist() == [0, 0, 0]


@pytest.mark.parametrize("room", [99, 3])
def test_patches_of_different_sizes_keep_their_common_centre(cube_corpus, keys, room, caplog):
    pixels = {}
    for key, side in zip(keys, (40, 36, 32, 50), strict=True):
        pixels |= rewrite(cube_corpus, key, side, "float16")
    with caplog.at_level(logging.INFO, "speckle2vec"):
        train = load(cube_corpus, keys, room).train
    told = "Shards hold patches of 32 x 32, 36 x 36, 40 x 40, 50 x 50 pixels; all are trained on"
    assert f"{told} their centre of 32 x 32." in caplog.text
    assert train.shape == (3, 32, 32)
    centres = []
    for name in train.ids:
        first = (pixels[name].shape[1] - 32) // 2
        centres.append(pixels[name][:, first : first + 32, first : first + 32])
    expected = normalise(np.stack(centres), cube_corpus.statistics)
    np.testing.assert_array_equal(train.take(torch.arange(len(train))).numpy(), expected)


def test_one_shard_of_full_precision_makes_all_full(cube_corpus, keys):
    for key in keys[1:]:
        rewrite(cube_corpus, key, 32, "float16")
    assert load(cube_corpus, keys, 48).train.patches.dtype == torch.float32


def test_never_more_samples_are_held_than_there_is_room_for(cube_corpus, keys, monkeypatch):
    held, real = [], Recent.keep

    def counting(recent, name, thing):
        real(recent, name, thing)
        if isinstance(thing, np.ndarray):
            assert thing.base is None  # a view would hold the whole block
            held.append(len(recent))

    monkeypatch.setattr(Recent, "keep", counting)
    samples = load(cube_corpus, keys, 7)
    for rows in torch.split(torch.randperm(36, generator=torch.Generator().manual_seed(0)), 9):
        samples.train.take(rows)
        samples.held_out.take(rows[rows < 12])
    assert max(held) == 7
    assert len(held) > 30


def test_what_was_taken_lately_is_not_read_again(cube_corpus, keys, monkeypatch):
    source = load(cube_corpus, keys, 10).train
    rows = torch.tensor([3, 30, 12, 3])
    first = source.take(rows)
    monkeypatch.setattr("speckle2vec.products.cubes.CubeShard.take", None)
    assert torch.equal(source.take(rows), first)


def test_few_shards_are_open_and_those_let_go_are_closed(cube_corpus, keys, monkeypatch):
    monkeypatch.setattr(streamed, "MOST_OPEN", 2)
    opened, real_open, real_close = [], OpenShard.__init__, OpenShard.__del__

    def opening(shard, path):
        real_open(shard, path)
        opened.append(+1)

    def closing(shard):
        real_close(shard)
        opened.append(-1)

    monkeypatch.setattr(OpenShard, "__init__", opening)
    monkeypatch.setattr(OpenShard, "__del__", closing)
    source = load(cube_corpus, keys, 0).train
    for row in (0, 10, 20, 30, 0, 10):
        source.take(torch.tensor([row]))
        assert sum(opened) <= 2
    assert opened.count(1) == 6


def test_threads_share_the_samples(cube_corpus, keys, monkeypatch):
    monkeypatch.setattr(streamed, "MOST_OPEN", 1)
    expected = load(cube_corpus, keys, 48).train
    source = load(cube_corpus, keys, 5).train
    wrong = []

    def taking(seed):
        generator = torch.Generator().manual_seed(seed)
        for _ in range(8):
            rows = torch.randint(36, (6,), generator=generator)
            if not torch.equal(source.take(rows), expected.take(rows)):
                wrong.append(rows)

    threads = [Thread(target=taking, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


class Small(small.Small):
    """For cubes of three features."""

    def __init__(self):
        super().__init__(3)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("mixed", [1, 2])
def test_weights_do_not_depend_on_what_is_held(cube_corpus, keys, tmp_path, mixed, dtype):
    settings = small.changed(mixed_shards=mixed, epochs=2)
    for key in keys:
        rewrite(cube_corpus, key, 40, dtype)
    trained = []
    for room in (99, 4):
        torch.manual_seed(0)
        method = build_method("simclr", Small(), settings, 1, "abc", 32)
        samples = load(cube_corpus, keys, room)
        checkpoint = Checkpoint(tmp_path / str(room), "same")
        trained.append((method, train(method, samples, settings, 1, checkpoint)))
    (held, held_history), (read, read_history) = trained
    assert small.different(held, read) == []
    assert held_history == read_history
    assert isinstance(held, nn.Module)
