"""Permuted calendars: exact against measures and regressions done again, recentred, with the size they claim."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from tests.unit.models.exposure.conftest import World, make_events, make_panel, with_exposure

from involution.measures.event_reach import Reach
from involution.models.exposure.pool import Lead, calendars, distinct, pool_of
from involution.models.exposure.randomise import _each, _rest, randomised
from involution.models.exposure.regression import fitted

BOTH = ["dates", "places"]


def permuted_table(events, dates, places):
    """The table of events in which each event has another's onset (its own duration) and another's targets."""
    one = events.drop_duplicates("event_id").set_index("event_id")
    names = list(one.index)
    start = one["date_start"].astype(int)
    length = one["date_end"].astype(float) - start
    out = []
    for row in events.to_dict("records"):
        e = names.index(row["event_id"])
        begins = int(start.iloc[dates[e]])
        ends = None if np.isnan(length.iloc[e]) else str(int(begins + length.iloc[e]))
        of = one.iloc[places[e]]
        out.append({**row, "date_start": str(begins), "date_end": ends, "scope_region": of["scope_region"],
                    "scope_industry": of["scope_industry"]})  # fmt: skip
    return pd.DataFrame(out)


def by_dummies(panel, exposure, weights=None):
    """The slope of the demeaned product by least squares with a column for every firm and year."""
    w = np.ones(len(panel)) if weights is None else weights
    firms, years = (pd.get_dummies(panel[name], dtype=float).to_numpy() for name in ("firm", "year"))

    def fit(values, design):
        return sm.WLS(values, design, weights=w).fit(method="qr")

    def left(values, design):
        return values - fit(values, design).fittedvalues

    x = panel["x"].to_numpy()
    both = np.column_stack([firms, years[:, 1:]])
    product = left(x, firms) * left(exposure, both)
    design = np.column_stack([x, exposure, product, panel["c"], x[:, None] * years[:, 1:], both])
    return float(fit(panel["y"].to_numpy(), design).params[2])


def ready(world, permute=BOTH, draws=99, **asked):
    setting = world.setting(permute=permute, draws=draws, controls=["c"], **asked)
    events = setting.of_kind(True)
    pool, strengths = pool_of(events, setting.places, Reach()), setting.strengths(events)
    expected = pool.expected(strengths, permute)
    found = fitted(setting, {"event_exposure": setting.over_rows(pool.exposure(strengths) - expected)})
    drawn = calendars(len(events), permute, draws, seed=3)
    return setting, pool, strengths, expected, found, drawn


@pytest.mark.parametrize("permute", [["dates"], ["places"], BOTH])
def test_slopes_are_those_of_measures_and_regressions_done_again(permute):
    count = 3 if permute == BOTH else 4
    world = World(make_panel(firms=48), make_events(passive=count))
    setting, pool, strengths, expected, found, drawn = ready(world, permute)
    result = randomised(found, pool, strengths, expected, setting.place, drawn)
    passive = world.events[world.events["passive"] == 1]
    every = {}
    for dates, places in {(tuple(d), tuple(p)) for d, p in _all(permute, count)}:
        panel = with_exposure(world.panel, permuted_table(passive, dates, places))
        every[dates, places] = panel["event_exposure"].to_numpy()
    mean = np.mean(list(every.values()), axis=0)
    for k in np.linspace(0, len(drawn.dates) - 1, 5).astype(int):
        exposure = every[tuple(drawn.dates[k].tolist()), tuple(drawn.places[k].tolist())] - mean
        assert result.slopes[k] == pytest.approx(by_dummies(world.panel, exposure), abs=1e-10)


def _all(permute, count):
    same = [tuple(range(count))]
    dates = permutations(range(count)) if "dates" in permute else same
    return [(d, p) for d in dates for p in (permutations(range(count)) if "places" in permute else same)]


def test_weights_are_in_every_slope(world):
    setting, pool, strengths, expected, found, drawn = ready(world, weights="weight")
    result = randomised(found, pool, strengths, expected, setting.place, drawn)
    exposure = setting.over_rows(pool.exposure(strengths, drawn.dates[5], drawn.places[5]) - expected)
    by_hand = by_dummies(world.panel, exposure, world.panel["weight"].to_numpy())
    assert result.slopes[5] == pytest.approx(by_hand, abs=1e-10)


def test_calendars_one_by_one_give_the_slopes_of_their_parts(world):
    setting, pool, strengths, expected, found, drawn = ready(world, fixed_effects=["firm", "region^year"])
    result = randomised(found, pool, strengths, expected, setting.place, drawn)
    rest, here = _rest(found), setting.place[found.fit.rows]
    one_by_one = np.concatenate(list(_each(rest, pool, strengths, expected, here, drawn)))
    assert result.slopes == pytest.approx(one_by_one, abs=1e-10)
    assert result.slopes[0] == pytest.approx(found.slope(), abs=1e-12)


@pytest.mark.parametrize(
    "asked",
    [
        {"fixed_effects": []},
        {"fixed_effects": ["industry", "year"]},
        {"fixed_effects": ["firm", "year", "region^year"]},
        {"cluster": ["industry", "region"]},
        {"vcov": "wild"},
        {"years": -1, "weights": "weight"},
    ],
)
def test_the_calendar_as_it_was_gives_the_estimate(world, asked):
    setting, pool, strengths, expected, found, drawn = ready(world, **asked)
    result = randomised(found, pool, strengths, expected, setting.place, drawn)
    assert result.slopes[0] == pytest.approx(found.slope(), abs=1e-12)
    assert not np.isnan(result.slopes).any()


@pytest.mark.parametrize("permute", [["dates"], ["places"], BOTH])
@pytest.mark.parametrize("lead", [None, Lead(1, 0), Lead(2, 1)])
def test_recentred_exposure_has_mean_zero_over_all_calendars(world, permute, lead):
    setting = world.setting()
    events = setting.of_kind(True)
    pool, strengths = pool_of(events, setting.places, Reach(), lead), setting.strengths(events)
    drawn = calendars(len(events), permute, 1_000, seed=1)
    assert drawn.complete
    assert len(drawn.dates) == 24 ** len(permute)
    exposures = [pool.exposure(strengths, d, p) for d, p in zip(drawn.dates, drawn.places, strict=True)]
    assert np.mean(exposures, axis=0) == pytest.approx(pool.expected(strengths, permute), abs=1e-13)


def test_exposure_of_the_calendar_as_it_was_is_the_measure(world):
    setting = world.setting()
    for passive, name in ((True, "event_exposure"), (False, "event_exposure_active")):
        events = setting.of_kind(passive)
        found = pool_of(events, setting.places, Reach()).exposure(setting.strengths(events))
        assert setting.over_rows(found) == pytest.approx(world.data[name].to_numpy(), abs=1e-14)
    events = setting.of_kind(True)
    by_scale = setting.strengths(events, (0, 1, 0))
    found = pool_of(events, setting.places, Reach()).exposure(by_scale)
    assert setting.over_rows(found) == pytest.approx(world.data["event_disruption"].to_numpy(), abs=1e-14)


def test_lead_is_exposure_to_what_has_not_begun(world):
    # By hand from a table of the events whose onset lies beyond: exposure two years on, none in force a year on.
    setting = world.setting()
    events = setting.of_kind(True)
    lead = pool_of(events, setting.places, Reach(), Lead(2, 1)).exposure(setting.strengths(events))
    passive = world.events[world.events["passive"] == 1]
    for year in (2010, 2011, 2013):
        later = passive[passive["date_start"].astype(int) > year + 1]
        here = world.panel[world.panel["year"] == year]
        ahead = with_exposure(here.assign(year=year + 2), later) if len(later) else here.assign(event_exposure=0.0)
        found = setting.over_rows(lead)[(world.panel["year"] == year).to_numpy()]
        assert found == pytest.approx(ahead["event_exposure"].to_numpy(), abs=1e-14)


def test_few_calendars_are_all_taken_once_and_many_are_drawn():
    every = calendars(3, ["dates"], 99, seed=1)
    assert every.complete
    assert sorted(map(tuple, every.dates.tolist())) == sorted(permutations(range(3)))
    assert every.dates[0].tolist() == [0, 1, 2]
    assert (every.places == np.arange(3)).all()
    drawn = calendars(9, BOTH, 99, seed=1)
    assert not drawn.complete
    assert drawn.dates.shape == (100, 9)
    assert (drawn.dates[0] == np.arange(9)).all()
    assert np.array_equal(drawn.dates, calendars(9, BOTH, 99, seed=1).dates)
    assert not np.array_equal(drawn.dates, calendars(9, BOTH, 99, seed=2).dates)
    assert (drawn.dates[1:] != drawn.places[1:]).any()


def test_events_alike_in_all_but_name_make_no_new_calendar(world):
    # Two events with the same onset: exchanging them is no other calendar; of 24 orders of four events 12 are left.
    events = world.events.assign(
        date_start=world.events["date_start"].where(world.events["event_id"] != "E2", "2013"),
        date_end=world.events["date_end"].where(world.events["event_id"] != "E2", "2015"),
    )
    _, pool, strengths, _, _, drawn = ready(world.but(events=events), ["dates"])
    _, amounts = pool.parts(strengths, drawn)
    assert len(drawn.dates) == 24
    assert distinct(amounts) == (12, 2 / 24)


def test_p_value_counts_the_calendar_as_it_was(world):
    setting, pool, strengths, expected, found, drawn = ready(world)
    result = randomised(found, pool, strengths, expected, setting.place, drawn)
    size = np.abs(result.slopes)
    assert result.p_value == pytest.approx((1 + (size[1:] >= size[0]).sum()) / 100)
    assert result.smallest >= 1 / 100


def test_order_of_rows_and_names_of_firms_change_nothing(world):
    first = world.run(sensitivity=None)
    turned = world.panel.sample(frac=1, random_state=2).reset_index(drop=True)
    turned["firm"] = "z" + turned["firm"].str[::-1]
    second = world.but(panel=turned, events=world.events.sample(frac=1, random_state=3)).run(sensitivity=None)
    assert second.estimates["estimate"].to_numpy() == pytest.approx(first.estimates["estimate"].to_numpy(), abs=1e-9)
    p = [
        r.statistics.set_index(["model", "statistic"]).loc[("policy", "randomisation_p"), "value"]
        for r in (first, second)
    ]
    assert p[0] == p[1]


def test_units_of_the_outcome_scale_slopes_and_leave_the_p_value(world):
    first, second = world.run(), world.but(panel=world.panel.assign(y=1000 * world.panel["y"])).run()
    assert second.estimates["estimate"].to_numpy() == pytest.approx(
        1000 * first.estimates["estimate"].to_numpy(), rel=1e-9
    )
    assert second.estimates["p_value"].to_numpy() == pytest.approx(first.estimates["p_value"].to_numpy(), rel=1e-7)


def rejections(count, seed):
    """Share of null panels in which the randomisation test rejects at 10 %: events fall at random."""
    hits = []
    for k in range(count):
        random = np.random.default_rng([seed, k])
        events = make_events(seed=k, passive=6, active=0)
        order = random.permutation(6)
        one = events.drop_duplicates("event_id")
        moved = dict(zip(one["event_id"], one["scope_region"].to_numpy()[order], strict=True))
        events["scope_region"] = events["event_id"].map(moved)
        world = World(make_panel(seed=1_000 * seed + k), events)
        setting, pool, strengths, expected, found, drawn = ready(world, draws=99)
        hits.append(randomised(found, pool, strengths, expected, setting.place, drawn).p_value <= 0.1)
    return float(np.mean(hits))


def test_size_under_the_null():
    # Binomial: 60 panels at 10 %, rejected at most 13 times but for one in a hundred.
    assert rejections(60, seed=1) <= 13 / 60


@pytest.mark.slow
def test_size_under_the_null_at_length():
    # 400 panels: a standard error of .015.
    assert 0.055 <= rejections(400, seed=2) <= 0.145
