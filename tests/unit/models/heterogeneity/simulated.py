"""Panels of firms in industries, with groups that differ in the effect of an industry-level treatment or do not."""

import numpy as np
import pandas as pd


def ar(draws, units, years, rho):
    """Stationary series with variance one."""
    out = np.empty((units, years))
    out[:, 0] = draws.normal(size=units)
    for t in range(1, years):
        out[:, t] = rho * out[:, t - 1] + np.sqrt(1 - rho**2) * draws.normal(size=units)
    return out


def panel(seed, *, industries=12, years=8, labels="uneven", difference=0.0, spread=0.0):
    """Industries of 8 to 80 firms; the treatment and a shock vary by industry and year.

    Labels are spread evenly over industries, unevenly, or are those of whole industries. The slope is -.3, plus
    `difference` in group b, plus a draw by industry with standard deviation `spread`.
    """
    draws = np.random.default_rng(seed)
    sizes = np.clip(np.exp(draws.normal(2.9, 0.6, industries)).astype(int), 8, 80)
    industry = np.repeat(np.arange(industries), sizes)
    firms = len(industry)
    share = {"even": np.full(industries, 0.3), "uneven": draws.beta(0.7, 1.3, industries)}
    if labels == "industry":
        second = (draws.permutation(industries) < industries * 0.4)[industry]
    else:
        second = draws.random(firms) < share[labels][industry]
    x = ar(draws, industries, years, 0.6)[industry]
    shock = 0.5 * ar(draws, industries, years, 0.6)[industry]
    slope = -0.3 + spread * draws.normal(size=industries)[industry] + difference * second
    y = slope[:, None] * x + shock + ar(draws, firms, years, 0.4) + draws.normal(size=firms)[:, None]
    long = {name: np.repeat(values, years) for name, values in {"industry": industry, "b": second}.items()}
    data = pd.DataFrame({"firm": np.repeat(np.arange(firms), years), "year": np.tile(np.arange(years), firms), **long})
    group = np.where(data["b"], "b", "a")
    return data.assign(x=x.ravel(), y=y.ravel(), group=group, c=draws.normal(size=len(data)))


def thinned(data, seed=0, share=0.8):
    """The same with rows missing at random, so that firms have different years, and weights."""
    draws = np.random.default_rng(seed)
    kept = data[draws.random(len(data)) < share].reset_index(drop=True)
    return kept.assign(weight=draws.uniform(0.5, 2, len(kept)))
