"""Layers of a few samples, of two themes."""

import numpy as np

from speckle2vec.products.osm_layer_writer import SampleLayers, write_layers
from speckle2vec.products.osm_layers import LayerClass

CLASSES = (
    LayerClass("ground", "forest", 1, 10, "#00aa00", True),
    LayerClass("ground", "water", 2, 20, "#0000ff", True),
    LayerClass("roads", "track", 1, 30, "#aaaaaa", False),
)
GRID = "EPSG:32633", (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_300_000.0)


def sample(name, layers, row=0):
    """`layers` is (theme, y, x)."""
    values = np.array(layers, np.uint8)
    return SampleLayers(name, f"place of {name}", row, (*GRID, *values.shape[1:]), values)


def write(path, *samples, **attributes):
    shapes = [one.layers.shape[1:] for one in samples]
    write_layers(path, iter(samples), shapes, CLASSES, attributes)
    return path
