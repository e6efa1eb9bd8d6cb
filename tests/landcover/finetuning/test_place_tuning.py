"""Fine-tuning on labelled places, on cubes that tell the label by their brightness."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from sklearn.metrics import average_precision_score

from speckle2vec.landcover.finetuning.place_method import PlaceMethod
from speckle2vec.landcover.finetuning.place_scoring import PlaceSources
from speckle2vec.landcover.finetuning.place_tuning import tune_on_places
from speckle2vec.networks.registry import build_encoder
from speckle2vec.networks.trained import weights_of
from speckle2vec.products.catalogue import SCHEMA as CATALOGUE
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.encoders import EncoderFile, write_encoder
from speckle2vec.products.place_labels import SCHEMA, PlaceTarget, write_place_target
from speckle2vec.products.place_scores import read_scores
from speckle2vec.settings.load import parse_settings

SPLITS = (["train"] * 4 + ["validation", "test", "buffer", ""]) * 6


class Tuned:
    """Two shards of cubes with labels, and an encoder to train on them."""

    def __init__(self, corpus, level=-12.0, **finetune):
        self.corpus, self.folder, self.level = corpus, corpus.folder, level
        self.keys = [corpus.write_shard(f"{number:06d}", SPLITS) for number in (1, 2)]
        self.settings = parse_settings(
            {"corpora": {"test": {"source": "simulated"}},
             "landcover": {"finetune": {"epochs": 6, "batch_size": 16, "threads": 1,
                                        "device": "cpu", "learning_rate": 1e-3, **finetune}}},
            "test",
        )  # fmt: skip
        self._write_catalogue()
        self._write_labels()
        self._write_encoder()

    def _write_catalogue(self):
        parts = [pq.read_table(key.part(self.corpus.catalogue, ".parquet")) for key in self.keys]
        pq.write_table(pa.concat_tables(parts).cast(CATALOGUE), self.folder / "catalogue.parquet")

    def _write_labels(self):
        ids, brightness, splits = [], [], []
        for key in self.keys:
            with open_cubes(key.part(self.corpus.cubes, ".zarr.zip")) as shard:
                ids += shard.sample_ids
                brightness += shard.read(0, len(SPLITS))[:, 0].mean(axis=(1, 2)).tolist()
                splits += [SPLITS[row] for row in shard.rows]
        told = np.where(np.array(brightness) > self.level, "bright", "dark")
        self.labels = dict(zip(ids, told.tolist(), strict=True))
        rows = [{"id": name, "label": label, "block": "0_0", "split": split, "labels": 1}
                for name, label, split in zip(ids, told.tolist(), splits, strict=True)
                if split != "buffer"]  # fmt: skip
        self.target = PlaceTarget(
            "mines", ("bright", "dark"), "bright", {}, pa.Table.from_pylist(rows, SCHEMA)
        )
        write_place_target(self.target, self.folder / "labels.parquet")

    def _write_encoder(self):
        network = build_encoder("cnn-transformer", 3, {}, 1)
        encoder = EncoderFile(
            architecture="cnn-transformer", channels=3, settings={},
            statistics=self.corpus.statistics, method="none",
            recipe={"feature_set": "sar-temporal", "size": 32},
            training={"crop": 32}, seed=1, data="", samples=1, code="", versions={},
            weights=weights_of(network),
        )  # fmt: skip
        write_encoder(encoder, self.folder / "encoder.safetensors")

    def run(self, name="tuned", seed=3):
        sources = PlaceSources(
            self.keys, self.corpus.cubes, self.corpus.catalogue, self.folder / "catalogue.parquet",
            self.folder / "labels.parquet",
        )  # fmt: skip
        output = self.folder / name / "scores.parquet"
        tune_on_places(
            self.settings, seed, self.folder / "encoder.safetensors", sources,
            self.folder / name / "checkpoint.safetensors", output,
            self.folder / name / "history.csv", "code",
        )  # fmt: skip
        return output


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_it_learns_and_scores_every_sample(cube_corpus):
    tuned = Tuned(cube_corpus)
    path = tuned.run()
    scores = read_scores(path)
    assert len(scores.ids) == 2 * 42, "refused samples have no cube"
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1)
    assert set(scores.splits[scores.labels == ""]) == {"buffer"}
    unseen = ~np.isin(scores.splits, ["train", "validation"])
    truth = np.array([tuned.labels[name] for name in scores.ids])[unseen]
    assert average_precision_score(truth == "bright", scores.positive[unseen]) > 0.9
    assert not (path.parent / "checkpoint.safetensors").exists()


def test_seed_turns_and_weights_count_and_nothing_else(cube_corpus):
    def scored(name, seed=3, **finetune):
        return Tuned(cube_corpus, level=-9.0, epochs=1, **finetune).run(name, seed).read_bytes()

    once = scored("once")
    assert scored("again", checkpoint_minutes=0) == once
    others = [scored("seed", seed=4), scored("turn", turn=False),
              scored("weights", class_weights="balanced")]  # fmt: skip
    probabilities = [
        read_scores(cube_corpus.folder / name / "scores.parquet").probabilities
        for name in ("once", "seed", "turn", "weights")
    ]
    assert len({once, *others}) == 4
    for other in probabilities[1:]:
        assert not np.allclose(probabilities[0], other, atol=1e-4)


@torch.no_grad()
def test_the_loss_is_the_cross_entropy_of_the_labels():
    class Source:
        ids = ("a", "b", "c")

    class Batch:
        source, rows, size = Source(), torch.tensor([2, 0]), 32
        patches = cubes = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
        seasons = torch.zeros(2, 4)

    weights = torch.tensor([1.0, 3.0])
    encoder = build_encoder("cnn-transformer", 3, {}, 1)
    method = PlaceMethod(encoder, {"a": 1, "b": 0, "c": 0}, 2, True, weights, 1).eval()
    chances = torch.softmax(method.logits(Batch.cubes, Batch.seasons).double(), dim=1)
    expected = -(1.0 * chances[0, 0].log() + 3.0 * chances[1, 1].log()) / 4
    loss, weight = method.judge(Batch())
    assert loss == pytest.approx(float(expected), rel=1e-5)
    assert weight == 4
