"""What every section says, checked against what the products hold."""

import json
import re
from dataclasses import replace

import pytest
from tests.report.made_run import (
    CLASSES,
    EVIL,
    IDS,
    KEYS,
    STATISTICS,
)

from speckle2vec.errors import UserError
from speckle2vec.products.accepted import read_accepted
from speckle2vec.products.catalogue import read_catalogue
from speckle2vec.report.classes import read_cover
from speckle2vec.report.cubes_part import cubes_part, example_samples
from speckle2vec.report.data_part import data_part
from speckle2vec.report.labels_part import labels_part
from speckle2vec.report.timings_part import read_costs, timings_part
from speckle2vec.report.training_part import training_part
from speckle2vec.report.words import count, listed, percent

NAMES = [name for key in KEYS for name in IDS[key]]


def figure(block):
    return json.loads(block.figure)


@pytest.fixture(scope="module")
def catalogue(small_run):
    return read_catalogue(small_run.products.catalogue)


@pytest.fixture(scope="module")
def cover(small_run):
    samples = read_accepted(small_run.products.catalogue, ["split"])
    return read_cover(KEYS, small_run.products.labels, samples)


def test_what_went_in_is_counted(catalogue):
    part = data_part(catalogue, {"a1": "has no pair of dates"}, 100, 42)
    assert part.told == (
        "26 samples went in: 12 training, 4 validation, 4 test, 4 between splits, left out and 2 "
        "refused."
    )
    places, dates, reasons = part.blocks
    names = [trace["name"] for trace in figure(places)["data"]]
    assert names == ["training", "validation", "test", "between splits, left out", "refused"]
    assert places.told.startswith("Places from 8.00° E to 11.00° E and 48.00° N to 49.00° N")
    months = dict(zip(*(figure(dates)["data"][0][axis] for axis in "xy"), strict=True))
    assert {name: number for name, number in months.items() if number} == {
        f"2020-{month:02d}": 26 for month in (1, 4, 7, 10)
    }
    assert len(months) == 10
    assert dates.told == (
        "104 acquisitions from 2020-01 to 2020-10, most in 2020-01; most samples have 4 dates."
    )
    assert list(reasons.rows) == [
        ("has <i>no</i> finite pixel", "2", "one-refused, two-refused"),
        ("has no pair of dates", "1", "a1"),
    ]
    assert reasons.told.startswith("3 samples, 12\u00a0% of all, cannot be used, for 2 reasons")


def test_names_are_text_for_the_plots_too(catalogue):
    (trace,) = [one for one in figure(data_part(catalogue, {}, 100, 42).blocks[0])["data"]
                if any("script" in name for name in one["text"])]  # fmt: skip
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in trace["text"]


def test_examples_are_of_every_class(cover):
    names = example_samples(NAMES, cover, 2, 42)
    assert {cover.commonest[name] for name in names} == {1, 2}
    assert example_samples(NAMES[::-1], cover, 2, 42) == names
    assert len(set(example_samples(NAMES, None, 5, 42))) == 5
    assert len(example_samples(NAMES[:3], None, 5, 42)) == 3


def test_every_feature_is_shown_with_what_it_spans(small_run):
    part = cubes_part(small_run.products.cubes, {"b2": KEYS[1], "a1": KEYS[0]}, STATISTICS, None)
    assert part.told.startswith("2 samples with all 4 features, in dB.")
    assert [block.title for block in part.blocks] == ["b2", "a1"]
    assert [picture.caption for picture in part.blocks[0].pictures] == [
        "vv mean", "vh mean", "vv std", "vv difference"
    ]  # fmt: skip
    assert part.blocks[0].pictures[0].alt == "vv_mean of sample b2, from -20 to -4 dB"


def test_the_training_is_told(small_run):
    part = training_part(small_run.products.history, "sar-temporal/simclr/cnn-transformer")
    assert part.told.endswith(": 2 epochs.")
    losses, health, rank = part.blocks
    assert losses.told == (
        "The held-out loss goes from 4 to 2.75 and is lowest (2.5) in epoch 1: it has risen since."
    )
    assert [len(trace["x"]) for trace in figure(losses)["data"]] == [2, 3]
    assert "from 0.10 before training to 0.90" in health.told
    assert rank.told.startswith("Of 1024 numbers 12.8 vary independently")


