"""The section `index`: what it accepts, and what it says of names that nothing has."""

import copy

import pytest

from involution.errors import InputError
from involution.measures.registry import REGISTRY
from involution.panel.columns import canonical_columns
from involution.study import parse_study
from involution.study.index import (
    DEFAULT_FAMILIES,
    MEASURES,
    MECHANISM_EFFORT,
    PATENTS,
    Index,
    ingredients,
    parse_index,
)

SMALL = {
    "name": "mine",
    "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}},
    "models": [{"name": "first", "formula": "y ~ x"}],
}
WORDS = {"words": {"column": "neijuan_words", "level": "firm", "sign": 1}}


def study(**sections):
    return copy.deepcopy(SMALL) | sections


def mistakes(plain):
    with pytest.raises(InputError) as caught:
        parse_study(plain, "study.yaml")
    return {problem.where.removeprefix("study.yaml: "): problem.what for problem in caught.value.problems}


def regression(formula, **more):
    return [{"name": "m", "formula": formula, **more}]


def test_the_section_has_the_documented_defaults():
    index = parse_study(study(index={})).index
    assert index.model_dump(mode="json") == {
        "families": {
            "squeeze": ["margin_compression", "growth_without_profit", "price_deflation"],
            "effort": ["effort_return_gap", "inventory_build", "capacity_gap"],
            "crowding": ["fragmentation", "homogeneity"],
        },
        "components": {},
        "weighting": "equal",
        "level": "industry",
        "min_firms": 10,
        "min_coverage": 0.8,
        "base_years": None,
    }
    assert parse_study(study()).index is None


def test_defaults_are_not_shared_between_studies():
    parse_index({}).families["squeeze"].append("hhi")
    assert DEFAULT_FAMILIES["squeeze"] == parse_index({}).families["squeeze"] == Index().families["squeeze"]


def test_a_component_of_ones_own_may_be_named():
    index = parse_index({"families": {"talk": "words"}, "components": WORDS})
    assert index.families == {"talk": ["words"]}
    assert (index.components["words"].level, index.components["words"].sign) == ("firm", 1)


def test_every_measure_that_may_be_named_has_a_sign_and_the_families_measures_may_be_named():
    assert {name for names in DEFAULT_FAMILIES.values() for name in names} <= set(MEASURES)
    assert MECHANISM_EFFORT in MEASURES
    registered = [REGISTRY[name] for name in MEASURES]
    assert [entry.name for entry in registered if not entry.direction] == []
    of_families = {name for name, entry in REGISTRY.items() if entry.family in DEFAULT_FAMILIES}
    assert of_families <= set(MEASURES)


def test_what_is_inside_a_measure_is_what_the_registry_says():
    for name, inside in MEASURES.items():
        entry = REGISTRY[name]
        assert set(inside) == {need for need in (*entry.needs, *entry.first_of) if need in REGISTRY}, name


def test_outcomes_made_of_patents_are_the_columns_of_patents_and_the_measures_of_them():
    columns = [name for name in canonical_columns().index if name.startswith(("patents", "citations"))]
    of_patents = {name for name, entry in REGISTRY.items() if {*columns, "ipc_*"} & set(entry.needs)}
    assert set(PATENTS) == {*columns, *of_patents} - {"homogeneity_patents"}


