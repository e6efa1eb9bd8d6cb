"""What the classifiers of pixels, the table and its pictures depend on, and nothing else."""

import subprocess
import sys

import pytest
from tests.landcover.few_classes import settings_of

from speckle2vec.plan import Plan


@pytest.fixture
def plan_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda **changes: Plan(settings_of(**changes))


def rules(plan):
    return {
        "majority": plan.fit_pixels("majority"),
        "logistic": plan.fit_pixels("logistic-regression"),
        "forest": plan.fit_pixels("random-forest"),
        "table": plan.landcover_table(),
        "figures": plan.landcover_figures(),
        "labels": plan.labels(),
        "finetune": plan.finetune("resnet18"),
    }


FITS = {"majority", "logistic", "forest"}


@pytest.mark.parametrize(
    ("changes", "affected"),
    [
        ({"landcover": {"trees": 7}}, {"forest"}),
        ({"landcover": {"pixels": 5000}}, {"logistic", "forest"}),
        ({"landcover": {"draws": 200}}, {"table"}),
        ({"landcover": {"confidence": 0.9}}, {"table"}),
        ({"landcover": {"scored": ["validation", "test"]}}, {*FITS, "table"}),
        ({"landcover": {"shares": [5, 100]}}, {"table"}),
        ({"landcover": {"finetune": {"epochs": 3}}}, {"finetune"}),
        ({"seed": 7}, {*FITS, "table", "finetune"}),
        ({"pretrain": {"epochs": 3}}, set()),
    ],
)
def test_a_setting_reaches_the_rules_that_read_it_and_no_other(plan_of, changes, affected):
    before, after = rules(plan_of()), rules(plan_of(**changes))
    assert {name for name in before if before[name] != after[name]} == affected


def test_the_table_asks_for_every_cell_by_name(plan_of):
    plan = plan_of(landcover={"shares": [5, 100]})
    found = plan.confusions()
    assert "results/landcover/sar-temporal/pixels/majority/fit-5/confusion.parquet" in found
    assert len(found) == len(plan.settings.cells) == len(set(found))
    assert plan.written_cells().read_text().splitlines() == list(plan.settings.cells)


def test_a_seed_of_its_own_counts(plan_of):
    plan = plan_of()
    assert plan.fit_pixels("majority@7") == {**plan.fit_pixels("majority"), "seed": 7}


def test_pixels_table_and_pictures_need_no_torch():
    program = (
        "import sys; import speckle2vec.landcover.table.figures, speckle2vec.landcover.pixels.run;"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
