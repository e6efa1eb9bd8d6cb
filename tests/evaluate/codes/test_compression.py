"""Codes from embeddings to the table, on files: bytes, losses, neighbours, refusals."""

import csv
import hashlib
import logging

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from speckle2vec.errors import UserError
from speckle2vec.evaluate.codes.encode import encode_model
from speckle2vec.evaluate.codes.neighbours import drawn_samples, kept, nearest
from speckle2vec.evaluate.codes.probe import probe_code
from speckle2vec.evaluate.codes.raw_bytes import RawBytes
from speckle2vec.evaluate.codes.sizes import Folders
from speckle2vec.evaluate.codes.table import coded_of, compare_codes
from speckle2vec.products.codes import decode, read_codes
from speckle2vec.products.embeddings import WIDTH, write_embeddings
from speckle2vec.products.probes import read_probe

MODEL = "sar-temporal/simclr/cnn-transformer"
PIXELS = "sar-temporal/none/pixel-statistics"
NAMES = ("float32", "int8", "pca8-int8", "pca2-binary")
RAW = {"sar-temporal": RawBytes(480 * 1000, 480 * 1_115_136, "float16 4x2x264x264")}


def encoder_of(corpus, model):
    path = corpus.folder / "models" / model / "encoder.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.encode())
    return path


def embed(corpus, model, values, digest=None):
    """As `corpus.embed`, and told of an encoder; `digest` of the last shard."""
    full = np.zeros((len(values), WIDTH), np.float32)
    full[:, : values.shape[1]] = values
    own = hashlib.sha256(encoder_of(corpus, model).read_bytes()).hexdigest()
    for number, key in enumerate(corpus.keys):
        rows = slice(number * 120, number * 120 + 120)
        told = digest if digest and key == corpus.keys[-1] else own
        write_embeddings(
            key.part(corpus.folder / "embeddings" / model, ".parquet"),
            corpus.ids[rows].tolist(), full[rows], {"encoder": told, "method": "simclr"},
        )  # fmt: skip
    return full


def settings_of(corpus, **codes):
    return corpus.settings(
        probes={"strengths": [0.001, 0.1], "draws": 200}, codes={"names": NAMES, **codes}
    )


def encode(corpus, name, model=MODEL, **codes):
    path = corpus.folder / "codes" / model / f"{name}.parquet"
    encode_model(
        settings_of(corpus, **codes), name, corpus.keys, corpus.catalogue,
        corpus.folder / "embeddings" / model, path,
    )  # fmt: skip
    return path


def probe(corpus, name, model=MODEL, target=None):
    path = corpus.folder / "code_probes" / "land-cover" / model / f"{name}.parquet"
    probe_code(
        settings_of(corpus), corpus.folder / "codes" / model / f"{name}.parquet",
        encoder_of(corpus, model), target or corpus.write_target(), corpus.catalogue, path,
    )  # fmt: skip
    return path


def compare(corpus):
    folders = Folders(corpus.catalogue, corpus.folder / "codes", corpus.folder / "code_probes")
    table, figure = corpus.folder / "compression.csv", corpus.folder / "compression.png"
    compare_codes(settings_of(corpus), [MODEL], folders, RAW, table, figure)
    with table.open() as file:
        return list(csv.DictReader(file)), table.read_bytes(), figure.read_bytes()


@pytest.fixture
def coded(corpus, signal, noise):
    embed(corpus, MODEL, signal)
    embed(corpus, PIXELS, noise)
    for model, code in coded_of([MODEL], NAMES):
        encode(corpus, code, model)
        probe(corpus, code, model)
    return corpus


def test_codes_are_fitted_on_training_blocks_only(corpus, signal):
    far = signal + (corpus.splits != "train")[:, None] * 100
    embed(corpus, MODEL, far)
    ids, values = decode(encode(corpus, "int8"))
    assert ids.tolist() == sorted(corpus.ids)
    train = corpus.ids[corpus.splits == "train"]
    most = signal[corpus.splits == "train"].max(axis=0)
    assert (values[:, :12] <= most + 0.1).all()
    where = {name: row for row, name in enumerate(corpus.ids)}
    here = np.isin(ids, train)
    expected = signal[[where[name] for name in ids[here]]]
    assert np.abs(values[here, :12] - expected).max() < 0.05
    assert read_codes(encode(corpus, "int8")).about["training_samples"] == len(train)


def test_of_more_samples_so_many_are_drawn(corpus, signal):
    embed(corpus, MODEL, signal)
    assert read_codes(encode(corpus, "int8", most=150)).about["training_samples"] == 150


def test_refused_samples_are_not_encoded(corpus, signal):
    embed(corpus, MODEL, signal)
    out = str(corpus.ids[0])
    corpus.write_catalogue(**{out: {"verdict": "refused", "reason": "NaN"}})
    assert out not in decode(encode(corpus, "float32"))[0]


def test_the_same_inputs_give_the_same_bytes(corpus, signal):
    embed(corpus, MODEL, signal)
    for name in ("pca8-pq4x4", "pca8-int4"):
        assert encode(corpus, name).read_bytes() == encode(corpus, name).read_bytes()


def test_the_probe_of_float32_is_that_of_the_embeddings(corpus, signal):
    embed(corpus, MODEL, signal)
    encode(corpus, "float32")
    found = read_probe(probe(corpus, "float32"))
    own = read_probe(corpus.probe(MODEL, corpus.write_target()))
    assert found.ids.tolist() == own.ids.tolist()
    assert found.predicted.tolist() == own.predicted.tolist()
    assert found.about["strength"] == own.about["strength"]


