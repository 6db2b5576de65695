"""Acceptance tiers: what is planted is found (A), a true null is kept (C), the trap is refused (D)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.measures import measure
from involution.measures.view import View
from involution.models.rules import Refused
from involution.simulate import Settings, planted_effects, simulate
from involution.simulate.implied import implied_effects, reliability
from tests.unit.simulate.conftest import ORACLE, at_clock

MODERATED = """innovation ~ pressure + finance + latent_exposure + pressure:finance + pressure:latent_opportunity
    + pressure:latent_management + pressure:latent_exposure"""
DIRECT = """innovation ~ pressure + latent_margin + latent_short_termism + latent_constraint + latent_exposure
    + pressure:latent_opportunity + pressure:latent_management + pressure:latent_exposure"""
ESTIMANDS = {
    "total": (MODERATED, "ols", "pressure"),
    "index_moderated_mediation[constraint]": (MODERATED, "ols", "pressure:finance"),
    "pressure:opportunity": (MODERATED, "ols", "pressure:latent_opportunity"),
    "pressure:management": (MODERATED, "ols", "pressure:latent_management"),
    "pressure:exposure": (MODERATED, "ols", "pressure:latent_exposure"),
    "direct": (DIRECT, "ols", "pressure"),
    "b[margin]": (DIRECT, "ols", "latent_margin"),
    "b[short_termism]": (DIRECT, "ols", "latent_short_termism"),
    "b[constraint]": (DIRECT, "ols", "latent_constraint"),
    "a[margin]": ("latent_margin ~ pressure", "ols", "pressure"),
    "a[short_termism]": ("latent_short_termism ~ pressure", "ols", "pressure"),
    "a[constraint]": ("latent_constraint ~ pressure + finance + pressure:finance", "ols", "pressure"),
    "poisson_total": (MODERATED.replace("innovation", "patents_next"), "poisson", "pressure"),
}
"""Planted effects by name: the model, the estimator and the term that estimate them on the latent columns."""


def oracle(seeds: range, names: tuple[str, ...], settings: Settings = ORACLE) -> pd.DataFrame:
    """Estimates and intervals of planted effects on the latent columns, one row per draw and name.

    Parameters
    ----------
    seeds : range
    names : tuple of str
        Of `ESTIMANDS`.
    settings : Settings
    """
    rows = []
    for seed in seeds:
        data = at_clock(simulate(settings, seed))
        design = inv.Design(data[data["innovation"].notna()], ["firm", "year"], ["industry"])
        fits = {}
        for name in names:
            model, estimator, term = ESTIMANDS[name]
            if model not in fits:
                fits[model] = design.estimate(model, estimator=estimator, vcov="crv3").tidy().set_index("term")
            rows.append((name, *fits[model].loc[term, ["estimate", "ci_low", "ci_high"]]))
    found = pd.DataFrame(rows, columns=["name", "estimate", "low", "high"])
    truth = found["name"].map(planted_effects(settings))
    return found.assign(truth=truth, covered=found["low"].le(truth) & truth.le(found["high"]))


def bias_in_errors(found: pd.DataFrame) -> pd.Series:
    """Bias of each planted effect in Monte Carlo standard errors.

    Parameters
    ----------
    found : DataFrame
    """
    by_name = (found["estimate"] - found["truth"]).groupby(found["name"])
    return by_name.mean() / (by_name.std() / np.sqrt(by_name.size()))


def test_tier_a_the_total_effect_is_found_on_the_latent_columns():
    """The first twenty of five hundred draws: bias within two Monte Carlo errors, seventeen intervals hold it."""
    found = oracle(range(1_000, 1_020), ("total",))
    assert abs(bias_in_errors(found)["total"]) <= 2
    assert found["estimate"].std() < 0.05
    assert 17 <= found["covered"].sum() <= 20


def test_tier_a_notices_an_effect_that_is_not_the_planted_one():
    """The same draws reject a truth that leaves one path out."""
    found = oracle(range(1_000, 1_006), ("total",))
    without_margin = found.assign(truth=found["truth"] + 0.12)
    assert abs(bias_in_errors(without_margin)["total"]) > 5


@pytest.mark.slow
@pytest.mark.parametrize("names", [tuple(n for n in ESTIMANDS if n != "poisson_total"), ("poisson_total",)])
def test_tier_a_at_five_hundred_draws(names):
    """Every planted effect: bias within two (of many, three) Monte Carlo errors, coverage between .91 and .98."""
    found = oracle(range(1_000, 1_500), names)
    bias = bias_in_errors(found)
    assert (bias.abs() <= 3).all(), bias
    assert abs(bias.get("total", 0)) <= 2
    coverage = found.groupby("name")["covered"].mean()
    assert coverage.between(0.91, 0.98).all(), coverage


NULL = replace(ORACLE, firms=1_800, null=True)


def null_panel(seed: int) -> pd.DataFrame:
    """A panel in which pressure does nothing, with last year's margin compression: the others' and the firm's own.

    Parameters
    ----------
    seed : int
    """
    data = at_clock(simulate(NULL, seed))
    view = View(data)
    margin = 1 - view["cogs"] / view["revenue"]
    past = np.stack([view.lag(margin, years) for years in (1, 2)])
    own = past.mean(axis=0) - margin
    others = view.industry_years.mean_of_others(own, 9)
    return data.assign(own=view.lag(own), others=view.lag(others), firm_margin=margin)


def rejections(seeds: range) -> pd.DataFrame:
    """Whether a 5 % test rejects the true null, by treatment.

    Parameters
    ----------
    seeds : range
    """
    rows = []
    for seed in seeds:
        design = inv.Design(null_panel(seed), ["firm", "year"], ["industry"])
        p_values = {
            name: design.estimate(f"innovation ~ {name}", vcov="crv3").tidy()["p_value"].iloc[0]
            for name in ("own", "others")
        }
        rows.append({name: value < 0.05 for name, value in p_values.items()})
    return pd.DataFrame(rows)


def test_tier_c_leaving_the_firm_out_keeps_the_size_and_its_own_index_does_not():
    """The first twenty of five hundred nulls: at most four rejections by the others' index, nineteen by the own."""
    found = rejections(range(2_000, 2_020)).sum()
    assert found["others"] <= 4
    assert found["own"] >= 19