@pytest.mark.parametrize(
    ("index", "key", "said"),
    [
        ({"families": {"squeeze": ["margin_compresion"]}}, "index.families.squeeze[0]",
         "'margin_compresion' is neither a measure that an index is made of nor a component; the nearest is "
         "'margin_compression'"),
        ({"families": {"talk": ["fragmentation", "wrods"]}, "components": WORDS}, "index.families.talk[1]",
         "the nearest is 'words'"),
        ({"families": {"talk": ["xyzzy"]}}, "index.families.talk[0]", "nor a component"),
        ({"families": {"a": ["rd_intensity"]}}, "index.families.a[0]", "neither a measure that an index is made of"),
        ({"families": {"a": ["hhi"], "b": ["cr4", "hhi"]}}, "index.families.b[1]", "'hhi' stands twice (also in a)"),
        ({"families": {"own": ["hhi"]}}, "index.families.own", "the column involution_own is another one already"),
        ({"families": {"no_a": ["hhi"]}}, "index.families.no_a", "involution_no_a is another one already"),
        ({"families": {"A b": ["hhi"]}}, "index.families.A b", "small letters, digits and _"),
        ({"families": {}}, "index.families", "expected at least one"),
        ({"families": {"a": []}}, "index.families.a", "expected at least one"),
        ({"families": ["hhi"]}, "index.families", "expected a mapping"),
        ({"familes": {}}, "index.familes", "the nearest known key is 'families'"),
        ({"components": {"hhi": WORDS["words"]}}, "index.components.hhi", "'hhi' is already the name of a measure"),
        ({"components": {"w": {"level": "firm"}}}, "index.components.w.column", "this key is required"),
        ({"components": {"w": {"column": "c", "level": "region"}}}, "index.components.w.level", "'firm' or 'industry'"),
        ({"components": {"w": {"column": "c", "sign": 2}}}, "index.components.w.sign", "expected 1 or -1"),
        ({"components": {"w": {"column": "c", "sgn": 1}}}, "index.components.w.sgn", "the nearest known key is 'sign'"),
        ({"weighting": "entrpy"}, "index.weighting", "the nearest is 'entropy'"),
        ({"min_firms": 1}, "index.min_firms", "found 1"),
        ({"min_firms": "ten"}, "index.min_firms", "expected a whole number"),
        ({"min_coverage": 80}, "index.min_coverage", "found 80"),
        ({"base_years": [2010, 2005]}, "index.base_years", "the first year is after the last"),
        ([], "index", "expected a mapping"),
    ],
)  # fmt: skip
def test_mistakes_say_the_key_and_what_was_expected(index, key, said):
    found = mistakes(study(index=index))
    assert list(found) == [key]
    assert said in found[key]


def test_mistakes_of_the_index_are_told_with_those_of_other_sections():
    found = mistakes(study(index={"families": {"a": ["hhj"]}, "weighting": "x"}, titel="x"))
    assert set(found) == {"index.families.a[0]", "index.weighting", "titel"}


def test_plain_data_are_checked_for_a_notebook_too():
    with pytest.raises(InputError, match=r"^index\.families\.a\[0\]: 'hhj' is neither"):
        parse_index({"families": {"a": ["hhj"]}})
    with pytest.raises(InputError) as caught:
        parse_index({"families": {"a": ["hhj"]}, "level": None})
    assert [problem.where for problem in caught.value.problems] == ["index.families.a[0]", "index.level"]


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("involution", {"margin_compression", "gross_margin", "fragmentation", "hhi", "neijuan_words"}),
        ("involution_own", {"margin_compression", "gross_margin", "fragmentation", "hhi", "neijuan_words"}),
        ("involution_half_a", {"margin_compression", "gross_margin", "fragmentation", "hhi", "neijuan_words"}),
        ("involution_squeeze", {"margin_compression", "gross_margin"}),
        ("involution_no_squeeze", {"fragmentation", "hhi", "neijuan_words"}),
        ("involution_mechanism", {"fragmentation", "hhi", "neijuan_words", "effort_return_gap_revenue"}),
        ("involution_regime", {"margin_compression", "gross_margin", "fragmentation", "hhi"}),
        ("involution_other", set()),
        ("margin_compression", set()),
    ],
)
def test_what_each_column_is_made_of(column, names):
    index = {"families": {"squeeze": ["margin_compression"], "crowding": ["fragmentation", "words"]}}
    assert set(ingredients(parse_index({**index, "components": WORDS}), column)) == names


MARGIN = "the outcome 'gross_margin' is inside the component 'margin_compression' of involution"


