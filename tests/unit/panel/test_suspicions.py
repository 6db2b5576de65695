"""Each suspicion: silent on panels that are clean, told where a defect is planted, whatever the unit of money."""

import json
import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from involution.panel.columns import kind
from involution.panel.contract import negatives
from involution.panel.suspicions import SUSPICIONS, suspicions, told
from involution.panel.suspicions.texts import suspicion_texts
from involution.panel.vintages import code_breaks
from involution.simulate import Settings, simulate

FIRST = 2004


def simulated(seed: int, first_year: int = FIRST) -> pd.DataFrame:
    whole = simulate(Settings(firms=600, first_year=first_year), seed).accounts
    return whole.drop(columns=[name for name in whole.columns if name.startswith("latent")])


@pytest.fixture(scope="module")
def clean():
    return simulated(1)


def found(panel, report=None):
    """What is found, by name, on a panel and what its building reports."""
    facts = {"negative": negatives(panel), "industries": {"breaks": code_breaks(panel, "industry")}, **(report or {})}
    return {finding.name: finding for finding in suspicions(panel, facts)}


def only(panel, report=None):
    """The one finding of a panel with one defect."""
    (finding,) = suspicions(panel, {"negative": negatives(panel), **(report or {})})
    return finding


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.sampled_from([1998, 2001, 2004, 2008, 2011]))
def test_nothing_is_suspicious_in_a_simulated_panel(seed, first_year):
    assert found(simulated(seed, first_year)) == {}


def planted(panel: pd.DataFrame) -> pd.DataFrame:
    """A panel with defects of many kinds at once."""
    made = panel.copy()
    made.loc[made["year"] == 2008, "total_assets"] *= 1000
    rows = made.index[made["year"] == 2010]
    made.loc[rows[0], "revenue"] *= 10_000
    made.loc[rows[1], "revenue"] *= 300
    made.loc[rows[2], "cogs"] = 3 * made.loc[rows[2], "revenue"]
    made.loc[rows[3], "inventory"] = -1.0
    made.loc[rows[4], "employees"] = 0
    made.loc[rows[5], "rd_staff"] = made.loc[rows[5], "employees"] + 1
    made["wages_twice"] = made["wages"]
    made["one"] = 1.0
    return made


@settings(max_examples=8, deadline=None)
@given(st.floats(-3, 3))
def test_findings_do_not_depend_on_the_unit_of_money(clean, power):
    def counted(panel):
        # The level of revenue per head is the one suspicion that is about the unit.
        return {(name, f.columns): f.count for name, f in found(panel).items() if name != "revenue_per_head"}

    scaled = planted(clean)
    money = [name for name in scaled.columns if kind(name) == "money"]
    scaled[[*money, "wages_twice"]] *= 10.0**power
    expected = counted(planted(clean))
    assert len(expected) >= 9
    assert counted(scaled) == expected


@pytest.mark.parametrize(("years", "factor"), [([2008], 1e3), ([2009, 2010], 1e-3), ([2015], 1e4), ([2004], 1e-4)])
def test_years_in_another_unit_are_told_as_years(clean, years, factor):
    money = [name for name in clean.columns if kind(name) == "money"]
    panel = clean.copy()
    panel.loc[panel["year"].isin(years), money] *= factor
    told_of = found(panel)
    finding = told_of["unit_of_year"]
    assert finding.severity == "mistake"
    assert set(finding.columns) <= set(money)
    assert {"revenue", "cogs", "total_assets", "wages", "fixed_assets"} <= set(finding.columns)
    assert finding.values == {"years": ", ".join(map(str, years)), "factor": f"{factor:,g}"}
    assert finding.count == panel["year"].isin(years).sum()
    # Firms of these years are not told one by one.
    assert not {"unit_of_firm", "growth_of_hundred"} & set(told_of)


def test_a_unit_that_changes_for_good_is_that_of_the_fewer_years(clean):
    panel = clean.copy()
    panel.loc[panel["year"] < 2007, "revenue"] *= 1000
    assert found(panel)["unit_of_year"].values["years"] == "2004, 2005, 2006"


def test_a_year_in_another_unit_is_found_where_no_firm_is_seen_twice(clean):
    panel = clean.copy()
    panel.loc[panel["year"] == 2009, "revenue"] *= 1000
    panel["firm"] = [f"{number:07d}" for number in range(len(panel))]
    assert found(panel)["unit_of_year"].values == {"years": "2009", "factor": "1,000"}


def test_shares_in_per_cent_in_some_years_are_told(clean):
    panel = clean.assign(openness=0.2 + 0.1 * (clean["firm"].astype(int) % 5))
    panel.loc[panel["year"] >= 2014, "openness"] *= 100
    assert only(panel).values == {"years": "2014, 2015", "factor": "100"}


