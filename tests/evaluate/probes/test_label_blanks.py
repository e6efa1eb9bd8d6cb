"""Blanks around the labels of a user's table."""

import numpy as np
import pytest

from speckle2vec.evaluate.probes.tables import own_target
from speckle2vec.settings.evaluate import LabelTable

IDS = np.array(["a", "b", "c"])


def target(folder, text, kind="classification"):
    (folder / "own.csv").write_text(text)
    return own_target("own", LabelTable(path="own.csv", kind=kind), str(folder), IDS, IDS)


def test_blanks_around_a_label_make_no_class_of_its_own(tmp_path):
    found = target(tmp_path, "id,label\na,water\nb,water \nc, open water\n")
    assert found.values.tolist() == ["water", "water", "open water"]


def test_blanks_around_a_number_do_not_matter(tmp_path):
    found = target(tmp_path, "id,label\na, 1\nb,2.5 \nc,-3e2\n", "regression")
    assert found.values.tolist() == pytest.approx([1, 2.5, -300])
