import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers import optical, registry
from speckle2vec.readers.shard_files import ShardFiles, read_shard_files, shard_files_text

KEY = ShardKey("mine", "p")
OPTICAL = {
    "path": "s2", "files": "*.tif",
    "pattern": r"(?P<place>[^/]+)_(?P<date>\d{8})_(?P<band>B\w+)\.tif$",
}  # fmt: skip


@pytest.mark.parametrize(
    "files",
    [
        ShardFiles(("a.tif", "https://b/c.tif"), ("d.tif",)),
        ShardFiles(("Île.tif",), ()),
        ShardFiles(("a b.tif",)),
    ],
)
def test_files_come_back_as_they_were_told(tmp_path, files):
    path = tmp_path / "files.json"
    path.write_text(shard_files_text(KEY, files))
    assert read_shard_files(path, KEY) == files


def test_files_of_another_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = ShardFiles(("a.tif", "https://b/c.tif"), ("/d.tif",))
    assert files.absolute() == ((f"{tmp_path}/a.tif", "https://b/c.tif"), ("/d.tif",))
    assert ShardFiles(("/a.tif",)).absolute() == (("/a.tif",), None)


@pytest.mark.parametrize(
    "text", [None, "", "[]", '{"shard": "mine/p"}', '{"shard": 1, "radar": 2}']
)
def test_what_is_no_list_is_told(tmp_path, text):
    path = tmp_path / "files.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UserError, match=r"files\.json: is no list of raw files .* leave `--raw"):
        read_shard_files(path, KEY)


def test_the_files_of_another_shard_are_refused(tmp_path):
    path = tmp_path / "files.json"
    path.write_text(shard_files_text(ShardKey("mine", "other"), ShardFiles(("a.tif",))))
    with pytest.raises(UserError, match=r"lists the raw files of mine/other, not of mine/p"):
        read_shard_files(path, KEY)


def test_a_job_that_is_told_its_files_lists_no_corpus(tmp_path, fakes, settings_of, monkeypatch):
    fakes.write_stack(tmp_path / "s1", "p", ("20200601",), side=16)
    for name in fakes.OPTICAL:
        fakes.write_raster(tmp_path / "s2" / f"p_20200602_{name}.tif", fakes.backscatter(0))
    declared = fakes.STACK | {"path": "s1", "files": "*.tif", "dates": 1, "optical": OPTICAL}
    settings, made = settings_of(tmp_path, **declared), tmp_path / "made"
    listed = [
        registry.open_shard(settings, KEY, made).samples,
        optical.open_optical(settings, KEY, made),
    ]
    told = ShardFiles(
        tuple(sorted(map(str, (tmp_path / "s1").glob("*.tif")))),
        tuple(sorted(map(str, (tmp_path / "s2").glob("*.tif")))),
    )
    monkeypatch.delattr(registry, "list_shards")
    monkeypatch.delattr(optical, "list_optical")
    assert registry.open_shard(settings, KEY, made, told).samples == listed[0]
    found = optical.open_optical(settings, KEY, made, told)
    assert found.dates(listed[0][0]) == listed[1].dates(listed[0][0])


def test_images_that_nobody_looked_for_are_looked_for(tmp_path, fakes, settings_of):
    fakes.write_stack(tmp_path / "s1", "p", ("20200601",), side=16)
    settings = settings_of(tmp_path, **fakes.STACK | {"path": "s1", "files": "*.tif", "dates": 1})
    radar_only = ShardFiles(tuple(map(str, (tmp_path / "s1").glob("*.tif"))))
    with pytest.raises(UserError, match=r"'mine' has none: declare its files in the group"):
        optical.open_optical(settings, KEY, tmp_path, radar_only)
