"""The sections heterogeneity and quantile_regression: what goes together, and what may be named elsewhere."""

import re
from pathlib import Path

import pytest
import yaml

from involution.errors import InputError
from involution.study import parse_study

STUDY = {
    "name": "s",
    "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}},
    "design": {"outcomes": ["rd_intensity"], "controls": ["ln_age"]},
    "heterogeneity": [{"name": "ownership", "by": "ownership"}],
    "quantile_regression": [{"name": "over"}],
}


def test_the_short_form_is_completed_by_the_design():
    study = parse_study(STUDY)
    [asked] = [one.completed(study.design) for one in study.heterogeneity]
    assert (asked.outcome, asked.treatment, asked.controls, asked.vcov) == (
        "rd_intensity", "involution", ["ln_age"], "crv3",
    )  # fmt: skip
    assert (asked.at, asked.draws, asked.test) == ("first", None, None)
    assert study.quantile_regression[0].quantiles == [0.1, 0.25, 0.5, 0.75, 0.9]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"quantiles": 2, "groups": ["a", "b"]}, "quantiles makes its own groups"),
        ({"years": -1}, "years is for `at: row`"),
        ({"groups": ["a"]}, "one group cannot be compared"),
        ({"groups": ["a", "a"]}, "a group stands twice"),
        ({"test": ["stacked", "stacked"]}, "a test stands twice"),
        ({"estimator": "poisson", "test": "permutation"}, "built for least squares"),
        ({"estimator": "poisson", "vcov": "wild"}, "take crv3 or crv1"),
        ({"quantiles": 5}, "quantiles"),
        ({"draws": 10}, "draws"),
    ],
)
def test_what_does_not_go_together_is_refused(changed, said):
    with pytest.raises(InputError, match=said):
        parse_study({**STUDY, "heterogeneity": [{"name": "ownership", "by": "ownership", **changed}]})


@pytest.mark.parametrize("quantiles", [[0.5, 0.1], [0, 0.5], [0.5, 0.5], []])
def test_quantiles_lie_in_order_between_zero_and_one(quantiles):
    with pytest.raises(InputError, match="quantiles"):
        parse_study({**STUDY, "quantile_regression": [{"name": "over", "quantiles": quantiles}]})


def test_tables_and_hypotheses_may_name_groups_and_tests():
    tables = [{"name": "t", "kind": "heterogeneity", "models": ["ownership"]},
              {"name": "u", "models": ["ownership[soe]", "ownership_stacked"]}]  # fmt: skip
    tests = [{"model": "ownership_stacked", "term": "difference[ownership=soe-private]", "sign": "negative"}]
    parse_study({**STUDY, "tables": tables, "hypotheses": [{"name": "H", "statement": "s", "tests": tests}]})
    with pytest.raises(InputError, match="no model 'ownership_stackd'; the nearest is 'ownership_stacked'"):
        parse_study({**STUDY, "tables": [{"name": "u", "models": ["ownership_stackd"]}]})
    with pytest.raises(InputError, match="the kind heterogeneity shows no 'over'"):
        parse_study({**STUDY, "tables": [{"name": "u", "kind": "heterogeneity", "models": ["over"]}]})


def test_an_outcome_inside_the_index_is_refused_in_both():
    for section in ("heterogeneity", "quantile_regression"):
        asked = {**STUDY[section][0], "outcome": "gross_margin"}
        with pytest.raises(InputError, match=rf"{section}\[0\]\.outcome.*is inside the component"):
            parse_study({**STUDY, section: [asked]})


def test_each_brings_its_table():
    names = [table.name for table in parse_study(STUDY).all_tables]
    assert {"heterogeneity_ownership", "quantile_regression"} <= set(names)


def test_the_sections_of_the_documentation_page_are_sound():
    page = Path(__file__).parents[3] / "docs/heterogeneity.md"
    (text,) = re.findall(r"<!-- tested -->\n```yaml\n(.*?)```", page.read_text("utf-8"), flags=re.S)
    columns = {"firm": "f", "year": "y", "ownership": "o", "employees": "e", "firm_size": "s", "patents": "p"}
    study = parse_study({**STUDY, "data": {"panel": {"source": "a.csv", "columns": columns}}, **yaml.safe_load(text)})
    assert [asked.name for asked in study.heterogeneity] == ["ownership", "size", "patents"]
