import logging
import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from speckle2vec.errors import UserError
from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.places import read_places
from speckle2vec.pretrain.run import build_method
from speckle2vec.pretrain.tile2vec import _by_patch, triplet_losses, turned
from speckle2vec.products.neighbours import SCHEMA, Nearness, write_neighbours
from speckle2vec.products.statistics import read_statistics
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.batches import batch_of
from speckle2vec.training.data import HeldSource, Samples, load_samples
from speckle2vec.training.draws import Draws

FEATURES = ("vv_mean", "vh_mean", "sobel_std")
CPU = torch.device("cpu")


def write_table(path, places, lists, radius=1.0, nearest=2):
    """A table of neighbours of samples on the equator: names to longitudes, and lists."""
    rows = [
        {"sample_id": name, "longitude": places[name], "latitude": 0.0, "neighbours": near,
         "distances": [abs(places[other] - places[name]) for other in near]}
        for name, near in lists.items()
    ]  # fmt: skip
    nearness = Nearness(radius, nearest, most=8, without_position=0)
    write_neighbours(path, [pa.Table.from_pylist(rows, SCHEMA)], nearness)
    return path


# West to east: three near each other, two more, one far away, one alone.
PLACES = {"a": 0.0, "b": 0.3, "c": 0.9, "d": 20.0, "e": 20.2, "f": 61.0, "g": 100.0}
LISTS = {
    "a": ["b", "c"], "b": ["a", "c"], "c": ["b", "a"], "d": ["e"], "e": ["d"],
    "f": ["g", "e"], "g": ["f", "e"],
}  # fmt: skip


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path / "table.parquet", PLACES, LISTS)


def source_of(ids, side=32, seed=0, features=3):
    patches = torch.randn(
        len(ids), features, side, side, generator=torch.Generator().manual_seed(seed)
    )
    return HeldSource(tuple(ids), (len(ids),), torch.zeros(len(ids), 4), patches)


def samples_of(train, table=None, held_out=None):
    return Samples(train, held_out or train, held_out is None, {}, "", table)


def method_of(samples, encoder="cnn-transformer", crop=32, features=FEATURES, **tile2vec):
    settings = Pretrain(crop=crop, tile2vec=tile2vec)
    network = build_encoder(encoder, len(features), {}, 0)
    method = build_method("tile2vec", network, settings, 0, features, crop)
    method.attach(samples)
    return method.eval()


def batch_from(source, rows=None, stream=3, crop=32):
    rows = torch.arange(len(source)) if rows is None else rows
    return batch_of(source, rows, Pretrain(crop=crop), 0, stream, CPU)


def draws(count, *shape, seed=1):
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(seed))


# Who is drawn


@pytest.mark.parametrize(("tau", "sign"), [(0.1, -1), (0.5, -1), (0.5, 1)])
def test_neighbours_are_drawn_by_the_softmax_of_their_distance(table, tau, sign):
    places, count = read_places(table, tuple(PLACES)), 20_000
    drawn = places.near(torch.zeros(count, dtype=torch.long), sign / tau, draws(count, 1))
    weights = {name: math.exp(sign * PLACES[name] / tau) for name in "bc"}
    found = Counter("abcdefg"[row] for row in drawn.tolist())
    assert found.keys() <= {"b", "c"}
    for name in "bc":
        wanted = weights[name] / sum(weights.values())
        assert found[name] / count == pytest.approx(wanted, abs=0.015)


def test_the_ends_of_the_draw_stay_among_the_neighbours(table):
    places = read_places(table, tuple(PLACES))
    ends = torch.tensor([[0.0], [1 - 2**-24]])
    for row, name in enumerate(PLACES):
        drawn = places.near(torch.full((2,), row), 1e6, ends)
        assert {"abcdefg"[one] for one in drawn.tolist()} <= set(LISTS[name])


