"""Classes whose names end as the columns of intervals do."""

import json

from tests.report.made_run import LANDCOVER, write_table

from speckle2vec.report.scores_part import landcover_part


def test_classes_called_low_and_high_are_shown(tmp_path):
    row = {name: value for name, value in LANDCOVER[0].items() if not name.startswith("iou_")}
    for name, value in (("low", 0.25), ("high", 0.75), ("medium", 0.5)):
        row |= {f"iou_{name}": value, f"iou_{name}_low": 0.2, f"iou_{name}_high": 0.8}
    write_table(tmp_path / "table.csv", [row])
    classes = landcover_part(tmp_path / "table.csv").blocks[1]
    (bars,) = json.loads(classes.figure)["data"]
    assert dict(zip(bars["x"], bars["y"], strict=True)) == {"low": 25, "high": 75, "medium": 50}
    assert "tells high best (IoU 75 %) and low worst (25 %)" in classes.told
