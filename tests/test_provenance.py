import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.provenance import code_only, fingerprint, generator, stream_seed, versions

CODE = '''
def area(width, height):
    """Square metres."""
    # a comment
    return width * height
'''


def test_streams_are_independent_of_each_other_and_repeatable():
    assert stream_seed(1, "views", 3) == stream_seed(1, "views", 3)
    seeds = {stream_seed(seed, "views", epoch) for seed in range(20) for epoch in range(20)}
    assert len(seeds) == 400
    assert stream_seed(1, "views", 3) != stream_seed(1, "order", 3)


@given(st.integers(0, 2**40), st.text(max_size=10))
def test_a_seed_fits_every_library(seed, name):
    assert 0 <= stream_seed(seed, name) < 2**63


def test_generator_repeats_its_numbers():
    first, again = (generator(5, "a", 1).normal(size=8) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, generator(5, "a", 2).normal(size=8))


@pytest.mark.parametrize(
    "same",
    [
        CODE.replace("# a comment", "# another"),
        CODE.replace('"""Square metres."""', '"""Square feet."""'),
        CODE.replace("width * height", "(width   *\n        height)"),
    ],
)
def test_comments_docstrings_and_formatting_do_not_count(same):
    assert code_only(same) == code_only(CODE)


def test_what_the_code_does_counts():
    assert code_only(CODE.replace("*", "+")) != code_only(CODE)


def test_a_function_that_is_only_a_docstring_is_still_code():
    assert code_only('def nothing():\n    """Nothing."""') == "def nothing():\n    pass"


def test_fingerprint_follows_imports_but_not_settings():
    reached = fingerprint("speckle2vec.products.cubes")
    assert reached != fingerprint("speckle2vec.products.stores")
    assert reached == fingerprint("speckle2vec.products.cubes", "speckle2vec.products.stores")
    assert reached != fingerprint("speckle2vec.products.cubes", "speckle2vec.products.catalogue")


def test_fingerprint_imports_nothing():
    program = (
        "import sys; from speckle2vec.provenance import fingerprint;"
        "fingerprint('speckle2vec.products.cubes'); assert 'zarr' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_fingerprint_of_a_missing_module_is_an_error():
    with pytest.raises(ModuleNotFoundError, match="no_such_stage"):
        fingerprint("speckle2vec.no_such_stage")


def test_a_version_is_looked_up_once(monkeypatch):
    asked = []
    monkeypatch.setattr("importlib.metadata.version", lambda name: asked.append(name) or "1")
    assert [versions("nobody-has-this")["nobody-has-this"] for _ in range(3)] == ["1"] * 3
    assert asked.count("nobody-has-this") == 1


def test_versions_name_this_package_first():
    assert list(versions("numpy")) == ["speckle2vec", "numpy"]
    assert versions("numpy")["numpy"] == np.__version__
