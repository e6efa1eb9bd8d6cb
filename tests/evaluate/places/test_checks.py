"""What is told of labelled places and samples that do not fit each other."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.checks import (
    Counts,
    check_classes,
    check_conflicts,
    check_found,
    tell_outcome,
)
from speckle2vec.evaluate.places.files import LabelledPlaces
from speckle2vec.evaluate.places.shapes import points
from speckle2vec.settings.places import PlaceLabels


def places_at(longitude, latitude):
    shapes = points(np.array(longitude, float), np.array(latitude, float))
    ids = np.array([f"row {row + 1}" for row in range(len(longitude))])
    return LabelledPlaces("mines.csv", ids, np.full(len(ids), "mine"), shapes)


def join(west, south, east, north, samples=3, without_place=0, found=()):
    """Samples at an extent in degrees."""
    plane = [west, np.degrees(np.sin(np.radians(south))), east,
             np.degrees(np.sin(np.radians(north)))]  # fmt: skip
    return SimpleNamespace(extent=np.array(plane), samples=samples, without_place=without_place,
                           found=np.array(found, int))  # fmt: skip


def declared(**changes):
    return PlaceLabels(path="mines.csv", **changes)


@pytest.mark.parametrize(
    ("extent", "swapped"),
    [((50, 9, 51, 10), True), ((9, 50, 10, 51), False), ((30, 30, 31, 31), False)],
)
def test_places_that_lie_elsewhere_look_swapped_only_where_swapping_helps(extent, swapped):
    with pytest.raises(UserError) as caught:
        check_found(places_at([9.25, 9.75], [50.25, 50.5]), join(*extent))
    told = str(caught.value)
    assert "longitude 9.25 to 9.75, latitude 50.25 to 50.50, the 3 samples at longitude " in told
    assert f"latitude {extent[1]:.2f} to {extent[3]:.2f}" in told
    assert ("look swapped" in told) == swapped


def test_one_place_in_a_sample_is_enough_and_samples_without_place_are_told():
    check_found(places_at([9], [50]), join(30, 30, 31, 31, found=[0]))
    nowhere = join(0, 0, 0, 0, samples=0, without_place=7)
    with pytest.raises(UserError, match="None of the 7 accepted samples has a known place"):
        check_found(places_at([9], [50]), nowhere)


def test_samples_of_several_classes_are_counted_where_they_are_refused():
    table = pa.table({"id": ["a", "b", "c", "d"], "classes": [1, 2, 0, 3]})
    with pytest.raises(
        UserError, match=r"lie in the sample b, as in 2 samples in all; .*`places\."
    ):
        check_conflicts("mines", declared(), places_at([9], [50]), table)
    check_conflicts("mines", declared(conflicts="leave-out"), places_at([9], [50]), table)
    check_conflicts("mines", declared(), places_at([9], [50]), table.slice(0, 1))


def test_of_classes_as_rare_the_first_by_name_is_looked_for():
    assert Counts(("coal", "mine", "ore"), (5, 2, 2)).rarest == "mine"
    assert Counts(("10", "9"), (1, 1)).rarest == "10"


def test_one_class_and_a_class_that_no_sample_is_of_are_sentences():
    places = places_at([9], [50])
    with pytest.raises(UserError, match=r"of one class \(4 of mine\), so there is nothing to tell"):
        check_classes("mines", declared(), places, Counts(("mine",), (4,)))
    both = Counts(("mine", "ore"), (4, 1))
    check_classes("mines", declared(positive="ore"), places, both)
    with pytest.raises(UserError, match=r"class 'coal', .*there are 4 of mine, 1 of ore\."):
        check_classes("mines", declared(positive="coal"), places, both)


def test_where_every_sample_is_left_out_nothing_is_said_to_be_of_one_class():
    with pytest.raises(UserError) as caught:
        check_classes("mines", declared(), places_at([9], [50]), Counts((), ()))
    assert "one class" not in str(caught.value)


def test_only_what_takes_no_part_is_warned_of(caplog):
    counts = {"places_in_samples": 1, "samples": {"mine": 2}, "samples_of_several_classes": 0,
              "samples_below_share": 0, "share": 0.5}  # fmt: skip
    with caplog.at_level("INFO", logger="speckle2vec"):
        tell_outcome(
            places_at([9], [50]), SimpleNamespace(about=counts), join(9, 50, 10, 51, found=[0])
        )
    assert [record.levelname for record in caplog.records] == ["INFO"]
    caplog.clear()
    some = {**counts, "samples_of_several_classes": 4, "samples_below_share": 3}
    three = places_at([9, 10, 11], [50, 50, 50])
    tell_outcome(
        three, SimpleNamespace(about=some), join(9, 50, 10, 51, without_place=6, found=[0])
    )
    assert "2 of 3 places lie in no accepted sample, such as row 2." in caplog.text
    assert "4 samples hold places of several classes and are left out" in caplog.text
    assert "3 samples share less than `share` (0.5)" in caplog.text
    assert "6 accepted samples have no known place" in caplog.text
