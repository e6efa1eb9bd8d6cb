"""Weights on disk."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from speckle2vec.products.weights import ENTRY, read_weights, write_weights

ABOUT = {"method": "vae", "seed": 7}
ARRAYS = st.dictionaries(
    st.text("abc.", min_size=1, max_size=5),
    npst.arrays(
        st.sampled_from([np.float32, np.int64]),
        npst.array_shapes(min_dims=0, max_dims=3, max_side=3),
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("weights") / "weights.safetensors"


@given(ARRAYS)
def test_every_shape_and_number_comes_back(path, weights):
    write_weights(weights, ABOUT, path)
    about, read = read_weights(path)
    assert about == ABOUT
    assert read.keys() == weights.keys()
    for name, value in weights.items():
        np.testing.assert_array_equal(read[name], value)
        assert (read[name].dtype, read[name].shape) == (value.dtype, value.shape)


@given(ARRAYS, st.randoms(use_true_random=False))
def test_bytes_do_not_depend_on_the_order_of_names(path, weights, random):
    write_weights(weights, ABOUT, path)
    first = path.read_bytes()
    shuffled = random.sample(list(weights.items()), len(weights))
    write_weights(dict(shuffled), dict(reversed(ABOUT.items())), path)
    assert path.read_bytes() == first


def test_arrays_in_any_memory_order_are_the_same(path):
    square = np.arange(6, dtype=np.float32).reshape(2, 3)
    write_weights({"a": square}, ABOUT, path)
    first = path.read_bytes()
    write_weights({"a": np.asfortranarray(square)}, ABOUT, path)
    assert path.read_bytes() == first


def test_a_flipped_bit_of_a_weight_is_damage(path):
    write_weights({"a": np.zeros(4, np.float32)}, ABOUT, path)
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(bytes(damaged))
    assert load_file(path)["a"].any()  # safetensors itself does not see it
    with pytest.raises(ValueError, match="it has changed since it was written"):
        read_weights(path)


def test_weights_without_what_they_are_are_refused(path):
    save_file({"a": np.zeros(2)}, path)
    with pytest.raises(TypeError):
        read_weights(path)
    save_file({"a": np.zeros(2)}, path, {ENTRY: "{"})
    with pytest.raises(ValueError, match="Expecting property name"):
        read_weights(path)
    path.write_bytes(b"none of it")
    with pytest.raises(SafetensorError):
        read_weights(path)