@pytest.mark.parametrize("factor", [1000, 10_000, 1e-3])
def test_a_firm_in_another_unit_is_told_with_the_value_before(clean, factor):
    panel = clean.copy()
    row = panel.index[(panel["firm"] == panel["firm"].iloc[0]) & (panel["year"] == 2008)][0]
    before = panel.loc[row - 1, "total_assets"]
    panel.loc[row, "total_assets"] *= factor
    finding = found(panel)["unit_of_firm"]
    assert (finding.columns, finding.count) == (("total_assets",), 2)
    assert finding.rows[0] == {
        "firm": panel.loc[row, "firm"], "year": 2008, "total_assets": panel.loc[row, "total_assets"],
        "total_assets_l1": before,
    }  # fmt: skip


def test_growth_by_hundreds_is_told(clean):
    panel = clean.copy()
    panel.loc[5, "employees"] *= 250
    assert found(panel)["growth_of_hundred"].columns == ("employees",)


def test_cost_beyond_twice_the_revenue_is_told(clean):
    panel = clean.copy()
    panel.loc[[3, 8], "cogs"] = 2.5 * panel.loc[[3, 8], "revenue"]
    finding = only(panel)
    assert (finding.name, finding.count) == ("loss_beyond_sales", 2)
    assert finding.rows[0]["firm"] == panel.loc[3, "firm"]


def test_negative_and_zero_are_told(clean):
    panel = clean.copy()
    panel.loc[4, "inventory"], panel.loc[7, "employees"] = -5.0, 0
    panel.loc[7, "rd_staff"] = 0
    told_of = found(panel)
    assert told_of["negative"].columns == ("inventory",)
    assert told_of["negative"].rows[0]["inventory"] == -5.0
    assert (told_of["zero"].columns, told_of["zero"].count) == (("employees",), 1)


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("fixed_assets", "total_assets"),
        ("inventory", "current_assets"),
        ("short_term_debt", "current_liabilities"),
        ("rd_staff", "employees"),
        ("patents_invention", "patents"),
        ("birth_year", "year"),
    ],
)
def test_a_part_above_its_whole_is_told(clean, part, whole):
    panel = clean.copy()
    panel.loc[9, part] = panel.loc[9, whole] + 10 ** (len(str(int(panel.loc[9, whole]))) - 1)
    finding = found(panel)["part_above_whole"]
    assert finding.columns == (part, whole)
    assert finding.count == 1


def test_rounding_does_not_make_a_part_exceed_its_whole(clean):
    panel = clean.assign(current_assets=clean["total_assets"] * 1.0005)
    assert "part_above_whole" not in found(panel)


def test_employees_that_no_firm_has_and_halves_of_employees_are_told(clean):
    beyond = clean.copy()
    beyond["employees"] = beyond["employees"].astype(float)
    beyond.loc[0, "employees"] = 3e6
    assert found(beyond)["employees_beyond"].count == 1
    assert found(clean.assign(employees=clean["employees"] / 1000))["employees_fractions"].values["percent"] > 90


@pytest.mark.parametrize("factor", [1e-3, 1e-4, 1e3])
def test_revenue_in_another_unit_than_base_is_told(clean, factor):
    panel = clean.copy()
    money = [name for name in panel.columns if kind(name) == "money"]
    panel[money] *= factor
    assert set(found(panel)) == {"revenue_per_head"}


@pytest.mark.parametrize(("name", "factor"), [("rd_spend", 1e4), ("total_assets", 1e-3), ("fixed_assets", 1e3)])
def test_a_column_in_another_unit_than_revenue_is_told(clean, name, factor):
    panel = clean.copy()
    panel[name] *= factor
    assert found(panel)["unit_of_column"].columns == (name, "revenue")


def test_shares_beyond_one_are_told_of_columns_that_are_called_shares(clean):
    values = np.linspace(0.01, 0.99, len(clean))
    values[:5] = 7.5
    assert only(clean.assign(export_share=values)).count == 5
    assert only(clean.assign(出口占比=values)).count == 5
    assert found(clean.assign(exports=values)) == {}


def test_a_copied_year_is_told(clean):
    panel = clean.copy()
    row = panel.index[(panel["firm"] == panel["firm"].iloc[0]) & (panel["year"] == 2008)][0]
    amounts = [name for name in panel.columns if kind(name) == "money"]
    panel.loc[row, amounts] = panel.loc[row - 1, amounts]
    assert only(panel).count == 1


