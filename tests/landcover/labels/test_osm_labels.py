"""Labels from layers of OpenStreetMap: which class is on top, and what no class is."""

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.classes import OUTSIDE, Legend
from speckle2vec.landcover.labels.osm import open_source
from speckle2vec.landcover.labels.run import label_shard
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import open_labels
from speckle2vec.products.osm_layer_writer import SampleLayers, write_layers
from speckle2vec.products.osm_layers import UNCOVERED, LayerClass
from speckle2vec.settings.labels import Labels
from speckle2vec.settings.load import parse_settings

AFFINE = (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_320_000.0)
CLASSES = (
    LayerClass("buildings", "house", 1, 101, "#aa0000", True),
    LayerClass("water", "lake", 1, 504, "#0000aa", True),
    LayerClass("water", "dam", 2, 510, "#0000bb", False),
    LayerClass("nature", "forest", 1, 703, "#00aa00", True),
    LayerClass("nature", "heath", 2, 705, "#00bb00", True),
)


@pytest.fixture
def layers(tmp_path):
    """Layers of two samples of 4x5 pixels; forest below, then a lake, a dam, a house."""
    image = np.zeros((3, 4, 5), np.uint8)
    image[2, :, :4] = 1
    image[2, 3] = 2
    image[1, 1:3, 1:4] = 1
    image[1, 1, 2:] = 2
    image[0, 2, 2] = 1
    image[:, :, 4] = UNCOVERED
    grid = ("EPSG:32633", AFFINE, 4, 5)
    samples = [SampleLayers("a", "here", 0, grid, image),
               SampleLayers("b", "there", 1, grid, np.full_like(image, UNCOVERED))]  # fmt: skip
    path = tmp_path / "osm" / "tiny" / "train-000001.zarr.zip"
    told = {"source": {"file": "tiny.osm.pbf", "extent": "POLYGON EMPTY"}, "licence": "ODbL",
            "bounds": [14, 47, 15, 48]}  # fmt: skip
    write_layers(path, samples, [(4, 5), (4, 5)], CLASSES, told)
    return path


def read(path, place="here", affine=AFFINE, **values):
    labels = Labels(source="osm", **values)
    legend = Legend(labels)
    source = open_source(labels, {"": str(path)}, legend)
    return source.read(place, GeoBox((4, 5), Affine(*affine), "EPSG:32633")), legend, source


def names(legend):
    return [(one.index, one.code, one.name, one.colour) for one in legend.classes]


def test_themes_cover_each_other_in_their_order(layers):
    image, legend, _ = read(layers)
    assert names(legend) == [(1, 101, "buildings", "#aa0000"), (2, 504, "water", "#0000aa"),
                             (3, 703, "nature", "#00aa00")]  # fmt: skip
    expected = np.full((4, 5), 3, np.uint8)
    expected[1, 1] = 2  # the dam beside it covers no ground: what is below it is seen
    expected[2, 1:4] = 2
    expected[2, 2] = 1
    expected[:, 4] = OUTSIDE
    np.testing.assert_array_equal(image, expected)
    assert not legend.unknown


def test_single_classes(layers):
    image, legend, _ = read(layers, level=2)
    assert [one.name for one in legend.classes] == ["house", "lake", "forest", "heath"]
    assert image[3, :4].tolist() == [4, 4, 4, 4]
    assert image[0, :4].tolist() == [3, 3, 3, 3]


def test_own_classes_by_code(layers):
    """What they do not name is nodata and told, what is below it is not shown."""
    image, legend, _ = read(layers, classes={504: "wet", 703: "dry", 705: "dry"})
    assert [one.name for one in legend.classes] == ["wet", "dry"]
    assert image[2, 1:4].tolist() == [1, 0, 1]
    assert dict(legend.unknown) == {"101": 1}


def test_a_pixel_without_a_class_is_not_outside(layers):
    image, _, _ = read(layers, classes={504: "wet"}, nodata_codes=[101, 703, 705])
    assert (image[0, :4] == 0).all()
    image, _, source = read(layers, "there")
    assert (image == OUTSIDE).all()
    assert source.extent() == "longitude 14.00 to 15.00, latitude 47.00 to 48.00"


def test_another_grid_is_refused(layers):
    with pytest.raises(UserError, match="does not hold the place here on its grid; remove it"):
        read(layers, affine=(20.0, *AFFINE[1:]))
    with pytest.raises(UserError, match="does not hold the place nowhere"):
        read(layers, "nowhere")


def test_missing_layers_are_told(tmp_path):
    with pytest.raises(UserError, match="there are no layers of OpenStreetMap"):
        read(tmp_path / "none.zarr.zip")


def test_too_many_classes(layers):
    with pytest.raises(UserError, match=r"has 201 classes, but labels hold 200; set `labels.level"):
        Legend(Labels(source="osm")).adopt({code: str(code) for code in range(201)}, {})


def test_a_shard_of_labels(layers, tmp_path, catalogue):
    grid = GeoBox((4, 5), Affine(*AFFINE), "EPSG:32633")
    part = catalogue([grid, grid], ["here", "there"])
    settings = parse_settings(
        {"corpora": {"tiny": {"source": "simulated"}}, "labels": {"source": "osm"}}, "test"
    )
    output = tmp_path / "labels.zarr.zip"
    label_shard(settings, ShardKey("tiny", "train-000001"), part, tmp_path / "made", output)
    with open_labels(output) as shard:
        assert shard.counts.tolist() == [[4, 1, 3, 12], [20, 0, 0, 0]]
        assert shard.covered.tolist() == [0.8, 0]
        assert [one.name for one in shard.classes] == ["buildings", "water", "nature"]
        assert shard.attributes["source"]["file"] == "tiny.osm.pbf"
        assert shard.attributes["source"]["kind"] == "osm"


def test_a_path_is_that_of_the_extract():
    with pytest.raises(ValueError, match=r"reads `osm.path`; leave `labels.path` out"):
        Labels(source="osm", path="somewhere")
