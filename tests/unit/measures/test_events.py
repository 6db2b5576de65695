"""Policy events: strength, proximity, time; exposure by hand and against a loop over rows and events."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.errors import InputError
from involution.measures import dictionary, measure
from involution.measures.event_reach import Reach, great_circle, places_of, rated_events
from involution.measures.events import event_measures
from involution.measures.view import View
from involution.panel.event_table import event_table, no_events

MEASURES = [
    "event_exposure", "event_exposure_active", "event_strength", "event_novelty", "event_disruption",
    "event_criticality", "event_time", "event_space",
]  # fmt: skip
SCALES = ["novelty", "disruption", "criticality"]
few = settings(max_examples=25, deadline=None)


def _event(name="E1", ratings=((5, 5, 5),), start="2012", end="2013", passive=1, region="", industry=""):
    """One event by one rater after another."""
    rows = [(name, f"R{k}", *scores) for k, scores in enumerate(ratings)]
    shared = {"date_start": start, "date_end": end, "passive": passive}
    return pd.DataFrame(rows, columns=["event_id", "rater", *SCALES]).assign(
        **shared, scope_region=region, scope_industry=industry
    )


def _firm(years=range(2010, 2018), industry="C39", region="330100"):
    return pd.DataFrame({"firm": "a", "year": list(years), "industry": industry, "region": region})


def _found(panel, *events, column="event_exposure"):
    return measure(panel, events=pd.concat(events, ignore_index=True))[column].tolist()


# --- strength ---


def test_strength_by_hand():
    # (3 + 4 + 5)/3 = 4 and (1 + 2 + 3)/3 = 2: (4 - 1)/4 = .75 and .25, mean .5.
    (event,) = rated_events(event_table(_event(ratings=[(3, 4, 5), (1, 2, 3)])))
    assert event.strength == pytest.approx(0.5)
    # Novelty (2/4 + 0/4)/2, disruption (3/4 + 1/4)/2, criticality (4/4 + 2/4)/2.
    assert event.ratings.tolist() == pytest.approx([0.25, 0.5, 0.75])


@pytest.mark.parametrize(("score", "strength"), [(1, 0.0), (3, 0.5), (5, 1.0)])
def test_strength_lies_between_zero_and_one(score, strength):
    (event,) = rated_events(event_table(_event(ratings=[(score,) * 3])))
    assert event.strength == strength


def test_a_rater_who_left_a_scale_open_does_not_count():
    # Without the second rater (5, -, 5): 0 strength, not a mixture of scales.
    (event,) = rated_events(event_table(_event(ratings=[(1, 1, 1), (5, np.nan, 5)])))
    assert event.strength == 0.0


# --- time ---


def test_the_course_of_an_event():
    # From 2012 to 2013: none before, in full for two years, then 2^(-1/2), 2^(-1), 2^(-3/2), 2^(-2).
    expected = [0, 0, 1, 1, 2**-0.5, 0.5, 2**-1.5, 0.25]
    assert _found(_firm(), _event()) == pytest.approx(expected)
    assert _found(_firm(), _event(), column="event_time") == pytest.approx(expected)
    # In effect is during the event alone.
    assert _found(_firm(), _event(), column="event_strength") == [0, 0, 1, 1, 0, 0, 0, 0]


def test_the_year_counts_and_not_the_day():
    late = _event(start="2012-12-31", end="2013-01-01")
    assert _found(_firm(), late) == pytest.approx(_found(_firm(), _event()))


def test_an_event_without_an_end_lasts():
    assert _found(_firm(), _event(end=np.nan)) == [0, 0, 1, 1, 1, 1, 1, 1]
    assert _found(_firm(), _event().drop(columns="date_end")) == [0, 0, 1, 1, 1, 1, 1, 1]


def test_years_without_a_row_do_not_stop_time():
    assert _found(_firm(years=[2012, 2015, 2017]), _event()) == pytest.approx([1, 0.5, 0.25])


# --- space ---

PLACES = pd.DataFrame(
    {
        "firm": list("abcd"),
        "year": 2012,
        "industry": ["C39", "C39", "C26", "C26"],
        "region": ["330100", "440300", "330100", "440300"],
    }
)


def test_proximity_by_industry_and_region():
    aimed = _event(region="330100", industry="C39")
    assert _found(PLACES, aimed) == [1.0, 0.5, 0.5, 0.0]
    assert _found(PLACES, aimed, column="event_space") == [1.0, 0.5, 0.5, 0.0]


def test_an_empty_scope_is_everywhere():
    assert _found(PLACES, _event()) == [1.0] * 4
    # Everyone is in the industries of an event that names none: who is outside its regions is in one of the two.
    assert _found(PLACES, _event(region="330100")) == [1.0, 0.5, 1.0, 0.5]
    assert _found(PLACES, _event(industry="C39")) == [1.0, 1.0, 0.5, 0.5]


def test_scopes_are_lists_and_reach_the_codes_inside_them():
    assert _found(PLACES, _event(region="330000|440000", industry="39;C2622")) == [1.0, 1.0, 0.5, 0.5]


def test_an_event_that_passes_a_firm_by_is_not_in_effect_for_it():
    aimed = _event(region="330100", industry="C39")
    assert _found(PLACES, aimed, column="event_strength") == [1.0, 1.0, 1.0, 0.0]
    assert _found(PLACES, aimed, column="event_time") == [1.0, 1.0, 1.0, 0.0]


def test_an_unknown_place_is_missing_once_an_aimed_event_is_there():
    panel = _firm(years=[2011, 2012, 2013]).assign(region=["330100", None, "330100"], industry=["C39", "C39", None])
    aimed, general = _event(region="330100"), _event(name="E2", ratings=[(3, 3, 3)])
    # In 2013 the region is known and the event aims at no industry in particular.
    np.testing.assert_array_equal(_found(panel, aimed), [0.0, np.nan, 1.0])
    assert _found(panel, general) == [0.0, 0.5, 0.5]
    np.testing.assert_array_equal(_found(panel, aimed, general), [0.0, np.nan, 1.5])
    np.testing.assert_array_equal(_found(panel, aimed, column="event_strength"), [0.0, np.nan, 1.0])
    # Before it begins nobody is exposed, wherever they are.
    assert _found(panel.assign(region=None), _event(start="2020", end="2021", region="330100")) == [0.0] * 3


# --- several events ---


def test_exposures_add_up_and_active_events_stand_apart():
    strong = _event(ratings=[(5, 5, 5)])  # s = 1, 2012-2013
    weak = _event("E2", ratings=[(2, 2, 2)], start="2013", end="2013")  # s = .25
    active = _event("E3", ratings=[(3, 3, 3)], start="2013", end="2014", passive=0)  # s = .5
    events = (strong, weak, active)
    panel = _firm(years=[2012, 2013, 2014])
    half = 2**-0.5
    assert _found(panel, *events) == pytest.approx([1.0, 1.25, 1.25 * half])
    assert _found(panel, *events, column="event_exposure_active") == pytest.approx([0.0, 0.5, 0.5])
    # The strongest in effect, not the sum and not the active one; in 2014 none of the passive ones lasts.
    assert _found(panel, *events, column="event_strength") == [1.0, 1.0, 0.0]
    assert _found(panel, weak, active, column="event_strength") == [0.0, 0.25, 0.0]
    assert _found(panel, active, column="event_time") == [0.0, 0.0, 0.0]


def test_each_scale_has_its_own_exposure_and_their_mean_is_the_whole():
    event = _event(ratings=[(1, 3, 5), (3, 3, 5)], region="330100", industry="C26")
    found = measure(_firm(years=[2013, 2015]), events=event)
    # Region only: .5. Novelty (0 + .5)/2 = .25, disruption .5, criticality 1; in 2015, two years after, one half.
    assert found["event_novelty"].tolist() == pytest.approx([0.125, 0.0625])
    assert found["event_disruption"].tolist() == pytest.approx([0.25, 0.125])
    assert found["event_criticality"].tolist() == pytest.approx([0.5, 0.25])
    np.testing.assert_allclose(found["event_exposure"], found[MEASURES[3:6]].mean(axis=1))


# --- what is there ---


@pytest.mark.parametrize("events", [None, no_events()])
def test_without_events_the_measures_are_not_available(events):
    panel = _firm()
    table = dictionary(panel, events=events).set_index("name").loc[MEASURES]
    assert not table["available"].any()
    assert set(table["reason"]) == {"needs data.events"}
    assert not set(MEASURES) & set(measure(panel, events=events))


def test_a_level_is_needed_where_an_event_names_codes_of_it():
    panel = _firm().drop(columns="region")
    table = dictionary(panel, events=_event(region="330100")).set_index("name")
    assert table.loc["event_exposure", "reason"] == "needs region"
    assert _found(panel, _event(industry="C26")) == pytest.approx([0.5 * k for k in _found(panel, _event())])
    bare = panel.drop(columns="industry")
    assert dictionary(bare, events=_event(industry="C26")).set_index("name").loc["event_time", "reason"] == (
        "needs industry"
    )
    assert _found(bare, _event())[2] == 1.0


def test_the_measures_stand_in_the_dictionary_and_are_numbers():
    panel, events = _firm(), _event()
    table = dictionary(panel, events=events).set_index("name").loc[MEASURES]
    assert table["available"].all()
    assert set(table["family"]) == {"events"}
    assert table["label_zh"].is_unique
    assert (measure(panel, events=events)[MEASURES].dtypes == "float64").all()
    assert "distance" in table.loc["event_exposure", "formula"]


def test_a_given_column_is_kept():
    panel = _firm().assign(event_exposure=7.0)
    found = measure(panel, events=_event())
    assert found["event_exposure"].tolist() == [7.0] * 8
    assert found["event_novelty"].tolist()[2] == 1.0


def test_mistakes_of_a_table_given_in_a_notebook_are_told():
    with pytest.raises(InputError, match="events end before they start"):
        measure(_firm(), events=_event(start="2013", end="2012"))
    with pytest.raises(InputError, match="no column passive"):
        measure(_firm(), events=_event().drop(columns="passive"))


def test_a_panel_without_rows_has_the_columns():
    found = measure(_firm().iloc[:0], events=_event(region="330100"))
    assert found["event_exposure"].tolist() == []


# --- against a loop ---


def _many(seed):
    random = np.random.default_rng(seed)
    n = 60
    panel = pd.DataFrame(
        {
            "firm": [f"f{k % 12}" for k in range(n)],
            "year": [2010 + k // 12 for k in range(n)],
            "industry": random.choice(["C39", "C391", "C26", "G51"], n),
            "region": random.choice(["330100", "330200", "440300"], n),
        }
    )
    panel.loc[random.uniform(size=n) < 0.1, "region"] = None
    events = []
    for k in range(6):
        start = int(random.integers(2008, 2016))
        events.append(
            _event(
                f"E{k}",
                ratings=random.integers(1, 6, (int(random.integers(1, 4)), 3)).tolist(),
                start=str(start),
                end=None if random.uniform() < 0.2 else str(start + int(random.integers(0, 4))),
                passive=int(random.uniform() < 0.7),
                region=";".join(random.choice(["330100", "330000", "440300", "510100"], int(random.integers(0, 3)))),
                industry="|".join(random.choice(["C39", "C26", "C"], int(random.integers(0, 3)))),
            )
        )
    return panel, pd.concat(events, ignore_index=True)


def _lies(code, listed, kind):
    """Whether a code lies in a list, spelled out."""
    if not listed:
        return 1.0
    if pd.isna(code):
        return np.nan
    bare = [entry.rstrip("0") if kind == "region" else entry for entry in listed]
    return float(any(code.startswith(entry) for entry in bare))


def _one(row, events):
    """Exposure to passive and to active events, and the strongest, of one row."""
    out = {"event_exposure": 0.0, "event_exposure_active": 0.0, "event_strength": 0.0}
    for _, rows in events.groupby("event_id"):
        event = rows.iloc[0]
        start, end = int(event["date_start"]), np.inf if pd.isna(event["date_end"]) else int(event["date_end"])
        if row.year < start:
            continue
        kernel = 1.0 if row.year <= end else 2 ** (-(row.year - end) / 2)
        region = _lies(row.region, [e for e in event["scope_region"].split(";") if e], "region")
        industry = _lies(row.industry, [e for e in event["scope_industry"].split("|") if e], "industry")
        proximity = {0.0: 0.0, 1.0: 0.5, 2.0: 1.0}.get(region + industry, np.nan)
        strength = float((((rows[SCALES].sum(axis=1)) / 3 - 1) / 4).mean())
        if event["passive"]:
            out["event_exposure"] += strength * proximity * kernel
            if kernel == 1:
                own = np.nan if np.isnan(proximity) else strength * (proximity > 0)
                out["event_strength"] = np.maximum(out["event_strength"], own)
        else:
            out["event_exposure_active"] += strength * proximity * kernel
    return out


@few
@given(seed=st.integers(0, 10_000))
def test_it_is_what_a_loop_over_rows_and_events_finds(seed):
    panel, events = _many(seed)
    found = measure(panel, events=events)
    expected = pd.DataFrame([_one(row, events) for row in panel.itertuples()], index=panel.index)
    pd.testing.assert_frame_equal(found[list(expected)], expected, rtol=1e-12, atol=1e-12)


@few
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_of_panel_and_events_does_not_matter(seed):
    panel, events = _many(seed)
    random = np.random.default_rng(seed)
    first = measure(panel, events=events)[MEASURES]
    second = measure(panel.iloc[random.permutation(len(panel))], events=events.iloc[random.permutation(len(events))])[
        MEASURES
    ]
    pd.testing.assert_frame_equal(second.loc[panel.index], first, rtol=1e-12)


@few
@given(seed=st.integers(0, 10_000))
def test_one_event_more_never_lowers_an_exposure(seed):
    panel, events = _many(seed)
    fewer = events[events["event_id"] != "E0"]
    more, less = measure(panel, events=events)[MEASURES], measure(panel, events=fewer)[MEASURES]
    known = more.notna() & less.notna()
    assert ((more >= less - 1e-12) | ~known).all().all()


def test_the_simulated_study_is_measured_as_it_was_made():
    from involution.simulate import simulate
    from involution.simulate.write import sized

    simulated = simulate(sized(480), 3)
    found = measure(simulated.accounts, events=simulated.events)
    np.testing.assert_allclose(found["event_exposure"], found["latent_exposure"], atol=1e-6)
    assert found["event_exposure"].max() > 0.5


# --- other judgements than the measure's ---


def test_other_half_lives_and_proximities_are_those_of_the_formula():
    panel, event = _firm(industry="C40"), event_table(_event(region="330100", industry="C39"))
    (exposure, *_) = event_measures(View(panel), event, Reach(half_life=1.0, near=0.25))
    # In the region alone, from 2012; after 2013 halved every year.
    assert exposure.values.tolist() == [0, 0, 0.25, 0.25, 0.125, 0.0625, 0.03125, 0.015625]


def test_strength_by_other_weights():
    (event,) = rated_events(event_table(_event(ratings=[(3, 4, 5)])))
    assert event.weighted((0, 0, 2)) == 1.0
    assert event.weighted((1, 1, 0)) == pytest.approx((0.5 + 0.75) / 2)
    assert event.weighted((1, 1, 1)) == pytest.approx(event.strength)


def test_great_circle_by_hand():
    # A quarter of a meridian, a degree of the equator, and the way to where one is.
    points = np.array([[0.0, 0.0], [90.0, 0.0], [0.0, 1.0]])
    found = great_circle(points[:1], points)[0]
    assert found == pytest.approx([0.0, np.pi / 2 * 6_371.0088, np.pi / 180 * 6_371.0088])


def test_beyond_the_targets_proximity_falls_with_distance():
    regions = ["330100", "330200", "330300", "330400"]
    frame = pd.concat(
        [
            _firm(years=[2012], industry=industry, region=region).assign(firm=f"{industry}{region}")
            for region in regions
            for industry in ("C39", "C40")
        ],
        ignore_index=True,
    )
    places = {"330100": (0.0, 0.0), "330200": (0.0, 1.0), "330300": (0.0, 3.0), "330400": (np.nan, np.nan)}
    frame["latitude"], frame["longitude"] = zip(*(places[region] for region in frame["region"]), strict=True)
    (event,) = rated_events(event_table(_event(region="330100;330200", industry="C39")))
    found = places_of(View(frame))
    proximity = found.proximity(event, Reach(distance=300.0))[found.row]
    degree = np.pi / 180 * 6_371.0088
    # By region, in the target industry and in another; the third region is two degrees from the nearest target.
    expected = [1, 0.5, 1, 0.5, 0.5, np.exp(-2 * degree / 300), 0.5, np.nan]
    np.testing.assert_allclose(proximity, expected)
    assert found.proximity(event)[found.row].tolist() == [1, 0.5, 1, 0.5, 0.5, 0, 0.5, 0]
