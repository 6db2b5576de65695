"""Numbers in a text: value, decimals, stars, percent sign, brackets; in English, Chinese and full-width digits.

Numbers in words and decimal commas are not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

_WIDE = {0xFF10 + digit: str(digit) for digit in range(10)}
_SAME = str.maketrans(
    {
        **{chr(code): digit for code, digit in _WIDE.items()},
        "．": ".", "，": ",", "％": "%", "（": "(", "）": ")", "［": "[", "］": "]", "＜": "<", "＞": ">", "＝": "=",
        "＊": "*", "∗": "*", "⁎": "*", "－": "−", "﹣": "−", "‑": "−", "‐": "-", "–": "–", "：": ":", "；": ";",
    }
)  # fmt: skip
"""Signs that mean the same, each replaced by one sign, so that places in the text stay."""

_NUMBER = re.compile(
    r"""
    (?P<sign>(?<![A-Za-z0-9_.,)\]%])(?:[-–]|−\s?))?
    (?<![A-Za-z0-9_.])(?<!\d,)
    (?P<digits>(?:\d{1,3}(?:[,\u2009\u202f\u00a0]\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)
    (?P<exponent>[eE][-−+]?\d{1,3}(?![A-Za-z0-9])|\s?[×x]\s?10\s?\^?\s?\{?[-−]?\d{1,3}\}?)?
    (?P<percent>\s?(?:%|per\s?cent\b|percentage\spoints?\b|个?百分点))?
    (?:(?P<stars>\s?\*{1,4}))?
    """,
    re.VERBOSE,
)
_OPENING = re.compile(r"[(\[]\s*$")
_HUNDREDTHS = "百分之"
_THIN = re.compile(r"[,\u2009\u202f\u00a0]")


@dataclass(frozen=True)
class Token:
    """A number as it stands in a text.

    Attributes
    ----------
    text : str
    start, end : int
    value : float
        With its sign, before a percent sign is regarded.
    decimals : int
        Digits after the point; negative exponents count.
    signed : bool
        Whether a sign stands before it.
    percent : bool
    stars : str
    bracket : str
        The bracket that opens directly before it, or before the number that it is paired with; empty where none.
    word : bool
        It is part of a word or of a name, such as 2SLS, t-1 or 3.12.1.
    """

    text: str
    start: int
    end: int
    value: float
    decimals: int
    signed: bool
    percent: bool
    stars: str
    bracket: str
    word: bool

    @property
    def digits(self) -> int:
        """Digits that say something: without zeros in front."""
        plain = re.split(r"[eE×x]", self.text)[0]
        return len(re.sub(r"\D", "", plain).lstrip("0"))

    @property
    def whole(self) -> bool:
        """Whether it has no decimals."""
        return self.decimals <= 0

    @property
    def step(self) -> float:
        """One unit of the last digit."""
        return float(10.0**-self.decimals)


def alike(one: Token, other: Token) -> bool:
    """Whether two numbers are printed alike: value, decimals, stars and percent sign."""
    same = abs(one.value - other.value) < 1e-6 * one.step and one.decimals == other.decimals
    return same and (one.stars, one.percent) == (other.stars, other.percent)


def plain(text: str) -> str:
    """A text of the same length with one sign for each meaning.

    Examples
    --------
    >>> plain("系数为－０．２５２＊＊")
    '系数为−0.252**'
    """
    return text.translate(_SAME)


def tokens(text: str) -> list[Token]:
    """All numbers of a text, in order.

    Examples
    --------
    >>> [(token.value, token.decimals, token.stars, token.bracket) for token in tokens("−0.252*** (0.151), 6,208")]
    [(-0.252, 3, '***', ''), (0.151, 3, '', '('), (6208.0, 0, '', '')]
    >>> [(token.value, token.percent) for token in tokens("上升12.5％，占百分之八")]
    [(12.5, True)]
    """
    said = plain(text)
    found = [_token(match, said) for match in _NUMBER.finditer(said)]
    for place, (first, second) in enumerate(pairwise(found)):
        between = said[first.end : second.start]
        if first.bracket and re.fullmatch(r"\s*[,;，]\s*", between) and re.match(r"\s*[)\]]", said[second.end :]):
            found[place + 1] = replace(second, bracket=first.bracket)
    return found


def _token(match: re.Match[str], said: str) -> Token:
    digits = _THIN.sub("", match["digits"])
    decimals = len(digits.partition(".")[2])
    power = 0
    if match["exponent"]:
        power = int(re.sub(r"^[eE]|^\s?[×x]\s?10\s?\^?\s?\{?|\}", "", match["exponent"]).replace("−", "-"))
    sign = -1.0 if match["sign"] else 1.0
    before, after = said[: match.start()], said[match.end() :]
    opening = _OPENING.search(before)
    word = bool(re.match(r"[A-Za-z_]|\.\d", after)) and not re.match(r"(?:pp|SDs?)\b", after)
    word |= bool(re.search(r"[A-Za-z_][-−–.]$|\d[.]$|[A-Za-z]\^?\{?$", before)) and not match["sign"]
    return Token(
        text=match.group().strip(),
        start=match.start(),
        end=match.end(),
        value=sign * float(f"{digits}e{power}"),
        decimals=decimals - power,
        signed=bool(match["sign"]),
        percent=bool(match["percent"]) or before.endswith(_HUNDREDTHS),
        stars=(match["stars"] or "").strip(),
        bracket=opening.group().strip() if opening else "",
        word=word,
    )


def agrees(token: Token, value: float) -> bool:
    """Whether a number printed so is this value rounded to its decimals; a half may go either way."""
    return _near(token.value, value, token.step) or (token.percent and _near(token.value, 100 * value, token.step))


def agrees_without_sign(token: Token, value: float) -> bool:
    """The same where a text says the sign in words: "falls by 0.25" for −0.25."""
    return agrees(token, value) or (not token.signed and agrees(token, -value))


def _near(shown: float, value: float, step: float) -> bool:
    return abs(shown - value) <= 0.5 * step * (1 + 1e-9) + 4e-16 * abs(value)


def is_half(token: Token, value: float) -> bool:
    """Whether the value lies halfway between two numbers of the token's decimals, so that both are right."""
    rest = abs(abs(token.value) - abs(value)) / token.step
    return abs(rest - 0.5) < 1e-6


def cut_off(token: Token, value: float) -> bool:
    """Whether the number is the value with its further digits cut off, where rounding gives another one."""
    scaled = [value * factor / token.step for factor in ((1, 100) if token.percent else (1,))]
    shown = token.value / token.step
    return not agrees(token, value) and any(abs(int(one) - shown) < 1e-6 for one in scaled)


def rounded_twice(token: Token, value: float) -> bool:
    """Whether the number comes of rounding the value to one more digit first, where rounding once gives another."""
    if agrees(token, value):
        return False
    once = round(value, token.decimals + 1)
    return abs(abs(once - token.value) - 0.5 * token.step) < 1e-6 * token.step
