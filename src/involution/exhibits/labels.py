"""What things are called, in English and Chinese: fixed texts from one table, columns from the study and dictionary."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import pandas as pd

from involution.exhibits.breakthrough_terms import breakthrough_label, taken_apart
from involution.exhibits.endogeneity_terms import endogeneity_label
from involution.exhibits.event_terms import event_label, is_event_term
from involution.exhibits.exposure_terms import exposure_label
from involution.exhibits.heterogeneity_terms import heterogeneity_label
from involution.exhibits.mediation_terms import mediation_label, parsed_term
from involution.exhibits.moderation_terms import moderation_label, moderation_term
from involution.exhibits.reasons import reason_in_chinese
from involution.exhibits.rehearsal_terms import rehearsal_label
from involution.exhibits.spoken import in_words
from involution.exhibits.staggered_terms import is_staggered_term, staggered_label
from involution.exhibits.surface_terms import surface_label
from involution.study.base import Bilingual

_SHIFTED = re.compile(r"^(?P<stem>.+)_(?P<kind>[lf])(?P<years>\d+)$")

_MADE = re.compile(r"^(?P<stem>.+)_(?P<kind>at_risk|log1p|asinh|any)$")
_PRODUCT = re.compile(r"(?<!:):(?!:)")
_SQUARE = re.compile(r"^I\((?P<name>\w+)\^2\)$")
_WRITTEN = re.compile(r"^(?P<kind>lag|lead)\((?P<name>\w+)(?:, ?(?P<years>\d+))?\)$")
_STAYING = "stay_weight_"
_STEPS = ("read", "filter", "population", "years", "drop_if", "firm_size", "min_years")
_CHINESE = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_WORD = r"[\u4e00-\u9fff]"
_PAIR = re.compile(rf"(?<={_WORD})\(([^()]*)\)|\(([^()]*)\)(?={_WORD})|\(([^()]*{_WORD}[^()]*)\)")
_MARK = re.compile(rf"(?<={_CHINESE})([,:;])\s*|([,:;])\s*(?={_CHINESE})|(;)(?=\S)|(,)(?=p = )")
_DEEPEST = 3
_ANY, _SEMICOLON = re.compile(_WORD), re.compile(r";\s*")
_REASON = re.compile(
    r"((?:未能估计|未作比较|无处理前系数|无法[^:：]*|未做[^:：]*)[:：])(.+)$|(未能估计\()([^()]+)(?=\))", re.DOTALL
)
"""A sentence that ends with a reason."""
_GAP = re.compile(rf"(?<={_WORD}|\uff09) +(?={_WORD}|\uff08)")
_WIDE = {",": "\uff0c", ":": "\uff1a", ";": "\uff1b"}


def fullwidth(text: str) -> str:
    """Commas, colons, semicolons and parentheses of a Chinese text in their Chinese form, but for those of numbers."""
    wide = text
    # Pairs within pairs: the inner ones first.
    for _ in range(_DEEPEST):
        wide = _PAIR.sub(lambda found: f"\uff08{next(part for part in found.groups() if part is not None)}\uff09", wide)
    marked = _MARK.sub(lambda found: _WIDE[found[0].strip()], wide)
    return _SEMICOLON.sub("\uff1b", marked) if _ANY.search(marked) else marked


@cache
def fixed_texts() -> dict[str, tuple[str, str]]:
    """Every fixed text, from the tables of the folder `texts`: one per topic, no key in two of them."""
    folder = resources.files("involution.exhibits") / "texts"
    tables = sorted((file for file in folder.iterdir() if file.name.endswith(".csv")), key=lambda file: file.name)
    rows = [
        tuple(row)
        for file in tables
        for row in pd.read_csv(io.StringIO(file.read_text("utf-8")), dtype=str, keep_default_na=False).to_numpy()
    ]
    return {key: (en, zh) for key, en, zh in rows}


@dataclass(frozen=True)
class Labels:
    """Names in one language.

    Attributes
    ----------
    language : {"en", "zh"}
    study : mapping of str to Bilingual
        The study's own labels, which come first.
    columns : mapping of str to (str, str)
        English and Chinese labels of measures and canonical columns.
    in_notes : bool
        Names stand in sentences, where commas part them: the year of a shifted column is in parentheses.
    style : str
        Of the table: texts whose key begins with it and a colon come before those of the plain key.
    """

    language: str
    study: Mapping[str, Bilingual] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    in_notes: bool = False
    style: str = "default"

    def text(self, key: str, **values: object) -> str:
        """A fixed text, filled in; the style's own where it has one."""
        texts = fixed_texts()
        return texts.get(f"{self.style}:{key}", texts[key])[self.language == "zh"].format(**values)

    def known(self, key: str) -> bool:
        """Whether there is a fixed text of that key."""
        return key in fixed_texts()

    def column(self, name: str, more: Mapping[str, Bilingual] | None = None) -> str:
        """A column's label: the table's, the study's, the dictionary's, a shifted column's, or its name."""
        for source in (more or {}, self.study):
            if name in source:
                return source[name].get(self.language)
        if name in self.columns:
            return self.columns[name][self.language == "zh"]
        shifted = _SHIFTED.match(name)
        if shifted and self.column(shifted["stem"]) != shifted["stem"]:
            return self._shifted(shifted["stem"], "lag" if shifted["kind"] == "l" else "lead", shifted["years"])
        of_section = endogeneity_label(name, self)
        if of_section is not None:
            return of_section
        if f"column_{name}" in fixed_texts():
            return self.text(f"column_{name}")
        if name.startswith(_STAYING):
            return self.text("stay_weight")
        made = _MADE.match(name)
        if made:
            return self.text(made["kind"], name=self.column(made["stem"]))
        stem = name.removesuffix("_group")
        known = stem != name and self.column(stem) != stem
        return self.text("heterogeneity_groups", name=self.column(stem)) if known else name

    def _shifted(self, name: str, kind: str, years: str) -> str:
        """A column some years before or after."""
        return self.text(f"note_{kind}" if self.in_notes else kind, name=self.column(name), years=years)

    def term(self, term: str, more: Mapping[str, Bilingual] | None = None) -> str:
        """A model term's label: ``a:b`` is a product, ``rel::-3`` a value, ``a[m]`` an effect of a mediation."""
        for source in (more or {}, self.study):
            if term in source:
                return source[term].get(self.language)
        if term == "(Intercept)":
            return self.text("constant")
        written = _WRITTEN.match(term)
        if written and self.column(written["name"]) != written["name"]:
            return self._shifted(written["name"], written["kind"], written["years"] or "1")
        square = _SQUARE.match(term)
        if square:
            return self.text("squared", name=self.term(square["name"], more))
        of_section = None if term in self.columns else self._of_section(term)
        if of_section is not None:
            return of_section
        parts = _PRODUCT.split(term)
        if len(parts) > 1:
            return " × ".join(self.term(part, more) for part in parts)
        if "::" in term:
            column, value = term.split("::", 1)
            return f"{self.column(column, more)} = {value}"
        return self.column(term, more)

    def _of_section(self, term: str) -> str | None:
        """What the section that makes a term calls it; None for a term that no section makes."""
        found = (label(term, self) for label in _SECTIONS)
        return next((label for label in found if label is not None), None)

    def statistic(self, name: str) -> str:
        """A statistic as tables name it, ``lind_mehlum[x]`` with what it is of; its own name where none is known."""
        base, _, inside = name.partition("[")
        key = f"statistic_{base}"
        return self.text(key, of=self.term(inside.removesuffix("]"))) if key in fixed_texts() else name

    def statistic_or_count(self, name: str) -> str:
        """The same of what tables show in rows of their own: counts and measures of fit, with what they are of."""
        base, _, inside = name.partition("[")
        if f"statistic_{base}" in fixed_texts() or base not in fixed_texts():
            return self.statistic(name)
        return f"{self.text(base)} ({self.term(inside.removesuffix(']'))})" if inside else self.text(base)

    def effect(self, effect: str) -> str:
        """A fixed effect: ``region^year`` as ``region × year``."""
        return " × ".join(self.column(name) for name in effect.split("^"))

    def estimator(self, name: str) -> str:
        """An estimator as tables name it."""
        if name.startswith("glm:"):
            return self.text("estimator_glm", family=name[4:].replace("_", " "))
        return self.text(f"estimator_{name}")

    def step(self, step: str) -> str:
        """A step that leaves rows out, its key words in the language: ``years 2001-2007``, ``drop_if a > b``."""
        first, _, rest = step.partition(" ")
        if first not in _STEPS:
            return step
        return f"{self.text(f'step_{first}')} {self.step(rest) if first == 'population' else rest}".strip()

    def unit(self, unit: str) -> str:
        """A measure's unit; its own words where no label is known."""
        key = f"unit_{unit.replace(' ', '_')}"
        return self.text(key) if key in fixed_texts() else unit

    def reason(self, text: str) -> str:
        """Why something could not be estimated or measured."""
        return self.said(reason_in_chinese(text) if self.language == "zh" else text)

    def said(self, text: str) -> str:
        """A sentence in the language's words and punctuation."""
        if self.language == "zh":
            text = _REASON.sub(lambda found: (found[1] or found[3]) + reason_in_chinese(found[2] or found[4]), text)
        told = in_words(text, self)
        return _GAP.sub("", fullwidth(told)) if self.language == "zh" else told

    def value(self, code: str) -> str:
        """A code of an industry, a region or another class: the study's label for it, else itself."""
        return self.study[code].get(self.language) if code in self.study else code

    def joined(self, texts: Sequence[str]) -> str:
        """Texts joined by commas."""
        return ("、" if self.language == "zh" else ", ").join(texts)

    def sentences(self, texts: Sequence[str]) -> str:
        """Sentences one after another, without a space in Chinese."""
        return ("" if self.language == "zh" else " ").join(texts)

    def listed(self, names: Sequence[str]) -> str:
        """Labels of columns joined by commas."""
        return self.joined([self.column(name) for name in names])


