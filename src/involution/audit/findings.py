"""What is found of a number of a paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from involution.audit.candidates import Candidate
from involution.audit.numbers import Token

Status = Literal["matched", "ambiguous", "unmatched", "misrounded", "misplaced", "stars", "stale", "skipped"]
WRONG: tuple[Status, ...] = ("unmatched", "misrounded", "misplaced", "stars", "stale")
"""What makes a paper disagree with its results."""


@dataclass(frozen=True)
class Finding:
    """A number of a paper and what it is.

    Attributes
    ----------
    place, text : str
        Where it stands and how it is written.
    status : str
        matched: one number of the results, by its digits or by its place in a table; ambiguous: several agree;
        unmatched: none does; misrounded: cut off, or rounded twice; misplaced: it stands where another belongs; stars:
        the number agrees, its stars do not; stale: it is the number of an earlier run; skipped: no result.
    why : str
        Key of a text that says more; empty where the status says it all.
    candidate : Candidate or None
        What it is, or what should stand there.
    candidates : int
        How many different values agree.
    expected : str
        What should stand there.
    around : str
        The words beside it.
    values : mapping of str to str
        For the text of `why`.
    """

    place: str
    text: str
    status: Status
    why: str = ""
    candidate: Candidate | None = None
    candidates: int = 0
    expected: str = ""
    around: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def wrong(self) -> bool:
        """Whether the paper disagrees with its results here."""
        return self.status in WRONG


def around(text: str, token: Token, reach: int = 32) -> str:
    """The words beside a number."""
    start, end = max(0, token.start - reach), min(len(text), token.end + reach)
    said = " ".join(text[start:end].split())
    return ("…" if start else "") + said + ("…" if end < len(text) else "")


def printed(value: float, token: Token) -> str:
    """A value with the decimals of a number of the paper, and as it is written: per cent, thousands separators."""
    from involution.exhibits.content import decimal, with_minus

    near = (
        100 * value if token.percent and abs(abs(100 * value) - abs(token.value)) < abs(value - token.value) else value
    )
    shown = f"{near:.{token.digits - 1}e}" if "e" in token.text.lower() else decimal(near, max(0, token.decimals))
    return with_minus(shown) + ("%" if token.percent else "")
