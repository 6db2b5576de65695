"""What models say of themselves, with columns by their labels: a note names columns as the data do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from string import Formatter

import pandas as pd

from involution.exhibits.heterogeneity_terms import PARTED
from involution.exhibits.labels import Labels
from involution.models.notes import TEXTS

NAMING = frozenset(
    ("by", "cluster", "column", "columns", "effect", "first", "instrument", "instruments", "lags", "level", "moderator",
     "names", "outcome", "predictors", "shared", "term", "treatment", "weights", "x", "z")
)  # fmt: skip
"""What a note is filled with that are names of columns, not words or numbers."""
_NAME = re.compile(r"[^\W\d]\w*(?:\([^()]*\)|\[[^\[\]]*\]|(?:::?\w+)+|(?:\^\w+)+)?")
_GROUPS = frozenset(("group", "groups"))
_GROUP = re.compile(r"[^\W\d]\w*")
_BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff）]) (?=[\u4e00-\u9fff（])")


def said_in(rows: pd.DataFrame, labels: Labels) -> list[str]:
    """Sentences of notes in a language.

    Parameters
    ----------
    rows : DataFrame
        Columns code, text_en, text_zh.
    labels : Labels
    """
    inside = replace(labels, in_notes=True)
    texts = zip(rows["code"].astype(str), rows[f"text_{labels.language}"].astype(str), strict=True)
    said = [labels.said(_labelled(code, text, inside)) for code, text in texts]
    return [_BETWEEN_CHINESE.sub("", text) for text in said] if labels.language == "zh" else said


def _labelled(code: str, text: str, labels: Labels) -> str:
    """A note with the labels of the columns that it was filled with; as it is where its code is not known."""
    if code not in TEXTS:
        return text
    template = TEXTS[code][labels.language == "zh"]
    found = _pattern(template).fullmatch(text)
    if found is None:
        return text
    return template.format(**_named(found.groupdict(), labels))


def _named(values: Mapping[str, str], labels: Labels) -> dict[str, str]:
    out = {key: _GROUP.sub(lambda name: _group(name[0], labels), values[key]) for key in _GROUPS & set(values)}
    out |= {key: _NAME.sub(lambda name: _label(name[0], labels), values[key]) for key in NAMING & set(values)}
    if labels.language == "zh":
        out = {key: _listed(text) for key, text in out.items()}
    return {**values, **out}


def _label(name: str, labels: Labels) -> str:
    label = labels.effect(name) if "^" in name and "(" not in name else labels.term(name)
    # In a sentence a word that is its own label stays small: clustered by industry.
    return name if label.lower() == name and name not in labels.study else label


def _group(name: str, labels: Labels) -> str:
    return labels.text(f"heterogeneity_{name}") if name in PARTED else labels.value(name)


def _listed(text: str) -> str:
    """A Chinese list: names parted by the enumeration comma, names with counts by the full one."""
    return text.replace(": ", "：").replace(", ", "，") if ": " in text else text.replace(", ", "、")


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """A note's text read back: what stands at each of its fields."""
    parts, seen = [], set()
    for before, name, _, _ in Formatter().parse(template):
        parts.append(re.escape(before))
        if name is not None:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)
