"""The page on a run by one target, and what runs again when something changes."""

import re
import zipfile

PAGE = "results/report.html"


def test_one_target_makes_the_page(finished):
    planned = finished.planned(PAGE)
    assert planned == {"labels": 2, "search_index": 1, "search_nearest": 1, "report_page": 1}
    finished.make(PAGE)
    text = (finished.folder / PAGE).read_text()
    names = re.findall(r'<section id="(\w+)"', text)
    assert names == ["data", "cubes", "training", "map", "labels", "timings", "settings", "more"]
    assert "64 samples went in" in text
    assert "2 epochs." in text
    assert "not asked for: name <code>compression</code> among them." in text
    assert not finished.planned(PAGE)

    finished.edit("workflow/speckle2vec/report/templates/page.css", "1120px", "1000px")
    assert finished.planned(PAGE) == {"report_page": 1}
    settings = finished.folder / "config/experiments/tiny.yaml"
    settings.write_text(settings.read_text() + "\nreport: {sections: [data, training]}\n")
    assert finished.planned(PAGE) == {"report_page": 1}
    finished.make(PAGE)
    assert '<section id="map"' not in (finished.folder / PAGE).read_text()

    finished.make(PAGE, "--report", "report.zip")
    with zipfile.ZipFile(finished.folder / "report.zip") as archive:
        pages = [name for name in archive.namelist() if name.endswith("report.html")]
        kept = (finished.folder / PAGE).read_bytes()
        assert kept in [archive.read(name) for name in pages]