def _of_surface(term: str, labels: Labels) -> str | None:
    return surface_label(term, labels) if len(_PRODUCT.split(term)) == 1 else None


def _of_mediation(term: str, labels: Labels) -> str | None:
    return mediation_label(term, labels) if parsed_term(term) is not None else None


def _of_breakthrough(term: str, labels: Labels) -> str | None:
    # A level with a group is of a moderator's bins, not of a lever.
    apart = taken_apart(term) if "[" in term and moderation_term(term) is None else None
    return None if apart is None else breakthrough_label(apart, labels)


def _of_event(term: str, labels: Labels) -> str | None:
    return event_label(term, labels) if is_event_term(term) else None


def _of_moderation(term: str, labels: Labels) -> str | None:
    found = moderation_term(term)
    return None if found is None else moderation_label(found, labels)


def _of_staggered(term: str, labels: Labels) -> str | None:
    return staggered_label(term, labels) if is_staggered_term(term) else None


def _of_heterogeneity(term: str, labels: Labels) -> str | None:
    return heterogeneity_label(term, labels) if "[" in term else None


_SECTIONS: tuple[Callable[[str, Labels], str | None], ...] = (
    endogeneity_label, _of_surface, _of_mediation, _of_breakthrough, rehearsal_label, exposure_label, _of_event,
    _of_moderation, _of_staggered, _of_heterogeneity,
)  # fmt: skip
"""By section, what its own terms are called; the first that knows a term names it."""


def labels_for(
    language: str, study: Mapping[str, Bilingual], dictionary: pd.DataFrame, canonical: pd.DataFrame
) -> Labels:
    """Labels of a study: its own, then those of its measures and of the canonical columns."""
    columns = {str(name): (row.label_en, row.label_zh) for name, row in canonical.iterrows()}
    columns |= {str(name): (row.label_en, row.label_zh) for name, row in dictionary.set_index("name").iterrows()}
    return Labels(language, dict(study), columns)
