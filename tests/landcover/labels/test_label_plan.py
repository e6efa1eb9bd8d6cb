from speckle2vec.readers import label_files
from speckle2vec.readers.locations import find_files


def test_labels_depend_on_their_settings_and_code_only(plan_of):
    before = plan_of()
    assert plan_of({"level": 2}).labels() != before.labels()
    assert plan_of(pretrain={"epochs": 3}, seed=9).labels() == before.labels()
    other = plan_of({"level": 2})
    assert other.pretrain("simclr", "cnn-transformer") == before.pretrain(
        "simclr", "cnn-transformer"
    )
    assert other.preprocess("tiny", "sar-temporal") == before.preprocess("tiny", "sar-temporal")


def test_each_source_counts_its_own_code(plan_of):
    where = {"path": "x", "classes": {1: "a"}}
    vector, raster = (plan_of({**where, "source": kind}).labels() for kind in ("vector", "raster"))
    assert vector["code"] != raster["code"]


def test_where_the_labels_lie_is_an_input_and_no_setting(plan_of, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("a.gpkg", "b.gpkg"):
        (tmp_path / "data" / name).touch()
    plans = [
        plan_of({"source": "vector", "path": name}, data=str(tmp_path / "data"))
        for name in ("a.gpkg", "b.gpkg")
    ]
    assert plans[0].labels() == plans[1].labels()
    files = [plan.label_files("tiny", "train-000001") for plan in plans]
    assert files == [[str(tmp_path / "data" / name)] for name in ("a.gpkg", "b.gpkg")]


def test_the_demo_is_labelled_from_what_it_was_drawn_from(plan_of):
    assert plan_of().label_files("tiny", "val-000001") == ["results/corpora/tiny/landcover.gpkg"]


FLOODS = {
    "source": "geotiff", "path": "s1", "files": "*.tif", "dates": 1, "units": "db",
    "calibration": "sigma0", "bands": {"VV": 1, "VH": 2}, "pattern": r"(?P<place>\w+)\.tif$",
}  # fmt: skip
MASKS = {
    "source": "raster", "path": "labels", "files": "*.tif", "pattern": r"(?P<place>\w+)\.tif$",
    "classes": {1: "a"},
}  # fmt: skip


def test_a_folder_of_labels_is_listed_once_and_not_for_every_shard(plan_of, tmp_path, monkeypatch):
    for name in ("s1/a", "s1/b", "s1/c", "labels/a", "labels/c", "labels/other"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.tif").touch()
    listed = []

    def watch(root, pattern):
        listed.append(root)
        return find_files(root, pattern)

    monkeypatch.setattr(label_files, "find_files", watch)
    plan = plan_of(MASKS, data=str(tmp_path), corpora={"mine": FLOODS})
    found = {key.shard: plan.label_files(key.corpus, key.shard) for key in plan.keys}
    folder = tmp_path / "labels"
    assert found == {"a": [str(folder / "a.tif")], "b": [], "c": [str(folder / "c.tif")]}
    assert listed == [str(folder)]
    nothing = {**MASKS, "files": "none"}
    plan = plan_of(nothing, data=str(tmp_path), corpora={"mine": FLOODS})
    assert [plan.label_files(key.corpus, key.shard) for key in plan.keys] == [[], [], []]
    assert listed == [str(folder)] * 2


def test_labels_that_are_missing_are_told_by_the_job_and_not_by_the_plan(plan_of):
    assert (
        plan_of({"source": "vector", "path": "none.gpkg"}).label_files("tiny", "train-000001") == []
    )
