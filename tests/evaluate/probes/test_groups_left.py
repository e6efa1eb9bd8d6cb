"""Groups of places of which a model holds no embedding."""

import csv

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.groups import probe_groups

MODEL = "fusion/none/pixel-statistics"
COUNTRIES = ("Ghana", "India", "Mekong", "Spain")


@pytest.fixture
def countries(corpus):
    """The country of each sample, by which places are named."""
    found = np.array(COUNTRIES)[np.arange(480) // 8 % 4]
    corpus.write_catalogue(**{
        name: {"place": f"{country}_{row}"}
        for row, (name, country) in enumerate(zip(corpus.ids.tolist(), found, strict=True))
    })  # fmt: skip
    return found


def leave_out(corpus, countries, values, absent):
    corpus.embed(MODEL, values, corpus.ids[np.isin(countries, absent)])
    settings = corpus.settings(probes={"strengths": [0.1], "draws": 100})
    output = corpus.folder / "groups.csv"
    probe_groups(settings, corpus.keys, [MODEL], corpus.write_target(), corpus.catalogue,
                 corpus.folder / "embeddings", output)  # fmt: skip
    with output.open(newline="") as file:
        return {row["group"] for row in csv.DictReader(file)}


def test_a_group_without_embeddings_is_left_out(corpus, countries, signal):
    found = leave_out(corpus, countries, signal, ["Mekong"])
    assert found == {"Ghana", "India", "Spain", "mean"}


@pytest.mark.parametrize("absent", [["Ghana", "India"], ["Ghana", "India", "Mekong"]])
def test_too_few_groups_with_embeddings_are_a_sentence(corpus, countries, signal, absent):
    with pytest.raises(UserError, match=r"pixel-statistics: .*Spain.*takes 3 or more"):
        leave_out(corpus, countries, signal, absent)
