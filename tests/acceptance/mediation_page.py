"""The page `docs/mediation-intervals.md`: `python -m tests.acceptance.mediation_page`, or `make check-slow`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from tests.acceptance.draws import SLOW
from tests.acceptance.mediation_intervals import (
    CELLS,
    HEADLINE,
    MODELS,
    PATHS,
    TIMES,
    Cell,
    planted,
    simulated,
)

PAGE = Path(__file__).parents[2] / "docs" / "mediation-intervals.md"
METHOD_NAMES = {
    "monte_carlo": "Monte Carlo",
    "delta": "delta",
    "jackknife": "jackknife",
    "bootstrap": "percentile bootstrap",
    "bca": "BCa",
    "studentized": "studentized",
}
INTRODUCTION = """# Intervals of indirect effects: what they cover

Made by `python -m tests.acceptance.mediation_page` and by `make check-slow`, which fails where a bound is not met. The
panels have six years and six firms in a cluster on average, firm and year effects in every equation. The treatment is
the cluster's and moves over the years, as the index of an industry does; a tenth of the errors' variance is the
cluster's too, and half of a cluster's shock lasts to the next year. *Even* clusters have six firms each; the sizes of
*uneven* ones are log-normal with a standard deviation of .8, so that 30 are as uneven as 18 equal ones and 60 as 35.
Mediators are named by their paths a and b: {paths}.

All intervals of a panel start from the same coefficients and the same cluster jackknife (CRV3), and have 999 draws
each. Coverage is the share of 95 % intervals that hold the truth; in brackets, in per cent, those that lie wholly below
the truth and those wholly above it, 2.5 each if all is well. Every share is of the same {panels:,} panels, with a
standard error of {error:.1f} points at 95 %. Studentized intervals take a jackknife in every draw: theirs are of the
first {few:,} panels ({few_error:.1f} points), and not simulated with 400 clusters.
"""
VERDICT = """## What follows

Over all settings, leaving out the mediator of which both paths are zero:

{table}

- **Monte Carlo is the headline**: draws of all coefficients from a multivariate t with G - 1 degrees of freedom and
  their joint CRV3 covariance. It is the only one that stays between .93 and .97, with weak and strong paths, few and
  many clusters, even and uneven, and it keeps the size of the test.
- With weak paths it misses on one side: most of its misses lie below the truth, since an estimate that came out small
  brings a small standard error. Intervals by the delta method and the jackknife are symmetric, and miss there more
  often and almost only on that side.
- Percentile and BCa intervals are too short with few or uneven clusters, where draws of clusters vary less than the
  estimates do. BCa is the evenest of all on weak paths and rejects a true null most often.
- Studentized intervals fall short on weak paths with 30 clusters. With 400 clusters all nearly agree.
- Where both paths are zero every interval holds the truth nearly always and the test hardly ever rejects, since the
  product then varies far less than either path lets expect. A weak effect is found less often for that: the share that
  rejects with the *weak* mediator stands in the last tables, and joint significance shares the weakness.
- The estimates are not biased: of {comparisons} means the farthest from its truth is {farthest:.1f} Monte Carlo errors
  away.
"""


def page_text(results: Mapping[Cell, pd.DataFrame], count: int) -> str:
    """The whole page.

    Parameters
    ----------
    results : mapping of Cell to DataFrame
        Of `simulated`.
    count : int
        Panels of the studentized intervals.
    """
    named = ", ".join(f"*{name}* {a:g} and {b:g}" for name, (a, b) in PATHS.items())
    errors = [100 * (0.95 * 0.05 / panels) ** 0.5 for panels in (TIMES * count, count)]
    head = INTRODUCTION.format(paths=named, panels=TIMES * count, error=errors[0], few=count, few_error=errors[1])
    away = pd.concat(
        [found.loc[HEADLINE, "bias_in_errors"].loc[terms(cell.mediators)] for cell, found in results.items()]
    )
    verdict = VERDICT.format(table=_over_all(results), comparisons=len(away), farthest=away.abs().max())
    parts = [head, verdict]
    for model in MODELS:
        chosen, truth = {cell: found for cell, found in results.items() if cell.mediators == model}, planted(model)
        parts.append(f"## {_named(model)}\n")
        for term in terms(model):
            parts.append(f"### {term}, truth {truth[term]:g}\n\n{_table(chosen, term, _coverage)}\n")
        parts.append("### Mean length\n")
        parts += [f"{term}\n\n{_table(chosen, term, lambda row: f'{row.length:.4f}')}\n" for term in terms(model)]
        parts.append("### Share of 5 % tests of no effect that reject\n")
        for term in terms(model):
            none = "" if truth[term] else " (there is none)"
            parts.append(f"{term}{none}\n\n{_table(chosen, term, lambda row: f'{row.rejections:.3f}')}\n")
    return "\n".join(parts).replace("\n\n\n", "\n\n")


def _over_all(results: Mapping[Cell, pd.DataFrame]) -> str:
    """Extremes of each method over the settings that it has, without the mediator that is idle."""
    rows = pd.concat(list(results.values()))
    rows = rows[rows.index.get_level_values("term") != "indirect[idle]"]
    lines = [
        "| interval | coverage | wholly below, at most | wholly above, at most | rejects a true null |",
        "|---" + "|---:" * 4 + "|",
    ]
    for method, name in METHOD_NAMES.items():
        found = rows.loc[method]
        size = found.loc[found["truth"] == 0, "rejections"]
        shares = [f"{found['coverage'].min():.3f} to {found['coverage'].max():.3f}"]
        shares += [f"{100 * found[side].max():.1f} %" for side in ("below", "above")]
        shares.append(f"{100 * size.min():.1f} to {100 * size.max():.1f} %" if len(size) else "–")
        lines.append(f"| {name} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def terms(model: Sequence[str]) -> list[str]:
    """Indirect effects of a model; the total where it is not the only one."""
    return [f"indirect[{name}]" for name in model] + (["indirect[total]"] if len(model) > 1 else [])


def _named(model: Sequence[str]) -> str:
    counts = {1: "One mediator", 2: "Two mediators", 3: "Three mediators"}
    return f"{counts[len(model)]}: {', '.join(model)}"


def _coverage(row: pd.Series) -> str:
    return f"{row.coverage:.3f} ({100 * row.below:.1f}, {100 * row.above:.1f})"


def _table(results: Mapping[Cell, pd.DataFrame], term: str, shown: Callable[[pd.Series], str]) -> str:
    header = "| clusters | " + " | ".join(METHOD_NAMES.values()) + " |\n|---" + "|---:" * len(METHOD_NAMES) + "|"
    lines = [header]
    for cell, found in results.items():
        cells = [shown(found.loc[(method, term)]) if method in cell.methods else "–" for method in METHOD_NAMES]
        lines.append(f"| {cell.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(results: Mapping[Cell, pd.DataFrame], count: int) -> None:
    """Write the page."""
    PAGE.write_text(page_text(results, count), encoding="utf-8")


def main() -> None:
    """Simulate every setting and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=SLOW)
    parser.add_argument("--processes", type=int, default=1)
    chosen = parser.parse_args()
    results = {}
    for cell in CELLS:
        results[cell] = simulated(cell, chosen.draws, chosen.processes)
        print(cell.title, ", ".join(cell.mediators), results[cell].loc[HEADLINE, "coverage"].to_dict(), flush=True)
    write(results, chosen.draws)


if __name__ == "__main__":
    main()
