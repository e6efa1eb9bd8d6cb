"""From a finished run to the table of reconstructions by one target, at its smallest."""

import csv

import yaml

MODEL = "sar-temporal/vae/cnn-transformer"
TARGET = "results/reconstruction.csv"
ASKED = {"decode_images": 1, "score_images": 1, "reconstruction": 1}
SETTINGS = {
    "corpora": {"tiny": {"source": "simulated", "size": "tiny"}},
    "pretrain": {"epochs": 1, "threads": 1, "device": "cpu"},
    "probes": {"scored": ["validation", "test"], "draws": 200},
    "reconstruction": {"models": [MODEL], "codes": ["int8"], "samples": 5},
}


def write(project, **changes):
    """The settings as a file, with other ones for reconstruction."""
    chosen = {**SETTINGS, "reconstruction": {**SETTINGS["reconstruction"], **changes}}
    path = project.folder / "reconstruction.yaml"
    path.write_text(yaml.safe_dump(chosen))
    return str(path)


def test_one_target_trains_decodes_and_compares_and_only_what_changed_runs_again(finished):
    config = write(finished)
    assert finished.planned(TARGET, config=config) == {"pretrain_decoding": 1, **ASKED}
    finished.make(TARGET, config=config)
    with (finished.folder / TARGET).open(newline="") as file:
        rows = {(row["way"], row["feature"]): row for row in csv.DictReader(file)}
    assert len(rows) == 5 * (1 + 12)
    for (way, _), row in rows.items():
        assert row["samples"] == "5"
        assert float(row["bytes"]) <= int(row["allowed"]) == 1024, way
        assert float(row["psnr"]) > 5
    together = {way: float(rows[way, "mean"]["psnr"]) for way, _ in rows}
    assert together["jpeg2000"] > together["mean"]
    picture = finished.folder / f"results/reconstructions/{MODEL}/images.png"
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert not finished.planned(TARGET, config=config)
    assert finished.planned(TARGET, config=write(finished, samples=4)) == ASKED


def test_a_method_without_a_decoder_is_one_sentence(finished):
    wanted = "results/reconstructions/sar-temporal/simclr/cnn-transformer/scores.parquet"
    done = finished.snakemake(wanted, config=write(finished))
    assert done.returncode != 0
    assert "The method `simclr` decodes no images" in done.stdout
    assert "the methods `vae` and `mae` do." in done.stdout
    assert "Traceback" not in done.stdout
