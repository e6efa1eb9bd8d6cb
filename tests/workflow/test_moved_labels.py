"""Labels of which no file is an input: another source, or a change in it, makes them anew."""

import os

import numpy as np
import rasterio
import yaml
from rasterio.transform import from_bounds

TARGET = "results/labels/tiny/val-000001.zarr.zip"


def write_masks(folder, value):
    """One raster of the whole Earth, which is said to be of one place."""
    folder.mkdir(parents=True)
    with rasterio.open(
        folder / "some.tif", "w", driver="GTiff", height=8, width=16, count=1, crs="EPSG:4326",
        transform=from_bounds(-180, -90, 180, 90, 16, 8), dtype="uint8",
    ) as file:  # fmt: skip
        file.write(np.full((8, 16), value, np.uint8), 1)


def write_config(project, path):
    labels = {"source": "raster", "path": path, "files": "*.tif", "classes": {1: "land"},
              "pattern": r"(?P<place>\w+)\.tif$"}  # fmt: skip
    tiny = {"source": "simulated", "size": "tiny", "shards": "val-*"}
    config = {"corpora": {"tiny": tiny}, "pretrain": {"shards": ["*"]}, "data": ".",
              "labels": labels}  # fmt: skip
    (project.folder / "masks.yaml").write_text(yaml.safe_dump(config))


def test_another_folder_of_labels_and_a_change_in_one_label_again(fresh):
    for number, name in enumerate(("one", "two"), start=1):
        write_masks(fresh.folder / name, number)
    write_config(fresh, "one")
    fresh.make(TARGET, config="masks.yaml")
    assert not fresh.planned(TARGET, config="masks.yaml")
    write_config(fresh, "two")
    assert fresh.planned(TARGET, config="masks.yaml") == {"labels": 1}
    write_config(fresh, "one")
    assert not fresh.planned(TARGET, config="masks.yaml")
    os.utime(fresh.folder / "one" / "some.tif", ns=(0, 0))
    assert fresh.planned(TARGET, config="masks.yaml") == {"labels": 1}
