"""Units: a measure that goes by absolute size is refused where a file's unit is not declared."""

import copy

import numpy as np
import pandas as pd
import pytest

from involution.errors import InputError
from involution.measures import measure
from involution.measures.size import SIZE_ENTRIES, size_standard
from involution.panel.columns import canonical_columns
from involution.simulate import Settings, simulate
from involution.study import parse_study
from involution.study.absolute import ABSOLUTE, CURRENCIES, SIZED, assumed_units

COLUMNS = {"firm": "f", "year": "y", "industry": "i", "revenue": "r", "rd_spend": "rd", "patents": "p"}
JOIN = {"level": "firm", "source": "b.csv", "keys": {"firm": "f"}, "columns": {"total_assets": "a"}}
SMALL = {
    "name": "mine",
    "data": {"panel": {"source": "a.csv", "columns": COLUMNS}, "join": [JOIN]},
    "models": [{"name": "first", "formula": "patents ~ revenue"}],
}


def problems(units=None, joined=None, source="a.csv", columns=None, **sections):
    """What is wrong with a study, by key."""
    plain = copy.deepcopy(SMALL) | sections
    plain["data"]["panel"] |= {"source": source, "units": units or {}, "columns": {**COLUMNS, **(columns or {})}}
    plain["data"]["join"][0] |= {"source": "b.csv" if source == "a.csv" else source, "units": joined or {}}
    try:
        parse_study(plain, "study.yaml")
    except InputError as error:
        return {problem.where.removeprefix("study.yaml: "): problem for problem in error.problems}
    return {}


SMALL_FIRMS = {"sample": {"firm_size": ["micro"]}}


def test_amounts_of_size_classes_need_their_units():
    found = problems(**SMALL_FIRMS)
    assert set(found) == {"data.panel.units", "data.join[0].units"}
    revenue, assets = found["data.panel.units"], found["data.join[0].units"]
    assert revenue.what == (
        "firm_size, which sample.firm_size uses, goes by absolute size, and no unit is declared for revenue"
    )
    assert revenue.mend == "units: {revenue: 1} if the file is in yuan, 1000 in place of 1 if in thousands (as ASIF is)"
    assert assets.what.endswith("no unit is declared for total_assets")


def test_a_declared_unit_is_enough_even_if_it_is_one():
    assert problems({"revenue": 1}, {"total_assets": 1000}, **SMALL_FIRMS) == {}


def test_one_declared_amount_of_a_size_class_is_enough_and_the_other_is_told():
    assert problems({"revenue": 1000}, **SMALL_FIRMS) == {}
    plain = copy.deepcopy(SMALL) | SMALL_FIRMS
    plain["data"]["panel"]["units"] = {"revenue": 1000}
    told = assumed_units(parse_study(plain))
    assert told == ["no unit is declared for total_assets; firm_size takes it to be in yuan"]
    plain["models"] = [{"name": "s", "formula": "patents ~ sa_index"}]
    with pytest.raises(InputError, match="sa_index, which models"):
        parse_study(plain)


def test_simulated_tables_are_in_currency_units():
    assert problems(source="simulate:accounts", **SMALL_FIRMS) == {}


def test_classes_by_employment_need_no_unit_and_european_ones_name_the_euro():
    assert problems(size_standard="us_susb", **SMALL_FIRMS) == {}
    assert "in euro" in problems(size_standard="eu_2003", **SMALL_FIRMS)["data.panel.units"].mend


def test_a_size_class_that_is_given_needs_no_unit():
    assert problems(columns={"firm_size": "s"}, **SMALL_FIRMS) == {}


@pytest.mark.parametrize(
    ("sections", "user"),
    [
        ({"models": [{"name": "e", "formula": "efficiency ~ revenue"}]}, "models[0]"),
        ({"models": [{"name": "e", "formula": "patents ~ revenue", "where": "efficiency > 1"}]}, "models[0]"),
        ({"variables": {"e": "lag(efficiency)"}}, "variables.e"),
        ({"design": {"outcomes": ["efficiency"], "treatment": "hhi"}}, "design"),
        ({"mediation": [{"name": "m", "outcome": "patents", "treatment": "hhi", "mediators": ["efficiency"]}]},
         "mediation[0]"),
        ({"tables": [{"name": "t", "kind": "descriptives", "columns": ["efficiency"]}]}, "tables[0].columns"),
        ({"figures": [{"name": "f", "kind": "time", "column": "efficiency"}]}, "figures[0]"),
        ({"models": [{"name": "e", "formula": "efficiency_f1 ~ revenue"}]}, "models[0]"),
        ({"index": {"families": {"a": ["x"]}, "components": {"x": {"column": "efficiency"}}}}, "index.components"),
    ],
)  # fmt: skip
def test_every_section_that_uses_such_a_measure_is_seen(sections, user):
    found = problems(**sections)
    assert set(found) == {"data.panel.units"}
    assert found["data.panel.units"].what.startswith(f"efficiency, which {user} uses,")
    assert problems({"rd_spend": 1}, **sections) == {}


def test_measures_that_are_not_used_ask_for_nothing():
    assert problems() == {}
    assert problems(tables=[{"name": "efficiency", "title": "Efficiency and firm_size"}]) == {}


def test_the_list_is_that_of_the_measures_that_change_with_the_unit_of_money():
    panel = simulate(Settings(firms=200), seed=3).panel
    kinds = canonical_columns()["kind"]
    money = [name for name in panel.columns if name in kinds.index and kinds[name] == "money"]
    assert {need for needs in ABSOLUTE.values() for need in needs} <= set(money)
    with np.errstate(all="ignore"):
        once = measure(panel)
        again = measure(panel.assign(**{name: panel[name] / 1000 for name in money}))
    made = [name for name in once.columns if name not in panel.columns]
    changed = {
        name
        for name in made
        if pd.api.types.is_numeric_dtype(once[name])
        and not np.allclose(once[name], again[name], rtol=1e-6, atol=1e-9, equal_nan=True)
    }
    assert changed == set(ABSOLUTE)
    assert not once["firm_size"].equals(again["firm_size"])


def test_the_thresholds_in_money_are_those_of_the_table():
    for standard in SIZE_ENTRIES:
        bounds = size_standard(standard).bounds
        in_money = any((bounds[amount] == bounds[amount]).any() for amount in SIZED)
        assert in_money == (standard in CURRENCIES)
