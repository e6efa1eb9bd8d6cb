"""The table of reconstructions, against figures worked out by hand."""

import csv
import math

import numpy as np
import pytest
from drawn_images import UNITS

from speckle2vec.errors import UserError
from speckle2vec.evaluate.reconstruction.table import compare_reconstructions
from speckle2vec.products.image_scores import write_image_scores
from speckle2vec.settings.load import parse_settings

MODEL = "sar-temporal/vae/cnn-transformer@7"
BLOCKS = ("a", "a", "a", "b", "c", "d")
WAYS = ("decoder", "jpeg2000", "downsampled-int8", "downsampled-float16", "mean")
SETTINGS = parse_settings(
    {"corpora": {"t": {"source": "simulated", "size": "tiny"}}, "probes": {"draws": 500}}, "test"
)


def errors(way):
    """Of six samples and three features; the decoder is at a quarter of the error of JPEG 2000."""
    random = np.random.default_rng(4)
    level = {"decoder": 0.05, "jpeg2000": 0.2, "downsampled-int8": 0.05}.get(way, 0.5)
    return level * random.uniform(0.5, 1.5, size=(6, 3))


@pytest.fixture
def write(tmp_path):
    def written(deviations=(4.0, 5.0, 30.0), least=0, method="vae"):
        rows = [
            {
                "sample_id": f"s{sample}", "block": BLOCKS[sample], "code": "int8", "way": way,
                "bytes": 100 + sample, "squared_error": errors(way)[sample].tolist(),
                "ssim": (1 - errors(way)[sample]).tolist(),
            }
            for sample in range(6)
            for way in WAYS
        ]  # fmt: skip
        for row in rows:
            if least and row["way"] == "jpeg2000" and row["sample_id"] in ("s1", "s4"):
                row.update(bytes=least, squared_error=None, ssim=None)
        about = {
            "features": list(UNITS), "units": UNITS, "deviations": list(deviations), "numbers": 9,
            "starts_from": "map", "bytes": {"int8": 105}, "codes": ["int8"],
            "model": {"features": "sar-temporal", "method": method, "seed": 7,
                      "architecture": "cnn-transformer"},
        }  # fmt: skip
        write_image_scores(rows, about, tmp_path / MODEL / "scores.parquet")
        output = tmp_path / "table.csv"
        compare_reconstructions(SETTINGS, [MODEL], tmp_path, output)
        with output.open(newline="") as file:
            return {(row["way"], row["feature"]): row for row in csv.DictReader(file)}

    return written


def test_figures_are_those_of_all_samples(write):
    rows = write()
    assert set(rows) == {(way, name) for way in WAYS for name in ("mean", *UNITS)}
    row = rows["decoder", "vh_mean"]
    error = sum(errors("decoder")[:, 1]) / 6
    assert float(row["squared_error"]) == pytest.approx(error, abs=1e-6)
    assert float(row["psnr"]) == pytest.approx(20 * math.log10(8 / math.sqrt(error)), abs=1e-5)
    assert float(row["ssim"]) == pytest.approx(1 - error, abs=1e-6)
    assert (row["unit"], float(row["data_range"])) == ("dB", 40)
    assert float(row["rmse"]) == pytest.approx(5 * math.sqrt(error), abs=1e-5)
    assert (row["samples"], row["blocks"], row["bytes"]) == ("6", "4", "102.5")
    assert (row["encoder"], row["seed"], row["numbers"]) == ("cnn-transformer", "7", "9")
    together = rows["decoder", "mean"]
    assert float(together["squared_error"]) == pytest.approx(errors("decoder").mean(), abs=1e-6)


def test_intervals_draw_blocks_and_differences_are_paired(write):
    rows = write()
    random = np.random.default_rng(0)
    picked = random.integers(4, size=(20_000, 4))
    whole = np.array([[0, 1, 2], [3] * 3, [4] * 3, [5] * 3], dtype=object)
    sums = {way: [errors(way)[sorted(set(one))].mean(axis=1).sum() for one in whole]
            for way in WAYS}  # fmt: skip
    count = np.array([3, 1, 1, 1])[picked].sum(axis=1)
    drawn = {way: 10 * np.log10(64 * count / np.array(sums[way])[picked].sum(axis=1))
             for way in WAYS}  # fmt: skip
    row = rows["decoder", "mean"]
    for name, values in (
        ("psnr", drawn["decoder"]),
        ("minus_jpeg2000", drawn["decoder"] - drawn["jpeg2000"]),
    ):
        low, high = np.quantile(values, (0.025, 0.975))
        assert float(row[f"{name}_low"]) == pytest.approx(low, abs=0.1)
        assert float(row[f"{name}_high"]) == pytest.approx(high, abs=0.1)
    assert row["better_than_jpeg2000"] == "yes"
    assert row["better_than_downsampled"] == "no"
    assert rows["jpeg2000", "mean"]["better_than_jpeg2000"] == ""


def test_a_way_that_cannot_keep_some_sample_has_no_figures_but_a_reason(write):
    rows = write(least=170)
    row = rows["jpeg2000", "mean"]
    assert row["reason"] == (
        "2 of 6 samples cannot be kept in 105 bytes; the fewest they take are 170 to 170"
    )
    assert row["psnr"] == row["ssim"] == row["bytes"] == ""
    assert ("jpeg2000", "vv_mean") not in rows
    assert rows["decoder", "mean"]["minus_jpeg2000"] == ""
    assert rows["decoder", "mean"]["minus_downsampled"] != ""


def test_a_constant_feature_counts_in_no_mean(write):
    rows = write(deviations=(4.0, 0.0, 30.0))
    expected = errors("decoder")[:, [0, 2]].mean()
    assert float(rows["decoder", "mean"]["squared_error"]) == pytest.approx(expected, abs=1e-6)
    assert rows["decoder", "vh_mean"]["psnr"] == ""


def test_scores_of_another_model_are_refused(write):
    with pytest.raises(UserError, match=r"another's file \(method mae, not vae\)"):
        write(method="mae")


def test_no_model_and_a_missing_file_are_sentences(tmp_path):
    with pytest.raises(UserError, match="No model of the grid decodes images; name `vae` or `mae`"):
        compare_reconstructions(SETTINGS, [], tmp_path, tmp_path / "table.csv")
    with pytest.raises(UserError, match=r"scores\.parquet: is missing"):
        compare_reconstructions(SETTINGS, [MODEL], tmp_path, tmp_path / "table.csv")
