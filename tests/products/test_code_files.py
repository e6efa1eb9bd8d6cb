"""Files of codes: read back by one call, whole, equal, and of one encoder."""

import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.coder import fit_coder
from speckle2vec.products import code_writer as product
from speckle2vec.products.code_sizes import code_bytes
from speckle2vec.products.code_writer import write_codes
from speckle2vec.products.codes import decode, decoded, read_codes

SAMPLES, WIDTH = 500, 16


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(SAMPLES, WIDTH)).astype(np.float32)


@pytest.fixture
def ids():
    return np.array([f"{number:07d}" for number in np.random.default_rng(1).permutation(SAMPLES)])


@pytest.fixture
def encoder(tmp_path):
    path = tmp_path / "encoder.safetensors"
    path.write_bytes(b"weights")
    return path


def write(path, name, ids, values, encoder, batch=120):
    coder = fit_coder(name, values, 3)
    about = {"encoder": hashlib.sha256(encoder.read_bytes()).hexdigest()}
    starts = range(0, len(ids), batch)
    parts = ((ids[start : start + batch], values[start : start + batch]) for start in starts)
    write_codes(path, coder, about, parts)
    return coder


@pytest.mark.parametrize("name", ["float32", "float16", "int8", "int4", "binary", "pca4-pq2x4"])
def test_one_call_reads_back(tmp_path, ids, values, encoder, name):
    coder = write(tmp_path / "code.parquet", name, ids, values, encoder)
    found, numbers = decode(tmp_path / "code.parquet", encoder)
    order = np.argsort(ids)
    assert found.tolist() == ids[order].tolist()
    np.testing.assert_array_equal(numbers, coder.decode(coder.encode(values))[order])


def test_reading_goes_in_parts(tmp_path, ids, values, encoder):
    write(tmp_path / "code.parquet", "int8", ids, values, encoder)
    sizes = [len(names) for names, _ in decoded(tmp_path / "code.parquet", size=64)]
    assert sum(sizes) == SAMPLES
    assert max(sizes) == 64


def test_many_row_groups_hold_the_decoder_once(tmp_path, ids, values, encoder, monkeypatch):
    monkeypatch.setattr(product, "GROUP", 200)
    path = tmp_path / "code.parquet"
    write(path, "float32", ids, values, encoder)
    assert pq.ParquetFile(path).num_row_groups == 3
    assert pq.read_table(path)["decoder"].null_count == SAMPLES - 1
    found, numbers = decode(path)
    where = {name: row for row, name in enumerate(ids)}
    np.testing.assert_array_equal(numbers, values[[where[name] for name in found]])


def test_equal_embeddings_are_equal_bytes(tmp_path, ids, values, encoder):
    for name in ("int8", "pq4x4"):
        paths = [tmp_path / f"{number}.parquet" for number in range(2)]
        for path in paths:
            write(path, name, ids, values, encoder)
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_others_read_the_table(tmp_path, ids, values, encoder):
    path = tmp_path / "code.parquet"
    write(path, "int8", ids, values, encoder)
    frame = pd.read_parquet(path)
    assert list(frame) == ["id", "code", "decoder"]
    assert {len(code) for code in frame["code"]} == {WIDTH}
    assert frame["decoder"].notna().sum() == 1


def test_bytes_are_those_of_the_file(tmp_path, ids, values, encoder):
    path = tmp_path / "code.parquet"
    write(path, "int8", ids, values, encoder)
    found = code_bytes(path)
    assert found.total == path.stat().st_size
    assert (found.payload, found.samples) == (WIDTH, SAMPLES)
    assert found.each() == pytest.approx(path.stat().st_size / SAMPLES)
    many = np.array([f"{number:07d}" for number in range(4 * SAMPLES)])
    more = tmp_path / "more.parquet"
    write(more, "int8", many, np.tile(values, (4, 1)), encoder)
    assert found.each(4 * SAMPLES) < found.each()
    assert code_bytes(more).each(SAMPLES) > code_bytes(more).each()


def test_another_encoder_is_a_sentence(tmp_path, ids, values, encoder):
    path, other = tmp_path / "code.parquet", tmp_path / "other.safetensors"
    write(path, "int8", ids, values, encoder)
    other.write_bytes(b"others")
    with pytest.raises(UserError, match="embeddings of two encoders do not compare"):
        decode(path, other)


def test_damaged_files_are_a_sentence(tmp_path, ids, values, encoder):
    path = tmp_path / "code.parquet"
    write(path, "int8", ids, values, encoder)
    path.write_bytes(path.read_bytes()[:-40])
    for read in (read_codes, decode, code_bytes):
        with pytest.raises(UserError, match=r"code.parquet: is missing, damaged or no file of"):
            read(path)


def test_other_tables_are_a_sentence(tmp_path):
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "code.parquet")
    with pytest.raises(UserError, match="no file of codes"):
        read_codes(tmp_path / "code.parquet")


def test_nothing_to_encode_is_a_sentence(tmp_path, values):
    coder = fit_coder("int8", values, 1)
    with pytest.raises(UserError, match="there is no embedding to encode"):
        write_codes(tmp_path / "code.parquet", coder, {"encoder": ""}, [])
    assert list(tmp_path.iterdir()) == []
