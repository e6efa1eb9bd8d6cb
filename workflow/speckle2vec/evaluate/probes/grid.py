"""The table of trainings: one row a model, from the histories they left."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from speckle2vec.choices import seeded
from speckle2vec.errors import UserError
from speckle2vec.products.whole import whole_file
from speckle2vec.settings.root import Settings

COLUMNS = (
    "features", "method", "encoder", "seed", "epochs", "epoch_kept", "loss_first", "loss_last",
    "held_out_loss_untrained", "held_out_loss_first", "held_out_loss_last", "held_out_loss_kept",
    "std_untrained", "std", "cosine", "rank_untrained", "rank",
)  # fmt: skip
History = Sequence[Mapping[str, str]]


def gather_histories(settings: Settings, models: Sequence[str], folder: Path, output: Path) -> None:
    """Write the table of the grid: losses of the first, last and kept epoch, and health as kept.

    Args:
        settings: All settings; the seed counts.
        models: Names such as `fusion/simclr/resnet18@7`.
        folder: Folder of the models, `results/models`.
        output: The table, CSV.

    Raises:
        UserError: A history is missing or holds no epoch.
    """
    rows = [_row(settings, model, folder / model / "history.csv") for model in models]
    with whole_file(output) as target, target.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _row(settings: Settings, model: str, path: Path) -> dict[str, object]:
    features, method, encoder = model.split("/")
    network, seed = seeded(encoder, settings.seed)
    history = _read(path)
    untrained, first, last = history[0], history[min(1, len(history) - 1)], history[-1]
    kept = next(row for row in history if row["kept"] == "1")
    figures = {
        "loss_first": first.get("loss"),
        "loss_last": last.get("loss"),
        "held_out_loss_untrained": untrained.get("held_out_loss"),
        "held_out_loss_first": first.get("held_out_loss"),
        "held_out_loss_last": last.get("held_out_loss"),
        "held_out_loss_kept": kept.get("held_out_loss"),
        "std_untrained": untrained["std"],
        "std": kept["std"],
        "cosine": kept["cosine"],
        "rank_untrained": untrained["rank"],
        "rank": kept["rank"],
    }
    told = {name: f"{float(text):.6g}" if text else "" for name, text in figures.items()}
    names = {"features": features, "method": method, "encoder": network, "seed": seed}
    return {**names, "epochs": last["epoch"], "epoch_kept": kept["epoch"], **told}


def _read(path: Path) -> History:
    try:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); train the model.") from error
    whole = rows and {"epoch", "std", "cosine", "rank", "kept"} <= set(rows[0])
    if not whole or not any(row["kept"] == "1" for row in rows):
        raise UserError(f"{path}: is no history of a training; remove it and train the model anew.")
    return rows
