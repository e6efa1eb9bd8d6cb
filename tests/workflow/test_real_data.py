"""The experiments on real Sentinel-1 data, at small size."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import yaml

from speckle2vec.products.encoders import read_encoder

EXPERIMENTS = {
    "opera": ("opera-rtc-s1-10SGD", "opera", {"files": "202[12]-*/OPERA_*_T137-29232[0-3]-*.tif"}),
    "ssl4eo-patch": ("ssl4eo-s12-0000200", "patch", {}),
    "flood-chips": ("sen1floods11-chips", "floods", {"files": "S1/[GN]*_S1Hand.tif"}),
}
EXPECTED = {
    # 7 places x 11 dates in groups of 4, three left over
    "opera": {"samples": 21, "accepted": 14, "dates": 4, "calibration": "gamma0"},
    # 16 tiles of one place, both dates
    "ssl4eo-patch": {"samples": 16, "accepted": 16, "dates": 2, "calibration": "sigma0"},
    # 16 tiles a chip, no date in the names
    "flood-chips": {"samples": 64, "accepted": 64, "dates": 1, "calibration": "sigma0"},
}


def small_config(project, name, shared):
    """The experiment's own file with less data and fewer epochs."""
    folder, corpus, smaller = EXPERIMENTS[name]
    if not (shared / folder).is_dir():
        pytest.skip(f"the real data {folder} are not at {shared}")
    path = project.folder / "config" / "experiments" / f"{name}.yaml"
    config = yaml.safe_load(path.read_text())
    config["corpora"][corpus].update(smaller)
    config["data"] = str(shared)
    config["pretrain"] = {"epochs": 2}
    config["splits"] = {"train": 1, "validation": 0, "test": 0}
    path.write_text(yaml.safe_dump(config))
    return str(path)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_real_data_become_embeddings(fresh, shared, name):
    config = small_config(fresh, name, shared)
    fresh.make("--directory", f"runs/{name}", config=config)
    results, expected = fresh.folder / "runs" / name / "results", EXPECTED[name]
    catalogue = geopandas.read_parquet(results / "catalogue.parquet")
    accepted = catalogue[catalogue["verdict"] == "accepted"]
    assert len(catalogue) == expected["samples"], catalogue["reason"].value_counts()
    assert len(accepted) == expected["accepted"], catalogue["reason"].value_counts()
    assert set(accepted["dates"].map(len)) == {expected["dates"]}
    frame = pd.read_csv(results / "embeddings.csv", dtype={"id": str})
    assert frame["id"].tolist() == accepted["sample_id"].tolist()
    assert np.isfinite(frame.iloc[:, 1:].to_numpy()).all()
    encoder = read_encoder(
        results / "models/sar-temporal/simclr/cnn-transformer/encoder.safetensors"
    )
    assert encoder.statistics.calibration == expected["calibration"]
    assert not fresh.planned("--directory", f"runs/{name}", config=config)


def test_the_places_are_where_they_are(fresh, shared):
    """Catalogue positions against the table that came with the data."""
    config = small_config(fresh, "opera", shared)
    fresh.make("--directory", "runs/opera", "results/catalogue.parquet", config=config)
    catalogue = geopandas.read_parquet(fresh.folder / "runs/opera/results/catalogue.parquet")
    table = pd.read_csv(shared / "opera-rtc-s1-10SGD/locations.csv").set_index("burst")
    for place, samples in catalogue.groupby("place"):
        row = table.loc[place]
        assert samples["longitude"].between(row["west"], row["east"]).all()
        assert samples["latitude"].between(row["south"], row["north"]).all()
