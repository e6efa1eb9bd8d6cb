import subprocess
import sys
from pathlib import Path

import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers import simulated
from speckle2vec.readers.listing import all_shards, list_shards, pretraining_shards
from speckle2vec.readers.locations import locate
from speckle2vec.settings.load import parse_settings

MADE = Path("results/corpora")
PUBLISHED = {"source": "ssl4eo", "path": "pub"}


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(settings, corpus="mine"):
    return list(list_shards(settings, corpus, MADE))


def test_listing_imports_nothing_heavy():
    modules = "speckle2vec.readers.listing, speckle2vec.readers.registry"
    command = [sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "speckle2vec.readers.registry" in loaded
    assert not {"zarr", "rasterio", "odc", "numpy", "xarray", "fsspec"} & set(loaded)


def test_simulated_shards_lie_where_the_workflow_writes_them(settings_of):
    listing = list_shards(settings_of(".", source="simulated", size="tiny"), "mine", MADE)
    assert sorted(listing) == sorted(simulated.simulated_shards("tiny"))
    below = simulated.relative_path("train-000001", "S1GRD")
    assert listing["train-000001"] == (str(MADE / "mine" / below),)


def test_published_shards_of_both_releases(settings_of, tmp_path):
    touch(
        tmp_path / "pub",
        "train/S1GRD/ssl4eos12_train_seasonal_data_000010.zarr.zip",
        "train/S1GRD/ssl4eos12_train_seasonal_data_000002.zarr.zip",
        "train/S1GRD/README.md",
        "train/S2L2A/ssl4eos12_train_seasonal_data_000099.zarr.zip",
        "val/S1GRD/ssl4eos12_shard_000001.tar",
    )
    listing = list_shards(settings_of(tmp_path, **PUBLISHED), "mine", MADE)
    assert list(listing) == ["train-000002", "train-000010", "val-000001"]
    assert listing["val-000001"] == (f"{tmp_path}/pub/val/S1GRD/ssl4eos12_shard_000001.tar",)
    limited = settings_of(tmp_path, **PUBLISHED, shards="train-00000?")
    assert names(limited) == ["train-000002"]


def test_published_shards_of_a_url(settings_of, memory):
    file = "train/S1GRD/ssl4eos12_train_seasonal_data_000001.zarr.zip"
    memory.put({file: b"", "train/S1GRD/x.txt": b""}, "all/pub")
    settings = settings_of("memory://all", path="pub", source="ssl4eo", folders=["train"])
    assert list_shards(settings, "mine", MADE) == {"train-000001": (f"memory://all/pub/{file}",)}


@pytest.mark.parametrize(
    ("files", "corpus", "sentence"),
    [
        ((), PUBLISHED, "there is no such folder"),
        (("pub/train/S1GRD/a.txt", "pub/val/S1GRD/b.txt"), PUBLISHED, "holds no shard"),
        (
            ("pub/train/S1GRD/a_1.zarr.zip", "pub/val/S1GRD/b.txt"),
            PUBLISHED | {"shards": "val-*"},
            "of the 1 files .* none matches 'val-\\*'",
        ),
        (
            ("pub/train/S1GRD/a_1.zarr.zip", "pub/train/S1GRD/b_1.tar"),
            PUBLISHED | {"folders": ["train"]},
            "is shard train-1 just as",
        ),
    ],
)
def test_what_is_wrong_with_published_folders(settings_of, tmp_path, files, corpus, sentence):
    touch(tmp_path, *files)
    with pytest.raises(UserError, match=sentence):
        names(settings_of(tmp_path, **corpus))


def test_places_become_shards(settings_of, tmp_path, fakes):
    touch(tmp_path, *[f"{p}_2020010{d}_{b}.tif" for p in "cab" for d in "12" for b in ("VV", "VH")])
    touch(tmp_path, "a_20200101_angle.tif", "a_20200101_MASK.tif", "labels/water.tif")
    listing = list_shards(settings_of(tmp_path, **fakes.STACK), "mine", MADE)
    assert list(listing) == ["a", "b", "c"]
    assert [Path(file).name for file in listing["a"]] == [
        "a_20200101_VH.tif", "a_20200101_VV.tif", "a_20200102_VH.tif", "a_20200102_VV.tif",
    ]  # fmt: skip
    together = settings_of(tmp_path, **fakes.STACK | {"places_per_shard": 2})
    listing = list_shards(together, "mine", MADE)
    held = {name: {Path(file).name[0] for file in files} for name, files in listing.items()}
    assert held == {"places-0": {"b", "c"}, "places-1": {"a"}}


@pytest.mark.parametrize(
    ("most", "ran_again"), [(3, {"places-11"}), (2, {"places-1100", "places-1101"})]
)
def test_a_new_place_leaves_the_shards_of_others_alone(
    settings_of, tmp_path, fakes, most, ran_again
):
    settings = settings_of(tmp_path, **fakes.STACK | {"places_per_shard": most})
    touch(tmp_path, *[f"{place}_20200101_{b}.tif" for place in "bcdefghijk" for b in ("VV", "VH")])
    before = list_shards(settings, "mine", MADE)
    touch(tmp_path, "a_20200101_VV.tif", "a_20200101_VH.tif")
    after = list_shards(settings, "mine", MADE)
    assert len(before) > 4
    assert {name for name in after if after[name] != before.get(name)} == ran_again
    assert len(before.keys() - after.keys()) <= 1


def test_names_of_places_are_safe_file_names(settings_of, tmp_path, fakes):
    touch(tmp_path, "x/Île, 1_20200101_VV.tif")
    pattern = r"^(?P<place>.+)_(?P<date>\d{8})_(?P<band>V[VH])"
    settings = settings_of(tmp_path, **fakes.STACK | {"pattern": pattern})
    assert names(settings) == ["x_le_1"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pattern": r"(?P<spot>.*)\.tif"}, "names no place"),
        ({"pattern": r"(?P<place>.*\.tif"}, "is no valid regular expression"),
        ({"pattern": r"(?P<place>.*)_\d{8}_(?P<band>V.)"}, "names no date but `dates` is 2"),
        ({"pattern": r"(?P<place>.*)_(?P<date>\d{8})"}, "names no band, so"),
        ({"bands": {"VV": 1, "VH": 2}}, "names a band, so `bands` must give the text"),
        ({"bands": {"VV": "vv", "VH": "vh"}}, "matches none of them, such as 'a_20200101_VH.tif'"),
        ({"files": "*.jp2"}, "found 0, and `pattern`"),
        ({"path": "elsewhere"}, "there is no such folder"),
        ({"pattern": r"(?P<place>a)_(?P<date>2020010)\d_(?P<band>V.)"}, "its date reads '2020010'"),
        (
            {"pattern": r"(?P<place>a)_\d{6}01_(?P<band>V.)", "dates": 1},
            "has the same place, date and band as",
        ),
    ],
)
def test_what_is_wrong_with_stacks(settings_of, tmp_path, fakes, change, sentence):
    touch(tmp_path, "a_20200101_VV.tif", "a_20200201_VV.tif", "a_20200101_VH.tif")
    with pytest.raises(UserError, match=sentence):
        names(settings_of(tmp_path, **fakes.STACK | change))