def test_an_encoder_that_learns_nothing_has_no_curves(tmp_path):
    (tmp_path / "history.csv").write_text("epoch\n0\n")
    part = training_part(tmp_path / "history.csv", "sar-temporal/none/pca")
    assert (part.told, list(part.blocks)) == ("sar-temporal/none/pca is not trained.", [])


def test_shares_of_land_cover(cover):
    part = labels_part(cover)
    assert part.told == "24 of 24 samples are labelled, 100\u00a0% of all pixels, with 2 classes."
    (plot,) = part.blocks
    first = figure(plot)["data"][0]
    assert first["marker"]["color"] == "#e6004d"
    assert first["name"] == "Artificial &lt;b&gt;surfaces&lt;/b&gt;"
    shares = dict(zip(first["y"], first["x"], strict=True))
    # of rows 0 to 11 the even ones are artificial: 0, 2, 6, 8 of 6 training rows; 4, 10 in test
    assert shares == pytest.approx({"test": 100, "validation": 0, "train": 100 * 4 / 6})
    assert f"no {CLASSES[1].name} in test, no {CLASSES[0].name} in validation" in plot.told


def test_costs_are_summed_by_rule(small_run):
    costs = read_costs(small_run.products.timings)
    assert list(costs) == ["ingest", "catalogue"]
    ingest = costs["ingest"]
    assert (ingest.jobs, ingest.wall_s, ingest.cpu_s, ingest.peak_mb) == (2, 30.5, 17.5, 300)
    assert (costs["catalogue"].wall_s, costs["catalogue"].peak_mb) == (0.01, 0)
    part = timings_part(small_run.products.timings)
    assert part.told == "3 jobs took 31 s one after another; ingest took most of it, 100\u00a0%."
    assert part.blocks[1].rows[0] == ("ingest", "2", "30 s", "18 s", "300 MB")


def test_no_timings_are_said(tmp_path):
    assert timings_part(tmp_path).told.startswith("No job has been timed yet")


def test_the_page_is_the_same_bytes_again(small_run, page):
    again = small_run.make("again.html", sections=small_run_sections(page))
    assert again.read_bytes() == page.read_bytes()


def small_run_sections(page):
    return re.findall(r'<section id="(\w+)"', page.read_text())


def test_what_was_not_asked_for_is_one_line_each(small_run):
    text = small_run.make("short.html", sections=["data"]).read_text()
    assert small_run_sections(small_run.folder / "short.html") == ["data", "more"]
    for name in ("cubes", "compression", "probes", "landcover", "settings"):
        assert text.count(f"not asked for: name <code>{name}</code> among them.") == 1


def test_no_name_becomes_markup(page):
    text = page.read_text()
    assert EVIL not in text
    assert "&lt;/script&gt;&lt;img" in text or "\\u003c/script>\\u003cimg" in text
    assert "Artificial <b>" not in text
    assert "has &lt;i&gt;no&lt;/i&gt; finite pixel" in text


def test_every_picture_has_its_words(page):
    text = page.read_text().partition('<script type="text/plain" id="library">')[0]
    pictures = re.findall(r"<img [^>]*>", text)
    assert len(pictures) > 16
    assert all('alt="' in one for one in pictures)
    assert all('alt=""' not in one for one in pictures if "hidden" not in one)
    assert all(f'id="{name}"' in text for name in re.findall(r'href="#(\w+)"', text))


def test_damaged_labels_and_others_are_sentences(small_run, tmp_path):
    for name in ("catalogue", "statistics", "nearest", "history"):
        broken = tmp_path / "broken"
        broken.write_text("nothing")
        with pytest.raises(UserError, match=str(broken)):
            small_run.make("b.html", replace(small_run.products, **{name: broken}))
    with pytest.raises(UserError, match=r"one\.zarr\.zip: is missing or damaged"):
        small_run.make("b.html", replace(small_run.products, labels=tmp_path))
    assert not (small_run.folder / "b.html").exists()


def test_words():
    assert [count(1, "sample"), count(2000, "class", "classes")] == ["1 sample", "2,000 classes"]
    shares = [0, 0.0004, 0.004, 0.104, 1]
    expected = ["0\u00a0%", "under 0.1\u00a0%", "0.4\u00a0%", "10\u00a0%", "100\u00a0%"]
    assert [percent(share) for share in shares] == expected
    assert [listed(["a"]), listed(["a", "b", "c"])] == ["a", "a, b and c"]
