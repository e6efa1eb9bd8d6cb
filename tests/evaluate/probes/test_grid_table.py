"""The table of trainings, from histories."""

import csv

import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.grid import gather_histories
from speckle2vec.settings.load import parse_settings

SETTINGS = parse_settings({"corpora": {"tiny": {"source": "simulated"}}}, "config")
LEARNT = """epoch,loss,held_out_loss,std,cosine,rank,kept
0,,4.5,0.15,0.97,25.0,0
1,4.2,4.3,0.3,0.9,20.0,0
2,3.9,4.0,0.4,0.8,18.0,1
3,3.5,4.1,0.41,0.79,17.5,0
"""
UNTRAINED = "epoch,std,cosine,rank,kept\n0,0.15,0.97,25.0,1\n"


def table(folder, **histories):
    models = list(histories)
    for model, text in histories.items():
        path = folder / model / "history.csv"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    gather_histories(SETTINGS, models, folder, folder / "grid.csv")
    with (folder / "grid.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_first_and_last_epoch_and_health_as_kept_of_every_model(tmp_path):
    learnt, untrained = table(
        tmp_path, **{"fusion/vae/resnet18@7": LEARNT, "fusion/none/pca": UNTRAINED}
    )
    assert learnt == {
        "features": "fusion", "method": "vae", "encoder": "resnet18", "seed": "7", "epochs": "3",
        "epoch_kept": "2",
        "loss_first": "4.2", "loss_last": "3.5", "held_out_loss_untrained": "4.5",
        "held_out_loss_first": "4.3", "held_out_loss_last": "4.1", "held_out_loss_kept": "4",
        "std_untrained": "0.15", "std": "0.4", "cosine": "0.8", "rank_untrained": "25",
        "rank": "18",
    }  # fmt: skip
    assert untrained["seed"] == "42"
    assert untrained["epochs"] == untrained["epoch_kept"] == "0"
    assert untrained["loss_last"] == untrained["held_out_loss_kept"] == ""
    assert untrained["std"] == "0.15"


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "is no history"), ("a,b\n1,2\n", "is no history of a training")]
)
def test_what_is_no_history_is_a_sentence(tmp_path, text, sentence):
    with pytest.raises(UserError, match=sentence):
        table(tmp_path, **{"fusion/vae/resnet18": text})


def test_a_missing_history_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match=r"history.csv: cannot be read"):
        gather_histories(SETTINGS, ["fusion/vae/resnet18"], tmp_path, tmp_path / "grid.csv")
