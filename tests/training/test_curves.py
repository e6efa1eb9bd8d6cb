"""Event files as TensorBoard reads them: records, one protocol buffer each."""

import logging
import struct

import pytest
import small
from tensorboardX.proto.event_pb2 import Event, SessionLog

from speckle2vec.training import loop
from speckle2vec.training.curves import Curves

NAMES = {"step/loss", "step/rate", *(
    f"epoch/{name}" for name in ("loss", "held_out_loss", "std", "cosine", "rank")
)}  # fmt: skip


def events(folder):
    """All events of a folder, file by file: length, its checksum, the event, its checksum."""
    found = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name.split(".")[-1]):
        data, place = path.read_bytes(), 0
        while place < len(data):
            (length,) = struct.unpack_from("<Q", data, place)
            found.append(Event.FromString(data[place + 12 : place + 12 + length]))
            place += 16 + length
    return found


def shown(folder):
    """The points TensorBoard shows: a start hides what was written of its step and later."""
    points = {}
    for event in events(folder):
        if event.session_log.status == SessionLog.START:
            points = {key: value for key, value in points.items() if key[1] < event.step}
        for value in event.summary.value:
            points[value.tag, event.step] = value.simple_value
    return points


def test_every_step_and_every_epoch_has_its_points(tmp_path):
    _, history = small.run(tmp_path / "checkpoint", curves=tmp_path / "curves")
    points = shown(tmp_path / "curves")
    assert {name for name, _ in points} == NAMES
    assert sorted(step for name, step in points if name == "step/loss") == list(range(1, 10))
    for row in history[1:]:
        for name in set(row) - {"epoch", "kept"}:
            found = points[f"epoch/{name}", 3 * row["epoch"]]
            assert found == pytest.approx(row[name], rel=1e-6)
    steps = [points["step/loss", step] for step in (1, 2, 3)]
    assert sum(steps) / 3 == pytest.approx(history[1]["loss"], rel=1e-5)
    assert points["step/rate", 1] == pytest.approx(1e-4)


def test_a_resumed_training_goes_on_with_its_curves(tmp_path, monkeypatch):
    small.run(tmp_path / "whole", curves=tmp_path / "undisturbed")
    with monkeypatch.context() as patch:
        patch.setattr(loop, "take_step", small.dying(loop.take_step, 5))
        with pytest.raises(small.Killed):
            small.run(tmp_path / "killed", curves=tmp_path / "curves")
    small.run(tmp_path / "killed", curves=tmp_path / "curves")
    assert len(list((tmp_path / "curves").iterdir())) == 2
    assert shown(tmp_path / "curves") == shown(tmp_path / "undisturbed")


def test_a_training_that_starts_anew_hides_what_was_there(tmp_path):
    for value in (1.0, 2.0):
        curves = Curves(tmp_path, 0)
        curves.add(1, {"step/loss": value, "step/rate": float("nan")})
        curves.close()
    assert shown(tmp_path) == {("step/loss", 1): 2.0}


def test_a_full_disk_costs_the_curves_and_not_the_training(tmp_path, monkeypatch, caplog):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("speckle2vec.training.curves.EventsWriter.write_event", full)
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        _, history = small.run(tmp_path / "checkpoint", curves=tmp_path / "curves")
    assert caplog.text.count("curves for TensorBoard could not be written") == 1
    assert len(history) == 4


def test_nothing_is_written_where_no_folder_is_named(tmp_path):
    small.run(tmp_path / "checkpoint")
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
