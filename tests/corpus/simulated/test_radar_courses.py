"""The tables that backscatter is simulated by."""

import numpy as np
import pytest

from speckle2vec.corpus.simulated.radar_courses import COURSES, TRAITS
from speckle2vec.corpus.simulated.surfaces import Surface


def test_every_surface_has_traits_and_all_but_water_a_course():
    assert set(TRAITS) == set(Surface)
    assert set(COURSES) == set(Surface) - {Surface.WATER}


@pytest.mark.parametrize("surface", COURSES)
def test_courses_are_twelve_months_of_likely_values(surface):
    courses = np.array(COURSES[surface])
    assert courses.shape == (2, 12)
    assert (courses > -25).all()
    assert (courses < -4).all()
    assert (courses[0] >= courses[1] + 3).all()  # VV above VH, as C band sees all ground


@pytest.mark.parametrize("surface", COURSES)
def test_no_month_jumps_from_the_one_before_it(surface):
    courses = np.array(COURSES[surface])
    assert np.abs(courses - np.roll(courses, 1, axis=1)).max() <= 3.5
