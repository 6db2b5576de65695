"""The parts of a parsed formula, as frozen data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


class FormulaError(ValueError):
    """A formula that does not parse; the message carries a caret under the place.

    Parameters
    ----------
    message : str
        What is wrong.
    formula : str
        The formula as written.
    position : int
        Zero-based offset of the offending character.
    """

    def __init__(self, message: str, formula: str, position: int) -> None:
        self.message, self.formula, self.position = message, formula, position
        shown = " ".join(formula.split("\n")) if len(formula) <= 300 else formula[:300] + "..."
        super().__init__(f"{message}\n    {shown}\n    {' ' * min(position, 300)}^")

    def __reduce__(self) -> tuple[type[FormulaError], tuple[str, str, int]]:
        return FormulaError, (self.message, self.formula, self.position)


@dataclass(frozen=True)
class Column:
    """A column of the data, by name."""

    name: str

    @property
    def label(self) -> str:
        """The factor as it appears in term names."""
        return self.name

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that the factor reads."""
        return (self.name,)


@dataclass(frozen=True)
class Computed:
    """An expression such as ``log(x)`` or ``I(x^2)``; `source` is what the expression language evaluates."""

    label: str
    source: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Indicator:
    """``i(column, by, ref=...)``: one indicator per value but the reference ones, optionally times `by`."""

    column: str
    by: str | None
    references: tuple[str | float, ...]
    label: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that the factor reads."""
        return (self.column,) if self.by is None else (self.column, self.by)


Factor = Column | Computed | Indicator


@dataclass(frozen=True)
class Term:
    """A product of factors; one factor is a main effect."""

    factors: tuple[Factor, ...]

    @property
    def label(self) -> str:
        """The term as written: ``x1``, ``x1:x2``."""
        return ":".join(factor.label for factor in self.factors)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that the term reads."""
        return tuple(name for factor in self.factors for name in factor.columns)


@dataclass(frozen=True)
class Formula:
    """A parsed formula.

    Attributes
    ----------
    text : str
        As written.
    outcome : Column or Computed
    terms : tuple of Term
        Exogenous regressors in the order written, without the intercept.
    intercept : bool
        False where the formula says ``0`` or ``- 1``; always absorbed where there are fixed effects.
    fixed_effects : tuple of tuple of str
        Each effect as the columns whose combination it is (``region^year`` has two).
    endogenous, instruments : tuple of Term
        Of the instrument part; empty without one.
    """

    text: str
    outcome: Column | Computed
    terms: tuple[Term, ...]
    intercept: bool = True
    fixed_effects: tuple[tuple[str, ...], ...] = ()
    endogenous: tuple[Term, ...] = ()
    instruments: tuple[Term, ...] = ()
    positions: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the formula reads, in order of appearance, once."""
        names = [*self.outcome.columns]
        names += [name for term in (*self.terms, *self.endogenous, *self.instruments) for name in term.columns]
        names += [name for effect in self.fixed_effects for name in effect]
        return tuple(dict.fromkeys(names))


def effect_label(effect: Iterable[str]) -> str:
    """A fixed effect as users write it: ``region^year``."""
    return "^".join(effect)


def quoted(name: str) -> str:
    """A column's name as a formula takes it: in backticks where it holds more than letters, digits and _."""
    return name if _PLAIN_NAME.fullmatch(name) else f"`{name}`"
