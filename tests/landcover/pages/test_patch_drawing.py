import numpy as np
import pytest
from matplotlib.figure import Figure

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.classes import Legend
from speckle2vec.landcover.pages.patch_drawing import (
    class_patches,
    coloured,
    radar,
    right_and_wrong,
    show_optical,
    stretch,
    true_colour,
)
from speckle2vec.settings.labels import Labels

CLASSES = Legend(Labels()).classes


def test_a_stretch_of_known_values():
    values = np.array([-1, 0, 1, 2, 4, 5, np.nan, np.inf], np.float32)
    assert stretch(values, 0, 4).tolist() == [0, 0, 64, 128, 255, 255, 255, 255]
    assert stretch(values, 0, 4, gamma=2).tolist() == [0, 0, 128, 180, 255, 255, 255, 255]


def test_true_colour_takes_red_green_and_blue_in_this_order():
    cube = np.zeros((4, 1, 2), np.float32)
    cube[:, 0, 0] = 0.9, 0.0, 0.15, 0.3
    image = true_colour(cube, ("B08", "B02", "B03", "B04"))
    assert image is not None
    assert image[0, 0].tolist() == [255, round(255 * 0.5 ** (1 / 1.5)), 0]
    assert image[0, 1].tolist() == [0, 0, 0]
    assert true_colour(cube, ("vv_mean", "B02", "B03", "B08")) is None


def test_people_know_what_they_see():
    reflectances = {"meadow": (0.05, 0.08, 0.04), "water": (0.02, 0.03, 0.04),
                    "soil": (0.18, 0.13, 0.09)}  # fmt: skip
    cube = np.array(list(reflectances.values()), np.float32).T[:, None, :]
    image = true_colour(cube, ("B04", "B03", "B02")).astype(int)[0]
    meadow, water, soil = image
    assert meadow.argmax() == 1
    assert water.argmax() == 2
    assert soil.argmax() == 0
    assert water.sum() < meadow.sum() < soil.sum()


@pytest.mark.parametrize("names", [("vv_mean", "vh_mean"), ("VV", "VH")])
def test_radar_is_drawn_of_both_feature_sets(names):
    cube = np.array([-10, -17], np.float32).reshape(2, 1, 1)
    swapped = radar(cube[::-1], names[::-1])
    assert radar(cube, names)[0, 0].tolist() == [128, 128, round(255 * 5 / 12)]
    assert np.array_equal(swapped, radar(cube, names))


def test_features_without_backscatter_are_told():
    with pytest.raises(UserError, match="The features a, b hold no backscatter to draw"):
        radar(np.zeros((2, 1, 1), np.float32), ("a", "b"))


def test_every_pixel_has_the_colour_of_its_class():
    labels = np.array([[0, 1, 2], [3, 4, 5]], np.uint8)
    found = [
        "#{:02x}{:02x}{:02x}".format(*pixel) for pixel in coloured(labels, CLASSES).reshape(-1, 3)
    ]
    assert found == ["#ffffff", "#e6004d", "#ffffa8", "#80ff00", "#a6a6ff", "#00ccf2"]


def test_right_wrong_and_not_known():
    truth = np.array([[1, 1, 0, 2]], np.uint8)
    predicted = np.array([[1, 2, 2, 0]], np.uint8)
    grey, red, white = [0xD0] * 3, [0xC0, 0x14, 0x3C], [255] * 3
    assert right_and_wrong(truth, predicted)[0].tolist() == [grey, red, white, white]


def test_a_legend_names_what_is_shown_and_no_more():
    shown = np.array([[5, 1, 0]], np.uint8)
    entries = [
        (patch.get_label(), patch.get_facecolor()) for patch in class_patches(CLASSES, shown)
    ]
    assert [name for name, _ in entries] == ["Artificial surfaces", "Water bodies", "no label"]
    assert np.rint(np.array(entries[1][1]) * 255).tolist() == [0, 204, 242, 255]


def test_an_image_of_clouds_says_so():
    axes = Figure().subplots(1, 2)
    for one, level in zip(axes, (255, 80), strict=True):
        show_optical(one, np.full((4, 4, 3), level, np.uint8))
    assert [len(one.texts) for one in axes] == [1, 0]
