"""Policy events: read, typed, checked; how far raters agree; whom the scopes name."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.errors import InputError
from involution.panel.event_table import COLUMNS, event_table, no_events
from involution.panel.events import agreement
from involution.panel.scope import in_scope, scope_of, unmatched

PANEL = "id,year,code,city\n1,2014,C3911,330106\n2,2014,C26,440300\n"
PLACES = {"industry": "code", "region": "city"}
HEAD = "event_id,title,date_start,date_end,passive,novelty,disruption,criticality,scope_region,scope_industry,rater\n"
TWO = (
    HEAD
    + "E1,限产令,2014-03-01,2015-12-31,1,5,4,3,330000;440300,C39|C26,A\n"
    + "E1,限产令,2014-03-01,2015-12-31,1,4,4,3,330000;440300,C39|C26,B\n"
    + "E2,补贴,2016/7/1,,0,1,2,2,,,A\n"
    + "E2,补贴,2016/7/1,,0,2,2,1,,,B\n"
)


@pytest.fixture
def base(folder):
    folder.write("panel.csv", PANEL)
    return folder


def _read(base, text=TWO, **options):
    base.write("events.csv", text)
    return base.events("events.csv", "panel.csv", PLACES, **options)


def _refused(base, text, **options):
    with pytest.raises(InputError) as caught:
        _read(base, text, **options)
    return str(caught.value)


def _rows(*rows, **shared):
    """A table of events by event, rater and the three ratings."""
    frame = pd.DataFrame(rows, columns=["event_id", "rater", "novelty", "disruption", "criticality"])
    return frame.assign(**{"date_start": "2014", "passive": 1, **shared})


# --- the table ---


def test_the_events_are_read_as_they_are(base):
    found = _read(base)
    table = found.events
    assert list(table.columns) == list(COLUMNS)
    assert table[["event_id", "rater"]].to_numpy().tolist() == [["E1", "A"], ["E1", "B"], ["E2", "A"], ["E2", "B"]]
    assert table["date_start"].tolist() == ["2014-03-01"] * 2 + ["2016-07-01"] * 2
    assert table["date_end"].tolist()[:2] == ["2015-12-31"] * 2
    assert table["date_end"].isna().tolist() == [False, False, True, True]
    assert table["passive"].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert table["novelty"].tolist() == [5.0, 4.0, 1.0, 2.0]
    assert table["scope_region"].tolist()[0] == "330000;440300"
    assert table["scope_industry"].tolist()[0] == "C26;C39"
    assert table["scope_industry"].isna().tolist() == [False, False, True, True]
    assert table["title"].tolist()[2] == "补贴"
    assert table["issuer"].isna().all()


def test_the_report_counts_and_the_sources_are_listed(base):
    found = _read(base)
    part = found.report["events"]
    expected = {
        "events": 2,
        "passive": 1,
        "active": 1,
        "raters": 2,
        "open_ended": 1,
        "rows_read": 4,
        "rows_filtered": 0,
    }
    assert {name: part[name] for name in expected} == expected
    assert (part["first_start"], part["last_start"]) == ("2014-03-01", "2016-07-01")
    assert [source["source"] for source in found.report["sources"]] == ["panel.csv", "events.csv"]
    json.dumps(found.report, allow_nan=False)


def test_a_study_without_events_has_an_empty_table_of_the_same_columns(base):
    _, report = base.build("panel.csv", PLACES)
    assert report["events"] == {}
    assert list(no_events().columns) == list(COLUMNS)
    assert len(no_events()) == 0
    pd.testing.assert_frame_equal(no_events().dtypes.to_frame(), _read(base).events.dtypes.to_frame())


def test_files_with_other_names_encodings_and_filters(base):
    text = "编号,开始,被动,新,破,关,删\nE1,2014,1,5,4,3,0\nE2,2014,1,9,9,9,1\n"
    base.write("events.csv", text.encode("gb18030"))
    columns = {"event_id": "编号", "date_start": "开始", "passive": "被动", "novelty": "新", "disruption": "破",
               "criticality": "关 - 1"}  # fmt: skip
    found = base.events("events.csv", "panel.csv", PLACES, columns=columns, filter="删 == 0")
    assert found.events["event_id"].tolist() == ["E1"]
    assert found.events["criticality"].tolist() == [2.0]
    assert found.events["rater"].tolist() == ["1"]
    assert found.report["sources"][1]["encoding"] == "gb18030"
    assert found.report["events"]["rows_filtered"] == 1


def test_codes_of_events_keep_their_zeros(base):
    found = _read(base, HEAD + "001,x,2014,,1,1,1,1,030000,01,007\n")
    row = found.events.iloc[0]
    assert (row["event_id"], row["rater"], row["scope_region"], row["scope_industry"]) == ("001", "007", "030000", "01")


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("2016", "2016-01-01", "2016-12-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("201502", "2015-02-01", "2015-02-28"),
        ("2016-2-3", "2016-02-03", "2016-02-03"),
        ("20160203", "2016-02-03", "2016-02-03"),
        ("2016/02/03", "2016-02-03", "2016-02-03"),
        ("2016年2月3日", "2016-02-03", "2016-02-03"),
        ("2016年2月", "2016-02-01", "2016-02-29"),
        ("2016-02-03 00:00:00", "2016-02-03", "2016-02-03"),
        (2016, "2016-01-01", "2016-12-31"),
        (2016.0, "2016-01-01", "2016-12-31"),
        (pd.Timestamp("2016-02-03"), "2016-02-03", "2016-02-03"),
    ],
)
def test_dates_of_many_forms_a_month_or_year_from_its_first_day_to_its_last(written, start, end):
    table = event_table(_rows(("E1", "A", 1, 1, 1), date_start=written, date_end=written))
    assert (table["date_start"][0], table["date_end"][0]) == (start, end)


@pytest.mark.parametrize("written", [True, "TRUE", "1", 1, 1.0, "1.0"])
def test_passive_may_be_a_flag_of_many_forms(written):
    assert event_table(_rows(("E1", "A", 1, 1, 1), passive=written))["passive"].tolist() == [1.0]


def test_a_table_that_is_typed_comes_back_as_it_is(base):
    table = _read(base).events
    pd.testing.assert_frame_equal(event_table(table), table)


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(order):
    raw = _rows(("E1", "A", 1, 2, 3), ("E1", "B", 2, 2, 3), ("E2", "A", 5, 5, 4), ("E2", "B", 5, 3, 4))
    pd.testing.assert_frame_equal(event_table(raw.iloc[list(order)]), event_table(raw))


# --- what is refused ---


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2015-12-31,1,5", "2014-02-28,1,5", ["data.events.date_end: 1 events end before they start",
                                              "events.csv line 2: '2014-02-28'"]),
        ("1,5,4,3", "1,6,4,3", ["data.events.novelty: 1 ratings are not between 1 and 5", "events.csv line 2: '6'"]),
        ("1,5,4,3", "1,5,0,3", ["data.events.disruption: 1 ratings", "line 2: '0'"]),
        ("1,5,4,3", "1,5,4,strong", ["data.events.criticality: 1 values are text", "'strong'"]),
        ("31,1,5,4", "31,2,5,4", ["data.events.passive: 1 values of passive are unknown; expected 1 (passive) or 0",
                                  "events.csv line 2: '2'"]),
        ("31,1,5,4", "31,yes,5,4", ["values of passive are unknown", "'yes'"]),
        ("31,1,5,4", "31,,5,4", ["values of passive are unknown", "line 2"]),
        ("E1,限产令,2014-03-01,2015-12-31,1,5", ",限产令,2014-03-01,2015-12-31,1,5",
         ["data.events.event_id: 1 rows have no event_id", "events.csv line 2"]),
        ("C26,A\n", "C26,\n", ["data.events.rater: 1 rows have no rater"]),
        ("2014-03-01,2015-12-31,1,5", ",2015-12-31,1,5", ["data.events.date_start: 1 events have no start"]),
        ("2014-03-01,2015-12-31,1,5", "03/01/2014,2015-12-31,1,5",
         ["data.events.date_start: 1 values are not dates", "'03/01/2014'", "2015-03-01"]),
        ("2014-03-01,2015-12-31,1,5", "2014-02-30,2015-12-31,1,5", ["1 values are not dates", "'2014-02-30'"]),
        ("C26,B\n", "C26,A\n", ["data.events.event_id: 2 rows share event and rater", "line 2", "line 3"]),
        ("2015-12-31,1,4", "2015-11-30,1,4", ["1 events are not the same", "event E1: date_end"]),
        ("31,1,4,4", "31,0,4,4", ["event E1: passive"]),
        ("C39|C26,B", "C39,B", ["event E1: scope_industry"]),
        ("novelty", "newness", ["data.events: the events have no column novelty", "map them under columns"]),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(base, old, new, said):
    assert TWO.count(old) >= 1
    message = _refused(base, TWO.replace(old, new, 1))
    for part in said:
        assert part in message


def test_all_mistakes_are_told_at_once(base):
    message = _refused(base, HEAD + "E1,x,2014,2013,7,6,1,1,,,A\n,y,2014,,1,1,1,1,,,A\n")
    for part in ("end before they start", "passive are unknown", "ratings are not", "no event_id"):
        assert part in message


def test_an_event_that_nobody_rated_in_full_is_refused(base):
    text = HEAD + "E1,x,2014,,1,5,,3,,,A\nE1,x,2014,,1,,4,3,,,B\nE2,x,2014,,1,1,1,1,,,A\n"
    message = _refused(base, text)
    assert "1 events have no rater who rated all of novelty, disruption, criticality" in message
    assert "event E1" in message


def test_a_rating_that_is_missing_is_no_mistake(base):
    found = _read(base, HEAD + "E1,x,2014,,1,5,,3,,,A\nE1,x,2014,,1,5,4,3,,,B\n")
    assert found.events["disruption"].isna().tolist() == [True, False]


def test_events_that_end_on_the_day_they_start_are_sound(base):
    assert len(_read(base, HEAD + "E1,x,2014-03-01,2014-03-01,1,1,1,1,,,A\n").events) == 1


def test_a_filter_that_leaves_no_event_and_a_mapped_column_that_is_not_there(base):
    assert "data.events.filter: no row is left" in _refused(base, TWO, filter="novelty > 5")
    assert "data.events.columns.title" in _refused(base, TWO, columns={"title": "nmae"})


def test_a_table_that_is_no_file_is_told_by_its_rows():
    with pytest.raises(InputError) as caught:
        event_table(_rows(("E1", "A", 1, 1, 1), ("E2", "A", 1, 9, 1)))
    assert "events.disruption: 1 ratings are not between 1 and 5" in str(caught.value)
    assert "events line 2: 9" in str(caught.value)


# --- agreement ---


def test_agreement_by_hand():
    # Units (1,1), (2,2), (1,2): of the six values three are 1 and three are 2. Observed disagreement: one of three
    # pairs, o_12 = 1. With two values any distance cancels: alpha = 1 - (n - 1) o_12 / (n_1 n_2) = 1 - 5/9.
    table = event_table(_rows(*((f"E{k}", rater, score, 3, 5 - score) for k, pair in enumerate([(1, 1), (2, 2), (1, 2)])
                                for rater, score in zip("AB", pair, strict=True))))  # fmt: skip
    found = agreement(table)
    assert found["novelty"] == pytest.approx(4 / 9)
    assert found["criticality"] == pytest.approx(4 / 9)
    # One value throughout: nothing to tell apart.
    assert found["disruption"] is None


def test_agreement_is_ordinal_as_published():
    # Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section D: ordinal alpha .815 (interval .849,
    # nominal .743), four observers and twelve units; the last unit has but one value and is left out.
    ratings = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    rows = [
        (f"E{unit:02d}", f"R{rater}", value, value, value)
        for rater, values in enumerate(ratings)
        for unit, value in enumerate(values)
        if value is not None
    ]
    assert agreement(event_table(_rows(*rows)))["novelty"] == pytest.approx(0.815, abs=5e-4)


def test_one_rater_is_noted_and_no_agreement_is_made_up(base):
    part = _read(base, HEAD + "E1,x,2014,,1,5,4,3,,,A\nE2,x,2014,,1,1,2,3,,,A\n").report["events"]
    assert part["agreement"] == {"novelty": None, "disruption": None, "criticality": None}
    assert part["notes"] == [
        "the events have one rater only: how far their strength is a matter of opinion cannot be known"
    ]


def test_different_raters_of_different_events_are_one_rater_only(base):
    part = _read(base, HEAD + "E1,x,2014,,1,5,4,3,,,A\nE2,x,2014,,1,1,2,3,,,B\n").report["events"]
    assert part["raters"] == 2
    assert part["notes"][0].startswith("the events have one rater only")


def test_disagreement_is_noted_by_scale(base):
    # Novelty: (5,1), (1,5), (3,3), the raters reverse each other. The other scales agree in full.
    rows = [("E1", 5, 1), ("E2", 1, 5), ("E3", 3, 3)]
    text = "".join(
        f"{event},x,2014,,1,{score},{k},{k},,,{rater}\n"
        for k, (event, *scores) in enumerate(rows, start=1)
        for rater, score in zip("AB", scores, strict=True)
    )
    part = _read(base, HEAD + text + "E4,x,2014,,1,1,1,1,,,A\n").report["events"]
    assert part["agreement"]["novelty"] < 0
    assert part["agreement"]["disruption"] == pytest.approx(1.0)
    said = f"raters disagree on novelty: Krippendorff's alpha is {part['agreement']['novelty']:.3f}, below 0.667"
    assert part["notes"] == ["1 of 4 events have one rater only", said]


def test_ratings_without_any_difference_are_noted(base):
    part = _read(base, HEAD + "".join(f"E1,x,2014,,1,3,{k},{k},,,{r}\nE2,x,2014,,1,3,5,5,,,{r}\n"
                                      for k, r in ((1, "A"), (1, "B")))).report["events"]  # fmt: skip
    assert part["agreement"]["novelty"] is None
    assert part["notes"] == ["all ratings of novelty are the same: Krippendorff's alpha is not defined"]


# --- scopes ---


def test_a_scope_is_a_set_of_codes():
    assert scope_of("C39; C26|C39；33 ") == ("33", "C26", "C39")
    assert scope_of("") == scope_of(None) == scope_of(np.nan) == scope_of(" ; ") == ()


@pytest.mark.parametrize(
    ("code", "entry", "inside"),
    [
        ("C3911", "C3911", True), ("C3911", "C391", True), ("C3911", "C39", True), ("C3911", "C", True),
        ("C3911", "39", True), ("3911", "C39", True), ("3911", "39", True), ("3911", "3911", True),
        ("C39", "C3911", False), ("C3911", "C3", False), ("C3911", "D39", False), ("C3911", "C38", False),
        ("3911", "C", False), ("C131", "C13", True), ("C13", "C1", False), ("C139", "39", False),
        ("330106", "330106", True), ("330106", "330100", True), ("330106", "330000", True), ("330106", "33", True),
        ("330106", "3301", True), ("330100", "330106", False), ("330106", "340000", False), ("330106", "3", False),
        ("330106", "330102", False), ("杭州", "杭州", True), ("杭州市", "杭州", False), ("i10", "i1", False),
        ("i1", "i1", True),
    ],
)  # fmt: skip
def test_a_code_lies_in_the_codes_that_it_begins_with(code, entry, inside):
    assert in_scope(code, (entry,)) is inside
    assert in_scope(code, ("X", entry)) is inside
    assert unmatched([(entry,)], [code]) == ([] if inside else [entry])


def test_no_entry_is_no_scope_to_lie_in():
    assert not in_scope("C39", ())


def test_targets_where_no_firm_is_are_noted(base):
    text = HEAD + 'E1,x,2014,,1,5,4,3,330000;510000,"C39,C26",A\nE1,x,2014,,1,5,4,3,330000;510000,"C39,C26",B\n'
    part = _read(base, text).report["events"]
    assert part["unmatched_regions"] == ["510000"]
    # Separated by a comma they are one code, which no firm has.
    assert part["unmatched_industries"] == ["C39,C26"]
    assert "no firm of the panel lies in scope_region 510000" in part["notes"]
    assert "no firm of the panel lies in scope_industry C39,C26" in part["notes"]