def test_missing_research_made_zero_from_a_year_on_is_told(clean):
    panel = clean.copy()
    hidden = np.random.default_rng(1).uniform(size=len(panel)) < 0.5
    panel.loc[hidden, ["rd_spend", "rd_expensed"]] = np.nan
    late = hidden & (panel["year"] >= 2010)
    panel.loc[late, ["rd_spend", "rd_expensed"]] = 0.0
    findings = [f for f in suspicions(panel, {}) if f.name == "zero_from_a_year"]
    assert [f.columns for f in findings] == [("rd_spend",), ("rd_expensed",)]
    assert findings[0].values == {"years": "2010"}
    few = clean["firm"].astype(int) % 3 > 0
    assert only(clean.assign(rd_staff=clean["rd_staff"].where(~few, 0))).name == "zero_for_missing"


def test_columns_that_carry_nothing_or_the_same_are_told(clean):
    panel = clean.assign(one=1.0, none=np.nan, again=clean["cash"], 城市="杭州")
    told_of = found(panel)
    assert told_of["constant_column"].columns == ("one", "城市")
    assert told_of["empty_column"].columns == ("none",)
    assert told_of["identical_columns"].columns == ("cash", "again")


def test_gaps_and_firms_seen_once_are_told(clean):
    assert found(clean[clean["year"] != 2008])["year_gap"].values == {"years": "2008"}
    odd = clean["firm"].astype(int) % 2 == 1
    assert found(clean[~(odd & (clean["year"] == 2009))])["firms_with_gaps"].severity == "note"
    once = clean.assign(firm=[f"{number:07d}" for number in range(len(clean))])
    assert found(once)["seen_once"].count == len(clean)


def test_an_industry_with_most_rows_is_told(clean):
    panel = clean.assign(industry=clean["industry"].where(clean["firm"].astype(int) % 4 == 1, "C351"))
    assert only(panel).values["industry"] == "C351"


@pytest.mark.parametrize(
    ("year", "name", "revision"),
    [
        (2013, "industry_revision", "GB/T 4754-2011"),
        (2009, "industry_break", ""),
    ],
)
def test_industries_that_are_renumbered_in_a_year_are_told(clean, year, name, revision):
    panel = clean.copy()
    late = panel["year"] >= year
    panel.loc[late, "industry"] = panel.loc[late, "industry"].str.replace("C1", "C8").str.replace("C2", "C9")
    finding = found(panel)[name]
    assert finding.values["year"] == year
    assert finding.values["revision"] == revision
    assert finding.values["changed"] > 25


def test_regions_that_are_renumbered_in_a_year_are_told(clean):
    panel = clean.copy()
    late = panel["year"] >= 2010
    panel.loc[late, "region"] = panel.loc[late, "region"].str[:4] + "99"
    assert found(panel)["region_break"].values["year"] == 2010


def test_region_names_and_old_codes_are_told(clean):
    mixed = clean.copy()
    mixed.loc[mixed.index[:20], "region"] = "杭州"
    assert found(mixed)["region_mixed"].count == 20
    names = clean.assign(region="市" + clean["region"], province=pd.Series(np.nan, clean.index, dtype="str"))
    assert found(names)["region_names"].count == len(clean)
    old = clean.assign(region=clean["region"].where(clean["firm"] != clean["firm"].iloc[0], "522400"))
    assert found(old)["region_old_code"].count == int(((old["region"] == "522400") & (old["year"] >= 2011)).sum())
    assert only(clean, {"regions": {"split": {"341400": 11}}}).values == {"code": "341400"}


def test_listed_firms_are_recognised_with_and_without_leading_zeros(clean):
    boards = ["000", "001", "002", "300", "600", "601", "603", "605", "688", "830"]
    listed = clean["firm"].astype(int).map(lambda n: f"{boards[n % 10]}{n // 10:03d}").astype("str")
    assert only(clean.assign(firm=listed)).name == "listed_only"
    assert "listed_only" in found(clean.assign(firm=listed.str.lstrip("0")))
    # Firms that are numbered from 000001 have such codes too, but none of Shanghai.
    assert found(clean) == {}


def test_the_survey_thresholds_are_told_where_small_firms_leave():
    rng = np.random.default_rng(3)
    years = [2005, 2006, 2007, 2010, 2011]
    rows = []
    for year in years:
        revenue = 5e6 * np.exp(rng.exponential(1.2, 4000))
        if year < 2007:
            revenue = np.concatenate([revenue, rng.uniform(2e5, 3e6, 200)])
        revenue = revenue[revenue >= 2e7] if year == 2011 else revenue
        rows.append(pd.DataFrame({"firm": [f"{k:06d}" for k in range(len(revenue))], "year": year, "revenue": revenue}))
    panel = pd.concat(rows).sort_values(["firm", "year"], ignore_index=True)
    told_of = found(panel.assign(industry="C13"))
    assert told_of["survey_threshold_2007"].values["firms"] == 4000
    assert told_of["survey_threshold_2011"].values["percent"] > 50
    same = panel[(panel["revenue"] >= 2e7)].reset_index(drop=True)
    assert not {"survey_threshold_2007", "survey_threshold_2011"} & set(found(same.assign(industry="C13")))


