"""The reference of the two languages of a study file, expressions and formulas, for the generated page."""

from __future__ import annotations

from collections.abc import Iterable

FUNCTIONS: dict[str, tuple[str, str]] = {
    "log": ("log(x)", "natural logarithm; missing where x is not positive"),
    "log1p": ("log1p(x)", "log(1 + x); missing where x is not above -1"),
    "exp": ("exp(x)", "e to the power of x"),
    "sqrt": ("sqrt(x)", "square root; missing where x is negative"),
    "abs": ("abs(x)", "absolute value"),
    "lag": ("lag(x, 2)", "the firm's value two calendar years before; one year without the number"),
    "lead": ("lead(x, 2)", "the firm's value two calendar years later; one year without the number"),
    "diff": ("diff(x, 2)", "x less its value two calendar years before; one year without the number"),
    "growth": ("growth(x)", "log x less last year's; 2(x - x')/(abs(x) + abs(x')) where one is not positive"),
    "initial": ("initial(x)", "the firm's first known value of x, from its year on; missing before it"),
    "mean_by": ("mean_by(x, industry, year)", "mean of x among rows with equal keys, up to nine of them"),
    "sum_by": ("sum_by(x, industry, year)", "sum of x among rows with equal keys; missing where all are"),
    "rank_by": (
        "rank_by(x, industry, year)",
        "rank of x among rows with equal keys, from above 0 to 1; ties share theirs",
    ),
    "zscore": (
        "zscore(x, year)",
        "x less its mean, over its standard deviation; among equal keys, or all rows without",
    ),
    "winsor": ("winsor(x, 0.01, 0.99, year)", "x held between two quantiles; among equal keys, or all rows without"),
    "demean": ("demean(x, industry)", "x less its mean; among equal keys, or all rows without"),
    "where": ("where(x > 0, x, 0)", "the second where the first holds, else the third"),
    "isna": ("isna(x)", "whether x is missing"),
    "fill": ("fill(x, 0)", "x, and the value where x is missing"),
    "clip": ("clip(x, 0, 1)", "x held between two values"),
    "min": ("min(x, y)", "the smaller of two or more; a missing one is passed over"),
    "max": ("max(x, y)", "the larger of two or more; a missing one is passed over"),
    "year": ("year(date)", "year of a date: 2015-12-31, 2015/12/31, 2015年12月31日, 20151231 or 2015"),
    "month": ("month(date)", "month of such a date"),
    "starts_with": ("starts_with(industry, 'C')", "whether a text begins so; a missing one does not"),
    "pad": ("pad(code, 6)", "a code as text, filled with zeros on the left to this width"),
}
"""Each function of expressions: a call, and what it gives."""

OPERATORS: tuple[tuple[str, str], ...] = (
    ("x + y", "sum; likewise x - y, x * y and -x"),
    ("x / y", "quotient; missing where y is zero"),
    ("x ** 2", "power; the exponent is a number written out"),
    ("x // 10", "whole part of a quotient; x % 10 is the rest"),
    ("x == y", "equal; likewise !=, <, <=, > and >=; 0 < x <= 1 is one condition"),
    ("x > 0 and y > 0", "both hold; likewise or, not"),
    ("ownership in ['soe', 'private']", "one of a list of values; likewise not in"),
)
_RULES = (
    "Names are columns. A text is quoted, `ownership == 'soe'`; a code is text and equals the number written alike.",
    "Arithmetic with a missing value is missing. A comparison with one does not hold, `!=` and `not in` included; "
    "`not (x > 0)` holds for a missing x.",
    "Infinite results (a division by zero) are missing. `lag`, `lead`, `diff` and `growth` go by calendar year: after "
    "a gap the value is missing.",
    "A row is dropped by `drop_if` and kept by `filter` and `where` only if the condition holds.",
    'Inside braces YAML ends a value at a comma: quote it there, `{l2: "lag(x, 2)"}`.',
)
FORMULA: tuple[tuple[str, str], ...] = (
    ("y ~ x + z", "outcome and regressors; y ~ x - 1 leaves the intercept out"),
    ("y ~ x:z", "the product alone; y ~ x*z is x + z + x:z"),
    ("y ~ log(x) + lag(z, 2)", "functions of expressions; I(x^2) holds any other expression"),
    ("y ~ i(year)", "an indicator for each value; those that the others make up are dropped, so name a reference"),
    ("y ~ i(year, x, ref=2003)", "x in each year but 2003"),
    ("y ~ i(ownership, ref='soe')", "a reference that is a text is quoted; several are a list, ref=['soe', 'foreign']"),
    ("y ~ x | firm + year", "fixed effects"),
    ("y ~ x | firm + region^year", "a fixed effect for each region and year"),
    ("y ~ x | firm + year | w ~ z1 + z2", "w is endogenous, z1 and z2 are its instruments"),
    ("`R&D` ~ x", "a name with other characters stands in backticks"),
)
_MADE = (
    "Columns that are made where the panel has what they need and does not bring them: `industry2` and `industry3`, "
    "the first two and three digits of `industry` (its letter kept); `province`, the first two digits of a `region` "
    "that is a six-digit code, missing where `region` holds a name."
)


def reference() -> list[str]:
    """Sections of the page: expressions, formulas, columns that are made."""
    return [
        "# Expressions",
        "`derive`, `variables`, `filter`, `drop_if`, `where` and the right-hand sides of `columns` and `keys` are "
        "expressions of columns.",
        "\n".join(f"- {rule}" for rule in _RULES),
        _table("function", FUNCTIONS.values()),
        _table("operator", OPERATORS),
        _MADE,
        "# Formulas",
        _table("formula", FORMULA),
    ]


def _table(title: str, lines: Iterable[tuple[str, str]]) -> str:
    head = [f"| {title} | gives |", "|---|---|"]
    return "\n".join(head + [f"| {_code(call)} | {meaning} |" for call, meaning in lines])


def _code(text: str) -> str:
    mark = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{mark}{space}{text}{space}{mark}".replace("|", "\\|")