def test_distant_tiles_are_uniform_outside_the_neighbourhood(table):
    places, count = read_places(table, tuple(PLACES)), 28_000
    rows = torch.arange(7).repeat(count // 7)
    drawn = places.far(rows, draws(count, 16))
    for row, name in enumerate(PLACES):
        found = Counter("abcdefg"[one] for one in drawn[rows == row].tolist())
        reach = max(1.0, *(abs(PLACES[other] - PLACES[name]) for other in LISTS[name]))
        outside = [other for other in PLACES if abs(PLACES[other] - PLACES[name]) > reach]
        if outside:
            assert found.keys() == set(outside)
            shares = np.array([found[other] for other in outside]) / found.total()
            np.testing.assert_allclose(shares, 1 / len(outside), atol=0.03)


def test_where_all_are_neighbours_the_farthest_drawn_stands_in(tmp_path, caplog):
    places = {"a": 0.0, "b": 0.1, "c": 0.5}
    lists = {"a": ["b", "c"], "b": ["a", "c"], "c": ["b", "a"]}
    path = write_table(tmp_path / "table.parquet", places, lists)
    read = read_places(path, tuple(places))
    assert read.enclosed() == 3
    assert read.far(torch.arange(3), draws(3, 16)).tolist() == [2, 2, 0]
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method_of(samples_of(source_of(places), path))
    assert "For 3 of 3 training samples, all others looked at are neighbours" in caplog.text


def test_across_the_antimeridian_near_is_near(tmp_path):
    places = {"a": 179.9, "b": -179.9, "c": 0.0}
    path = write_table(tmp_path / "table.parquet", places, {"a": ["b"], "b": ["a"], "c": []})
    read = read_places(path, tuple(places))
    assert set(read.far(torch.zeros(100, dtype=torch.long), draws(100, 16)).tolist()) == {2}


# What the table says about samples that are not there


def test_ids_become_rows_whatever_their_order(table):
    ids = tuple("gfedcba")
    places = read_places(table, ids)
    for row, name in enumerate(ids):
        there = places.degrees[row].isfinite()
        assert [ids[other] for other in places.neighbours[row][there]] == LISTS[name]
        assert places.degrees[row][there].tolist() == pytest.approx(
            [abs(PLACES[other] - PLACES[name]) for other in LISTS[name]]
        )


def test_the_nearest_stand_in_for_neighbours_that_have_no_cube(table):
    ids = ("a", "d", "f", "g")
    places = read_places(table, ids)
    found = [
        [ids[other] for other in row[there]]
        for row, there in zip(places.neighbours, places.degrees.isfinite(), strict=True)
    ]
    assert found == [["d", "f"], ["a", "f"], ["g"], ["f"]]
    assert places.degrees[0].tolist() == pytest.approx([20, 61])
    assert places.known(torch.arange(4)).all()
    assert float(places.reach[0].sqrt()) == pytest.approx(2 * math.sin(math.radians(61 / 2)))


def test_samples_that_are_not_in_the_table_count_as_no_anchors(table, caplog):
    ids = ("a", "x", "b", "c", "d", "e", "f", "y")
    source = source_of(ids)
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method = method_of(samples_of(source, table), penalty=0, margin=5)
    assert "2 of 8 training samples have no known position" in caplog.text
    places = method.train_places
    assert places.known(torch.arange(8)).tolist() == [name not in "xy" for name in ids]
    with torch.no_grad():
        assert method(batch_from(source, torch.tensor([1, 7]))) == 0
        assert method(batch_from(source, torch.tensor([0, 2]))) > 0
    drawn = places.far(torch.zeros(500, dtype=torch.long), draws(500, 16))
    assert not {1, 7} & set(drawn.tolist())


def test_a_table_of_other_samples_is_a_sentence(table):
    with pytest.raises(UserError, match=r"holds none of the 8 training samples .*`patch`"):
        method_of(samples_of(source_of("hijklmno"), table))


def test_a_missing_table_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match=r"none was given; make it with `speckle2vec neighbours`"):
        method_of(samples_of(source_of(PLACES)))
    with pytest.raises(UserError, match=r"none\.parquet: is missing"):
        method_of(samples_of(source_of(PLACES), tmp_path / "none.parquet"))


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


def test_tiles_are_turned_into_all_eight_orientations_each_as_likely():
    count = 8000
    tiles = torch.arange(9.0).reshape(1, 1, 3, 3).repeat(count, 2, 1, 1)
    draws_of = Draws(torch.Generator().manual_seed(0), count, slice(0, count))
    found = turned(tiles, draws_of)
    assert torch.equal(found[:, 0], found[:, 1])
    square = np.arange(9).reshape(3, 3)
    wanted = {
        np.rot90(side, quarters).tobytes() for side in (square, square.T) for quarters in range(4)
    }
    shares = Counter(one.numpy().astype(square.dtype).tobytes() for one in found[:, 0])
    assert shares.keys() == wanted
    assert min(shares.values()) > 0.1 * count


# The original's neighbour: another piece of the same patch


def test_a_piece_of_the_same_patch_is_cut_where_its_corner_says():
    samples, side, size = 200, 12, 8
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


def test_patches_no_larger_than_the_crop_are_refused():
    sentence = r"patches are 32 x 32 pixels and the crops 32, .* set it to `table`"
    with pytest.raises(UserError, match=sentence):
        method_of(samples_of(source_of(PLACES)), neighbour="patch")
    method_of(samples_of(source_of(PLACES, side=33)), neighbour="patch")


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


def test_a_large_table_of_many_blocks_is_read_as_it_is(tmp_path):
    random = np.random.default_rng(2)
    ids = [f"s{number}" for number in range(500)]
    places = dict(zip(ids, random.uniform(0, 20, 500), strict=True))
    lists = {}
    for name in ids:
        apart = {other: abs(places[other] - places[name]) for other in ids if other != name}
        lists[name] = sorted((one for one in apart if apart[one] < 1), key=apart.get)[:8]
    path = write_table(tmp_path / "one.parquet", places, lists)
    whole = read_places(path, ids)
    pq.write_table(pq.read_table(path), tmp_path / "many.parquet", row_group_size=37)
    again = read_places(tmp_path / "many.parquet", ids)
    for name, values in vars(whole).items():
        assert torch.equal(values, getattr(again, name))
    for row in (0, 123, 499):
        there = whole.degrees[row].isfinite()
        assert [ids[other] for other in whole.neighbours[row][there]] == lists[ids[row]]
