"""Bars of classes whose names end as the columns of intervals do."""

from speckle2vec.landcover.table.class_bars import classes_figure


def test_classes_called_low_and_high_have_bars():
    row = {"features": "fusion", "method": "vae", "encoder": "resnet18", "mode": "whole",
           "share": "100", "split": "blocks", "weighted_iou": "0.5", "low": "0.4",
           "high": "0.6"}  # fmt: skip
    for name, value in (("low", "0.25"), ("high", "0.75"), ("medium", "0.5")):
        row |= {f"iou_{name}": value, f"iou_{name}_low": "0.2", f"iou_{name}_high": "0.8"}
    axes = classes_figure([row]).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["low", "high", "medium"]
    assert [bar.get_height() for bar in axes.patches] == [25, 75, 50]
