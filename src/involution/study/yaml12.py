"""A YAML loader for study files: plain data only, numbers as YAML 1.2 has them, every mistake with its line.

PyYAML's safe loader follows YAML 1.1, where ``1e6`` is text, ``yes`` is true, ``010`` is eight and ``12:30`` is
a number of seconds. Here the core schema of YAML 1.2 holds, and a number with leading zeros is a code and stays
text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, cast

import yaml

from involution.errors import InputError, Problem

MAXIMUM_BYTES = 2_000_000
MAXIMUM_NODES = 100_000
MAXIMUM_DEPTH = 60
MAXIMUM_DIGITS = 300

_INTEGER = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")
_HEXADECIMAL = re.compile(r"^0(?:x[0-9a-fA-F]+|o[0-7]+)$")
_FLOAT = re.compile(r"^[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$")
_SPECIAL = re.compile(r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")
_TRUTH = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")


class _Loader(yaml.SafeLoader):
    """Safe loader without YAML 1.1's implicit types, bounded in size and depth."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.count = 0
        self.depth = 0

    def _here(self) -> yaml.error.Mark:
        return cast(yaml.error.Mark, self.peek_event().start_mark)  # type: ignore[no-untyped-call]

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.count += 1
        self.depth += 1
        if self.count > MAXIMUM_NODES or self.depth > MAXIMUM_DEPTH:
            raise yaml.constructor.ConstructorError(None, None, "nested too deep or too long", self._here())
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(
                None, None, "aliases (*name) are not allowed in a study file; write the value out", self._here()
            )
        tag = getattr(self.peek_event(), "tag", None)  # type: ignore[no-untyped-call]
        if tag is not None:
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            raise yaml.constructor.ConstructorError(None, None, f"the tag {shown} is not allowed", self._here())
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is a plain text", key.start_mark)
            line = key.start_mark.line + 1
            if key.value in seen:
                message = f"the key '{key.value}' stands twice (first on line {seen[key.value]})"
                raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
            seen[key.value] = line
        if node.flow_style:
            _check_commas([(value, key if _is_empty(value) else None) for key, value in node.value])
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}

    def construct_sequence(self, node: yaml.SequenceNode, deep: bool = False) -> list[Any]:
        if node.flow_style:
            _check_commas([(value, value) for value in node.value])
        return super().construct_sequence(node, deep=deep)


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None and not node.value


def _check_commas(items: list[tuple[yaml.Node, yaml.Node | None]]) -> None:
    """A value whose parenthesis is open was cut by a comma: ``{a: lag(x, 2)}`` is ``a: lag(x`` and a key ``2)``.

    Each item is a value and, where it may be the rest of the value before it, the node that holds this rest.
    """
    for (value, _), (_, rest) in itertools.pairwise(items):
        if not isinstance(value, yaml.ScalarNode) or value.style is not None or not isinstance(rest, yaml.ScalarNode):
            continue
        if rest.style is None and value.value.count("(") > value.value.count(")"):
            message = f'the comma ends this value; quote it, as "{value.value}, {rest.value}"'
            raise yaml.constructor.ConstructorError(None, None, message, value.start_mark)


def _scalar(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    value: str = node.value
    if node.style is not None:
        return value
    if len(value) > MAXIMUM_DIGITS and _INTEGER.match(value):
        raise yaml.constructor.ConstructorError(None, None, "this number is too long", node.start_mark)
    if _INTEGER.match(value):
        return int(value)
    if _HEXADECIMAL.match(value):
        return int(value, 0)
    if _FLOAT.match(value) or _SPECIAL.match(value):
        return float(value.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf").replace(".nan", "nan"))
    if _TRUTH.match(value):
        return value.lower() == "true"
    return None if _NULL.match(value) else value


_Loader.add_constructor("tag:yaml.org,2002:str", _scalar)


def load_yaml(path: Path) -> Any:
    """Read a YAML file as plain data.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
        When it is missing, is not UTF-8, does not parse, or holds tags, aliases or a key twice; with the line and
        a caret.
    """
    shown = str(path)
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(Problem(shown, f"cannot be read ({reason})", mend="check the path")) from None
    if len(raw) > MAXIMUM_BYTES:
        raise InputError(Problem(shown, f"longer than {MAXIMUM_BYTES:,} bytes"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(Problem(shown, f"not UTF-8 at byte {error.start}", mend="save the file as UTF-8")) from None
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise InputError(Problem(shown, _marked(error, text))) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InputError(Problem(shown, f"line {line}: the character U+{error.character:04X} is not allowed")) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(Problem(shown, f"does not parse as YAML ({str(error).splitlines()[0]})")) from None


def _marked(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark or error.context_mark
    message = ", ".join(part for part in (error.context, error.problem) if part) or "does not parse"
    if mark is None:
        return message
    lines = text.splitlines() or [""]
    line = lines[min(mark.line, len(lines) - 1)][:200]
    return f"line {mark.line + 1}: {message}\n    {line}\n    {' ' * min(mark.column, 200)}^"
