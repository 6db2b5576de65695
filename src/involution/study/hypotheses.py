"""The section `hypotheses`: what is expected, and which estimates would support it, stated before estimation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from involution.study.base import Name, Section, Text

By = Literal["interval", "p_value", "romano_wolf", "sign"]
Sign = Literal["positive", "negative", "nonzero"]
INTERVAL_LEVEL = 0.05
"""Intervals of all estimates cover 95 %."""
_BOUNDS = ("at_least", "at_most", "p_below", "p_above")


class Evidence(Section):
    """One test of a hypothesis: the sign of a term, the order of several, or a statistic against a bound."""

    model: str = Field(min_length=1, description="Model or block whose result it is.")
    term: str | None = Field(None, min_length=1, description="Its term, as in estimates.csv; with `sign`.")
    sign: Sign | None = Field(None, description="Sign of the term that supports the hypothesis.")
    by: By = Field(
        "interval",
        description="What decides on a term: its own 95 % interval, its p-value, or the step-down p-value of Romano "
        "and Wolf among all tests of the family that are so decided; or the sign of the estimate alone, whatever its "
        "error, as where one estimate is to agree with another.",
    )
    terms: Annotated[list[str], Field(min_length=2)] | None = Field(
        None, description="Terms in the order of `monotone`."
    )
    monotone: Literal["increasing", "decreasing"] | None = Field(
        None, description="Order of the estimates of `terms` that supports the hypothesis, whatever their errors."
    )
    statistic: str | None = Field(
        None, min_length=1, description="A statistic of the model, as in statistics.csv; with one of the bounds."
    )
    at_least: float | None = Field(None, description="Supported where the statistic is at least this.")
    at_most: float | None = Field(None, description="Supported where the statistic is at most this.")
    p_below: float | None = Field(None, gt=0, lt=1, description="Supported where its p-value is below this.")
    p_above: float | None = Field(None, gt=0, lt=1, description="Supported where its p-value is above this.")

    @model_validator(mode="after")
    def _one_kind(self) -> Evidence:
        kinds = [name for name in ("term", "terms", "statistic") if getattr(self, name) is not None]
        if len(kinds) != 1:
            found = f"found {' and '.join(kinds)}" if kinds else "found none"
            raise ValueError(f"expected one of term, terms and statistic, {found}")
        needs = {"term": ("sign",), "terms": ("monotone",), "statistic": _BOUNDS}[kinds[0]]
        given = [name for name in ("sign", "monotone", *_BOUNDS) if getattr(self, name) is not None]
        if len(given) != 1 or given[0] not in needs:
            found = f"found {', '.join(given)}" if given else "found none"
            raise ValueError(f"a test of {kinds[0]} takes {' or '.join(needs)}, one of them, {found}")
        if self.by != "interval" and kinds[0] != "term":
            raise ValueError(f"by: {self.by} decides on a term, found {kinds[0]}")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The terms that the test looks at."""
        return (self.term,) if self.term is not None else tuple(self.terms or ())

    @property
    def bound(self) -> tuple[str, float]:
        """Which bound a statistic is held against, and its value."""
        return next((name, float(getattr(self, name))) for name in _BOUNDS if getattr(self, name) is not None)


class Hypothesis(Section):
    """One hypothesis with the tests that decide on it."""

    name: Name = Field(description="Such as H1 or H2a.")
    statement: Text = Field(description="What is expected, in one sentence.")
    family: Name = Field(
        "main", description="Hypotheses of one family share the chance of a false rejection (by: romano_wolf)."
    )
    rule: Literal["all", "any"] = Field("all", description="Whether all tests must support it or any.")
    tests: Annotated[list[Evidence], Field(min_length=1)] = Field(description="What decides on it.")
    level: float = Field(INTERVAL_LEVEL, gt=0, lt=1, description="Level of tests by p-value.")
    one_sided: bool = Field(
        False, description="P-values of terms on the side of the stated sign; intervals stay as they are."
    )
    exploratory: bool = Field(False, description="Said beside the verdict: the hypothesis was not stated in advance.")

    @model_validator(mode="after")
    def _level_of_intervals(self) -> Hypothesis:
        if self.level != INTERVAL_LEVEL and any(test.term and test.by == "interval" for test in self.tests):
            raise ValueError(f"intervals cover 95 %: with level {self.level} decide by p_value or romano_wolf")
        return self


def statement_digest(hypotheses: Sequence[Hypothesis]) -> str:
    """SHA-256 of what the hypotheses say: of canonical JSON, keys sorted, what was left at its default left out.

    The same whatever the order of keys, the comments and the layout of the study file; another after any change of a
    sign, a test, a rule or a statement. Empty without hypotheses.
    """
    if not hypotheses:
        return ""
    said = [asked.model_dump(mode="json", exclude_defaults=True) for asked in hypotheses]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def tests_of(hypotheses: Sequence[Hypothesis]) -> Iterator[tuple[Hypothesis, int, Evidence]]:
    """Each test with its hypothesis and its number within it, from one."""
    for asked in hypotheses:
        for number, test in enumerate(asked.tests, 1):
            yield asked, number, test
