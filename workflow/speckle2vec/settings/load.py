"""Settings from a file or a mapping, with errors a person can act on."""

import difflib
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from speckle2vec.errors import UserError
from speckle2vec.settings.root import Settings

MOST_VALUES = 100_000


def load_settings(path: Path) -> Settings:
    """Read and check a YAML file of settings.

    Raises:
        UserError: The file is missing, is no YAML mapping, or a setting is wrong.
    """
    try:
        values = yaml.safe_load(path.read_text())
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UserError(f"{path}: is not valid YAML: {error}".replace("\n", " ")) from error
    if not isinstance(values, dict):
        raise UserError(f"{path}: should hold settings by name, such as `seed: 42`.")
    _check_size(values, path)
    return parse_settings(values, str(path))


def _check_size(values: object, path: Path) -> None:
    """Refuse what a few aliases of YAML make huge or endless before anything walks through it."""
    counts = dict[int, int]()

    def count(value: object) -> int:
        if not isinstance(value, dict | list):
            return 1
        if id(value) not in counts:
            counts[id(value)] = MOST_VALUES  # until it is known: what holds itself has no end
            parts = value.values() if isinstance(value, dict) else value
            counts[id(value)] = 1 + sum(map(count, parts))
        return counts[id(value)]

    if count(values) > MOST_VALUES:
        raise UserError(
            f"{path}: holds more than {MOST_VALUES:,} values once its aliases (`*name`) are "
            "written out; no settings need so many."
        )


def parse_settings(values: Mapping[str, Any], where: str) -> Settings:
    """Check a mapping of settings.

    Raises:
        UserError: One sentence a wrong setting, with the nearest valid name.
    """
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        sentences = [_sentence(details) for details in error.errors()]
        raise UserError(f"{where}: " + " ".join(sentences)) from None


def _sentence(details: ErrorDetails) -> str:
    location = tuple(str(part) for part in details["loc"])
    name = ".".join(location)
    if details["type"] == "extra_forbidden":
        return f"There is no setting `{name}`{_suggestion(location)}."
    message = details["msg"].removeprefix("Value error, ")
    if details["type"] == "missing":
        return f"The setting `{name}` is missing."
    return f"The setting `{name}` is wrong: {message} (it is {reprlib.repr(details['input'])})."


def _suggestion(location: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(location[-1], _all_names(Settings), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _all_names(section: type[BaseModel]) -> set[str]:
    schema = section.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}
