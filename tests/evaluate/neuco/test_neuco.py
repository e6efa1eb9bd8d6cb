"""The protocol of NeuCo-Bench against plain loops over its published description."""

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, r2_score
from sklearn.model_selection import ShuffleSplit

from speckle2vec.cli import main
from speckle2vec.errors import UserError
from speckle2vec.evaluate.neuco.linear import _score
from speckle2vec.evaluate.neuco.protocol import probe_tasks

from .submissions import rows_of, write_submission, write_task

SAMPLES = 120
IDS = np.array([f"place{number:03d}" for number in range(SAMPLES)])


@pytest.fixture(scope="module")
def inner():
    return np.random.default_rng(0).normal(size=(SAMPLES, 16)) * np.linspace(0.1, 30, 16) + 4


@pytest.fixture
def embeddings(tmp_path, inner):
    return write_submission(tmp_path / "embeddings.csv", IDS, inner)


def adamw(parameters, gradient, state, rate=1e-3, decay=0.01):
    """One step in float64, written out (arXiv:1711.05101)."""
    state["step"] += 1
    state["first"] = 0.9 * state["first"] + 0.1 * gradient
    state["second"] = 0.999 * state["second"] + 0.001 * gradient**2
    first = state["first"] / (1 - 0.9 ** state["step"])
    second = state["second"] / (1 - 0.999 ** state["step"])
    return parameters * (1 - rate * decay) - rate * first / (np.sqrt(second) + 1e-8)


def shuffled(rows):
    """What a loader of random samples draws: first a seed for its workers, then an order."""
    torch.empty((), dtype=torch.int64).random_()
    return rows[torch.randperm(len(rows)).numpy()]


def best_of(values, labels, fitted, held, classes):
    start = torch.nn.Linear(values.shape[1], 1)
    weights = np.append(start.weight.detach().numpy()[0], start.bias.item()).astype(np.float64)
    columns = np.column_stack([values, np.ones(len(values))])
    state, best = {"step": 0, "first": 0.0, "second": 0.0}, -np.inf
    for _ in range(10):
        order = shuffled(fitted)
        for batch in (order[at : at + 64] for at in range(0, len(order), 64)):
            said = columns[batch] @ weights
            slope = 1 / (1 + np.exp(-said)) - labels[batch] if classes else (
                2 * (said - labels[batch])
            )  # fmt: skip
            weights = adamw(weights, slope @ columns[batch] / len(batch), state)
        asked = shuffled(held)
        said = columns[asked] @ weights
        if classes:  # logits that all lie in 0..1 are taken for probabilities
            half = 0.5 if ((said >= 0) & (said <= 1)).all() else 0.0
            score = f1_score(labels[asked], said > half, zero_division=0)
        else:
            score = r2_score(labels[asked], said)
        best = max(best, score)
    return best


def expected(values, tasks):
    """Scores of every split of tasks (name, labels, rows), in the order of their names."""
    used = np.unique(np.concatenate([rows for _, _, rows in tasks]))
    scaled = (values - values[used].mean()) / values[used].std()
    found = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(42)
        for name, labels, rows in sorted(tasks, key=lambda task: task[0]):
            labels = (labels - labels.min()) / (labels.max() - labels.min())
            split = ShuffleSplit(40, test_size=0.1, random_state=42).split(rows)
            scores = [best_of(scaled[rows], labels, *parts, "__cls" in name) for parts in split]
            found[name.split("__")[0]] = np.array(scores)
    return found


def test_the_protocol_agrees_with_plain_loops(tmp_path, embeddings, inner):
    random = np.random.default_rng(1)
    everyone, some = np.arange(SAMPLES), random.permutation(SAMPLES)[:60]
    amounts = inner[:, -1] * 7 + random.normal(size=SAMPLES) * 20 - 300
    classes = 5.0 + 2 * (inner[some, -2] + random.normal(size=60) * 9 > 0)
    tasks = [("biomass__regr", amounts, everyone), ("clouds__cls", classes, some)]
    for name, labels, rows in tasks:
        write_task(tmp_path / "tasks", name, IDS[rows], labels)
    output = tmp_path / "neuco.csv"
    probe_tasks(tmp_path / "tasks", embeddings, output)
    full = np.zeros((SAMPLES, 1024))
    full[:, :16] = inner
    rows = rows_of(output)
    qualities = []
    for name, scores in expected(full, tasks).items():
        quality = 2 * scores.mean() / (0.02 + scores.std())
        qualities.append(quality)
        assert float(rows[name]["mean"]) == pytest.approx(scores.mean(), rel=2e-3, abs=2e-3)
        assert float(rows[name]["std"]) == pytest.approx(scores.std(), rel=5e-3, abs=2e-3)
        assert float(rows[name]["q"]) == pytest.approx(quality, rel=5e-3, abs=2e-2)
    assert float(rows["all"]["q"]) == pytest.approx(np.mean(qualities), rel=5e-3)
    assert rows["clouds"]["samples"] == "60"
    assert (rows["biomass"]["measure"], rows["clouds"]["measure"]) == ("r2", "f1")


