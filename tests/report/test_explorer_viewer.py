"""The explorer in a real browser: what it shows, finds and compares, and that it asks nobody."""

import shutil
import socket
import sys
from urllib.parse import urlsplit

import numpy as np
import pytest
from tests.report.explored import Viewer, serve
from tests.report.made_run import EVIL, IDS, KEYS

from speckle2vec.errors import UserError
from speckle2vec.products.embeddings import embedding_values, read_embeddings
from speckle2vec.report.explorer.run import make_explorer
from speckle2vec.report.explorer.server import explore, start

NAMES = [f"small/{name}" for key in KEYS for name in IDS[key]]


@pytest.fixture(scope="module")
def folder(small_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("explorer")
    make_explorer(small_run.settings(), KEYS, small_run.products, folder)
    return folder


@pytest.fixture(scope="module")
def viewer(chromium, folder):
    """The explorer, opened once: the tests follow each other on it."""
    served = serve(folder)
    try:
        yield Viewer.opened(chromium, served.address)
    finally:
        chromium.get("about:blank")
        served.stop()


@pytest.fixture(scope="module")
def distances(small_run):
    """1 - cosine of any two samples, from what the encoder has written."""
    parts = [read_embeddings(key.part(small_run.products.embeddings, ".parquet")) for key in KEYS]
    vectors = np.concatenate([embedding_values(part["embedding"]) for part in parts]).astype(float)
    lengths = np.sqrt((vectors**2).sum(axis=1))
    return 1 - (vectors @ vectors.T) / np.outer(lengths, lengths)


def check_near(viewer, distances, sample):
    """What is listed beside a sample is what is most like it."""
    own = NAMES.index(sample)
    names, values = zip(*viewer.near(), strict=True)
    assert sorted(names) == sorted(set(NAMES) - {sample})
    told = [distances[own, NAMES.index(name)] for name in names]
    assert list(values) == pytest.approx(told, abs=0.0006)  # three decimals are shown
    assert told == pytest.approx(sorted(told), abs=1e-5)


def test_pictures_are_drawn_and_nobody_else_is_asked(viewer):
    assert viewer.texts(".numDataPoints") == ["24"]
    assert viewer.texts(".dim") == ["49"]
    assert "2 tensors found" in viewer.texts("vz-projector-data-panel")[0]
    # 24 pictures of a plain colour each turn around, some grey, some behind each other
    viewer.waits(lambda: viewer.colours() >= 6)
    assert {urlsplit(url).hostname for url in viewer.requests} == {"127.0.0.1"}
    assert [one for one in viewer.said if one["level"] == "SEVERE"] == []


def test_a_sample_is_found_by_its_id(viewer, distances):
    viewer.search("b7")
    viewer.waits(lambda: viewer.known().get("sample") == "small/b7")
    assert viewer.known() == {
        "sample": "small/b7", "corpus": "small", "place": "small/b7",
        "date": "2020-01-03 to 2020-10-03", "split": "train", "longitude": "9.75",
        "latitude": "49", "land cover": "Water",
    }  # fmt: skip
    check_near(viewer, distances, "small/b7")
    viewer.search("nowhere")
    viewer.waits(lambda: "0 matches" in viewer.texts("vz-projector-inspector-panel")[0])


def test_a_click_on_a_picture_shows_its_neighbours(viewer, distances):
    viewer.search("b7")
    viewer.waits(lambda: viewer.known().get("sample") == "small/b7")
    viewer.find(".neighbor-link")[0].click()
    nearest = NAMES[np.argsort(distances[NAMES.index("small/b7")])[1]]
    viewer.waits(lambda: viewer.known().get("sample") == nearest)
    check_near(viewer, distances, nearest)
    viewer.find(".clear-selection")[0].click()
    viewer.waits(lambda: not viewer.near())
    viewer.click_a_picture()
    check_near(viewer, distances, viewer.known()["sample"])


def test_colours_tell_land_cover(viewer):
    viewer.colour("land cover")
    viewer.waits(lambda: "Water" in " ".join(viewer.texts("vz-projector-data-panel")))


def test_an_evil_name_stays_text(viewer):
    viewer.search("onerror")
    viewer.waits(lambda: viewer.known().get("sample") == f"small/{EVIL}")
    assert viewer.find("img[src='x']") == []
    viewer.hear()
    assert [one for one in viewer.said if one["level"] == "SEVERE"] == []


def test_ctrl_c_ends_it(folder):
    served = serve(folder)
    assert served.address.endswith("/#projector")
    status, said = served.stop()
    assert status == 0
    assert said.endswith("The explorer is closed.\n")
    assert said.count("\n") == 1


def test_a_port_that_is_taken_is_told(folder):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"Port {port} of this machine is taken"):
            start(folder, port)
    with pytest.raises(UserError, match="70000 is no port"):
        start(folder, 70_000)


def test_a_viewer_that_is_missing_is_told(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(UserError, match=r'pip install -c constraints.txt "\.\[explore\]"'):
        start(folder, 0)


def test_the_page_is_opened_in_the_browser(folder, monkeypatch):
    opened = []
    monkeypatch.setattr("speckle2vec.report.explorer.server.start", lambda *_: "http://here/")
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("time.sleep", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    explore(folder, 0, browser=False)
    assert opened == []
    explore(folder, 0, browser=True)
    assert opened == ["http://here/"]


def test_a_folder_that_was_copied_elsewhere_still_opens(folder, tmp_path):
    copied = shutil.copytree(folder, tmp_path / "copied")
    served = serve(copied)
    assert served.stop()[0] == 0
