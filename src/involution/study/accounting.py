"""The section `accounting`: which years of the accounts follow which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from involution.errors import InputError
from involution.study.base import Section, Years
from involution.study.problems import problems_of

Place = Literal["inside", "beside"]


class AccountingRule(Section):
    """Years whose accounts follow one rule; years that no rule covers have R&D inside administrative expense."""

    years: Years
    rd_expensed: Place = Field(
        description="R&D charged to profit is inside admin_expense, or beside it in a line of its own, as in Chinese "
        "accounts from 2018: it is then added to admin_expense before anything is measured."
    )


def _agree(rules: list[AccountingRule]) -> list[AccountingRule]:
    for (i, one), (j, other) in combinations(enumerate(rules), 2):
        first, last = max(one.years[0], other.years[0]), min(one.years[1], other.years[1])
        if first <= last and one.rd_expensed != other.rd_expensed:
            raise ValueError(
                f"two answers for {first}-{last}: {one.rd_expensed} in [{i}] and {other.rd_expensed} in [{j}]"
            )
    return rules


Accounting = Annotated[list[AccountingRule], AfterValidator(_agree)]
"""Rules by years; those that overlap say the same."""


def parse_accounting(value: Sequence[Any] | None) -> list[AccountingRule]:
    """The section from plain data; no rule where there is none.

    Parameters
    ----------
    value : sequence of mapping or AccountingRule, optional

    Raises
    ------
    InputError
        With every mistake found.
    """
    try:
        return TypeAdapter(Accounting).validate_python([] if value is None else value)
    except ValidationError as error:
        found = problems_of(error, AccountingRule, "accounting")
        raise InputError([replace(p, where=p.where.replace(": ", "", 1)) for p in found]) from None
