"""Every setting with its meaning, for people and for editors."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from speckle2vec.settings.root import Settings


def describe(settings: Settings, as_schema: bool = False) -> str:
    """The settings as commented lines `name: value`, or their JSON schema."""
    if as_schema:
        return json.dumps(Settings.model_json_schema(), indent=2, sort_keys=True) + "\n"
    return "".join(f"{line}\n" for line in _lines(settings, ""))


def _lines(section: BaseModel, indent: str) -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        text = " ".join((field.description or "").split())
        if text:
            yield f"{indent}# {text}"
        yield from _value_lines(name, getattr(section, name), indent)


def _value_lines(name: str, value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, BaseModel):
        yield f"{indent}{name}:"
        yield from _lines(value, indent + "  ")
    elif isinstance(value, dict) and any(isinstance(part, BaseModel) for part in value.values()):
        yield f"{indent}{name}:"
        for key, part in value.items():
            yield from _value_lines(key, part, indent + "  ")
    else:
        yield f"{indent}{name}: {json.dumps(value, default=str)}"
