"""What suspicions say, why they matter and what to do, in English and Chinese."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, cast, get_args

import pandas as pd

Severity = Literal["mistake", "doubt", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Hardly right; to be looked at; a property of the data that results depend on."""


@dataclass(frozen=True)
class Told:
    """A finding in words: what was found, why it matters, what to do."""

    what: str
    why: str
    mend: str


@cache
def suspicion_texts() -> pd.DataFrame:
    """The suspicions, by name: severity; what, why and mend, each with ``_en`` and ``_zh``."""
    file = resources.files("involution.panel.suspicions") / "texts.csv"
    return pd.read_csv(io.StringIO(file.read_text("utf-8")), dtype=str, keep_default_na=False).set_index("name")


def severity_of(name: str) -> Severity:
    """How sure it is that something is wrong where this suspicion has a finding."""
    return cast("Severity", suspicion_texts().loc[name, "severity"])


def told(record: Mapping[str, Any], language: str) -> Told:
    """A finding, as plain data, in words.

    Parameters
    ----------
    record : mapping
        Of `Finding.record`.
    language : {"en", "zh"}
    """
    columns = ("、" if language == "zh" else ", ").join(record["columns"])
    values = {**record["values"], "columns": columns, "count": record["count"]}
    row = suspicion_texts().loc[record["name"]]
    return Told(*(str(row[f"{part}_{language}"]).format(**values) for part in ("what", "why", "mend")))
