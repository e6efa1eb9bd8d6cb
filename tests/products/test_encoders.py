"""Trained encoders on disk."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tests.products.written_encoder import encoder

from speckle2vec.errors import UserError
from speckle2vec.products.encoders import check_trained, promise_of, read_encoder, write_encoder

ROOT = Path(__file__).parents[2]


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "encoder.safetensors"
    write_encoder(encoder(), path)
    read, written = read_encoder(path), encoder()
    assert replace(read, weights={}) == replace(written, weights={})
    assert read.weights.keys() == written.weights.keys()
    for name, value in written.weights.items():
        np.testing.assert_array_equal(read.weights[name], value)
        assert read.weights[name].dtype == value.dtype


def test_equal_encoders_are_equal_bytes_in_every_process(tmp_path):
    code = (
        "import sys; from pathlib import Path; from tests.products.written_encoder import encoder; "
    )
    code += "from speckle2vec.products.encoders import write_encoder; "
    code += "write_encoder(encoder(), Path(sys.argv[1]))"
    written = set()
    for seed in range(3):
        path = tmp_path / f"{seed}.safetensors"
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        subprocess.run(
            [sys.executable, "-c", code, str(path)], check=True, env=environment, cwd=ROOT
        )
        written.add(path.read_bytes())
    assert len(written) == 1


def test_a_damaged_or_foreign_file_is_one_sentence(tmp_path):
    path = tmp_path / "encoder.safetensors"
    with pytest.raises(UserError, match="is missing, damaged or no encoder"):
        read_encoder(path)
    write_encoder(encoder(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with pytest.raises(UserError, match="remove it and run the same command again"):
        read_encoder(path)
    save_file({"a": np.zeros(2)}, path)
    with pytest.raises(UserError, match="no encoder of speckle2vec"):
        read_encoder(path)


def test_an_encoder_is_known_by_its_model():
    check_trained(Path("e"), encoder(), promise_of("sar-temporal/simclr/cnn-transformer", 42))
    check_trained(Path("e"), encoder(), promise_of("sar-temporal/simclr/cnn-transformer@42", 7))
    check_trained(Path("e"), encoder(), {})


@pytest.mark.parametrize(
    ("model", "seed"),
    [
        ("fusion/simclr/cnn-transformer", 42),
        ("sar-temporal/vae/cnn-transformer", 42),
        ("sar-temporal/simclr/resnet18", 42),
        ("sar-temporal/simclr/cnn-transformer", 7),
        ("sar-temporal/simclr/cnn-transformer@7", 42),
    ],
)
def test_an_encoder_of_another_model_is_refused(model, seed):
    with pytest.raises(UserError, match=r"models/encoder\.safetensors: "):
        check_trained(Path("models/encoder.safetensors"), encoder(), promise_of(model, seed))
