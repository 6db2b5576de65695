"""The latent process: its keys, its seeds, and that the planted equations hold to the last digit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from involution.simulate import Effects, Settings, planted_effects, simulate
from involution.simulate.adoption import adoption
from involution.simulate.events import N_EVENTS, STRONG, WEAK, draw_events, kernel
from involution.simulate.process import latent_world, streams
from tests.unit.simulate.conftest import ORACLE, at_clock

KEY = ["firm", "year"]


def test_about_thirty_thousand_firm_years_in_sixty_industries_and_forty_cities(usual):
    accounts = usual.accounts
    assert 28_000 <= len(accounts) <= 33_000
    assert (accounts["industry"].nunique(), accounts["region"].nunique()) == (60, 40)
    assert accounts["year"].unique().tolist() == list(range(2011, 2023))
    assert not accounts[KEY].duplicated().any()
    assert accounts.groupby(["industry", "year"]).size().groupby("industry").min().min() >= 1
    assert accounts["firm"].str.fullmatch(r"\d{6}").all()
    assert accounts["region"].str.fullmatch(r"\d{6}").all()


def test_firms_have_no_gaps_and_leave_after_the_year_that_says_so(small):
    accounts = small.accounts
    assert (accounts.groupby("firm")["year"].diff().dropna() == 1).all()
    last = accounts.groupby("firm").tail(1)
    rest = accounts.drop(last.index)
    assert rest["exit"].sum() == 0
    assert (last.loc[last["year"] < 2022, "exit"] == 1).all()


def test_industry_sizes_are_those_of_the_specification():
    sizes = latent_world(Settings(firms=1_880), streams(1)).places.size
    assert sizes.min() >= 8
    assert sizes.max() <= 140
    assert np.log(sizes).mean() == pytest.approx(3.2, abs=0.3)
    assert np.log(sizes).std() == pytest.approx(0.65, abs=0.15)


def test_the_same_seed_gives_the_same_panel_and_another_seed_another():
    one, again, other = (simulate(Settings(firms=480), seed) for seed in (5, 5, 6))
    for name in ("accounts", "regions", "industries", "events"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(again, name), check_exact=True)
        assert not getattr(one, name).equals(getattr(other, name))


def test_a_switch_of_one_part_leaves_the_draws_of_the_others_alone():
    base, more = simulate(Settings(firms=480), 5), simulate(Settings(firms=480, unreported=0.5), 5)
    hidden = ["rd_expensed", "rd_spend"]
    pd.testing.assert_frame_equal(base.accounts.drop(columns=hidden), more.accounts.drop(columns=hidden))
    assert more.accounts["rd_spend"].isna().sum() > 2 * base.accounts["rd_spend"].isna().sum()


def test_pressure_is_persistent_with_standard_deviation_one():
    pressure = latent_world(Settings(firms=4_800, industries=600, years=30), streams(1)).places.pressure
    assert pressure.std() == pytest.approx(1, abs=0.02)
    assert np.corrcoef(pressure[:, 1:].ravel(), pressure[:, :-1].ravel())[0, 1] == pytest.approx(0.6, abs=0.02)


def test_what_pressure_adds_is_what_the_equations_say():
    """The same draws with and without its effects differ by the planted equations, term by term."""
    effects = Effects()
    on, off = (at_clock(simulate(replace(ORACLE, firms=480, null=null), 7)) for null in (False, True))
    assert (on[KEY] == off[KEY]).all(axis=None)
    kept = on["pressure"].notna() & on["innovation"].notna()
    pressure, finance = on["pressure"][kept], on["finance"][kept]
    gap = {
        name: (on[name] - off[name])[kept] for name in ("latent_margin", "latent_short_termism", "latent_constraint")
    }
    tightening = effects.pressure_constraint + effects.finance_pressure_constraint * finance
    expected = {
        "latent_margin": -0.30 * pressure,
        "latent_short_termism": 0.25 * pressure,
        "latent_constraint": tightening * pressure,
    }
    for name, values in expected.items():
        # Digital finance is written with four digits of an index point.
        np.testing.assert_allclose(gap[name], values, atol=1e-6)
    direct = (
        -0.10 + 0.05 * (on["latent_opportunity"] + on["latent_management"])[kept] + 0.04 * on["latent_exposure"][kept]
    )
    through = 0.40 * gap["latent_margin"] - 0.30 * gap["latent_short_termism"] - 0.35 * gap["latent_constraint"]
    np.testing.assert_allclose((on["innovation"] - off["innovation"])[kept], direct * pressure + through, atol=1e-6)


def test_digital_finance_has_mean_zero_rises_and_falls_with_distance(usual):
    regions = usual.regions
    assert (regions["digital_finance"] / 100 - 2.5).mean() == pytest.approx(0, abs=1e-6)
    by_year = regions.groupby("year")["digital_finance"].mean()
    assert by_year.iloc[-1] - by_year.iloc[0] > 80
    cities = regions.groupby("region")[["digital_finance", "distance_hangzhou"]].mean()
    assert cities.corr().iloc[0, 1] < -0.5
    assert not regions[["region", "year"]].duplicated().any()


def test_exit_follows_the_margin_only_with_attrition():
    def slope(attrition):
        data = simulate(Settings(firms=2_500, attrition=attrition), 8).accounts
        return data["exit"].corr(data["latent_margin"])

    assert slope(True) < -0.08
    assert abs(slope(False)) < 0.02


def test_more_firms_enter_under_pressure(usual):
    accounts = usual.accounts
    entered = (accounts["birth_year"] == accounts["year"]).groupby([accounts["industry"], accounts["year"]]).mean()
    pressure = accounts.groupby(["industry", "year"])["latent_pressure"].first()
    later = entered.index.get_level_values("year") > 2011
    assert entered[later].corr(pressure[later], method="spearman") > 0.4
    young = accounts["birth_year"] == accounts["year"]
    assert accounts.loc[young, "revenue"].median() < 0.6 * accounts.loc[~young, "revenue"].median()


def test_a_confounder_inflates_and_feedback_deflates_the_margin_s_slope():
    """Tiers E and I: .40 is planted; feedback of .2 leaves about .37 at twelve years."""
    from involution.models.design import Design

    def slope(seeds=range(4), **switches):
        found = []
        for seed in seeds:
            data = at_clock(simulate(replace(ORACLE, **switches), seed))
            model = "innovation ~ pressure + latent_margin + latent_short_termism + latent_constraint"
            fit = Design(data, ["firm", "year"], ["industry"]).estimate(model)
            found.append(fit.tidy().set_index("term").loc["latent_margin", "estimate"])
        return np.mean(found)

    assert slope(confounder=True) > 0.5
    assert slope() == pytest.approx(0.40, abs=0.012)
    assert slope(feedback=True) == pytest.approx(0.37, abs=0.015)


def test_events_have_the_two_strengths_and_staggered_dates():
    events = draw_events(Settings(), np.random.default_rng(1))
    assert len(events.start) == N_EVENTS
    assert np.unique(np.round(events.strength, 12)).tolist() == [0.2, 0.9]
    assert set(events.ratings.sum(axis=(1, 2))) == {WEAK, STRONG}
    assert events.ratings.min() >= 1
    assert events.ratings.max() <= 5
    assert len(np.unique(events.start)) == N_EVENTS
    assert (events.end >= events.start).all()
    assert (events.cities.sum(axis=0) <= 1).all()
    assert (events.cities.sum(axis=0) == 0).sum() == 8


def test_the_kernel_is_zero_before_one_during_and_halved_every_two_years():
    assert kernel(np.arange(8), 2, 3).tolist() == pytest.approx([0, 0, 1, 1, 2**-0.5, 0.5, 2**-1.5, 0.25])


def test_the_doses_of_events_grow_with_strength_and_tenure():
    """Innovation with and without them differs by the dose, in target cities and industries alone."""
    with_dose, without = (simulate(replace(ORACLE, firms=480, dose=dose), 9) for dose in (True, False))
    accounts = with_dose.accounts
    gap = accounts["latent_innovation"] - without.accounts["latent_innovation"]
    expected = pd.Series(0.0, index=accounts.index)
    rated = with_dose.events
    for _, event in rated.groupby("event_id"):
        first = event.iloc[0]
        strength = (event[["novelty", "disruption", "criticality"]].to_numpy().mean() - 1) / 4
        aimed = accounts["region"].isin(first["scope_region"].split(";"))
        aimed &= accounts["industry"].isin(first["scope_industry"].split(";"))
        tenure = accounts["year"] - int(first["date_start"][:4])
        expected += first["passive"] * 0.4 * strength * (1 + 0.25 * tenure) * (aimed & (tenure >= 0))
    assert (expected > 0).mean() > 0.05
    np.testing.assert_allclose(gap, expected, atol=1e-7)


def test_adoption_is_the_first_passive_event_that_aims_at_city_and_industry_and_its_effect():
    """What `adoption` says of each row is what innovation with and without the events differs by."""
    with_dose, without = (simulate(replace(ORACLE, firms=480, dose=dose), 9) for dose in (True, False))
    found = adoption(with_dose)
    gap = with_dose.accounts["latent_innovation"] - without.accounts["latent_innovation"]
    np.testing.assert_allclose(found["effect"], gap, atol=1e-7)
    assert adoption(without)["effect"].eq(0).all()
    assert found["cohort"].groupby(with_dose.accounts["firm"]).nunique().max() == 1
    assert set(found["strength"].round(12)) == {0.0, 0.2, 0.9}
    assert ((found["strength"] > 0) == (found["cohort"] > 0)).all()
    onsets = with_dose.events.query("passive == 1")["date_start"].str[:4].astype(int)
    assert set(found["cohort"]) - {0} == set(onsets)
    before = with_dose.accounts["year"] < found["cohort"]
    assert found.loc[before, "effect"].eq(0).all()


def test_planted_effects_are_products_and_sums_of_the_coefficients():
    found = planted_effects(Settings())
    numbers = {
        "indirect[margin]": -0.120,
        "indirect[short_termism]": -0.075,
        "indirect[constraint]": -0.070,
        "indirect[total]": -0.265,
        "direct": -0.10,
        "total": -0.365,
        "index_moderated_mediation[constraint]": 0.028,
        "poisson_total": -0.12775,
        "rd_total": -0.5475,
    }
    assert {name: found[name] for name in numbers} == pytest.approx(numbers)
    other = planted_effects(Settings(effects=replace(Effects(), margin=0.8, direct=0.0, patents_slope=1.0)))
    assert other["total"] == pytest.approx(-0.24 - 0.075 - 0.070)
    assert other["poisson_total"] == pytest.approx(other["total"])
    null = planted_effects(Settings(null=True))
    assert (null["total"], null["b[margin]"]) == (0.0, 0.40)
