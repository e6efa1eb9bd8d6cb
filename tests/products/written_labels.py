"""A shard of labels with two classes."""

import numpy as np

from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import LabelClass

CLASSES = [LabelClass(1, 10, "land", "#00ff00"), LabelClass(2, 20, "water", "#0000ff")]


def write(path, images, attributes=None):
    samples = [
        SampleLabels(f"s{row}", row, np.asarray(image, np.uint8), 1.0)
        for row, image in enumerate(images)
    ]
    shapes = [sample.labels.shape for sample in samples]
    write_labels(path, iter(samples), shapes, CLASSES, lambda: attributes or {"level": 0})