def test_the_layer_is_far_from_fitted_where_ridge_regression_is_not(tmp_path, embeddings, inner):
    write_task(tmp_path / "tasks", "sum__regression", IDS, inner.sum(axis=1))
    probe_tasks(tmp_path / "tasks", embeddings, tmp_path / "neuco.csv")
    row = rows_of(tmp_path / "neuco.csv")["sum"]
    assert float(row["mean"]) < 0.5
    assert float(row["ridge_mean"]) > 0.98
    assert 90 < float(row["ridge_q"]) <= 100


def test_by_hand_from_a_copy_of_the_downstream_set(tmp_path, embeddings, inner, caplog):
    labels = (inner[:40, -1] > 4).astype(int)
    ids = [*IDS[:39], "elsewhere"]
    write_task(tmp_path / "set/labels", "clouds__classification", ids, ["", *labels[1:]])
    (tmp_path / "config.yaml").write_text("corpora: {demo: {source: simulated}}\n")
    output = tmp_path / "neuco.csv"
    arguments = ["probe", "--protocol", "neuco", "--tasks", str(tmp_path / "set"), "--embeddings",
                 str(embeddings), "--config", str(tmp_path / "config.yaml"),
                 "--output", str(output)]  # fmt: skip
    caplog.set_level("INFO", "speckle2vec")
    assert main(arguments) == 0
    first, state = output.read_bytes(), torch.random.get_rng_state()
    assert main(arguments) == 0
    assert output.read_bytes() == first
    assert torch.equal(state, torch.random.get_rng_state()), "no draw of others is touched"
    row = rows_of(output)["clouds"]
    assert (row["samples"], row["left_out"]) == ("38", "1")
    assert "1 of 40 rows have no label" in caplog.text
    assert "holds no embedding of 1 of the 39 samples of the task 'clouds'" in caplog.text


@pytest.mark.parametrize(("shift", "score"), [(0.0, 2 / 3), (-0.35, 1.0)])
def test_logits_that_lie_between_0_and_1_are_taken_for_probabilities(shift, score):
    """0.3 and 0.4 are logits of the class; only where another lies outside are they so read."""
    layer = torch.nn.Linear(1, 1)
    layer.weight.data[:], layer.bias.data[:] = 1.0, 0.0
    values = torch.tensor([[0.1], [0.4], [0.9]]) + shift
    batches = [(values, torch.tensor([0.0, 1.0, 1.0]))]
    assert _score("classification", layer, batches) == pytest.approx(score)


@pytest.mark.parametrize(
    ("name", "labels", "sentence"),
    [
        ("water__share", range(SAMPLES), "neither __regr nor __cls; call it"),
        ("water", range(SAMPLES), "neither __regr nor __cls; call it"),
        ("water__cls", np.arange(SAMPLES) % 3, "has 3 classes; the protocol knows tasks of two"),
        ("water__cls", np.ones(SAMPLES), "all 120 samples .* have the label 1; there is nothing"),
        ("water__cls", ["land"] * SAMPLES, "label of place000 is 'land' and should be a number"),
        ("water__regr", ["nan"] * SAMPLES, "label of place000 is 'nan' and should be a number"),
        ("water__regr", [""] * 115 + [1, 2, 3, 4, 5], "has 5 samples .* needs 11 or more"),
    ],
)
def test_wrong_tasks_are_sentences(tmp_path, embeddings, name, labels, sentence):
    write_task(tmp_path / "tasks", name, IDS, labels)
    with pytest.raises(UserError, match=sentence) as caught:
        probe_tasks(tmp_path / "tasks", embeddings, tmp_path / "neuco.csv")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "neuco.csv").exists()


def test_wrong_ids_and_folders_are_sentences(tmp_path, embeddings):
    tasks, output = tmp_path / "tasks", tmp_path / "neuco.csv"
    with pytest.raises(UserError, match="tasks: holds no task"):
        probe_tasks(tasks, embeddings, output)
    write_task(tasks, "water__regr", [*IDS, IDS[0]], range(SAMPLES + 1))
    with pytest.raises(UserError, match="holds place000 2 times, so that it would stand on both"):
        probe_tasks(tasks, embeddings, output)
    write_task(tasks, "water__regr", np.char.add(IDS, "x"), range(SAMPLES))
    with pytest.raises(UserError, match=r"'water' has 0 samples .* Compare the ids"):
        probe_tasks(tasks, embeddings, output)
    write_task(tasks, "water__cls", IDS, range(SAMPLES))
    (tasks / "water__cls.csv").write_text("id,class\na,1\n")
    with pytest.raises(UserError, match="holds no row with the columns id and label"):
        probe_tasks(tasks, embeddings, output)
    (tasks / "water__cls.csv").write_text("id,label\na,1\nb,0\n")
    with pytest.raises(UserError, match="two tasks called 'water'"):
        probe_tasks(tasks, embeddings, output)
