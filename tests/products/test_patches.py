import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.products.patches import filled, kept, reflect

SIDES = st.integers(1, 60)


@given(native=SIDES, side=SIDES)
def test_what_is_kept_is_the_middle_and_lies_in_the_middle(native, side):
    shown, place = kept(native, side), filled(native, side)
    assert shown.stop - shown.start == place.stop - place.start == min(native, side)
    for part, whole in ((shown, native), (place, side)):
        before, after = part.start, whole - part.stop
        assert 0 <= after - before <= 1


@given(height=st.integers(2, 12), width=st.integers(2, 12), more=st.integers(0, 30))
def test_reflection_against_a_walk(height, width, more):
    image = np.arange(height * width).reshape(1, height, width)
    found = reflect(image, height + more, width)[0]
    start = filled(height, height + more).start
    for row in range(height + more):
        steps, position = row - start, 0
        direction = 1 if steps > 0 else -1
        for _ in range(abs(steps)):
            at_end = position == (height - 1 if direction > 0 else 0)
            direction = -direction if at_end else direction
            position += direction
        np.testing.assert_array_equal(found[row], image[0, position])


@pytest.mark.parametrize("dtype", ["float16", "uint8"])
def test_nothing_changes_where_nothing_is_missing(dtype):
    image = np.arange(24, dtype=dtype).reshape(2, 3, 4)
    found = reflect(image, 3, 4)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, image)
