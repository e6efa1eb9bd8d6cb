"""The loss of Tile2Vec, and what it is given."""

import math

import numpy as np
import pytest
import torch
from neighbour_tables import (
    PLACES,
    batch_from,
    draws,
    method_of,
    samples_of,
    source_of,
    write_table,
)

from speckle2vec.pretrain.tile2vec import _by_patch, triplet_losses
from speckle2vec.products.statistics import read_statistics
from speckle2vec.training.loading import load_samples
from speckle2vec.training.samples import HeldSource


def test_held_out_samples_draw_among_themselves(tmp_path):
    places = {name: float(at) for at, name in enumerate("abcdefghijkl")}
    first, second = "abcdef", "ghijkl"
    lists = {name: [other for other in half if other != name][:2] for half in (first, second)
             for name in half}  # fmt: skip
    path = write_table(tmp_path / "table.parquet", places, lists)
    train, held_out = source_of(first), source_of(second, seed=9)
    method = method_of(samples_of(train, path, held_out))
    asked = []

    class Watched:
        ids, seasons = held_out.ids, held_out.seasons

        def __len__(self):
            return len(held_out)

        def take(self, rows):
            asked.extend(held_out.ids[row] for row in rows)
            return held_out.take(rows)

    batch = batch_from(held_out)
    with torch.no_grad():
        loss = method(batch)
        again = method(type(batch)(**{**vars(batch_from(held_out)), "source": Watched()}))
    assert loss == again
    near, far = asked[:6], asked[6:]
    assert all(one in lists[name] for name, one in zip(second, near, strict=True))
    assert set(far) <= set(second)


# The loss


def test_the_triplet_loss_is_that_of_a_loop_in_float64():
    anchors, near, far = draws(3, 40, 17).unbind()
    losses = triplet_losses(anchors, near, far, 0.1)
    for at in range(40):
        to_near = math.dist(anchors[at].tolist(), near[at].tolist())
        to_far = math.dist(anchors[at].tolist(), far[at].tolist())
        assert float(losses[at]) == pytest.approx(max(0, to_near - to_far + 0.1), abs=1e-5)
    assert 0 < (losses == 0).sum() < 40


def test_equal_embeddings_have_a_gradient_that_is_a_number():
    tiles = torch.ones(4, 8, requires_grad=True)
    triplet_losses(tiles, tiles, tiles, 0.1).mean().backward()
    assert tiles.grad.isfinite().all()


@pytest.mark.parametrize("neighbour", ["table", "patch"])
def test_the_loss_of_a_batch_follows_the_equations(table, neighbour):
    source = source_of(PLACES, side=48)
    chosen = {"neighbour": neighbour, "margin": 0.3, "penalty": 0.05, "turn": False}
    method = method_of(samples_of(source, table), **chosen)
    seen = []
    method.encoder.register_forward_hook(lambda module, given, out: seen.append((given[0], out)))
    with torch.no_grad():
        loss = float(method(batch_from(source)))
    ((tiles, embedded),) = seen
    assert torch.equal(tiles[:7], batch_from(source).cubes)
    rows = embedded.double().numpy()
    wanted = 0.0
    for anchor, near, far in zip(rows[:7], rows[7:14], rows[14:], strict=True):
        gap = np.linalg.norm(anchor - near) - np.linalg.norm(anchor - far)
        wanted += max(0, gap + 0.3) / 7
        wanted += 0.05 * sum(map(np.linalg.norm, (anchor, near, far))) / 21
    assert loss == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    ("neighbour", "encoder"), [("table", "cnn-transformer"), ("patch", "resnet18")]
)
def test_every_parameter_gets_a_gradient(table, encoder, neighbour):
    source = source_of(PLACES, side=40)
    method = method_of(samples_of(source, table), encoder, neighbour=neighbour).train()
    method(batch_from(source)).backward()
    gradients = {name: value.grad for name, value in method.named_parameters()}
    silent = [name for name, grad in gradients.items() if grad is None or not grad.any()]
    assert silent == []
    assert all(grad.isfinite().all() for grad in gradients.values())
    assert {name.split(".")[0] for name in gradients} == {"encoder"}


def test_draws_are_the_same_again_and_others_for_another_step(table):
    source = source_of(PLACES, side=48)
    method = method_of(samples_of(source, table))
    with torch.no_grad():
        losses = [float(method(batch_from(source, stream=stream))) for stream in (3, 3, 4)]
    assert losses[0] == losses[1] != losses[2]


# The original's neighbour: another piece of the same patch


def test_a_piece_of_the_same_patch_is_cut_where_its_corner_says():
    samples, side, size = 200, 36, 32
    numbers = torch.arange(samples * side * side, dtype=torch.float32)
    patches = numbers.reshape(samples, 1, side, side)
    source = HeldSource(
        tuple(map(str, range(samples))), (samples,), torch.zeros(samples, 4), patches
    )
    batch = batch_from(source)
    near, far, known = _by_patch(type(batch)(**{**vars(batch), "size": size}))
    first = near.cubes[:, 0, 0, 0].long()
    assert torch.equal(first // side**2, torch.arange(samples))
    corners = first % side**2
    assert {int(corner) // side for corner in corners} == set(range(side - size + 1))
    assert {int(corner) % side for corner in corners} == set(range(side - size + 1))
    others = far.cubes[:, 0, 0, 0].long() // side**2
    assert not (others == torch.arange(samples)).any()
    assert len(set(others.tolist())) > 100
    assert known.all()


# On a corpus


def test_the_table_counts_in_what_a_training_was_of(cube_corpus, tmp_path):
    key = cube_corpus.write_shard("1", ["train"] * 9)
    names = {f"1_{row}": row / 10 for row in range(9)}
    prints = []
    for radius in (1.0, 1.0, 2.0, None):
        path = radius and write_table(tmp_path / "t.parquet", names, {}, radius)
        loaded = load_samples(
            [key], cube_corpus.cubes, cube_corpus.catalogue,
            read_statistics(cube_corpus.statistics_path), 1, path,
        )  # fmt: skip
        prints.append(loaded.fingerprint)
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3
