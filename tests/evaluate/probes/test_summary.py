"""The table of probes: nothing is found where nothing is, and what is planted is found."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.summary import summarise
from speckle2vec.products.probes import read_probe

GRID = {"methods": ["none", "simclr"], "encoders": ["resnet18"], "baselines": ["pixel-statistics"]}
NONE, LEARNT = "sar-temporal/none/resnet18", "sar-temporal/simclr/resnet18"
PIXELS = "sar-temporal/none/pixel-statistics"


def table(corpus, **changes):
    settings = corpus.settings(**{"grid": GRID, **changes})
    path = corpus.folder / "probes.csv"
    summarise(settings, settings.models, corpus.folder / "probes", path)
    return pd.read_csv(path).set_index(["method", "encoder", "seed"], drop=False)


def probed(corpus, target, **models):
    for model, values in models.items():
        corpus.embed(model, values)
        corpus.probe(model, target)


def test_random_embeddings_score_as_chance_and_are_not_better(corpus):
    random = np.random.default_rng(7)
    values = {model: random.normal(size=(480, 20)) for model in (NONE, LEARNT, PIXELS)}
    probed(corpus, corpus.write_target(), **values)
    found = table(corpus)
    assert found["chance"].unique() == pytest.approx([1 / 3])
    for _, row in found.iterrows():
        assert row["low"] < 1 / 3 < row["high"]
    learnt = found.loc[("simclr", "resnet18", 42)]
    assert learnt["minus_none_low"] < 0 < learnt["minus_none_high"]
    assert learnt["better_than_none"] == "no"


def test_a_planted_signal_is_found(corpus, signal, noise):
    probed(corpus, corpus.write_target(), **{NONE: noise, LEARNT: signal, PIXELS: noise[::-1]})
    found = table(corpus)
    learnt = found.loc[("simclr", "resnet18", 42)]
    assert learnt["minus_none_low"] > 0
    assert learnt["better_than_none"] == learnt["better_than_pixels"] == "yes"
    assert learnt["low"] > 1 / 3
    assert np.isnan(found.loc[("none", "resnet18", 42)]["minus_none"])
    assert np.isnan(found.loc[("none", "pixel-statistics", 42)]["minus_pixels"])


def test_figures_are_those_of_sklearn_and_of_a_plain_paired_loop(corpus, signal, noise):
    target = corpus.write_target()
    probed(corpus, target, **{NONE: noise, LEARNT: signal, PIXELS: noise})
    row = table(corpus, probes={"draws": 400}).loc[("simclr", "resnet18", 42)]
    learnt, none = (read_probe(target.parent / f"{model}.parquet") for model in (LEARNT, NONE))
    expected = balanced_accuracy_score(learnt.truth, learnt.predicted)
    assert row["score"] == pytest.approx(expected, abs=1e-6)
    near = balanced_accuracy_score(learnt.truth, learnt.nearest)
    assert row["knn_score"] == pytest.approx(near, abs=1e-6)
    assert row["knn_low"] < near < row["knn_high"]
    assert row["neighbours"] == learnt.about["neighbours"]
    macro = f1_score(learnt.truth, learnt.predicted, average="macro")
    assert row["macro_f1"] == pytest.approx(macro, abs=1e-6)
    random, names, differences = np.random.default_rng(0), np.unique(learnt.blocks), []
    for _ in range(400):
        drawn = random.choice(names, len(names))
        rows = np.concatenate([np.flatnonzero(learnt.blocks == name) for name in drawn])
        first, second = (
            balanced_accuracy_score(one.truth[rows], one.predicted[rows]) for one in (learnt, none)
        )
        differences.append(first - second)
    low, high = np.quantile(differences, (0.025, 0.975))
    assert row["minus_none_low"] == pytest.approx(low, abs=0.03)
    assert row["minus_none_high"] == pytest.approx(high, abs=0.03)


def test_seeds_are_rows_and_their_mean_is_one_too(corpus, signal, noise):
    values = {
        NONE: noise,
        f"{NONE}@7": noise[::-1],
        LEARNT: signal,
        f"{LEARNT}@7": signal / 2 + noise,
    }
    probed(corpus, corpus.write_target(), **values, **{PIXELS: noise})
    found = table(corpus, grid={**GRID, "seeds": [42, 7]})
    rows = found[found["method"] == "simclr"].set_index("seed")
    assert list(rows.index) == ["42", "7", "all"]
    assert rows["score"]["all"] == pytest.approx(rows["score"][["42", "7"]].mean(), abs=1e-5)
    of_none = found[found["method"] == "none"].set_index(["encoder", "seed"])["score"]["resnet18"]
    own = rows["score"][["42", "7"]] - of_none[["42", "7"]]
    assert rows["minus_none"][["42", "7"]].tolist() == pytest.approx(own.tolist(), abs=1e-5)
    assert rows["minus_none"]["all"] == pytest.approx(own.mean(), abs=1e-5)
    above = (rows["minus_none"][["42", "7"]] > 0).sum()
    assert rows["seeds_above_none"]["all"] == f"{above} of 2"
    assert rows["seeds_above_none"][["42", "7"]].isna().all()
    assert rows["spread"]["all"] == pytest.approx(rows["score"][["42", "7"]].std(), abs=1e-5)


def test_numbers_have_r2(corpus, signal, noise):
    target = corpus.write_target("regression", signal[:, 0], name="share")
    probed(corpus, target, **{NONE: noise, LEARNT: signal, PIXELS: noise})
    tables = {"share": {"path": "share.csv", "kind": "regression"}}
    found = table(corpus, probes={"labels": ["share"], "tables": tables})
    row = found.loc[("simclr", "resnet18", 42)]
    assert row["measure"] == "r2"
    assert row["score"] > 0.95
    assert row["samples"] == (corpus.splits == "test").sum()
    assert row["better_than_none"] == "yes"


def test_unseen_classes_are_left_out_of_the_scores(corpus, signal, noise):
    labels = corpus.labels.copy()
    labels[(corpus.splits == "train") & (labels == "water")] = "town"
    target = corpus.write_target(values=labels)
    probed(corpus, target, **{NONE: noise, LEARNT: signal, PIXELS: noise})
    row = table(corpus).loc[("simclr", "resnet18", 42)]
    asked = (corpus.splits == "test") & (labels != "water")
    assert row["samples"] == asked.sum()
    probe = read_probe(target.parent / f"{LEARNT}.parquet")
    kept = probe.truth != "water"
    expected = balanced_accuracy_score(probe.truth[kept], probe.predicted[kept])
    assert row["score"] == pytest.approx(expected, abs=1e-6)


def test_probes_of_other_samples_are_not_compared(corpus, signal, noise):
    target = corpus.write_target()
    probed(corpus, target, **{NONE: noise, PIXELS: noise})
    corpus.embed(LEARNT, signal, leave_out=corpus.ids[corpus.splits == "test"][:1])
    corpus.probe(LEARNT, target)
    with pytest.raises(UserError, match="were asked other samples or labels"):
        table(corpus)


def test_one_block_has_no_interval(corpus, signal, noise):
    blocks = corpus.blocks[corpus.splits == "test"]
    only = (corpus.splits == "train") | (corpus.blocks == blocks[0])
    target = corpus.write_target(ids=corpus.ids[only], values=corpus.labels[only])
    probed(corpus, target, **{NONE: noise, LEARNT: signal, PIXELS: noise})
    row = table(corpus).loc[("simclr", "resnet18", 42)]
    assert row["blocks"] == 1
    assert np.isfinite(row["score"])
    assert np.isnan(row["low"])
    assert pd.isna(row["better_than_none"])


def test_a_missing_probe_is_a_sentence(corpus):
    with pytest.raises(UserError, match=r"resnet18.parquet: is missing or damaged"):
        table(corpus)