def test_the_table_tells_bytes_ratios_and_losses(coded, caplog):
    with caplog.at_level(logging.INFO, "speckle2vec"):
        rows, first, picture = compare(coded)
    assert [(row["encoder"], row["code"]) for row in rows] == [
        *[("cnn-transformer", name) for name in NAMES], ("pixel-statistics", "float32"),
    ]  # fmt: skip
    for row in rows:
        model = "/".join(row[name] for name in ("features", "method", "encoder"))
        size = (coded.folder / "codes" / model / f"{row['code']}.parquet").stat().st_size
        assert float(row["bytes"]) == pytest.approx(size / 480, abs=0.01)
        assert float(row["ratio"]) == pytest.approx(1_115_136 * 480 / size, rel=1e-3)
        assert float(row["disk_ratio"]) == pytest.approx(1000 * 480 / size, rel=1e-2, abs=0.06)
        assert float(row["ratio_payload"]) == pytest.approx(1_115_136 / int(row["payload"]), abs=1)
        low, high = float(row["minus_float32_low"]), float(row["minus_float32_high"])
        assert low <= float(row["minus_float32"]) <= high
    exact, coarse = rows[0], rows[3]
    assert (exact["payload"], float(exact["minus_float32"])) == ("4096", 0)
    assert float(exact["neighbours_kept"]) == 1
    assert coarse["payload"] == "1"
    assert float(coarse["neighbours_kept"]) < float(rows[1]["neighbours_kept"])
    best = [row for row in rows if row["best"]]
    within = [row for row in rows[:4] if float(row["minus_float32"]) >= -0.01]
    assert best == [max(within, key=lambda row: float(row["ratio"]))]
    assert f"{best[0]['code']} is the smallest" in caplog.text
    assert "which is above" in caplog.text
    assert picture.startswith(b"\x89PNG")
    assert compare(coded)[1:] == (first, picture)


def test_a_score_that_is_not_defined_marks_no_code(coded, caplog):
    numbers = np.where(coded.splits == "test", 0.0, np.arange(480) / 7)
    target = coded.write_target("regression", numbers)
    for model, code in coded_of([MODEL], NAMES):
        probe(coded, code, model, target)
    rows, _, picture = compare(coded)
    assert {row["measure"] for row in rows} == {"r2"}
    assert {row[name] for row in rows for name in ("score", "minus_float32", "best")} == {""}
    assert all(float(row["ratio"]) > 0 for row in rows)
    (told,) = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert told.startswith(
        f"land-cover, {MODEL}: the score (r2) is not defined on the scored blocks"
    )
    assert picture.startswith(b"\x89PNG")


def test_other_encoders_are_refused(coded):
    changed = encoder_of(coded, MODEL)
    codes = coded.folder / "codes" / MODEL / "int8.parquet"
    changed.write_bytes(b"trained anew")
    with pytest.raises(UserError, match="embeddings of two encoders do not compare"):
        probe_code(
            settings_of(coded), codes, changed, coded.write_target(), coded.catalogue,
            coded.folder / "probe.parquet",
        )  # fmt: skip
    other = coded.folder / "codes" / PIXELS / "float32.parquet"
    codes.write_bytes(other.read_bytes())
    with pytest.raises(UserError, match="remove the older file"):
        compare(coded)


def test_parts_of_two_encoders_are_refused(corpus, signal):
    embed(corpus, MODEL, signal, digest="f" * 64)
    with pytest.raises(UserError, match="embed all shards anew"):
        encode(corpus, "int8")


def test_an_unknown_code_is_a_sentence(corpus, signal):
    embed(corpus, MODEL, signal)
    with pytest.raises(UserError, match=r"`codes.names` is wrong: there is no code 'int7'"):
        encode(corpus, "int7")


def test_too_few_samples_for_a_codebook_are_a_sentence(corpus, signal):
    embed(corpus, MODEL, signal)
    with pytest.raises(UserError, match="codebook of 256 entries needs as many training samples"):
        encode(corpus, "pq4", most=100)


def test_no_training_blocks_are_a_sentence(corpus, signal):
    embed(corpus, MODEL, signal)
    corpus.write_catalogue(**{str(name): {"split": "test"} for name in corpus.ids})
    with pytest.raises(UserError, match="no accepted sample of the split train"):
        encode(corpus, "int8")


def test_neighbours_are_those_of_scikit_learn():
    values = np.random.default_rng(0).normal(size=(300, 20)).astype(np.float32)
    asking = np.arange(0, 300, 7)
    exact = nearest(values, asking, 10)
    found = NearestNeighbors(n_neighbors=11).fit(values.astype(np.float64))
    expected = found.kneighbors(values[asking].astype(np.float64), return_distance=False)[:, 1:]
    np.testing.assert_array_equal(exact, expected)
    shuffled = exact[:, ::-1].copy()
    assert kept(exact, shuffled) == 1
    shuffled[:, :4] = -1
    assert kept(exact, shuffled) == pytest.approx(0.6)


def test_samples_that_are_all_alike_have_neighbours_that_are_others():
    found = nearest(np.zeros((30, 8), np.float32), np.arange(30), 5)
    assert found.shape == (30, 5)
    assert not (found == np.arange(30)[:, None]).any()


def test_who_asks_is_among_those_that_are_searched():
    ids = np.array([f"{number:03d}" for number in range(100)])
    among, asking = drawn_samples(ids, ids[:30], 10, 40, 1)
    assert (len(among), len(asking)) == (40, 10)
    assert set(among[asking]) <= set(ids[:30])
    assert sorted(among) == among.tolist()
    again = drawn_samples(ids[::-1], ids[:30][::-1], 10, 200, 1)
    assert again[0].tolist() == ids.tolist()
    assert again[0][again[1]].tolist() == among[asking].tolist()
