"""Labels that probes are asked: of land cover, and of a user's table."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.target import collect_target
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.probes import read_target

CLASSES = (LabelClass(1, 100, "town", "#ff0000"), LabelClass(2, 500, "water", "#0000ff"))


def collect(corpus, label="mine", **table):
    tables = {"mine": {"path": "mine.csv", **table}}
    settings = corpus.settings(probes={"tables": tables})
    output = corpus.folder / "target.parquet"
    collect_target(settings, label, corpus.keys, corpus.catalogue, corpus.folder / "labels", output)
    return read_target(output)


def write_csv(corpus, rows, header="id,label"):
    text = "\n".join([header, *(",".join(map(str, row)) for row in rows)])
    (corpus.folder / "mine.csv").write_text(text + "\n")


def complete(corpus, labels=None):
    return list(zip(corpus.ids, corpus.labels if labels is None else labels, strict=True))


def test_a_csv_of_classes(corpus):
    write_csv(corpus, complete(corpus))
    target = collect(corpus)
    assert (target.name, target.kind) == ("mine", "classification")
    order = np.argsort(corpus.ids)
    assert target.ids.tolist() == corpus.ids[order].tolist()
    assert target.values.tolist() == corpus.labels[order].tolist()


def test_a_parquet_of_numbers(corpus):
    numbers = np.arange(480) / 7
    table = pa.table({"id": corpus.ids.tolist(), "label": numbers, "note": ["x"] * 480})
    pq.write_table(table, corpus.folder / "mine.parquet")
    target = collect(corpus, path="mine.parquet", kind="regression")
    assert target.values.dtype == np.float64
    np.testing.assert_array_equal(target.values, numbers[np.argsort(corpus.ids)])


def test_ids_of_digits_and_classes_of_digits_stay_text(corpus):
    write_csv(corpus, [("007", "01"), *complete(corpus)])
    with pytest.raises(UserError, match="holds 007, which is no sample"):
        collect(corpus)


def test_what_does_not_agree_may_be_left_out(corpus):
    write_csv(corpus, [("strange", "town"), (corpus.ids[5], ""), *complete(corpus)[:5]])
    target = collect(corpus, unmatched="leave-out")
    assert sorted(target.ids) == sorted(corpus.ids[:5])


def test_a_class_may_be_called_none_and_what_tools_write_for_nothing_is_no_label(corpus):
    rows = complete(corpus)[:6]
    words = ("none", "None", "NA", "null", "NaN", "minor")
    write_csv(corpus, [(name, word) for (name, _), word in zip(rows, words, strict=True)])
    target = collect(corpus, unmatched="leave-out")
    told = dict(zip(target.ids.tolist(), target.values.tolist(), strict=True))
    assert told == {rows[0][0]: "none", rows[1][0]: "None", rows[5][0]: "minor"}


def test_labels_of_refused_samples_are_passed_over(corpus):
    corpus.write_catalogue(**{corpus.ids[3]: {"verdict": "refused", "reason": "NaN"}})
    write_csv(corpus, complete(corpus))
    assert corpus.ids[3] not in collect(corpus).ids


@pytest.mark.parametrize(
    ("rows", "table", "sentence"),
    [
        (
            lambda one: [("a", 1), ("b", 2)],
            {},
            "none of its 2 labelled ids, such as 'a', is an acc",
        ),
        (lambda one: one[:-2], {}, "holds no label of .* [(]and 1 more[)]; mend the table, or set"),
        (lambda one: [*one, one[0]], {}, "holds the id place.* 2 times"),
        (lambda one: [*one[1:], (one[0][0], "NaN")], {}, "gives place.* no label"),
        (
            lambda one: one,
            {"kind": "regression"},
            "is '(forest|town|water)' and should be a number",
        ),
        (lambda one: [(name, "inf") for name, _ in one], {"kind": "regression"}, "is 'inf' and"),
        (lambda one: [], {}, "holds no row"),
        (lambda one: one, {"path": "other.csv"}, "other.csv: is missing or no table of labels"),
        (lambda one: one, {"path": "mine.parquet"}, "is missing or no table of labels"),
    ],
)
def test_what_is_wrong_with_a_table_is_a_sentence(corpus, rows, table, sentence):
    write_csv(corpus, rows(complete(corpus)))
    (corpus.folder / "mine.parquet").write_text("no Parquet")
    with pytest.raises(UserError, match=sentence) as caught:
        collect(corpus, **table)
    assert "\n" not in str(caught.value)


def test_a_table_without_its_columns(corpus):
    write_csv(corpus, [("a", 1)], header="name,label")
    with pytest.raises(UserError, match="has no column `id`; it holds name, label"):
        collect(corpus)


def test_an_unknown_label_is_told(corpus):
    with pytest.raises(UserError, match=r"no label `other`; there are land-cover, .*, mine"):
        collect(corpus, label="other")


def write_land_cover(corpus, town_rows):
    """Each sample a raster of four by four: so many rows of town, one of nodata, then water."""
    for number, key in enumerate(corpus.keys):
        ids = corpus.ids[number * 120 : (number + 1) * 120]
        samples = []
        for row, name in enumerate(ids):
            raster = np.full((4, 4), 2, np.uint8)
            raster[: town_rows(row)] = 1
            raster[3] = 0
            if row == 0:
                raster[:] = [1, 0, 0, 0]
            samples.append(SampleLabels(str(name), row, raster, 1.0))
        path = key.part(corpus.folder / "labels", ".zarr.zip")
        write_labels(path, samples, [(4, 4)] * 120, CLASSES, dict)


def test_land_cover_is_the_majority_class(corpus):
    write_land_cover(corpus, lambda row: 2 if row % 3 == 0 else 1)
    target = collect(corpus, label="land-cover")
    bare = corpus.ids[[0, 120, 240, 360]]
    assert not set(bare) & set(target.ids), "a quarter of the pixels is no majority"
    assert len(target.ids) == 476
    where = {name: row % 120 for row, name in enumerate(corpus.ids)}
    expected = ["town" if where[name] % 3 == 0 else "water" for name in target.ids]
    assert target.values.tolist() == expected


def test_land_cover_that_covers_nothing_is_a_sentence(corpus):
    for number, key in enumerate(corpus.keys):
        ids = corpus.ids[number * 120 : (number + 1) * 120]
        empty = [SampleLabels(str(name), row, np.zeros((2, 2), np.uint8), 0.0)
                 for row, name in enumerate(ids)]  # fmt: skip
        path = key.part(corpus.folder / "labels", ".zarr.zip")
        write_labels(path, empty, [(2, 2)] * 120, CLASSES, dict)
    with pytest.raises(UserError, match="None of the 480 samples has a land-cover class"):
        collect(corpus, label="land-cover")
