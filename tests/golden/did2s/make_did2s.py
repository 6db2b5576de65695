"""Simulate a small panel with staggered adoption and estimate it with pyfixest's did2s (seed fixed).

Run in this folder with pyfixest 0.60.0: ``python make_did2s.py`` writes panel.csv and did2s.csv.
"""

from functools import partialmethod

import numpy as np
import pandas as pd
import pyfixest
from pyfixest.estimation.models.feols_ import Feols

# Its fixed effects are solved for iteratively; the default tolerance of 1e-6 leaves 4e-6 in the estimates.
Feols.fixef = partialmethod(Feols.fixef, atol=1e-14, btol=1e-14)

FIRMS, YEARS = 60, np.arange(2010, 2018)
COHORTS = {0: 0, 1: 0, 2: 2013, 3: 2015, 4: 2016}
FIRST_STAGES = {"plain": "~ 0 | firm + year", "controls": "~ size + age | firm + year"}
SECOND_STAGES = {"overall": "~ treated", "by_time": "~ i(since, ref=-1000)"}


def panel() -> pd.DataFrame:
    """Sixty firms of fifteen industries, balanced but for thirty rows; effects grow with tenure."""
    draws = np.random.default_rng(20_261_124)
    firm, year = np.repeat(np.arange(FIRMS), len(YEARS)), np.tile(YEARS, FIRMS)
    cohort = np.array([COHORTS[number % 5] for number in range(FIRMS)])[firm]
    treated = (cohort > 0) & (year >= cohort)
    size = draws.normal(size=len(firm)) + 0.2 * treated
    age = draws.gamma(2, 1, size=len(firm))
    shock = draws.normal(0, 0.3, (15, len(YEARS)))[firm % 15, year - YEARS[0]]
    effect = np.where(treated, 0.5 + 0.3 * (year - cohort), 0.0)
    noise = draws.normal(0, 0.5, len(firm))
    outcome = draws.normal(size=FIRMS)[firm] + 0.1 * (year - 2010) + 0.4 * size - 0.1 * age + shock + effect + noise
    made = {
        "firm": [f"f{number:02d}" for number in firm], "year": year,
        "industry": [f"i{number % 15:02d}" for number in firm], "cohort": cohort, "treated": treated.astype(int),
        "since": np.where(cohort > 0, year - cohort, -1000), "y": outcome, "size": size, "age": age,
    }  # fmt: skip
    return pd.DataFrame(made).drop(index=draws.choice(len(firm), 30, replace=False)).sort_index()


def estimates(data: pd.DataFrame) -> pd.DataFrame:
    """Coefficients and standard errors of each pair of stages, clustered by firm and by industry."""
    rows = []
    for first, formula in FIRST_STAGES.items():
        for second in SECOND_STAGES.values():
            for cluster in ("firm", "industry"):
                fit = pyfixest.did2s(data, "y", formula, second, "treated", cluster)
                for term, estimate, error in zip(fit.coef().index, fit.coef(), fit.se(), strict=True):
                    name = "overall" if term == "treated" else "e=" + term.removeprefix("since::")
                    rows.append((first, cluster, f"att[{name}]", estimate, error))
    return pd.DataFrame(rows, columns=["first_stage", "cluster", "term", "estimate", "std_error"])


if __name__ == "__main__":
    made = panel()
    made.to_csv("panel.csv", index=False, float_format="%.17g", lineterminator="\n")
    estimates(made).to_csv("did2s.csv", index=False, float_format="%.17g", lineterminator="\n")
