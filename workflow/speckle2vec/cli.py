"""The command line: one command a stage, each runs by hand on one shard."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from speckle2vec.commands import (
    archive,
    archive_search,
    codes,
    cutting,
    data,
    evaluation,
    landcover,
    landcover_table,
    maps,
    models,
    osm,
    places,
    reconstruction,
    report,
    runs,
    search,
)
from speckle2vec.commands.base import Command
from speckle2vec.commands.options import OPTIONS
from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER
from speckle2vec.settings.load import load_settings, parse_settings
from speckle2vec.settings.root import Settings

CONFIG = Path("config/config.yaml")


def _settings(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.settings.describe import describe

    sys.stdout.write(describe(settings, as_schema=given.schema))


COMMANDS: dict[str, Command] = {
    "settings": Command("print every setting with its meaning, default and value", (), _settings),
    **data.COMMANDS,
    **archive.COMMANDS,
    **archive_search.COMMANDS,
    **cutting.COMMANDS,
    **models.COMMANDS,
    **evaluation.COMMANDS,
    **codes.COMMANDS,
    **reconstruction.COMMANDS,
    **osm.COMMANDS,
    **landcover.COMMANDS,
    **landcover_table.COMMANDS,
    **maps.COMMANDS,
    **places.COMMANDS,
    **search.COMMANDS,
    **report.COMMANDS,
    **runs.COMMANDS,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a person's mistake ends in one sentence and status 1."""
    # Torch reads this when it is imported. Its threads spin while they wait, by default so long
    # that trainings which share cores take ten times as long; a shorter while costs none alone.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    given = _parser().parse_args(arguments)
    given.line = list(sys.argv[1:] if arguments is None else arguments)
    _start_log(given.log)
    try:
        COMMANDS[given.command].run(_load(given.config), given)
    except KeyboardInterrupt:
        LOGGER.error("stopped by hand; the same command goes on.")
        return 130
    except Exception as error:
        sentence = _sentence(error)
        if not sentence:
            raise
        LOGGER.error("error: %s", sentence)
        return 1
    return 0


def _sentence(error: Exception) -> str:
    """What a person can do about an error; nothing where it is a defect of ours."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and (error.filename or error.strerror):
        place = f" {error.filename}" if error.filename else ""
        return (
            f"{error.strerror}:{place}; nothing half-written is left. Mend that and run the same "
            "command again."
        )
    if _of_memory(error):
        told = " ".join(str(error).split())[:200] or "no more is given"
        return (
            f"out of memory ({told}); nothing half-written is left. Run fewer jobs at a time, give "
            "this one more (`mem_mb`), or lower what it holds (`memory_gb`, `batch_size`), and run "
            "the same command again."
        )
    return ""


def _of_memory(error: Exception) -> bool:
    """Whether memory ran out: torch and OpenCV have errors of their own for it."""
    told = str(error).lower()
    return isinstance(error, MemoryError) or any(
        word in told for word in ("allocate memory", "out of memory", "insufficient memory")
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="speckle2vec",
        description="Raw Sentinel-1 and Sentinel-2 time series to embeddings. The workflow calls "
        "these commands; each runs by hand as well.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.text, description=command.text)
        config = CONFIG if command.configured else None
        sub.add_argument("--config", type=Path, default=config,
                         help=f"settings, YAML (default: {config or 'every default'})")  # fmt: skip
        sub.add_argument("--made", type=Path, default=Path("results/corpora"),
                         help="folder of simulated corpora (default: %(default)s)")  # fmt: skip
        sub.add_argument("--log", type=Path, help="file that messages are also written to")
        for name_in_place in command.positional:
            sub.add_argument(name_in_place, **OPTIONS[name_in_place])
        for option in command.options:
            required = option not in command.optional
            sub.add_argument(f"--{option}", **{"required": required, **OPTIONS[option]})
        if name == "settings":
            sub.add_argument("--schema", action="store_true", help="print the JSON schema")
    return parser


def _start_log(path: Path | None) -> None:
    first = os.environ.get("RANK", "0") == "0"
    LOGGER.setLevel(logging.INFO if first else logging.ERROR)
    LOGGER.handlers = [logging.StreamHandler(sys.stderr)]
    if path is not None and first:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        LOGGER.handlers.append(logging.FileHandler(path))  # appends: ranks share the file
    for handler in LOGGER.handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    # Zarr writes chunks together and hears of the first that fails; asyncio would add the others,
    # with their tracebacks, to the sentence.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def _load(config: Path | None) -> Settings:
    """The settings of a file; the defaults, and a corpus that is not used, without one."""
    if config is None:
        return parse_settings({"corpora": {"demo": {"source": "simulated"}}}, "defaults")
    return load_settings(config)
