"""From pydantic's errors to sentences a user can act on."""

from __future__ import annotations

import difflib
import re
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from involution.errors import Problem, nearest

_EXPECTED = {
    "missing": "this key is required",
    "string_type": "expected a text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "list_type": "expected a list",
    "dict_type": "expected a mapping of keys to values",
    "model_type": "expected a mapping of keys to values",
    "model_attributes_type": "expected a mapping of keys to values",
    "tuple_type": "expected a list",
    "string_pattern_mismatch": "expected a name of letters, digits, _ and -, beginning with a letter or digit",
    "string_too_long": "this text is too long",
    "string_too_short": "expected a text that is not empty",
    "finite_number": "expected a finite number",
}
_BOUNDED = {
    "greater_than": ("gt", "expected more than {}"),
    "greater_than_equal": ("ge", "expected {} or more"),
    "less_than": ("lt", "expected less than {}"),
    "less_than_equal": ("le", "expected {} or less"),
    "too_short": ("min_length", "expected at least {}"),
    "too_long": ("max_length", "expected at most {}"),
}
"""What was expected of a number or the length of a list, and where pydantic holds the bound."""


def problems_of(error: ValidationError, root: type[BaseModel], where: str) -> list[Problem]:
    """One problem per mistake: the key's path, what was found, what was expected, the nearest known name."""
    seen: dict[str, list[str]] = {}
    for detail in error.errors(include_url=False):
        location = [part for part in detail["loc"] if not _is_branch(part)]
        message = _message(detail, root, location)
        messages = seen.setdefault(key_path(location), [])
        if message not in messages:
            messages.append(message)
    return [
        Problem(f"{where}: {path}" if path else where, message)
        for path, messages in seen.items()
        for message in _in_one(messages)
    ]


def _in_one(messages: list[str]) -> list[str]:
    """What each of several kinds of value would have had to be, in one sentence; other messages as they are."""
    apart = [re.split(r"[;,] expected ", message, maxsplit=1) for message in messages]
    if len(messages) < 2 or any(len(parts) < 2 for parts in apart) or len({parts[0] for parts in apart}) > 1:
        return messages
    return [f"{apart[0][0]}; expected {', or '.join(parts[1] for parts in apart)}"]


def _is_branch(part: int | str) -> bool:
    """Parts that pydantic adds for unions and validators, which the user never wrote."""
    added = ("function-", "tagged-union", "constrained-", "literal[")
    return isinstance(part, str) and (
        part.startswith(added) or part in ("str", "int", "float", "bool", "Bilingual", "[key]")
    )


def key_path(location: list[int | str]) -> str:
    """``models[2].formula`` from its parts."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else (f".{part}" if path else str(part))
    return path


def _message(detail: ErrorDetails, root: type[BaseModel], location: list[int | str]) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown(str(location[-1]), known_keys(root, location[:-1]))
    if kind == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    if kind == "literal_error":
        expected = str(detail.get("ctx", {}).get("expected", ""))
        return f"found {_shown(detail['input'])}, expected {expected}{_near(str(detail['input']), expected)}"
    if kind == "missing":
        return _EXPECTED[kind]
    if kind in _BOUNDED:
        key, text = _BOUNDED[kind]
        bound = detail.get("ctx", {}).get(key)
        expected = text.format("one" if "length" in key and bound == 1 else bound)
        return f"found {_shown(detail['input'])}; {expected}"
    return f"found {_shown(detail['input'])}; {_EXPECTED.get(kind, detail['msg'])}"


def _near(found: str, expected: str) -> str:
    names = [name.strip("' ") for name in expected.replace(" or ", ",").split(",")]
    return nearest(found, names)


def _unknown(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"the nearest known key is '{near[0]}'" if near else f"known keys are {', '.join(known)}"
    return f"unknown key '{key}'; {hint}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def known_keys(model: type[BaseModel], location: list[int | str]) -> list[str]:
    """The keys that a section knows, found by walking the typed models along a path."""
    current: Any = model
    for part in location:
        current = _model_in(current)
        if isinstance(part, int) or current is None:
            continue
        fields = {field.alias or name: field for name, field in current.model_fields.items()}
        if part in fields:
            current = fields[part].annotation
    final = _model_in(current)
    return [field.alias or name for name, field in final.model_fields.items()] if final else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The first model inside an annotation such as ``list[Model] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
