import asyncio
import gc
import logging

import cv2
import pytest

from speckle2vec.cli import COMMANDS, OPTIONS, main
from speckle2vec.errors import UserError

CONFIG = "corpora: {tiny: {source: simulated, size: tiny}}\n"


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG)
    return ["--config", "config.yaml"]


def test_shards_are_listed(config, capsys):
    assert main(["shards", *config, "--shards", "/dev/null"]) == 0
    assert main(["shards", *config]) == 0
    assert capsys.readouterr().out == "tiny/train-000001\ntiny/val-000001\n"


def test_settings_are_described(config, capsys):
    assert main(["settings", *config]) == 0
    assert "# Temperature of NT-Xent.\n" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(f"--{option}" in text for option in COMMANDS[name].options)


def test_every_option_is_used():
    assert set(OPTIONS) == {
        option for command in COMMANDS.values() for option in command.options + command.positional
    }


def test_an_error_is_one_line_and_in_the_log(config, capsys, tmp_path):
    log = tmp_path / "logs" / "job.log"
    arguments = ["ingest", *config, "--shard", "tiny/none", "--output", "x", "--log", str(log)]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "error: " in error
    assert log.read_text() == error


def test_what_failed_beside_an_error_adds_no_traceback(config, caplog, monkeypatch):
    """Of chunks that are written together, as on a full disk, one tells its failure."""
    monkeypatch.setattr(logging.getLogger("asyncio"), "level", logging.NOTSET)
    main(["settings", *config])
    loop = asyncio.new_event_loop()
    other = loop.create_future()
    other.set_exception(OSError(28, "No space left on device"))
    del other
    gc.collect()
    loop.close()
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("raised", "status", "text"),
    [
        (UserError("Mend this."), 1, "error: Mend this."),
        (OSError(28, "No space left on device", "/out"), 1, "No space left on device: /out"),
        (KeyboardInterrupt(), 130, "stopped by hand"),
        (MemoryError("Unable to allocate 16 TiB"), 1, "out of memory (Unable to allocate 16 TiB)"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), 1, "out of memory"),
        (cv2.error("Insufficient memory"), 1, "out of memory"),
    ],
)
def test_what_goes_wrong_is_told(config, capsys, monkeypatch, raised, status, text):
    def fail(*_):
        raise raised

    monkeypatch.setattr("speckle2vec.cli.load_settings", fail)
    assert main(["shards", *config]) == status
    assert text in capsys.readouterr().err


def test_a_defect_of_ours_is_not_hidden(config, monkeypatch):
    monkeypatch.setattr("speckle2vec.cli.load_settings", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["shards", *config])
