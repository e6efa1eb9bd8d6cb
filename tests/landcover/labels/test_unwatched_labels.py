"""Label files that are no input of a rule: what tells one source from another."""

import os

import pytest

MASKS = {"source": "raster", "path": "masks", "files": "**/*.tif", "classes": {0: "land"},
         "pattern": r"(?P<place>\w+)\.tif$"}  # fmt: skip
CHIPS = {"source": "geotiff", "path": "chips", "dates": 1, "units": "db", "calibration": "sigma0",
         "files": "*.tif", "bands": {"VV": 1, "VH": 2},
         "pattern": r"(?P<place>\w+)\.tif$"}  # fmt: skip


@pytest.mark.parametrize(
    "labels",
    [{"source": "vector", "path": "clc.gpkg"}, {"source": "raster", "path": "clc.tif"}, MASKS],
)
def test_another_address_is_another_source(plan_of, labels):
    """Snakemake watches no URL: by its address alone one source is told from another."""
    path = labels["path"]
    plans = [plan_of({**labels, "path": f"https://{host}/{path}"}) for host in ("a", "b")]
    plans += [plan_of(labels, data=f"https://{host}") for host in ("c", "b")]
    found = [plan.unwatched_labels("tiny") for plan in plans]
    assert found == [f"https://{host}/{path}" for host in "abcb"]


def test_what_is_an_input_is_not_told_twice(plan_of, tmp_path):
    (tmp_path / "clc.gpkg").touch()
    local = plan_of({"source": "vector", "path": "clc.gpkg"}, data=str(tmp_path))
    assert local.unwatched_labels("tiny") == ""
    assert plan_of(data="https://a").unwatched_labels("tiny") == "", "the demo has its own labels"


def test_files_that_no_shard_can_be_told_from_are_known_by_size_and_time(plan_of, tmp_path):
    for time, name in enumerate(("masks/A.tif", "masks/deep/B.tif", "other/A.tif", "chips/A.tif")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, ns=(0, 7 + time))

    def state(corpus="tiny", chips=CHIPS, **changes):
        corpora = {"tiny": {"source": "simulated", "size": "tiny"}, "chips": chips}
        plan = plan_of({**MASKS, **changes}, corpora=corpora, data=str(tmp_path))
        return plan.unwatched_labels(corpus)

    before = state()
    assert before == state() == state("chips", {**CHIPS, "path": "https://a"})
    assert state("chips") == "", "its files' names tell which shard holds which place"
    assert len({before, state(path="other"), state(path="none"), state(files="*.tif")}) == 4
    os.utime(tmp_path / "masks/A.tif", ns=(0, 0))
    older = state()
    (tmp_path / "masks/A.tif").write_text("more than before")
    os.utime(tmp_path / "masks/A.tif", ns=(0, 0))
    assert len({before, older, state()}) == 3
    larger = state()
    (tmp_path / "masks").rename(tmp_path / "elsewhere")
    assert state(path="elsewhere") == larger, "what moves as it is stays the same"
