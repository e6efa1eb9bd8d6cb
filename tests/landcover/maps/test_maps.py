import re

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from affine import Affine
from odc.geo.geobox import GeoBox

from speckle2vec.errors import UserError
from speckle2vec.landcover.maps.cogs import class_map, probability_map
from speckle2vec.landcover.maps.mapped import find_samples
from speckle2vec.landcover.maps.run import write_map
from speckle2vec.landcover.maps.wanted import Wanted
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import LabelClass


@pytest.fixture
def draw(corpus, segmenter, tmp_path):
    def draw_(**wanted):
        samples = find_samples(corpus.catalogue, corpus.cubes, Wanted(**wanted))
        path, shares = tmp_path / "map.tif", tmp_path / "probabilities.tif"
        write_map(segmenter, corpus.cubes, samples, path, shares)
        return path, shares

    return draw_


def read(path):
    with rasterio.open(path) as file:
        return file.read()


def category_names(path):
    """What GDAL itself reads, told by its format of texts."""
    text = path.with_suffix(".vrt")
    rasterio.shutil.copy(path, text, driver="VRT")
    return re.findall("<Category>(.*)</Category>", text.read_text())


def test_a_sample_is_mapped_on_its_own_grid(corpus, segmenter, draw, make_grid):
    corpus.write("a", [make_grid()])
    path, _ = draw(samples=("a-0",))
    expected = segmenter.of("a-0", (40, 60)).argmax(axis=0) + 1
    with rasterio.open(path) as file:
        assert np.array_equal(file.read(1), expected)
        assert (file.crs.to_epsg(), file.transform) == (32633, make_grid().affine)
        assert (file.dtypes, file.nodata, file.descriptions) == (("uint8",), 0, ("class",))


def test_colours_and_names_are_the_official_ones(corpus, segmenter, draw, make_grid):
    corpus.write("a", [make_grid()])
    path, _ = draw(samples=("a-0",))
    names = [one.name for one in segmenter.classes]
    with rasterio.open(path) as file:
        table = file.colormap(1)
        assert table[1] == (0xE6, 0x00, 0x4D, 255)
        assert [table[index][:3] for index in (2, 5)] == [(255, 255, 168), (0, 204, 242)]
        assert len(table) == 8  # no more than three bits hold
        assert table[0][3] == 0
        assert [file.tags(1)[f"class_{index}"] for index in range(1, 6)] == names
    assert category_names(path) == ["no data", *names, "unused", "unused"]


def test_names_with_signs_of_xml(tmp_path, make_grid):
    classes = (LabelClass(1, 1, "Beaches, dunes & <sands>", "#e6e6e6"),)
    with class_map(tmp_path / "map.tif", make_grid(), classes) as target:
        target.write(np.ones((1, 40, 60), np.uint8))
    assert category_names(tmp_path / "map.tif")[1] == "Beaches, dunes &amp; &lt;sands&gt;"


def test_probabilities(corpus, segmenter, draw, make_grid):
    corpus.write("a", [make_grid()])
    _, shares = draw(samples=("a-0",))
    with rasterio.open(shares) as file:
        assert file.descriptions == tuple(one.name for one in segmenter.classes)
        assert (file.nodata, file.scales) == (255, (0.005,) * 5)
        values = file.read() * file.scales[0]
    assert np.abs(values - segmenter.of("a-0", (40, 60))).max() <= 0.0025 + 1e-6


def test_overlapping_samples_are_averaged(corpus, segmenter, draw, make_grid):
    corpus.write("a", [make_grid()])
    corpus.write("b", [make_grid(east=500_300, north=5_400_100)])
    path, shares = draw(shard=None, bounds=(-180, -90, 180, 90))
    sums, weights = np.zeros((5, 50, 90)), np.zeros((50, 90))
    for name, top, left in (("a-0", 10, 0), ("b-0", 0, 30)):
        said = segmenter.of(name, (40, 60))
        for row in range(40):
            for column in range(60):
                weight = min(row, 39 - row, column, 59 - column) + 0.5
                sums[:, top + row, left + column] += weight * said[:, row, column]
                weights[top + row, left + column] += weight
    known = weights > 0
    assert np.array_equal(read(path)[0], np.where(known, sums.argmax(axis=0) + 1, 0))
    found = read(shares)
    assert (found[:, ~known] == 255).all()
    assert np.abs(found[:, known] / 200 - sums[:, known] / weights[known]).max() <= 0.0025 + 1e-6
    assert ((sums / np.where(known, weights, 1)).argmax(axis=0)[known].std()) > 0
    with rasterio.open(path) as file:
        assert file.transform == Affine(10, 0, 500_000, 0, -10, 5_400_100)


