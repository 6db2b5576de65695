"""The formula language of models, as users know it from fixest.

``y ~ x1 + x2 + x1:x2 + x1*x2 + i(year, treated, ref=2003) | firm + region^year | endogenous ~ instrument``

A formula is text in a study file: it is parsed into the frozen data of `formula_parts` and never executed.
Names are columns (backticks quote a name that holds other characters); a call such as ``log(x)`` or
``I(x^2)`` is an expression of `involution.study.expressions`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from involution.study.formula_parts import (
    Column,
    Computed,
    Factor,
    Formula,
    FormulaError,
    Indicator,
    Term,
    effect_label,
    quoted,
)
from involution.study.hints import formula_hint

__all__ = [
    "Column", "Computed", "Factor", "Formula", "FormulaError", "Indicator", "Term", "effect_label", "parse_formula",
    "quoted",
]  # fmt: skip

MAXIMUM_LENGTH = 10_000
MAXIMUM_TERMS = 500

_TOKEN = re.compile(
    r"\s*(?:(?P<quoted>`[^`]*`)|(?P<string>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<operator>\*\*|[~|+\-*:^(),=\[\]./<>!%&]))"
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0
        self.positions: dict[str, int] = {}

    def peek(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def accept(self, *operators: str) -> _Token | None:
        if self.peek().kind == "operator" and self.peek().text in operators:
            return self.take()
        return None

    def expect(self, operator: str, purpose: str) -> _Token:
        token = self.accept(operator)
        if token is None:
            raise self.error(f"expected '{operator}' {purpose}, found {self.found()}")
        return token

    def found(self) -> str:
        return "the end" if self.peek().kind == "end" else f"'{self.peek().text}'"

    def error(self, message: str, position: int | None = None) -> FormulaError:
        return FormulaError(message, self.text, self.peek().position if position is None else position)

    def formula(self) -> Formula:
        outcome = self.outcome()
        self.expect("~", "after the outcome")
        terms, intercept = self.terms()
        effects: tuple[tuple[str, ...], ...] = ()
        endogenous: list[Term] = []
        instruments: list[Term] = []
        if self.accept("|"):
            if self.instrument_part_ahead():
                endogenous, instruments = self.instruments()
            else:
                effects = self.fixed_effects()
                if self.accept("|"):
                    endogenous, instruments = self.instruments()
        if self.peek().kind != "end":
            raise self.error(f"expected '+', '|' or the end, found {self.found()}")
        return Formula(
            self.text, outcome, tuple(terms), intercept, effects, tuple(endogenous), tuple(instruments), self.positions
        )

    def outcome(self) -> Column | Computed:
        if self.peek().kind == "end" or self.peek().text == "~":
            raise self.error("the outcome is missing before '~'")
        factor = self.factor()
        if isinstance(factor, Indicator):
            raise self.error("the outcome cannot be i(...)", 0)
        return factor

    def instrument_part_ahead(self) -> bool:
        rest = [token.text for token in self.tokens[self.at :] if token.kind == "operator"]
        return "~" in rest[: rest.index("|")] if "|" in rest else "~" in rest

    def instruments(self) -> tuple[list[Term], list[Term]]:
        endogenous, _ = self.terms()
        self.expect("~", "between the endogenous regressors and their instruments")
        instruments, _ = self.terms()
        if not endogenous or not instruments:
            raise self.error("both sides of the instrument part need at least one name")
        return endogenous, instruments

    def fixed_effects(self) -> tuple[tuple[str, ...], ...]:
        if self.peek().kind == "number" and self.peek().text == "0":
            self.take()
            return ()
        effects: list[tuple[str, ...]] = []
        while True:
            names = [self.name("a fixed effect")]
            while self.accept("^"):
                names.append(self.name("a fixed effect"))
            if tuple(names) not in effects:
                effects.append(tuple(names))
            if not self.accept("+"):
                return tuple(effects)

    def name(self, purpose: str) -> str:
        token = self.peek()
        if token.kind not in ("name", "quoted"):
            raise self.error(f"expected the name of {purpose}, found {self.found()}")
        self.take()
        name = token.text.strip("`") if token.kind == "quoted" else token.text
        self.positions.setdefault(name, token.position)
        return name

    def terms(self) -> tuple[list[Term], bool]:
        collected: dict[str, Term] = {}
        intercept, negative = True, self.accept("-") is not None
        while True:
            token = self.peek()
            if token.kind == "number" and token.text in ("0", "1"):
                self.take()
                intercept = (token.text == "1") != negative
            elif negative:
                raise self.error("only the intercept can be removed, as '- 1'")
            else:
                for term in self.product():
                    collected.setdefault(term.label, term)
            if len(collected) > MAXIMUM_TERMS:
                raise self.error(f"more than {MAXIMUM_TERMS} terms")
            if self.accept("+"):
                negative = False
            elif self.accept("-"):
                negative = True
            else:
                return list(collected.values()), intercept

    def product(self) -> list[Term]:
        """One summand: ``a``, ``a:b``, ``a*b`` (which stands for ``a + b + a:b``)."""
        terms = [self.interaction()]
        while self.accept("*"):
            right = self.interaction()
            terms += [right, *(Term((*left.factors, *right.factors)) for left in terms)]
            if len(terms) > MAXIMUM_TERMS:
                raise self.error(f"more than {MAXIMUM_TERMS} terms")
        return terms

    def interaction(self) -> Term:
        factors = [self.factor()]
        while self.accept(":"):
            factors.append(self.factor())
        if self.peek().text in ("^", "**"):
            raise self.error("a power is written I(x^2); '^' joins fixed effects, after '|'")
        return Term(tuple(factors))

    def factor(self) -> Factor:
        token = self.peek()
        if token.kind == "name" and self.tokens[self.at + 1].text == "(":
            return self.indicator() if token.text == "i" else self.computed()
        return Column(self.name("a column"))

    def computed(self) -> Computed:
        from involution.study.expressions import ExpressionError, parse_expression

        opening = self.take()
        start, stop = self.parentheses()
        inside = self.text[start + 1 : stop - 1]
        source = inside.replace("^", "**") if opening.text == "I" else f"{opening.text}({inside})"
        try:
            columns = parse_expression(source).columns
        except ExpressionError as error:
            raise self.error(str(error).split("\n")[0], opening.position) from None
        for name in columns:
            self.positions.setdefault(name, opening.position)
        return Computed(f"{opening.text}({inside.strip()})", source, tuple(columns))

    def parentheses(self) -> tuple[int, int]:
        """Skip a balanced pair of parentheses; return the offsets of its first and past its last character."""
        opening = self.take()
        depth = 1
        while depth:
            token = self.take()
            if token.kind == "end":
                raise self.error("this parenthesis is never closed", opening.position)
            depth += (token.text == "(") - (token.text == ")")
        return opening.position, self.tokens[self.at - 1].position + 1

    def indicator(self) -> Indicator:
        start = self.take().position
        self.take()
        column = self.name("a column inside i()")
        by: str | None = None
        references: tuple[str | float, ...] = ()
        while self.accept(","):
            if self.peek().text == "ref" and self.tokens[self.at + 1].text == "=":
                self.take(), self.take()
                references = self.references()
            elif by is None:
                by = self.name("a column inside i()")
            else:
                raise self.error("i() takes a column, one more column and ref=")
        closing = self.expect(")", "to close i(")
        return Indicator(column, by, references, self.text[start : closing.position + 1])

    def references(self) -> tuple[str | float, ...]:
        if not self.accept("["):
            return (self.value(),)
        values = [self.value()]
        while self.accept(","):
            values.append(self.value())
        self.expect("]", "to close the list of references")
        return tuple(values)

    def value(self) -> str | float:
        sign = -1.0 if self.accept("-") else 1.0
        token = self.peek()
        if token.kind == "number":
            return sign * float(self.take().text)
        if token.kind == "string" and sign > 0:
            return self.take().text[1:-1]
        raise self.error(f"expected a number or a quoted text, found {self.found()}")


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            if not text[at:].strip():
                break
            raise FormulaError("this character has no place in a formula", text, at + _leading_space(text[at:]))
        kind = match.lastgroup or ""
        yield _Token(kind, match.group(kind), match.start(kind))
        at = match.end()
    yield _Token("end", "", len(text.rstrip()))


def _leading_space(text: str) -> int:
    return len(text) - len(text.lstrip())


def parse_formula(text: str) -> Formula:
    """Parse a formula.

    Parameters
    ----------
    text : str
        At most 10,000 characters and 500 terms.

    Returns
    -------
    Formula

    Raises
    ------
    FormulaError
        Where it does not parse, with a caret under the place.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise FormulaError(f"longer than {MAXIMUM_LENGTH:,} characters", text, 0)
    try:
        return _Parser(text).formula()
    except FormulaError as error:
        raise FormulaError(error.message + formula_hint(text), text, error.position) from None
