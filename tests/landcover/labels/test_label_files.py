from pathlib import Path

import pytest

from speckle2vec.errors import UserError
from speckle2vec.readers.label_files import file_of, label_files, watched_files
from speckle2vec.settings.load import parse_settings

TINY = {"source": "simulated", "size": "tiny"}
FLOODS = {
    "source": "geotiff", "path": "chips", "files": "S1/*.tif", "dates": 1, "units": "db",
    "calibration": "sigma0", "bands": {"VV": 1, "VH": 2},
    "pattern": r"S1/(?P<place>\w+)_S1\.tif$",
}  # fmt: skip
MASKS = {
    "source": "raster", "path": "chips", "files": "Labels/*.tif",
    "pattern": r"(?P<place>\w+)_Label\.tif$",
}  # fmt: skip


def settings_of(data, labels, **corpora):
    corpora = corpora or {"tiny": TINY}
    return parse_settings({"data": str(data), "corpora": corpora, "labels": labels}, "test")


def test_the_demo_has_its_own():
    files = label_files(settings_of(".", {}), "tiny", Path("made"))
    assert files == {"": str(Path("made/tiny/landcover.gpkg"))}
    assert file_of(files, "any") == str(Path("made/tiny/landcover.gpkg"))


def test_other_corpora_must_say_where_their_labels_are(tmp_path):
    with pytest.raises(UserError, match=r"'floods' has no labels: `labels.source` is demo"):
        label_files(settings_of(tmp_path, {}, floods=FLOODS), "floods", Path("made"))


def test_a_missing_file(tmp_path):
    settings = settings_of(tmp_path, {"source": "vector", "path": "clc.gpkg"})
    with pytest.raises(UserError, match=r"clc\.gpkg: there is no such file; correct"):
        label_files(settings, "tiny", Path("made"))


def chips(tmp_path, *names):
    for name in names:
        path = tmp_path / "chips" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_one_file_a_place(tmp_path):
    folder = chips(
        tmp_path, "S1/A_1_S1.tif", "S1/B_2_S1.tif", "Labels/A_1_Label.tif", "Labels/C_3_Label.tif"
    )
    settings = settings_of(folder, MASKS, floods=FLOODS)
    files = label_files(settings, "floods", Path("made"))
    assert set(files) == {"A_1", "C_3"}
    assert file_of(files, "A_1") == str(folder / "chips/Labels/A_1_Label.tif")
    assert file_of(files, "B_2") is None
    raw = [str(folder / "chips/S1/A_1_S1.tif")]
    assert watched_files(settings, "floods", raw, files) == [files["A_1"]]
    other = [str(folder / "chips/S1/B_2_S1.tif")]
    assert watched_files(settings, "floods", other, files) == []


def test_two_files_of_one_place(tmp_path):
    folder = chips(tmp_path, "Labels/A_Label.tif", "Labels/old/A_Label.tif")
    labels = {**MASKS, "files": "Labels/**/*.tif"}
    with pytest.raises(UserError, match="has labels of the place A just as"):
        label_files(settings_of(folder, labels), "tiny", Path("made"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"files": "none/*.tif"}, "found 0 files"),
        ({"pattern": "(?P<place>Z)"}, "matches none of them"),
        ({"pattern": "(?P<name>A)"}, "names no place"),
        ({"pattern": "(?P<place>A"}, "no valid regular expression"),
    ],
)
def test_wrong_names_are_sentences(tmp_path, changes, sentence):
    folder = chips(tmp_path, "Labels/A_Label.tif")
    with pytest.raises(UserError, match=sentence.replace("(", r"\(")):
        label_files(settings_of(folder, {**MASKS, **changes}), "tiny", Path("made"))


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ({"source": "vector"}, "the source vector needs a `path`"),
        ({"path": "x"}, "`source` must be vector or raster"),
        ({"source": "raster", "path": "x", "files": "*"}, "`files` and `pattern` go together"),
        ({**MASKS, "source": "vector"}, "`files` is for rasters"),
        ({**MASKS, "classes": {1: "a"}, "colours": {"b": "#000000"}}, "`colours` names b"),
        ({**MASKS, "classes": {1: "a"}, "colours": {"a": "red"}}, "labels.colours.a` is wrong"),
    ],
)
def test_settings_that_do_not_fit(labels, sentence):
    with pytest.raises(UserError) as caught:
        settings_of(".", labels)
    assert sentence in str(caught.value)
