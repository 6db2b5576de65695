"""JSON Schema and the documentation page of the study file, both from the typed models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from involution.study.base import Section
from involution.study.config import Config
from involution.study.reference import reference
from involution.study.study import Study

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: str) -> str:
    """JSON Schema of ``study`` or ``config``, as text."""
    models: dict[str, type[Section]] = {"study": Study, "config": Config}
    model = models[kind]
    schema = {"$schema": _DIALECT, **model.model_json_schema(by_alias=True, mode="validation")}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def documentation() -> str:
    """The page `docs/study-file.md`: every section and key, with type, default and meaning."""
    schema = Study.model_json_schema(by_alias=True, mode="validation")
    config = Config.model_json_schema(by_alias=True, mode="validation")
    parts = [
        "# The study file",
        "One YAML file describes one data set. This page is generated from the typed models by `make docs`. Keys "
        "marked * are required; an unknown key is an error that names the nearest known one. `involution check "
        "STUDY` says whether a file is sound, without estimating anything. At the end stand the languages of "
        "[expressions](#expressions) and [formulas](#formulas), and [config.yaml](#configyaml).",
        _section("Study", schema),
        *(_section(name, part) for name, part in schema.get("$defs", {}).items()),
        *reference(),
        "# config.yaml",
        "Run-wide settings; each may be given on the command line, `snakemake --cores all --config seed=1`.",
        _section("Config", config),
    ]
    return "\n\n".join(parts) + "\n"


def _section(name: str, schema: Mapping[str, Any]) -> str:
    lines = [
        f"## {name}",
        (schema.get("description") or "").split("\n")[0],
        "",
        "| key | type | default | meaning |",
        "|---|---|---|---|",
    ]
    required = set(schema.get("required", ()))
    for key, field in schema.get("properties", {}).items():
        star = "*" if key in required else ""
        default = "" if key in required else _default(field)
        lines.append(f"| `{key}`{star} | {_type(field)} | {default} | {_plain(field.get('description', ''))} |")
    return "\n".join(lines)


def _default(field: Mapping[str, Any]) -> str:
    if "default" not in field or field["default"] is None:
        return ""
    return f"`{json.dumps(field['default'], ensure_ascii=False)}`".replace("|", "\\|")


def _type(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        name = str(field["$ref"]).rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in field:
            kinds = [_type(option) for option in field[key] if option.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}" if "items" in field else "list"
    if field.get("type") == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"name: {_type(field['additionalProperties'])}"
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    kind = names.get(str(field.get("type")), str(field.get("type", "any")))
    return f"{kind} {_limits(field)}".rstrip()


def _limits(field: Mapping[str, Any]) -> str:
    """Between which numbers a value lies: ``from 0 to 1``, ``above 0``; nothing where it has no limit."""
    low, high = field.get("minimum"), field.get("maximum")
    above, below = field.get("exclusiveMinimum"), field.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f"from {low:,} to {high:,}"
    parts = [
        f"{low:,} or more" if low is not None else "",
        f"above {above:,}" if above is not None else "",
        f"at most {high:,}" if high is not None else "",
        f"below {below:,}" if below is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
