"""Which pairs are taken, and what becomes of samples that have none."""

import logging

import numpy as np
from tests.preprocess.drawn_pairs import (
    OPTICAL,
    UNDATED,
    DrawnOptical,
    DrawnRadar,
    recorded,
)

from speckle2vec.products.cubes import open_cubes


def test_samples_without_a_pair_are_left_out_with_their_reason(preprocess, caplog):
    shapes = [(40, 40)] * 3

    class Some(DrawnOptical):
        def dates(self, sample):
            return self.given if sample.row == 1 else (OPTICAL[1],)

    with caplog.at_level(logging.INFO, logger="speckle2vec"):
        path = preprocess(shapes, Some(shapes))
    assert "stacks/place-1: 2 of 3 samples have no pair within 3 days." in caplog.text
    with open_cubes(path) as cubes:
        assert cubes.sample_ids == ("s1",)
        assert cubes.rows.tolist() == [1]
        assert cubes.cubes.shape == (1, 14, 40, 40)
        assert cubes.moments.mean.shape == (1, 14)
        assert set(cubes.attributes["left_out"]) == {"s0", "s2"}
        assert cubes.attributes["left_out"]["s0"] == (
            "the nearest Sentinel-2 image, of 2020-05-30, is 3.8 days away, more than "
            "`preprocess.fusion.days` (3)"
        )
        expected = Some(shapes).whole(1, 2).astype(np.float16)
        np.testing.assert_array_equal(cubes.read(0, 1)[0, :12], expected)


def test_a_setting_admits_a_farther_pair(preprocess):
    shapes = [(40, 40)]
    path = preprocess(shapes, DrawnOptical(shapes, OPTICAL[1:2]), changed={"days": 4})
    np.testing.assert_allclose(recorded(path)["delay_days"], [-3 - 19 / 24])
    with open_cubes(path) as cubes:
        assert cubes.attributes["left_out"] == {}


def test_a_shard_of_which_nothing_is_left(preprocess, caplog):
    shapes = [(40, 48)] * 2
    with caplog.at_level(logging.INFO, logger="speckle2vec"):
        path = preprocess(shapes, DrawnOptical(shapes, None))
    assert "2 of 2 samples have no Sentinel-2 image." in caplog.text
    with open_cubes(path) as cubes:
        assert cubes.cubes.shape == (0, 14, 40, 48)
        assert cubes.attributes["left_out"]["s1"] == "there is no Sentinel-2 image of place s1"
    assert recorded(path)["native"].shape == (0, 2)


def test_an_image_with_gaps_gives_way_to_the_next_closest_pair(preprocess):
    shapes = [(40, 40)]
    optical = DrawnOptical(shapes, gaps={2: 0.1})
    path = preprocess(shapes, optical)
    assert optical.reads == [(0, 2), (0, 0)]
    np.testing.assert_allclose(recorded(path)["delay_days"], [2 + 5 / 24])
    with open_cubes(path) as cubes:
        radar = DrawnRadar(shapes).read(0)[0].astype(np.float16)
        np.testing.assert_array_equal(cubes.read(0, 1)[0, 12:], radar)


def test_a_sample_whose_pairs_are_all_unusable_is_left_out(preprocess, caplog):
    shapes = [(40, 40)]
    optical = DrawnOptical(shapes, gaps={2: 0.1, 0: None})
    with caplog.at_level(logging.INFO, logger="speckle2vec"):
        path = preprocess(shapes, optical)
    assert "1 of 1 samples have a pair whose images cannot be used." in caplog.text
    with open_cubes(path) as cubes:
        assert cubes.attributes["left_out"]["s0"] == (
            "B05 has 90.0% usable pixels, less than `minimum_valid` (95.0%); b.tif covers other "
            "ground than Sentinel-1"
        )


def test_few_gaps_are_filled_with_the_median(preprocess):
    shapes = [(40, 40)]
    optical = DrawnOptical(shapes, gaps={2: 0.05})
    with open_cubes(preprocess(shapes, optical)) as cubes:
        band = cubes.read(0, 1)[0, 4]
        assert cubes.attributes["nodata"] == "median of the finite pixels of the same band"
    whole = optical.whole(0, 2)[4]
    np.testing.assert_array_equal(band[2:], whole[2:].astype(np.float16))
    assert set(band[:2].ravel()) == {np.float16(np.median(whole[2:]))}


def test_an_unknown_date_pairs_only_where_a_setting_says_so(preprocess):
    shapes = [(40, 40)]
    optical = DrawnOptical(shapes, (np.datetime64("NaT", "ms"),))
    with open_cubes(preprocess(shapes, optical)) as cubes:
        assert "is not known, so they cannot be paired" in cubes.attributes["left_out"]["s0"]
    path = preprocess(shapes, optical, corpus=UNDATED)
    assert np.isnan(recorded(path)["delay_days"]).all()
    with open_cubes(path) as cubes:
        assert np.isnat(cubes.dates[0, 0])
