"""Damaged files end in one sentence, whatever is wrong with them.

`FUZZ` is the number of damaged files a kind: `make faults` tries many more than CI does.
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.faults.few_products import KINDS

from speckle2vec.errors import UserError

FUZZ = int(os.environ.get("FUZZ", "60"))


def flipped(content, flips):
    """Bytes with some of their bits the other way round."""
    damaged = bytearray(content)
    for place, bit in flips:
        damaged[place % len(damaged)] ^= 1 << bit
    return bytes(damaged)


DAMAGES = st.one_of(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 7)), min_size=1, max_size=8).map(
        lambda flips: lambda content: flipped(content, flips)
    ),
    st.floats(0, 1, exclude_max=True).map(
        lambda share: lambda content: content[: int(share * len(content))]
    ),
    st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=64)).map(
        lambda put: (
            lambda content: (
                content[: int(put[0] * len(content))]
                + put[1]
                + content[int(put[0] * len(content)) :]
            )
        )
    ),
    st.binary(max_size=256).map(lambda other: lambda content: other),
)


@pytest.mark.parametrize("name", KINDS)
@given(damage=DAMAGES)
@settings(
    max_examples=FUZZ, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_fault_a_damaged_file_is_read_or_refused_in_a_sentence(tmp_path, name, damage):
    write, read = KINDS[name]
    whole, damaged = tmp_path / f"whole-{name}", tmp_path / name
    if not whole.exists():
        write(whole)
        read(whole)
    damaged.write_bytes(damage(whole.read_bytes()))
    told = sentence_of(read, damaged)
    assert told is None or name in told


def sentence_of(read, path):
    """What reading says of a file, or nothing where it can be read."""
    try:
        read(path)
    except UserError as error:
        return str(error)
    return None