@pytest.mark.slow
def test_tier_c_at_five_hundred_draws():
    found = rejections(range(2_000, 2_500)).mean()
    assert 0.03 <= found["others"] <= 0.08
    assert found["own"] >= 0.95


def test_tier_d_effects_at_the_level_of_the_index_are_refused(small):
    """With industry-year effects the leave-one-out index would be the firm's own share, upside down."""
    data = measure(at_clock(small))
    with pytest.raises(Refused, match="at the level of fragmentation_loo"):
        inv.estimate("rd_next ~ fragmentation_loo | firm + industry^year", data, cluster="industry")
    assert inv.estimate("rd_next ~ fragmentation_loo | firm + year", data, cluster="industry").n_obs > 1_000


def test_the_implied_truth_of_a_measure_is_effect_times_scale_times_reliability(usual):
    """A noisy copy of pressure in other units: known reliability, and the estimate agrees with what it implies."""
    data = at_clock(usual).dropna(subset=["pressure", "rd_next"]).reset_index(drop=True)
    cells = data.groupby(["industry", "year"]).ngroup()
    noise = np.random.default_rng(1).normal(0, 0.5, cells.max() + 1)[cells]
    data["measured"] = 10 * (data["pressure"] + noise)
    assert reliability(data.assign(tenfold=10 * data["pressure"]), "tenfold", "pressure") == pytest.approx(0.1)
    scale = reliability(data, "measured", "pressure")
    assert 0.06 < scale < 0.09
    implied = implied_effects(Settings(), data, "measured", "pressure")
    assert implied["total"] == pytest.approx(-0.365 * scale)
    censored = implied["rd_total"] / (-0.5475 * scale)
    assert 0.93 < censored < 0.99
    fit = inv.estimate("rd_next ~ measured | firm + year", data, cluster="industry", vcov="crv3").tidy().iloc[0]
    assert abs(fit["estimate"] - implied["rd_total"]) < 2.5 * fit["std_error"]
