"""Panels with staggered adoption whose effects are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

ESTIMATORS = ("twfe", "sun_abraham", "etwfe", "did2s", "imputation", "callaway_santanna")


def staggered(seed=1, firms=60, years=7, cohorts=(0, 2012, 2014), gaps=0, noise=0.3):
    """Effects of .5 growing by .3 a year, by .2 more for the last cohort; `size` before treatment, `z` over time."""
    draws = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(2010, 2010 + years), firms)
    place = np.arange(firms) % 20
    cohort = np.array(cohorts)[place % len(cohorts)][firm]
    treated = (cohort > 0) & (year >= cohort)
    size = draws.normal(size=firms)[firm]
    z = draws.normal(size=len(firm))
    effect = np.where(treated, 0.5 + (0.3 + 0.2 * (cohort == max(cohorts))) * (year - cohort), 0.0)
    outcome = draws.normal(size=firms)[firm] + (0.1 + 0.05 * size) * (year - 2010) + effect
    outcome = outcome + draws.normal(0, noise, len(firm))
    made = {
        "firm": [f"f{code:03d}" for code in firm], "year": year, "cohort": cohort, "y": outcome, "effect": effect,
        "region": [f"r{code:02d}" for code in place[firm]], "industry": [f"i{code % 6}" for code in firm],
        "size": size, "z": z, "w": draws.uniform(0.5, 2, firms)[firm], "in_sample": True,
    }  # fmt: skip
    data = pd.DataFrame(made)
    return data.drop(index=draws.choice(len(data), gaps, replace=False)).reset_index(drop=True) if gaps else data


def truth(data):
    """Mean effects of treated rows, overall and by years since adoption."""
    since = data["year"] - data["cohort"].where(data["cohort"] > 0)
    post = since >= 0
    out = {f"att[e={int(e)}]": data.loc[since == e, "effect"].mean() for e in sorted(since[post].unique())}
    return pd.Series({"att[overall]": data.loc[post, "effect"].mean(), **out})
