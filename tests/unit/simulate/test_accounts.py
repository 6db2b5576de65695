"""Raw accounts: they add up, pressure shows where it should, and what is unreported is missing."""

import numpy as np
import pandas as pd
import pytest

from involution.measures import measure
from involution.measures.view import View
from involution.panel.columns import canonical_columns, is_text
from involution.simulate.accounts import LATENT, SMALL, industry_codes, region_codes
from involution.simulate.process import latent_world, streams

CENT = 0.011


@pytest.fixture(scope="module")
def view(usual):
    return View(usual.panel.sort_values(["firm", "year"], ignore_index=True))


def test_columns_are_canonical_or_latent(small):
    named = set(small.accounts.columns) - set(LATENT)
    assert named <= set(canonical_columns().index)
    specified = (
        "firm year industry region revenue cogs op_profit selling_expense admin_expense rd_expensed rd_spend "
        "total_assets fixed_assets intangibles inventory receivables cash trading_assets short_term_investments "
        "current_assets current_liabilities liabilities short_term_debt long_term_debt employees wages depreciation "
        "taxes_surcharges interest net_profit total_profit cfo capex dividends_interest new_product_sales rd_staff "
        "patents patents_invention patents_utility citations myopia_words total_words birth_year ownership exit"
    )
    assert set(specified.split()) <= named
    for name in small.accounts.columns:
        assert pd.api.types.is_numeric_dtype(small.accounts[name]) != is_text(name), name


def test_the_accounts_add_up(usual):
    a = usual.accounts
    sums = {
        "current_assets": ["inventory", "receivables", "trading_assets", "short_term_investments", "cash"],
        "total_assets": ["current_assets", "fixed_assets", "intangibles"],
        "liabilities": ["current_liabilities", "long_term_debt"],
        "patents": ["patents_invention", "patents_utility"],
    }
    for total, parts in sums.items():
        assert (a[total] - a[parts].sum(axis=1)).abs().max() < CENT, total
    costs = a[["cogs", "selling_expense", "admin_expense", "taxes_surcharges"]].sum(axis=1)
    assert (a["op_profit"] - (a["revenue"] - costs)).abs().max() < CENT
    assert (a["total_profit"] - (a["op_profit"] - a["interest"])).abs().max() < CENT
    assert (a["admin_expense"] > a["rd_expensed"].fillna(0)).all()
    assert (a["short_term_debt"] < a["current_liabilities"]).all()
    assert (a["rd_staff"] <= a["employees"]).all()
    assert (a["myopia_words"] < a["total_words"]).all()
    positive = ["revenue", "cogs", "total_assets", "fixed_assets", "inventory", "cash", "wages", "employees"]
    assert (a[positive] > 0).all(axis=None)


def test_cost_is_revenue_less_the_margin_and_research_follows_innovation(usual):
    a = usual.accounts
    margin = 1 - a["cogs"] / a["revenue"]
    assert margin.between(-0.3 - 1e-6, 0.8 + 1e-6).all()
    percent = 100 * a["rd_spend"] / a["revenue"]
    expected = (4 + 1.5 * a["latent_innovation"]).clip(lower=0)
    known = percent.notna()
    np.testing.assert_allclose(percent[known], expected[known], atol=1e-4)
    assert 0.01 < (percent[known] == 0).mean() < 0.10


def test_the_margin_of_an_industry_moves_from_its_mean_of_three_years_by_pressure():
    from involution.simulate import Settings

    world = latent_world(Settings(firms=480), streams(2))
    path, pressure = world.places.margin_path, world.places.pressure
    np.testing.assert_allclose(
        path[:, 3:], (path[:, :-3] + path[:, 1:-2] + path[:, 2:-1]) / 3 - 0.025 * pressure[:, 3:]
    )


def test_revenue_grows_with_pressure_by_the_stated_numbers(view):
    growth = pd.Series(view.growth(view["revenue"])).groupby([view.frame["industry"], view.frame["year"]]).mean()
    pressure = view.frame.groupby(["industry", "year"])["latent_pressure"].first()
    slope, mean = np.polyfit(pressure[growth.notna()], growth.dropna(), 1)
    assert mean == pytest.approx(0.06, abs=0.01)
    # Sizes draw together around their centre, which moves the mean of an industry a little.
    assert slope == pytest.approx(0.03, abs=0.015)


