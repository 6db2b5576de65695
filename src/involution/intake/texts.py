"""What a proposal says, in English and Chinese, from one table."""

from __future__ import annotations

import io
from functools import cache
from importlib import resources

import pandas as pd

from involution.study.base import LANGUAGES


@cache
def _texts() -> dict[str, dict[str, str]]:
    content = (resources.files("involution.intake") / "texts.csv").read_text("utf-8")
    table = pd.read_csv(io.StringIO(content), dtype=str, keep_default_na=False).set_index("key")
    return {str(key): {language: str(row[language]) for language in LANGUAGES} for key, row in table.iterrows()}


def said(key: str, language: str, **values: object) -> str:
    """The text of a key in a language, with what it names filled in."""
    return _texts()[key][language].format(**values)


def in_both(key: str) -> dict[str, str]:
    """The text of a key in every language, as a study file holds it."""
    return dict(_texts()[key])


def has(key: str) -> bool:
    """Whether there is a text of this key."""
    return key in _texts()
