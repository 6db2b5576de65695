"""Tables and figures of the baseline built up and varied, from the results of their blocks alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.columns import Results
from involution.exhibits.drawing import style
from involution.exhibits.figures import build_figures, pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.render import render
from involution.exhibits.tables import table_contents
from involution.models.run import run_block
from involution.study.block_tables import block_tables
from involution.study.figures import Figure
from involution.study.study import Exhibits
from involution.study.tables import Table

from ..models.robustness.conftest import DESIGN, DICTIONARY, panel

SECTIONS = {
    "design": {**DESIGN, "outcomes": ["y", "patents"], "quadratic": True, "regime": "state"},
    "robustness": [
        {"name": "other_measure", "title": {"en": "Other measure", "zh": "其他度量"}, "treatment": "z"},
        {"name": "asinh", "outcome": "patents", "transform": "asinh"},
        {"name": "each_industry", "leave_out": "industry"},
        {"name": "utility", "outcome": "utility", "estimator": "poisson", "placebo": True},
        {"name": "gone", "fixed_effects": ["firm", "industry^year"]},
    ],
}


@pytest.fixture(scope="module")
def found():
    data = panel()
    sections = {**SECTIONS, "derive": {}, "variables": {}}
    parts = [
        run_block(block, sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=99)
        for block in ("baseline", "robustness")
    ]
    frames = [
        pd.concat([getattr(part, name) for part in parts], ignore_index=True)
        for name in ("estimates", "statistics", "notes")
    ]
    curves = pd.concat([part.curves for part in parts], ignore_index=True)
    return Results(*frames, pd.DataFrame(), {"sample_rows": 1612, "sample_firms": 200}, curves)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def contents(found, language="en"):
    tables = block_tables(Exhibits.model_validate(SECTIONS))
    sample = pd.DataFrame({"in_sample": [True]})
    return {made.name: made for made in table_contents(tables, [], found, sample, Labels(language))}


def rows_of(content):
    return {row.label: [cell.text for cell in row.cells] for row in content.parts[0].rows}


def test_the_tables_follow_the_study(found):
    assert list(contents(found)) == [
        "baseline",
        "baseline_y",
        "baseline_patents",
        "baseline_shape",
        "robustness",
        "threats",
    ]


def test_a_built_up_table_has_its_steps_before_the_baseline(found):
    table = contents(found)["baseline_y"]
    titles = [text for header in table.parts[0].headers for text, _ in header.cells]
    assert titles.index("No controls") < titles.index("Baseline")
    rows = rows_of(table)
    assert rows["Controls"] == ["No", "Yes"]
    size = next(note for note in table.notes if "standard deviation of x_l1" in note)
    row = found.statistics.set_index(["model", "statistic"])["value"]
    assert f"{100 * row[('baseline_y', 'effect_of_sd_in_means')]:+.3g} %".replace("-", "−") in size


def test_the_shape_is_told_with_its_test(found):
    rows = rows_of(contents(found)["baseline_shape"])
    statistics = found.statistics.set_index(["model", "statistic"])
    test = statistics.loc[("baseline_y_quadratic", "lind_mehlum[x_l1]")]
    assert rows["Lind-Mehlum test: t [p]"][0] == f"{test['value']:.3f} [{test['p_value']:.3f}]"
    assert "x_l1²" in rows
    assert "state_l1 = 1 × x_l1" in rows


def test_every_variation_is_a_row_with_its_numbers(found):
    rows = rows_of(contents(found)["robustness"])
    estimates = found.estimates.drop_duplicates("model").set_index("model")
    measure = rows["Other measure"]
    assert measure[0] == f"{estimates.loc['other_measure', 'estimate']:.3f}"
    assert measure[1] == f"{estimates.loc['other_measure', 'std_error']:.3f}"
    assert measure[4] == f"{estimates.loc['other_measure', 'n_obs']:,}"
    assert measure[6] == "crv3 (industry)"
    assert rows["gone"][0] == "not estimated"
    assert rows["asinh (asinh(patents))"][3].endswith(" SD")
    assert rows["utility (utility)"][3].endswith(" %")
    least, most = found.curves["estimate"].min(), found.curves["estimate"].max()
    assert rows["  its range, one group left out at a time"][2] == f"[{least:.3f}, {most:.3f}]"


def test_the_notes_name_their_rows(found):
    notes = contents(found)["robustness"].notes
    assert any(note.startswith("utility (utility): no effect is expected") for note in notes)
    assert any(note.startswith("gone: not estimated: firm + industry^year") for note in notes)
    assert not any("standard deviation of" in note for note in notes)
    chinese = contents(found, "zh")["robustness"]
    assert "其他度量" in rows_of(chinese)
    assert any("预期该结果变量不受影响" in note for note in chinese.notes)


@pytest.mark.parametrize("kind", ["tex", "docx", "html", "md", "csv"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_format_can_be_made(found, kind, language):
    for content in contents(found, language).values():
        assert render(content, kind)


def test_the_figure_is_in_standard_deviations(found):
    ((_, picture),) = pictures_of(
        [Figure(name="f", kind="robustness")], found, pd.DataFrame({"in_sample": [True]}), pd.DataFrame(), Labels("en")
    )
    data = picture.data.set_index("model")
    statistics = found.statistics.set_index(["model", "statistic"])["value"]
    assert data.loc["other_measure", "effect"] == pytest.approx(statistics[("other_measure", "effect_of_sd_in_sds")])
    row = found.estimates.drop_duplicates("model").set_index("model").loc["utility"]
    sd = statistics[("utility", "sd_treatment")]
    assert data.loc["utility", ["effect", "low", "high"]].astype(float).tolist() == pytest.approx(
        [100 * np.expm1(row[name] * sd) for name in ("estimate", "ci_low", "ci_high")]
    )
    assert "gone" not in data.index
    with style("en"):
        picture.draw()


def test_the_estimates_without_each_industry_are_in_order(found):
    ((_, picture),) = pictures_of(
        [Figure(name="f", kind="leave_out")], found, pd.DataFrame({"in_sample": [True]}), pd.DataFrame(), Labels("zh")
    )
    assert len(picture.data) == 20
    assert picture.data["estimate"].is_monotonic_increasing
    assert picture.data["without"].str.fullmatch(r"i\d\d").all()


def test_figures_are_files(found):
    figures = [Figure(name="a", kind="robustness"), Figure(name="b", kind="leave_out")]
    sample, dictionary = pd.DataFrame({"in_sample": [True]}), DICTIONARY
    files = build_figures(figures, {}, found, sample, dictionary, languages=["en"])
    assert {"a.png", "a.pdf", "a.csv", "b.png", "b.pdf", "b.csv"} == set(files)


def test_a_study_without_groups_left_out_says_so(found):
    without = Results(
        found.estimates, found.statistics[~found.statistics["statistic"].str.startswith("leave_out")], found.notes,
        pd.DataFrame(), {}, found.curves,
    )  # fmt: skip
    with pytest.raises(InputError, match="no variation with leave_out"):
        pictures_of(
            [Figure(name="f", kind="leave_out")], without, pd.DataFrame({"in_sample": [True]}), DICTIONARY, Labels("en")
        )


def threats(found, language="en"):
    table = Table(name="threats", kind="threats")
    (made,) = table_contents([table], [], found, pd.DataFrame({"in_sample": [True]}), Labels(language))
    return made


def under(content, heading):
    """The rows below a heading, up to the next."""
    rows = list(content.parts[0].rows)
    start = next(k for k, row in enumerate(rows) if row.kind == "heading" and row.label == heading)
    after = rows[start + 1 :]
    end = next((k for k, row in enumerate(after) if row.kind == "heading"), len(after))
    return [(row.label, row.cells[0].text) for row in after[:end]]


def test_threats_are_filled_from_the_results(found):
    made = threats(found)
    statistics = found.statistics.set_index(["model", "statistic"])["value"]
    assert under(made, "Reverse causality") == [("Nothing was done", "–")]
    ((name, why),) = under(made, "Asked for, and could not be estimated")
    assert name == "gone"
    assert why.startswith("not estimated: firm + industry^year")
    estimated = replace(found, estimates=found.estimates[found.estimates["estimate"].notna()])
    assert under(threats(estimated), "Reverse causality") == [("Nothing was done", "–")]
    assert not any(row.label.startswith("Asked for") for row in threats(estimated).parts[0].rows)
    assert any("give the section endogeneity `leads_lags`" in note for note in made.notes)
    effective = {name: f"{statistics[(name, 'effective_clusters')]:.1f}" for name in ("baseline_y", "baseline_patents")}
    assert under(made, "Few clusters") == [
        (f"Variance of {name}: crv3(industry)", f"20 clusters, as good as {shown} equal ones")
        for name, shown in effective.items()
    ]
    share = f"{statistics[('each_industry', 'leave_out_significant')]:.3f}"
    assert [shown.partition(",")[0] for _, shown in under(made, "Single groups")] == [share]
    row = found.estimates.set_index("model").loc["utility"].iloc[0]
    utility = f"{row['estimate']:.3f} [{row['ci_low']:.3f}, {row['ci_high']:.3f}]"
    meaning = "excludes zero: the placebo fails" if row["ci_low"] * row["ci_high"] > 0 else "holds zero"
    told = ("An outcome on which no effect is expected (utility)", f"{utility}, {meaning}")
    assert told in under(made, "Omitted variables")
    controls = [label for label, _ in under(made, "Bad controls")]
    assert [name in label for name, label in zip(("baseline_y_no_controls", "baseline_y"), controls, strict=False)]


def test_a_test_is_told_with_its_p_value(found):
    leads = pd.DataFrame(
        [{"study": "s", "block": "endogeneity", "model": "ahead", "statistic": "leads_f", "value": 4.5, "df": 2,
          "p_value": 0.0002}]
    )  # fmt: skip
    more = replace(found, statistics=pd.concat([found.statistics, leads], ignore_index=True))
    assert under(threats(more), "Reverse causality") == [
        ("F of leads of the treatment (ahead)", "4.500 [p: <0.001], the leads have an effect")
    ]
    assert under(threats(more, "zh"), "反向因果")[0][0] == "处理变量领先项的 F（ahead）"


def test_every_step_to_the_baseline_is_told(found):
    steps = ("no_controls", "by_region")
    one = found.estimates[found.estimates["model"] == "baseline_y_no_controls"]
    more = [one.assign(model=f"baseline_y_{step}") for step in steps]
    rest = found.estimates[found.estimates["model"] != "baseline_y_no_controls"]
    told = under(threats(replace(found, estimates=pd.concat([*more, rest], ignore_index=True))), "Bad controls")
    named = [label.partition("(")[2][:-1] for label, _ in told]
    assert named[:3] == ["baseline_y_no_controls", "baseline_y_by_region", "baseline_y"]
    assert not any("quadratic" in name or "regime" in name for name in named)


def test_an_outcome_named_like_a_step_is_a_baseline_of_its_own(found):
    more = found.estimates[found.estimates["model"] == "baseline_patents"].assign(model="baseline_y_granted")
    results = replace(found, estimates=pd.concat([found.estimates, more], ignore_index=True))
    assert results.baselines() == ["baseline_y", "baseline_patents", "baseline_y_granted"]


def test_an_instrument_that_is_weak_is_said_to_be(found):
    about = {"study": "s", "block": "endogeneity"}
    rows = found.estimates[found.estimates["model"] == "baseline_y"]
    strength = {"statistic": "effective_f_critical", "value": 23.1}
    results = replace(
        found,
        estimates=pd.concat(
            [found.estimates, *(rows.assign(block="endogeneity", model=name) for name in ("strong", "weak"))],
            ignore_index=True,
        ),
        statistics=pd.concat(
            [found.statistics, pd.DataFrame([{**about, **strength, "model": name} for name in ("strong", "weak")])],
            ignore_index=True,
        ),
        notes=pd.concat(
            [found.notes, pd.DataFrame([{**about, "model": "weak", "code": "iv_weak"}])], ignore_index=True
        ),
    )
    shown = dict(under(threats(results), "Omitted variables"))
    assert shown["Instrumented (weak)"] == f"{shown['Instrumented (strong)']}, weak instruments"


def test_threats_can_be_rendered(found):
    for kind in ("tex", "docx", "html", "md", "csv"):
        assert render(threats(found, "zh"), kind)
