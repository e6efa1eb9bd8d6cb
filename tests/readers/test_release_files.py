"""Which file of a release is which shard."""

import pytest
from tests.readers.listed import touch

from speckle2vec.errors import UserError
from speckle2vec.readers.published_listing import list_published, published_files

ONE = "train/S1GRD"


@pytest.mark.parametrize(
    ("file", "shard"),
    [
        ("ssl4eos12_train_seasonal_data_000012.zarr.zip", "train-000012"),
        ("ssl4eos12_shard_000012.tar", "train-000012"),
        ("v2_000012_of_europe.tar", "train-000012"),
        ("7.zarr.zip", "train-7"),
        ("alps.zarr.zip", "train-alps"),
    ],
)
def test_the_last_number_of_a_name_is_the_shard(tmp_path, file, shard):
    touch(tmp_path, f"{ONE}/{file}", f"{ONE}/{file}.part", f"{ONE}/folder.tar/000001.tar")
    found = published_files(str(tmp_path), "train", "S1GRD")
    assert found == {shard: f"{tmp_path}/{ONE}/{file}"}


def test_both_modalities_have_the_same_shards(tmp_path):
    for number in (3, 1):
        touch(tmp_path, f"val/S1GRD/s1_{number:06}.tar", f"val/S2L2A/s2_x_{number:06}.zarr.zip")
    radar, optical = (published_files(str(tmp_path), "val", name) for name in ("S1GRD", "S2L2A"))
    assert radar.keys() == optical.keys() == {"val-000001", "val-000003"}
    assert not set(radar.values()) & set(optical.values())


def test_two_files_of_one_shard_are_both_named(tmp_path):
    touch(tmp_path, f"{ONE}/a_1.tar", f"{ONE}/b_01.tar", f"{ONE}/c_1.zarr.zip")
    with pytest.raises(UserError, match=r"c_1.zarr.zip: is shard train-1 just as .*a_1.tar is"):
        published_files(str(tmp_path), "train", "S1GRD")


def test_shards_are_asked_for_by_several_globs(tmp_path, settings_of):
    touch(tmp_path, *[f"{folder}/S1GRD/x_{n}.tar" for folder in ("train", "val") for n in range(4)])

    def listed(*shards):
        corpus = settings_of(tmp_path, source="ssl4eo", path="p", shards=shards).corpora["mine"]
        return list(list_published("mine", corpus, str(tmp_path)))

    assert listed("val-[01]", "train-3", "*-1") == ["train-1", "train-3", "val-0", "val-1"]
    with pytest.raises(UserError, match=r"of the 8 files .* S1GRD of train, val none .*VAL-1"):
        listed("VAL-1")