def test_large_maps_are_cloud_optimised_and_worked_on_in_windows(
    corpus, segmenter, draw, make_grid
):
    corners = [(500_000, 5_400_000), (510_100, 5_400_000), (509_900, 5_386_000)]
    corpus.write("a", [make_grid(*corner) for corner in corners])
    path, shares = draw(bounds=(-180, -90, 180, 90))
    for file_path in (path, shares):
        with rasterio.open(file_path) as file:
            assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert set(file.block_shapes) == {(256, 256)}
            assert file.overviews(1) == [2, 4, 8]
    image = read(path)[0]
    assert image.shape == (1440, 1070)
    assert np.array_equal(image[:40, 1010:], segmenter.of("a-1", (40, 60)).argmax(axis=0) + 1)
    assert np.array_equal(image[1400:, 990:1050], segmenter.of("a-2", (40, 60)).argmax(axis=0) + 1)
    assert np.count_nonzero(image) == 3 * 40 * 60
    assert sorted(segmenter.asked) == ["a-0", "a-1", "a-2"]  # each once, though one is in two


def test_samples_of_another_zone_are_resampled(corpus, segmenter, draw, make_grid, caplog):
    segmenter.of = lambda name, shape: np.stack(
        [np.full(shape, v) for v in (0.1, 0.6, 0, 0.2, 0.1)]
    )
    own = make_grid(east=760_000)
    other = GeoBox.from_bbox(
        own.extent.to_crs("EPSG:32634").boundingbox, "EPSG:32634", resolution=10
    )
    corpus.write("a", [own, other])
    path, _ = draw(samples=("a-0", "a-1"))
    with rasterio.open(path) as file:
        assert (file.crs.to_epsg(), (~own.affine @ file.transform)[2] % 1) == (32633, 0)
        image = file.read(1)
    assert set(np.unique(image)) <= {0, 2}
    assert image.shape[0] > 40  # the other's box is turned in this zone
    assert "EPSG:32634 are resampled" in caplog.text


def test_equal_samples_make_equal_files(corpus, draw, make_grid):
    corpus.write("a", [make_grid(), make_grid(east=500_200)])
    files = [*draw(bounds=(-180, -90, 180, 90))]
    files.append(files[0].with_name("map.tif.aux.xml"))
    first = [file.read_bytes() for file in files]
    draw(bounds=(-180, -90, 180, 90))
    assert [file.read_bytes() for file in files] == first


def test_names_of_an_earlier_map_do_not_stay(tmp_path, segmenter, make_grid):
    with class_map(tmp_path / "a.tif", make_grid(), segmenter.classes):
        pass
    with probability_map(tmp_path / "a.tif", make_grid(), segmenter.classes):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif"]
    assert category_names(tmp_path / "a.tif") == []


def test_nothing_is_left_of_a_map_that_fails(corpus, segmenter, draw, make_grid):
    corpus.write("a", [make_grid()])
    segmenter.of = lambda name, shape: 1 / 0
    with pytest.raises(ZeroDivisionError):
        draw(samples=("a-0",))
    assert sorted(path.name for path in corpus.folder.iterdir()) == [
        "catalogue", "cubes", "labels",
    ]  # fmt: skip


def test_what_a_cube_does_not_show_is_no_class(corpus, segmenter, draw, make_grid):
    corpus.write("a", [make_grid(), make_grid(east=500_300)])
    own = segmenter.of

    def half(name, shape):
        said = own(name, shape)
        said[:, :20] = 0
        return said

    segmenter.of = half
    path, shares = draw(bounds=(-180, -90, 180, 90))
    assert (read(path)[0][:20] == 0).all()
    assert (read(path)[0][20:] > 0).all()
    assert (read(shares)[:, :20] == 255).all()
    assert np.abs(read(shares)[:, 20:].astype(int).sum(axis=0) - 200).max() <= 3


def test_samples_too_far_apart_are_refused(corpus, draw, make_grid):
    corpus.write("a", [make_grid(), make_grid(north=4_700_000, east=400_000)])
    with pytest.raises(UserError, match=r"over 10,060 x 70,040 pixels, and a map may have 65,536"):
        draw(shard=ShardKey("corpus", "a"))
    corpus.write("b", [make_grid(), make_grid(crs="EPSG:32603")])
    with pytest.raises(UserError, match="samples, in EPSG:32633 and EPSG:32603, spread over"):
        draw(samples=("b-0", "b-1"))
    globe = "+proj=ortho +lat_0=48 +lon_0=15 +type=crs"  # shows one half of the Earth
    corpus.write("c", [make_grid(0, 0, crs=globe), make_grid(crs="EPSG:32703")])
    with pytest.raises(UserError, match="EPSG:32703, lie too far apart for one map"):
        draw(samples=("c-0", "c-1"))