def test_all_shards_follow_the_settings_and_then_the_names(settings_of, tmp_path, fakes):
    touch(tmp_path, *[f"{p}_20200101_VV.tif" for p in "ba"])
    corpora = {"z": fakes.STACK, "sim": {"source": "simulated", "size": "tiny"}}
    keys = all_shards(settings_of(tmp_path, corpora), MADE)
    tiny = sorted(simulated.simulated_shards("tiny"))
    assert keys == (("z", "a"), ("z", "b"), *(("sim", shard) for shard in tiny))


def test_pretraining_sees_what_the_globs_name(settings_of):
    keys = [ShardKey("demo", f"train-{n:06d}") for n in range(1, 6)] + [ShardKey("own", "a")]
    settings = settings_of(".", source="simulated")

    def limited(*globs):
        pretrain = settings.pretrain.model_copy(update={"shards": globs})
        return settings.model_copy(update={"pretrain": pretrain})

    assert pretraining_shards(limited("*/*"), keys) == tuple(keys)
    chosen = pretraining_shards(limited("own/*", "demo/*-00000[12]"), keys)
    assert chosen == (keys[0], keys[1], keys[5])
    with pytest.raises(UserError, match=r"'demo/val-\*', which matches no shard; there are demo/t"):
        pretraining_shards(limited("demo/*", "demo/val-*"), keys)


def test_an_unknown_corpus_is_told(settings_of):
    with pytest.raises(UserError, match="no corpus 'other' in the settings; there are mine"):
        list_shards(settings_of(".", source="simulated"), "other", MADE)


@pytest.mark.parametrize(
    ("data", "path", "location"),
    [
        ("data", "ssl4eo", "data/ssl4eo"),
        ("data", "/big/ssl4eo", "/big/ssl4eo"),
        ("~/data", "ssl4eo", f"{Path.home()}/data/ssl4eo"),
        ("data", "~/ssl4eo", f"{Path.home()}/ssl4eo"),
        ("data", "s3://bucket/ssl4eo/", "s3://bucket/ssl4eo"),
        ("s3://bucket/all/", "ssl4eo", "s3://bucket/all/ssl4eo"),
    ],
)
def test_paths_start_from_data(data, path, location):
    assert locate(data, path) == location


def test_a_url_of_an_unknown_kind_is_told(settings_of):
    settings = settings_of(".", source="ssl4eo", path="nonsense://x")
    with pytest.raises(UserError, match="nonsense://x/train/S1GRD: cannot be read here"):
        names(settings)


def test_a_corpus_cut_from_archives_has_the_shards_its_places_fill(tmp_path):
    corpus = {
        "source": "stac", "places_per_shard": 64, "sampling": {"outlines": "x", "count": 130},
        "search": {"start": "2020-01-01", "end": "2020-12-31"},
    }  # fmt: skip
    found = list_shards(parse_settings({"corpora": {"new": corpus}}, "test"), "new", tmp_path)
    assert list(found) == ["train-000001", "train-000002", "train-000003"]
    expected = "new/train/S1GRD/ssl4eos12_train_seasonal_data_000003.zarr.zip"
    assert found["train-000003"] == (str(tmp_path / expected),)
