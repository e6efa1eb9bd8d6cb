"""Files that are beside a file of codes, or stand in its place."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.coder import fit_coder
from speckle2vec.products.code_sizes import code_bytes
from speckle2vec.products.code_writer import write_codes
from speckle2vec.products.codes import decode, decoded


@pytest.fixture
def codes(tmp_path):
    values = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32)
    ids = np.array([f"{number:03d}" for number in range(50)])
    path = tmp_path / "codes.parquet"
    write_codes(path, fit_coder("int8", values, 1), {"encoder": "0123456789ab"}, [(ids, values)])
    return path


@pytest.mark.parametrize("read", [decode, lambda *paths: list(decoded(*paths))])
def test_a_missing_encoder_is_said_to_be_missing_and_not_the_codes(codes, read):
    encoder = codes.with_name("encoder.safetensors")
    with pytest.raises(UserError) as caught:
        read(codes, encoder)
    assert str(caught.value).startswith(f"{encoder}: is missing")


def test_bytes_of_a_table_with_too_few_columns_are_a_sentence(tmp_path):
    path = tmp_path / "codes.parquet"
    pq.write_table(pa.table({"id": ["a"]}), path)
    with pytest.raises(UserError, match="no file of codes"):
        code_bytes(path)
