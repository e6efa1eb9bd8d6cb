"""An encoder that was never trained, with weights of all shapes; processes import it too."""

import numpy as np

from speckle2vec.products.encoders import EncoderFile
from speckle2vec.products.statistics import Statistics

ATTRIBUTES = {
    "features": ["vv", "vh"],
    "units": {"vv": "dB", "vh": "dB"},
    "calibration": "sigma0",
    "recipe": {"feature_set": "sar-temporal", "size": 64},
    "sha256": "of the pixels",
}


def encoder() -> EncoderFile:
    statistics = Statistics(
        ("vv", "vh"),
        {"vv": "dB", "vh": "dB"},
        "sigma0",
        (8.0, 8.0),
        (-12.0, -20.1),
        (5.0, 0.0),
        "f",
    )
    weights = {
        "b.weight": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "a.counted": np.array(3),
        **{f"layer{index}": np.full(2, index, np.float32) for index in range(20)},
    }
    return EncoderFile(
        architecture="cnn-transformer", channels=2, settings={"dropout": 0.1},
        statistics=statistics, recipe=ATTRIBUTES["recipe"], method="simclr",
        training={"epochs": 2, "method": {"temperature": 0.5}}, seed=42, data="d", samples=10,
        code="c", versions={"torch": "2", "numpy": "2"}, weights=weights,
    )  # fmt: skip
