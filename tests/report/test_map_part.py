"""The section of the map: what its plot holds, which samples are examples, what is said."""

import base64
import json

import numpy as np
import pytest
from tests.report.shown_samples import cover_of, shown_of

from speckle2vec.report.alike import Alike
from speckle2vec.report.map_part import map_part
from speckle2vec.report.projection import Flat
from speckle2vec.report.sheets import Sheets

SHEETS = Sheets(("data:,",), 64, 8)
FEATURES = ("vv_mean", "vh_mean", "vv_std")


def made(shown, cover=None, cosines=None, neighbours=None, flat=None):
    """The section, its plot and what the script of the page is given."""
    count = len(shown.ids)
    flat = flat or Flat(np.arange(2 * count, dtype=np.float32).reshape(count, 2), "pca", 0.5)
    cosines = cosines or [[] for _ in range(count)]
    neighbours = neighbours or [[(own + 1) % count] * len(some)
                                for own, some in enumerate(cosines)]  # fmt: skip
    part = map_part(shown, flat, Alike(neighbours, cosines), SHEETS, cover, FEATURES, "m")
    (block,) = part.blocks
    data = json.loads(block.data, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return part, json.loads(block.plot.figure), data


def values_of(packed):
    """An array as Plotly packs it."""
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])


def names(count):
    return [f"s{place}" for place in range(count)]


def test_examples_are_those_most_like_their_neighbours_in_the_commonest_groups():
    groups = [1, 2, 1, 2, 1, 0, 2, 1]
    cosines = [[0.1, 0.9], [0.4], [0.6, 0.6], [0.7], [0.6, 0.2], [], [], [0.59]]
    commonest = dict(zip(names(8), groups, strict=True))
    _, _, data = made(shown_of(names(8)), cover_of(commonest), cosines)
    assert data["examples"] == [2, 3, 5]


def test_of_groups_as_common_the_first_comes_first_and_empty_ones_give_no_example():
    cover = cover_of({"s0": 2, "s1": 2})
    _, _, data = made(shown_of(names(2)), cover, [[0.5], [0.5]])
    assert data["examples"] == [0]


def test_every_sample_is_drawn_once_where_it_lies_and_in_the_colour_of_its_group():
    commonest = dict(zip(names(5), (2, 1, 2, 0, 1), strict=True))
    places = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    flat = Flat(places, "tsne", 0.3)
    _, figure, data = made(shown_of(names(5)), cover_of(commonest), flat=flat)
    drawn = {}
    for trace in figure["data"]:
        for sample, x, y in zip(
            trace["customdata"], values_of(trace["x"]), values_of(trace["y"]), strict=True
        ):
            assert sample not in drawn
            drawn[sample] = (x, y)
            assert data["names"][data["groups"][sample]] == trace["name"]
            assert data["colours"][data["groups"][sample]] == trace["marker"]["color"]
    np.testing.assert_allclose([drawn[sample] for sample in range(5)], places, rtol=1e-5)
    np.testing.assert_allclose(np.stack([data["x"], data["y"]], axis=1), places, rtol=1e-5)


def test_a_split_keeps_its_colour_where_others_are_missing():
    _, _, every = made(shown_of(names(4), split=["test", "train", None, "validation"]))
    _, _, some = made(shown_of(names(2), split=["test", None]))
    assert every["names"] == ["train", "validation", "test", "no split"]
    assert some["names"] == ["test", "no split"]
    assert some["colours"][0] == every["colours"][2]
    assert len(set(every["colours"])) == 4
    assert [every["names"][group] for group in every["groups"]] == [
        "test", "train", "no split", "validation",
    ]  # fmt: skip


def test_one_sample_of_which_nothing_is_known_is_still_a_map():
    nothing = {"longitude": [None], "latitude": [None], "dates": [None], "split": [None]}
    flat = Flat(np.zeros((1, 2), np.float32), "pca", 0.0)
    part, _, data = made(shown_of(["a"], **nothing), flat=flat)
    assert (data["longitude"], data["latitude"], data["dates"]) == ([None], [None], ["no date"])
    assert data["examples"] == [0]
    assert "variance of 1 embedding," in part.blocks[0].plot.told
    assert part.blocks[0].told.startswith("In the pictures red is VV")


def test_agreement_is_said_where_two_neighbours_have_a_class_and_else_not():
    cosines, neighbours = [[0.9], [0.9], [0.9]], [[1], [0], [0]]
    alike = {"cosines": cosines, "neighbours": neighbours}
    part, _, _ = made(shown_of(names(3)), cover_of({"s0": 1, "s1": 1, "s2": 2}), **alike)
    assert "67\u00a0% have the same commonest land cover; of any two samples 33\u00a0% have" in (
        part.blocks[0].told
    )
    for cover in (None, cover_of({}), cover_of({"s2": 1})):
        part, _, _ = made(shown_of(names(3)), cover, **alike)
        assert "land cover" not in part.blocks[0].told


def test_that_some_were_drawn_is_said():
    part, _, _ = made(shown_of(names(3), total=1234))
    assert "3 of 1,234 samples are drawn at random" in part.told
    assert "drawn at random" not in made(shown_of(names(3)))[0].told
