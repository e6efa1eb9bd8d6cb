import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.encoders import (
    EncoderFile,
    check_compatible,
    normalise,
    read_encoder,
    write_encoder,
)
from speckle2vec.products.statistics import Statistics

ATTRIBUTES = {
    "features": ["vv", "vh"],
    "units": {"vv": "dB", "vh": "dB"},
    "calibration": "sigma0",
    "recipe": {"feature_set": "sar-temporal", "size": 64},
    "sha256": "of the pixels",
}


def encoder():
    statistics = Statistics(
        ("vv", "vh"),
        {"vv": "dB", "vh": "dB"},
        "sigma0",
        (8.0, 8.0),
        (-12.0, -20.1),
        (5.0, 0.0),
        "f",
    )
    weights = {
        "b.weight": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "a.counted": np.array(3),
        **{f"layer{index}": np.full(2, index, np.float32) for index in range(20)},
    }
    return EncoderFile(
        architecture="cnn-transformer", channels=2, settings={"dropout": 0.1},
        statistics=statistics, recipe=ATTRIBUTES["recipe"], method="simclr",
        training={"epochs": 2, "method": {"temperature": 0.5}}, seed=42, data="d", samples=10,
        code="c", versions={"torch": "2", "numpy": "2"}, weights=weights,
    )  # fmt: skip


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
    code = "import sys, importlib.util as u; from pathlib import Path; "
    code += f"s = u.spec_from_file_location('t', {str(Path(__file__))!r}); "
    code += "t = u.module_from_spec(s); s.loader.exec_module(t); "
    code += "t.write_encoder(t.encoder(), Path(sys.argv[1]))"
    written = set()
    for seed in range(3):
        path = tmp_path / f"{seed}.safetensors"
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=environment)
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
    from safetensors.numpy import save_file

    save_file({"a": np.zeros(2)}, path)
    with pytest.raises(UserError, match="no encoder of speckle2vec"):
        read_encoder(path)


def test_cubes_like_those_of_the_training_are_accepted():
    check_compatible(encoder(), ATTRIBUTES, Path("cubes.zarr.zip"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"features": ["vh", "vv"]}, 'features is ["vh", "vv"], not ["vv", "vh"]'),
        ({"units": {"vv": "linear", "vh": "dB"}}, 'units of vv is "linear", not "dB"'),
        ({"calibration": "gamma0"}, 'calibration is "gamma0", not "sigma0"'),
        ({"calibration": None}, 'calibration is null, not "sigma0"'),
        ({"recipe": {"feature_set": "sar-temporal", "size": 32}}, "recipe of size is 32, not 64"),
    ],
)
def test_cubes_that_mean_something_else_are_refused_and_told_apart(change, told):
    with pytest.raises(UserError) as refused:
        check_compatible(encoder(), {**ATTRIBUTES, **change}, Path("demo/1.zarr.zip"))
    sentence = str(refused.value)
    assert sentence.startswith("demo/1.zarr.zip: does not fit the encoder")
    assert told in sentence
    assert "Make the cubes with the settings the encoder was trained with" in sentence


def test_normalising_a_constant_feature_and_missing_pixels():
    cubes = np.full((1, 2, 2, 2), -2.0, np.float32)
    cubes[0, :, 0, 0], cubes[0, :, 0, 1] = np.nan, np.inf
    values = normalise(cubes, encoder().statistics)
    np.testing.assert_allclose(values[0, 0], [[0, 0], [2, 2]])
    np.testing.assert_array_equal(values[0, 1], np.zeros((2, 2)))
    assert values.dtype == np.float32
    assert np.isnan(cubes).sum() == 2
