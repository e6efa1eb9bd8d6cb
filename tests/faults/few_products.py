"""One small file of every kind, and what reads all of it."""

import numpy as np
import pyarrow as pa
from tests.readers import fakes

from speckle2vec.measures.codes.coder import fit_coder
from speckle2vec.products.catalogue import SCHEMA, read_catalogue, write_catalogue
from speckle2vec.products.code_writer import write_codes
from speckle2vec.products.codes import decode
from speckle2vec.products.confusions import Confusion, read_confusion, write_confusion
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.decoders import DecoderFile, read_decoder, write_decoder
from speckle2vec.products.embeddings import read_embeddings, write_embeddings
from speckle2vec.products.encoders import EncoderFile, digest_of, read_encoder, write_encoder
from speckle2vec.products.image_scores import read_image_scores, write_image_scores
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import LabelClass, open_labels
from speckle2vec.products.neighbours import SCHEMA as NEIGHBOURS
from speckle2vec.products.neighbours import (
    Nearness,
    read_nearness,
    read_neighbours,
    write_neighbours,
)
from speckle2vec.products.reconstructions import (
    Images,
    open_reconstructions,
    write_reconstructions,
)
from speckle2vec.products.statistics import Statistics, read_statistics, write_statistics
from speckle2vec.readers.ssl4eo import ZarrShard
from speckle2vec.readers.webdataset import TarShard
from speckle2vec.settings.load import load_settings

CLASSES = (LabelClass(1, 1, "town", "#e6004d"), LabelClass(2, 5, "water", "#00ccf2"))
STATISTICS = Statistics(("vv",), {"vv": "dB"}, "sigma0", (9.0,), (-12.0,), (4.0,), "data")


def catalogue(path):
    row = {**dict.fromkeys(SCHEMA.names), "sample_id": "a", "corpus": "c", "shard": "s", "row": 0,
           "place": "a", "verdict": "accepted", "reason": ""}  # fmt: skip
    write_catalogue(pa.Table.from_pylist([row] * 5, SCHEMA), path)


def embeddings(path):
    values = np.random.default_rng(0).normal(size=(3, 1024)).astype(np.float32)
    write_embeddings(path, ["a", "b", "c"], values, {"encoder": "e"})


def confusion(path):
    write_confusion(Confusion({"run": "r"}, CLASSES, ("1_1",), np.ones((1, 2, 2), int)), path)


def neighbours(path):
    rows = {"sample_id": ["a", "b"], "longitude": [1.0, 2.0], "latitude": [3.0, 4.0],
            "neighbours": [["b"], ["a"]], "distances": [[1.0], [1.0]]}  # fmt: skip
    write_neighbours(path, [pa.table(rows, schema=NEIGHBOURS)], Nearness(1.0, 8, 64, 0))


def encoder(path):
    weights = {"weight": np.arange(12, dtype=np.float32).reshape(3, 4)}
    write_encoder(EncoderFile("cnn-transformer", 1, {}, STATISTICS, {}, "simclr", {}, 1, "d", 2,
                              "c", {}, weights), path)  # fmt: skip


def labels(path):
    samples = [SampleLabels(name, row, np.full((8, 9), 1, np.uint8), 1.0)
               for row, name in enumerate("ab")]  # fmt: skip
    write_labels(path, samples, [(8, 9)] * 2, CLASSES, dict)


def settings(path):
    path.write_text("seed: 7\ncorpora:\n  tiny: {source: simulated, size: tiny, shards: [a, b]}\n")


def cubes(path):
    values = np.random.default_rng(0).normal(size=(2, 1, 8, 8)).astype(np.float32)
    about = {"features": ["vv"], "units": {"vv": "dB"}}
    write_cubes(path, iter([values]), ["a", "b"], [0, 1], (1, 8, 8), about)


def codes(path):
    values = np.random.default_rng(0).normal(size=(20, 1024)).astype(np.float32)
    coder = fit_coder("pca8-int8", values, 1)
    write_codes(path, coder, {"encoder": "e"}, [(np.array([f"{n}" for n in range(20)]), values)])


def decoder(path):
    weights = {"weight": np.arange(12, dtype=np.float32).reshape(3, 4)}
    encoder(path.with_name("of.safetensors"))
    told = digest_of(path.with_name("of.safetensors"))
    write_decoder(DecoderFile(told, "cnn-transformer", "vae", 8, "c", {}, weights), path)


def images(path):
    values = np.random.default_rng(0).normal(size=(2, 1, 8, 8)).astype(np.float32)
    about = {"features": ["vv"], "units": {"vv": "dB"}, "deviations": [4.0], "numbers": 9,
             "starts_from": "map", "codes": ["int8"], "bytes": {"int8": 9}}  # fmt: skip
    blocks = iter([Images(values, {"int8": values + 1})])
    write_reconstructions(path, blocks, ["a", "b"], ["1_1", "1_2"], (1, 8, 8), about)


def image_scores(path):
    rows = [{"sample_id": name, "block": "1_1", "code": "int8", "way": "decoder", "bytes": 9,
             "squared_error": [0.5], "ssim": [0.25]} for name in "ab"]  # fmt: skip
    about = {"features": ["vv"], "units": {"vv": "dB"}, "deviations": [4.0], "numbers": 9,
             "starts_from": "map", "codes": ["int8"], "bytes": {"int8": 9}}  # fmt: skip
    write_image_scores(rows, about, path)


def shard(path):
    path.write_bytes(fakes.zipped(fakes.published(samples=2, side=16)))


def tar(path):
    members = {f"{n}.zarr.zip": fakes.zipped(fakes.member(n, side=16)) for n in (1, 2)}
    path.write_bytes(fakes.tarred(members))


def read_shard(path, kind=lambda path: ZarrShard(path, "sigma0")):
    opened = kind(str(path))
    try:
        return [opened.read(one.row) for one in opened.samples if not one.problem]
    finally:
        opened.close()


def read_labels(path):
    with open_labels(path) as shard:
        facts = (shard.sample_ids, shard.rows, shard.counts, shard.covered, shard.classes)
        return [facts, *(shard.read(position) for position in range(len(shard.sample_ids)))]


def read_cubes(path):
    with open_cubes(path) as shard:
        facts = (shard.sample_ids, shard.rows, shard.dates, shard.moments, dict(shard.attributes))
        return [facts, shard.read(0, len(shard.sample_ids))]


def read_images(path):
    with open_reconstructions(path) as found:
        total = len(found.sample_ids)
        return [found.sample_ids, found.blocks, dict(found.about), found.read(0, total)]


def read_table_of_neighbours(path):
    return [read_nearness(path), *read_neighbours(path)]


KINDS = {
    "catalogue.parquet": (catalogue, read_catalogue),
    "embeddings.parquet": (embeddings, read_embeddings),
    "confusion.parquet": (confusion, read_confusion),
    "neighbours.parquet": (neighbours, read_table_of_neighbours),
    "encoder.safetensors": (encoder, read_encoder),
    "statistics.json": (lambda path: write_statistics(STATISTICS, path), read_statistics),
    "labels.zarr.zip": (labels, read_labels),
    "cubes.zarr.zip": (cubes, read_cubes),
    "codes.parquet": (codes, decode),
    "decoder.safetensors": (
        decoder,
        lambda path: read_decoder(path, path.with_name("of.safetensors")),
    ),
    "images.zarr.zip": (images, read_images),
    "scores.parquet": (image_scores, read_image_scores),
    "shard.zarr.zip": (shard, read_shard),
    "shard.tar": (tar, lambda path: read_shard(path, TarShard)),
    "config.yaml": (settings, load_settings),
}