def components(view):
    """The components of the index, before anything is done to them."""
    margin = (view["revenue"] - view["cogs"]) / view["revenue"]
    past = np.nanmean([view.lag(margin, years) for years in (1, 2)], axis=0)
    profit = view["op_profit"] + view["rd_expensed"]
    sales = view.growth(view["revenue"])
    change = view.change(profit)
    futile = np.where(np.isnan(sales + change), np.nan, (sales > 0) & (change <= 0))
    spending = view["selling_expense"] + view["admin_expense"] - view["rd_expensed"]
    effort = 0.5 * (view.growth(spending) + view.growth(view["fixed_assets"] + view["inventory"]))
    value = view["depreciation"] + view["wages"] + view["taxes_surcharges"] + profit
    return {
        "margin compression": (past - margin, 0.7),
        "growth without profit": (futile, 0.7),
        "effort beyond value added": (effort - view.growth(value), 0.7),
        "effort beyond revenue": (effort - sales, 0.7),
        "inventory build": (view.growth(view["inventory"]) - sales, 0.9),
        "falling prices": (-np.log(view["ppi"] / 100), 0.9),
        "idle capacity": (1 - view["capacity_utilization"], 0.9),
    }


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_every_component_of_the_index_loads_on_pressure(view):
    """Rank correlations of the means of the other firms with pressure; the composite of all at .85 and more."""
    pressure, frame = view.frame["latent_pressure"], []
    for name, (values, least) in components(view).items():
        others = pd.Series(view.industry_years.mean_of_others(values, 9))
        assert others.corr(pressure, method="spearman") > least, name
        frame.append((others - others.mean()) / others.std())
    assert pd.concat(frame, axis=1).mean(axis=1, skipna=False).corr(pressure, method="spearman") > 0.85


def test_the_index_on_measured_accounts_ranks_industry_years_as_pressure_does(usual):
    found = measure(usual.panel)
    for name, least in (("involution", 0.8), ("involution_mechanism", 0.6), ("involution_own", 0.6)):
        assert found[name].corr(found["latent_pressure"], method="spearman") >= least, name


def test_crowding_follows_pressure_within_industries(view):
    """The Herfindahl index falls with pressure once the industry's own level is out."""
    hhi = view.frame.groupby(["industry", "year"])["hhi_official"].first()
    pressure = view.frame.groupby(["industry", "year"])["latent_pressure"].first()
    assert np.log(hhi).sub(np.log(hhi).groupby("industry").transform("mean")).corr(pressure) < -0.35


def test_official_concentration_is_that_of_all_firms(small):
    accounts = small.accounts
    one = accounts[(accounts["industry"] == "C131") & (accounts["year"] == 2015)]
    expected = ((one["revenue"] / one["revenue"].sum()) ** 2).sum()
    row = small.industries.query("industry == 'C131' and year == 2015")
    assert row["hhi_official"].item() == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(
    ("latent", "proxy", "least"),
    [
        ("latent_margin", lambda a: 1 - a["cogs"] / a["revenue"], 0.6),
        ("latent_short_termism", lambda a: a["trading_assets"] / (a["trading_assets"] + a["fixed_assets"]), 0.6),
        ("latent_short_termism", lambda a: a["myopia_words"] / a["total_words"], 0.6),
        ("latent_constraint", lambda a: -a["cash"] / a["total_assets"], 0.6),
        ("latent_constraint", lambda a: (a["short_term_debt"] + a["long_term_debt"]) / a["total_assets"], 0.6),
        ("latent_innovation", lambda a: a["patents_invention"], 0.2),
        ("latent_innovation", lambda a: a["new_product_sales"] / a["revenue"], 0.5),
        ("latent_opportunity", lambda a: a["rd_staff"] / a["employees"], 0.4),
        ("latent_management", lambda a: a["revenue"] / a["total_assets"], 0.3),
    ],
)
def test_what_a_researcher_can_measure_follows_the_latent_state(usual, latent, proxy, least):
    accounts = usual.accounts
    assert proxy(accounts).corr(accounts[latent], method="spearman") > least


def test_utility_models_are_a_placebo_and_patents_are_overdispersed(usual):
    a = usual.accounts
    assert abs(a["patents_utility"].corr(a["latent_innovation"])) < 0.02
    expected = np.exp(0.3 + 0.35 * a["latent_innovation"])
    assert a["patents_invention"].mean() == pytest.approx(expected.mean(), rel=0.03)
    # NegBin with theta .6: the variance given the mean is mean + mean^2/.6.
    excess = ((a["patents_invention"] - expected) ** 2 - expected).sum() / (expected**2).sum()
    assert excess == pytest.approx(1 / 0.6, rel=0.15)


def test_research_goes_unreported_among_small_firms_only(usual):
    a = usual.accounts
    missing = a["rd_spend"].isna()
    small = a["employees"] < SMALL
    assert missing[small].mean() == pytest.approx(0.15, abs=0.01)
    assert missing[~small].sum() == 0
    assert (~small).sum() > 20
    assert (missing == a["rd_expensed"].isna()).all()


def test_codes_are_of_the_usual_kind():
    assert industry_codes(3) == ["C131", "C132", "C141"]
    assert len(set(industry_codes(60))) == 60
    assert len(set(region_codes(40))) == 40
    assert {code[:2] for code in region_codes(40)} == {code[:2] for code in region_codes(20)}


def test_the_event_table_has_a_row_per_event_and_rater(small):
    events = small.events
    assert not events[["event_id", "rater"]].duplicated().any()
    assert len(events) == 8 * 5
    assert events.groupby("event_id")["passive"].first().sum() == 6
    assert (events["date_end"] > events["date_start"]).all()
    assert set(";".join(events["scope_region"]).split(";")) <= set(small.regions["region"])
    assert set(";".join(events["scope_industry"]).split(";")) <= set(small.industries["industry"])