def test_digital_finance_in_another_scale_or_before_it_began_is_told(clean):
    index = 50 + 30.0 * (clean["year"] - FIRST) + clean["region"].astype(int) % 17
    since = clean.assign(digital_finance=index.where(clean["year"] >= 2011))
    assert found(since) == {}
    assert only(since.assign(digital_finance=since["digital_finance"] / 100)).name == "finance_scale"
    assert found(clean.assign(digital_finance=index))["finance_years"].count == int((clean["year"] < 2011).sum())
    carried = since["digital_finance"].where(since["year"] != 2015, index - 30)
    assert found(since.assign(digital_finance=carried))["finance_carried"].values["year"] == 2015


def test_what_a_join_does_not_have_is_told(clean):
    def joined(**lacking):
        return {"joins": [{"sources": ["index.xlsx"], "filled": [], "lacking": {"panel": lacking, "file": {}}}]}

    places = {"rows": 900, "values": 3, "examples": ["杭州", "宁波", "温州"]}
    finding = only(clean, joined(region=places))
    assert finding.rows[0] == {"region": "杭州"}
    assert only(clean, joined(year=places)).name == "join_lacks_years"
    assert found(clean, joined(region={**places, "rows": 3})) == {}
    filled = joined(region=places)
    filled["joins"][0]["filled"] = ["digital_finance"]
    assert found(clean, filled) == {}


def test_cohorts_that_match_nothing_or_lie_outside_the_panel_are_told(clean):
    number = clean["firm"].astype(int)
    cohort = pd.Series(np.select([number % 5 == 0, number % 5 == 1, number % 5 == 2], [2004.0, 2020.0, 2010.0], np.nan))
    lacking = {"panel": {}, "file": {"region": {"rows": 2, "values": 2, "examples": ["杭洲", "宁坡"]}}}
    join = {"sources": ["pilots.csv"], "cohort": "pilot", "lacking": lacking}
    told_of = found(clean.assign(pilot=cohort.to_numpy()), {"joins": [join]})
    assert told_of["cohort_unmatched"].rows[0] == {"region": "杭洲"}
    assert told_of["cohort_early"].values["years"] == "2004"
    assert told_of["cohort_late"].values["years"] == "2020"
    assert told_of["cohort_late"].count == clean.loc[number % 5 == 1, "firm"].nunique()


def test_statements_are_told_from_what_the_files_say(clean):
    both = {"types": {"column": "Typrep", "consolidated": 90, "parent": 10}}
    ends = {"ends": {"column": "Accper", "months": {"6": 4, "12": 90}, "opening": 3}}
    told_of = found(clean, {"statements": both, "joins": [{"sources": ["b.csv"], "statements": ends}]})
    assert told_of["both_statements"].severity == "mistake"
    assert told_of["other_months"].count == 4
    assert told_of["opening_balances"].values == {"source": "b.csv", "column": "Accper"}
    alone = {"types": {"column": "Typrep", "consolidated": 0, "parent": 10}}
    assert only(clean, {"statements": alone}).name == "parent_statements"


def test_events_of_one_rater_and_beyond_the_panel_are_told(clean):
    events = {
        "events": 8, "rated_once": 3, "agreement": {"novelty": 0.4, "disruption": None, "criticality": 0.9},
        "unmatched_regions": ["999900"], "unmatched_industries": [],
    }  # fmt: skip
    told_of = found(clean, {"events": events})
    assert set(told_of) == {"event_rated_once", "event_disagreement", "event_one_rating", "event_beyond"}
    assert told_of["event_disagreement"].columns == ("novelty",)


def test_findings_are_told_in_both_languages_and_written_as_json(clean):
    records = [finding.record() for finding in suspicions(planted(clean), {})]
    assert json.loads(json.dumps(records)) == records
    for record in records:
        for language in ("en", "zh"):
            said = told(record, language)
            assert all((said.what, said.why, said.mend))
            assert "{" not in said.what
    severities = [record["severity"] for record in records]
    assert severities == sorted(severities, key=("mistake", "doubt", "note").index)


def test_every_text_has_both_languages_with_the_same_values():
    def fields(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    table = suspicion_texts()
    assert table.index.is_unique
    for name, row in table.iterrows():
        for part in ("what", "why", "mend"):
            english, chinese = row[f"{part}_en"], row[f"{part}_zh"]
            assert english, name
            assert fields(english) == fields(chinese), name
            assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), name


def test_a_small_panel_of_keys_alone_is_no_trouble():
    panel = pd.DataFrame({"firm": ["a", "b"], "year": [2010, 2010]})
    assert [list(suspicion(_evidence(panel))) for suspicion in SUSPICIONS] == [[]] * len(SUSPICIONS)


def _evidence(panel):
    from involution.panel.suspicions import Evidence

    return Evidence(panel, {})
