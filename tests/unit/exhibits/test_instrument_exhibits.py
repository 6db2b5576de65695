"""Tables and figures of the section endogeneity, from the results of its block alone."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.columns import Results
from involution.exhibits.content import shown_p_value
from involution.exhibits.drawing import style
from involution.exhibits.figures import build_figures, pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.render import render
from involution.exhibits.tables import table_contents
from involution.models.tidy import BlockResult
from involution.study import parse_study
from involution.study.block_tables import block_tables
from involution.study.figures import Figure, default_figures
from involution.study.study import Exhibits

from ..models.endogeneity import conftest as instrumented
from ..models.endogeneity import exposed
from ..models.endogeneity.simulated import confounded
from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})
BOUNDS = {"range": [-0.3, 0.3]}
INSTRUMENTS = [
    {"name": "iv", "instruments": ["z", "z2"], "plausibly_exogenous": {**BOUNDS, "of": "z"}},
    {"name": "copy", "instruments": "copy", "plausibly_exogenous": BOUNDS},
    {"name": "hetero", "lewbel": {}},
]
SHARES = [
    {"name": "ss", "shift_share": {"balance": ["before"], "top": 4}},
    {"name": "flat", "shift_share": {"shock": "flat"}},
]


def results_of(part: BlockResult) -> Results:
    return Results(part.estimates, part.statistics, part.notes, pd.DataFrame(), {}, part.curves)


@pytest.fixture(scope="module")
def found():
    panel = confounded(firms=80)
    return results_of(instrumented.run(panel.assign(copy=panel["x"] * 2), *INSTRUMENTS))


@pytest.fixture(scope="module")
def shares():
    panel, shares, shocks = exposed.exposed()
    return results_of(exposed.run((panel, shares, shocks.assign(flat=1.0)), *SHARES))


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def contents(results, items, design, language="en"):
    study = Exhibits.model_validate({"endogeneity": items, "design": design})
    tables = [table for table in block_tables(study) if table.name.startswith("endogeneity")]
    return {made.name: made for made in table_contents(tables, [], results, ROWS, Labels(language))}


def cells(part):
    return {row.label or row.what: [cell.text for cell in row.cells] for row in part.rows}


def test_the_stages_stand_side_by_side_with_what_is_known_of_the_instruments(found):
    made = contents(found, INSTRUMENTS, instrumented.DESIGN)
    assert list(made) == ["endogeneity_instruments", "endogeneity_bounds", "endogeneity_lewbel"]
    first, second = made["endogeneity_instruments"].parts
    assert first.title == "iv"
    titles = [cell[0] for cell in first.headers[1].cells]
    assert titles == ["Second stage", "First stage", "Reduced form", "Least squares"]
    rows = cells(first)
    estimates = found.estimates.set_index(["model", "term"])["estimate"]
    assert rows["x_l1"] == [f"{estimates['iv', 'x_l1']:.3f}", "", "", f"{estimates['iv_ols', 'x_l1']:.3f}"]
    assert "c_l1" not in rows
    statistics = found.statistics.set_index(["model", "statistic"])
    assert (
        rows["Critical value of the effective F"][0] == f"{statistics.loc[('iv', 'effective_f_critical'), 'value']:.3f}"
    )

    def tested(model, statistic):
        value, p_value = statistics.loc[(model, statistic), ["value", "p_value"]]
        return f"{value:.3f} [{shown_p_value(p_value, 3)}]"

    assert rows["Hansen J [p]"][0] == tested("iv", "hansen_j")
    assert rows["F: instruments [p]"][1:3] == [tested(f"iv_{part}", "instruments_f") for part in ("first", "reduced")]
    assert "not estimated" in [row.cells[0].text for row in second.rows]
    notes = " ".join(made["endogeneity_instruments"].notes)
    assert "95 % Anderson-Rubin set" in notes
    assert "explain x_l1 wholly" in notes


def test_bounds_stand_with_their_intervals(found):
    made = contents(found, INSTRUMENTS, instrumented.DESIGN)["endogeneity_bounds"]
    rows = {row.label: [cell.text for cell in row.cells] for row in made.parts[0].rows if row.label}
    row = found.estimates.set_index(["model", "term"]).loc[("iv_bounds", "union[x_l1]")]
    assert rows["x_l1: union of intervals"] == [f"{row['estimate']:.3f}", "not estimated"]
    interval = next(row for row in made.parts[0].rows if row.what == "95 % interval")
    assert interval.cells[0].text == f"[{row['ci_low']:.3f}, {row['ci_high']:.3f}]"
    assert rows["Direct effect: lowest"] == ["-0.300", ""]


def test_shift_share_tables_say_what_the_estimate_rests_on(shares):
    made = contents(shares, SHARES, exposed.DESIGN)
    assert list(made) == ["endogeneity_shift_share", "endogeneity_shock_balance", "endogeneity_rotemberg"]
    first, failed = made["endogeneity_shift_share"].parts
    rows = cells(first)
    assert len(set(rows["x"][:3])) == 1
    assert rows["Clustered by"][:3] == ["Shock", "Shock", "Industry"] or rows["Clustered by"][:2] == ["Shock", "Shock"]
    assert rows["Effective groups of shocks"][0] != ""
    assert not any("Sum of shares" in label for label in rows)
    assert cells(failed)["x"][0] == "not estimated"
    rotemberg = made["endogeneity_rotemberg"].parts[0]
    shocks = [row.label for row in rotemberg.rows if row.kind == "estimate"]
    weights = [float(row.cells[0].text) for row in rotemberg.rows if row.kind == "estimate"]
    assert len(shocks) == 4
    assert weights == sorted(weights, key=abs, reverse=True)
    rest = next(row for row in rotemberg.rows if row.label == "The other shocks: weight")
    assert sum(weights) + float(rest.cells[0].text) == pytest.approx(1, abs=0.003)


@pytest.mark.parametrize("kind", ["tex", "html", "md", "csv", "docx"])
def test_every_format_renders_in_chinese_without_an_english_label(found, shares, kind):
    for results, items, design in ((found, INSTRUMENTS, instrumented.DESIGN), (shares, SHARES, exposed.DESIGN)):
        for content in contents(results, items, design, "zh").values():
            assert render(content, kind)
            labels = [row.label for part in content.parts for row in part.rows]
            assert not any(word in label for label in labels for word in ("Effective", "interval", "weight", "stage"))


def picture(results, kind, model, language="en"):
    [(_, made)] = pictures_of([Figure(name="f", kind=kind, model=model)], results, ROWS, DICTIONARY, Labels(language))
    return made


@pytest.mark.parametrize(("kind", "model"), [("plausibly_exogenous", "iv_bounds"), ("rotemberg", "ss_rotemberg")])
def test_each_figure_has_its_files_the_same_every_time(found, shares, kind, model):
    results, figure = found if kind != "rotemberg" else shares, Figure(name="f", kind=kind, model=model)
    first, second = (build_figures([figure], {}, results, ROWS, DICTIONARY, languages=["en", "zh"]) for _ in range(2))
    assert set(first) == {f"{folder}f.{ending}" for folder in ("", "zh/") for ending in ("pdf", "png", "csv")}
    assert first == second


def test_the_figure_of_bounds_marks_where_the_interval_reaches_zero(found):
    made = picture(found, "plausibly_exogenous", "iv_bounds")
    zero = found.statistics.set_index(["model", "statistic"]).loc[("iv_bounds", "direct_effect_zero"), "value"]
    with style("en"):
        axes = made.draw().axes[0]
    upright = [line for line in axes.lines if len(set(line.get_xdata())) == 1]
    if 0 < abs(zero) <= 0.3:
        assert upright[0].get_xdata()[0] == pytest.approx(abs(zero))
    else:
        assert not upright
    assert "union of intervals" in made.words


def test_models_that_failed_are_drawn_as_such_and_wrong_ones_refused(found, shares):
    assert "not estimated" in picture(found, "plausibly_exogenous", "copy_bounds").words
    assert "not estimated" in picture(shares, "rotemberg", "flat_rotemberg").words
    with pytest.raises(InputError, match="no Rotemberg weights"):
        picture(shares, "rotemberg", "ss_first")
    with pytest.raises(InputError, match="no curve"):
        picture(found, "plausibly_exogenous", "iv_first")


def test_a_study_without_figures_gets_those_of_its_models(found, shares):
    for results, expected in ((found, {"iv_bounds_plausibly_exogenous"}), (shares, {"ss_rotemberg_rotemberg"})):
        models = results.estimates[["block", "model"]].astype(str).drop_duplicates().itertuples(index=False, name=None)
        names = {
            figure.name for figure in default_figures(models) if figure.kind in ("plausibly_exogenous", "rotemberg")
        }
        assert expected <= names
        assert all("_first" not in name for name in names)


def test_figures_of_what_a_study_does_not_ask_for_are_refused():
    study = {
        "name": "s",
        "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "t"}}},
        "design": {"outcomes": ["y"]},
        "endogeneity": [{"name": "iv", "instruments": "z"}],
        "figures": [{"name": "f", "kind": "plausibly_exogenous"}, {"name": "g", "kind": "rotemberg"}],
        "tables": [{"name": "t", "kind": "bounds"}],
    }
    with pytest.raises(InputError) as caught:
        parse_study(study)
    assert len(caught.value.problems) == 3
