import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox

from speckle2vec.cli import main
from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.run import label_shard
from speckle2vec.landcover.labels.shares import class_shares
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import majority, open_labels
from speckle2vec.settings.load import parse_settings

KEY = ShardKey("tiny", "train-000001")
TINY = {"source": "simulated", "size": "tiny"}


def settings_of(labels=None, **values):
    return parse_settings({"corpora": {"tiny": TINY}, "labels": labels or {}, **values}, "test")


@pytest.fixture
def shard(made, grids, catalogue, tmp_path):
    """Labels of a few samples of different sizes."""
    sizes = [grids[0], grids[1][:200, :100], grids[2]]
    output = tmp_path / "labels.zarr.zip"
    label_shard(settings_of(), KEY, catalogue(sizes), made, output)
    return output, sizes


def test_the_demo_needs_no_setting(shard, land_cover, truth):
    output, sizes = shard
    frame = gpd.read_file(land_cover)
    with open_labels(output) as labels:
        assert labels.sample_ids == ("s0", "s1", "s2")
        assert labels.rows.tolist() == [0, 2, 4]
        assert labels.labels.shape == (3, 264, 264)
        assert labels.labels.chunks == (1, 264, 264)
        assert labels.covered.tolist() == [1, 1, 1]
        assert labels.attributes["level"] == 1
        assert labels.attributes["source"]["layer"] == "U2018_CLC2018_V2020_20u1"
        for position, grid in enumerate(sizes):
            image = labels.read(position)
            assert image.shape == tuple(grid.shape)
            assert (image != truth(frame, "Code_18", grid) // 100).sum() <= 1
            counts = np.bincount(image.ravel(), minlength=6)
            np.testing.assert_array_equal(labels.counts[position], counts)
        assert (labels.take(np.array([1]))[0, 200:] == 0).all()


def test_the_same_input_gives_the_same_bytes(shard, made, catalogue, tmp_path):
    output, sizes = shard
    again = tmp_path / "again.zarr.zip"
    label_shard(settings_of(), KEY, catalogue(sizes), made, again)
    assert again.read_bytes() == output.read_bytes()


def test_samples_outside_are_marked_and_told(made, grids, catalogue, tmp_path, caplog):
    far = GeoBox((32, 32), Affine(10, 0, 500_000, 0, -10, 6_500_000), "EPSG:32632")
    half = GeoBox((264, 264), grids[0].affine, grids[0].crs)
    output = tmp_path / "labels.zarr.zip"
    label_shard(settings_of(), KEY, catalogue([far, half]), made, output)
    with open_labels(output) as labels:
        assert labels.covered.tolist() == [0, 1]
        assert labels.counts[0].tolist() == [32 * 32, 0, 0, 0, 0, 0]
    table = majority(output).to_pydict()
    assert table["class"][0] == 0
    assert table["share"][0] == 0
    assert table["labelled"] == [0, 1]
    assert "1 of 2 samples lie outside the labels, such as s0" in caplog.text
    assert "latitude 50.36 to 58.64, the labels at longitude" in caplog.text


def test_a_polygon_that_covers_a_part(write_polygons, grid, catalogue, tmp_path, made):
    path = write_polygons([shapely.box(500_000, 5_399_800, 500_300, 5_400_000)], ["112"])
    labels = {"source": "vector", "path": str(path)}
    output = tmp_path / "labels.zarr.zip"
    label_shard(settings_of(labels), KEY, catalogue([grid]), made, output)
    with open_labels(output) as shard:
        assert shard.covered.tolist() == [20 * 30 / (40 * 60)]


def test_unknown_codes_are_counted_and_named(
    write_polygons, grid, catalogue, tmp_path, made, caplog
):
    low, high = (shapely.box(5e5, 5_399_600 + y, 500_600, 5_399_800 + y) for y in (0, 200))
    labels = {
        "source": "vector",
        "path": str(write_polygons([low, high], ["112", "777"])),
    }
    output = tmp_path / "labels.zarr.zip"
    label_shard(settings_of(labels), KEY, catalogue([grid]), made, output)
    with open_labels(output) as shard:
        assert shard.attributes["unknown_codes"] == {"777": 1}
    assert "read unknown codes as nodata: 777 (1 times)" in caplog.text
    labels["path"] = str(write_polygons([low, high], ["776", "777"], "other.gpkg"))
    with pytest.raises(UserError, match="holds none of the known codes"):
        label_shard(settings_of(labels), KEY, catalogue([grid]), made, tmp_path / "b.zarr.zip")
    assert not (tmp_path / "b.zarr.zip").exists()


def test_class_shares(shard, catalogue, made, tmp_path, caplog):
    output, sizes = shard
    (labels := tmp_path / "labels" / "tiny").mkdir(parents=True)
    output.rename(labels / "train-000001.zarr.zip")
    (parts := tmp_path / "catalogue" / "tiny").mkdir(parents=True)
    catalogue(sizes).rename(parts / "train-000001.parquet")
    table = tmp_path / "shares.csv"
    class_shares(settings_of(), [KEY], labels.parent, parts.parent, table)
    lines = [line.split(",") for line in table.read_text().splitlines()]
    assert lines[0] == ["corpus", "split", "class", "code", "name", "samples", "pixels", "share"]
    assert len(lines) == 1 + 2 * 6
    with open_labels(labels / "train-000001.zarr.zip") as opened:
        counts = opened.counts[[0, 2]].sum(axis=0)
    for line, pixels in zip(lines[1:7], counts, strict=True):
        assert line[:2] == ["tiny", "train"]
        assert int(line[6]) == pixels
        assert float(line[7]) == pytest.approx(pixels / counts[1:].sum(), abs=1e-6)
    assert "Split test of tiny has no pixel of" in caplog.text


def test_no_overlap_at_all_tells_both_extents(made, catalogue, tmp_path):
    far = GeoBox((32, 32), Affine(10, 0, 500_000, 0, -10, 6_500_000), "EPSG:32632")
    for folder in ("labels", "catalogue"):
        (tmp_path / folder / "tiny").mkdir(parents=True)
    part = catalogue([far]).rename(tmp_path / "catalogue" / "tiny" / "train-000001.parquet")
    output = tmp_path / "labels" / "tiny" / "train-000001.zarr.zip"
    label_shard(settings_of(), KEY, part, made, output)
    with pytest.raises(UserError, match=r"No sample has a label") as caught:
        folders = tmp_path / "labels", tmp_path / "catalogue"
        class_shares(settings_of(), [KEY], *folders, tmp_path / "a.csv")
    assert "samples lie at longitude 9.00 to 9.00, latitude 58.64" in str(caught.value)
    assert "the labels at longitude" in str(caught.value)


def test_labels_of_another_catalogue_are_refused(shard, catalogue, tmp_path):
    output, sizes = shard
    (labels := tmp_path / "labels" / "tiny").mkdir(parents=True)
    output.rename(labels / "train-000001.zarr.zip")
    (parts := tmp_path / "catalogue" / "tiny").mkdir(parents=True)
    catalogue(sizes[:2]).rename(parts / "train-000001.parquet")
    with pytest.raises(UserError, match="holds other samples than the labels"):
        class_shares(settings_of(), [KEY], labels.parent, parts.parent, tmp_path / "shares.csv")


def test_the_command(made, grids, catalogue, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("corpora: {tiny: {source: simulated, size: tiny}}\nlabels: {level: 2}\n")
    output = tmp_path / "labels.zarr.zip"
    arguments = ["labels", "--config", str(config), "--made", str(made), "--shard", str(KEY),
                 "--catalogue", str(catalogue(grids[:1])), "--output", str(output)]  # fmt: skip
    assert main(arguments) == 0
    with open_labels(output) as labels:
        assert labels.attributes["level"] == 2
        assert len(labels.classes) == 15


def test_no_accepted_sample(made, grids, catalogue, tmp_path):
    import pyarrow.parquet as pq

    part = catalogue(grids[:1])
    pq.write_table(pq.read_table(part).slice(1), part)
    label_shard(settings_of(), KEY, part, made, tmp_path / "labels.zarr.zip")
    assert majority(tmp_path / "labels.zarr.zip").num_rows == 0
