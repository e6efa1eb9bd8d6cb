"""Tables of neighbours, and samples that are in them."""

import pyarrow as pa
import torch

from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.building import build_method
from speckle2vec.products.neighbours import SCHEMA, Nearness, write_neighbours
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.batches import batch_of
from speckle2vec.training.samples import HeldSource, Samples

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