@pytest.mark.parametrize(
    ("formula", "variables", "said"),
    [
        ("gross_margin ~ involution | firm", {}, MARGIN),
        ("gross_margin ~ involution_l1 | firm", {}, MARGIN),
        ("gross_margin ~ x | firm", {"x": "lag(involution)"}, MARGIN),
        ("y ~ involution | firm", {"y": "lead(gross_margin)"}, MARGIN),
        ("log(1 + gross_margin) ~ involution | firm", {}, MARGIN),
        ("gross_margin ~ w + involution:w | firm", {}, MARGIN),
        ("gross_margin ~ w | firm | involution ~ z", {}, MARGIN),
        ("margin_compression ~ involution | firm", {}, "'margin_compression' is a component of involution:"),
        ("fragmentation ~ involution_no_squeeze | firm", {}, "is a component of involution_no_squeeze"),
        ("effort_return_gap_revenue ~ involution_mechanism | firm", {}, "is a component of involution_mechanism"),
    ],
)
def test_an_outcome_inside_its_index_is_refused(formula, variables, said):
    plain = study(models=regression(formula), variables=variables)
    found = mistakes(plain)
    assert list(found) == ["models[0].formula"]
    assert said in found["models[0].formula"]
    assert parse_study(study(models=regression(formula, allow_mechanical=True), variables=variables))


@pytest.mark.parametrize(
    ("formula", "variables"),
    [
        ("gross_margin ~ involution_mechanism | firm", {}),
        ("gross_margin ~ involution_no_squeeze | firm", {}),
        ("gross_margin ~ hhi_loo | firm", {}),
        ("rd_intensity ~ involution | firm", {}),
        ("rd_intensity ~ involution + gross_margin | firm", {}),
        ("y ~ involution | firm", {"y": "rd_spend / revenue"}),
    ],
)
def test_an_outcome_beside_its_index_is_fine(formula, variables):
    assert parse_study(study(models=regression(formula), variables=variables))


def test_the_outcome_from_which_a_component_is_derived_is_refused():
    index = {"families": {"talk": ["words"]}, "components": {"words": {"column": "share"}}}
    derive = {"share": "neijuan_words / total_words"}
    found = mistakes(study(index=index, derive=derive, models=regression("neijuan_words ~ involution | firm")))
    assert "'neijuan_words' is inside the component 'words' of involution" in found["models[0].formula"]
    assert parse_study(study(index=index, derive=derive, models=regression("gross_margin ~ involution | firm")))


PATENTED = {"ipc_A01B": "a", "ipc_H01M": "h"}


def patents_on(treatment, columns, index=None, **more):
    plain = study(models=regression(f"patents_invention_f1 ~ {treatment} | firm", **more), index=index)
    plain["data"]["panel"]["columns"] |= columns
    return plain | {"variables": {"patents_invention_f1": "lead(patents_invention)"}}


@pytest.mark.parametrize(
    ("treatment", "columns", "index"),
    [
        ("involution", PATENTED, None),
        ("involution_mechanism", PATENTED, None),
        ("involution_crowding_l1", {"homogeneity_patents": "p"}, None),
        ("involution", {}, {"families": {"crowding": ["homogeneity_patents"]}}),
        ("involution", PATENTED | {"business_text": "t"}, {"families": {"crowding": ["homogeneity_patents"]}}),
        ("involution", PATENTED, {"families": {"a": ["alike"]}, "components": {"alike": {"column": "homogeneity"}}}),
    ],
)
def test_patents_are_not_explained_by_the_likeness_of_patents(treatment, columns, index):
    found = mistakes(patents_on(treatment, columns, index))
    assert list(found) == ["models[0].formula"]
    assert "the outcome 'patents_invention' is inside the component" in found["models[0].formula"]
    assert parse_study(patents_on(treatment, columns, index, allow_mechanical=True))


@pytest.mark.parametrize(
    ("treatment", "columns", "index"),
    [
        ("involution", {}, None),
        ("involution", PATENTED | {"business_text": "t"}, None),
        ("involution", PATENTED | {"homogeneity_text": "t"}, None),
        ("involution", PATENTED, {"families": {"crowding": ["homogeneity_text"]}}),
        ("involution_no_crowding", PATENTED, None),
        ("involution_squeeze", PATENTED, None),
    ],
)
def test_patents_may_be_explained_by_the_likeness_of_texts(treatment, columns, index):
    assert parse_study(patents_on(treatment, columns, index))


def test_likeness_itself_is_inside_the_index_that_holds_it():
    found = mistakes(study(models=regression("homogeneity_text ~ involution | firm")))
    assert "'homogeneity_text' is inside the component 'homogeneity' of involution" in found["models[0].formula"]
