"""The table and the figure of rehearsals, from the results of their block alone."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.columns import Results
from involution.exhibits.drawing import style
from involution.exhibits.figures import build_figures, pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.numbers import macros
from involution.exhibits.rehearsal_terms import rehearsal_label
from involution.exhibits.render import render
from involution.exhibits.tables import table_contents
from involution.models.run import run_block
from involution.study.block_tables import block_tables
from involution.study.figures import Figure
from involution.study.study import Exhibits
from involution.study.tables import Table

from ..models.rehearsal.test_block import CHANNELS, DESIGN
from ..models.rehearsal.test_mediated import mediated_panel
from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})
SECTIONS = {
    "rehearsal": {"draws": 100, "bootstrap": 99, "effects": [0.05, 0.3]},
    "design": {**DESIGN, "outcomes": ["y", {"name": "share", "estimator": "fractional_logit"}]},
    "mediation": [CHANNELS],
}


@pytest.fixture(scope="module")
def found():
    data = mediated_panel(1, industries=12, years=6)
    data = data.assign(share=1 / (1 + np.exp(-data["y"])))
    more = {"index": None, "derive": {}, "variables": {}}
    part = run_block("rehearsal", {**SECTIONS, **more}, data, study="s", dictionary=DICTIONARY, seed=1, draws=99)
    return Results(part.estimates, part.statistics, part.notes, pd.DataFrame(), {}, part.curves)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def content(found, language="en", **given):
    (table,) = [table for table in block_tables(Exhibits.model_validate(SECTIONS)) if table.kind == "rehearsal"]
    return table_contents([table.model_copy(update=given)], [], found, ROWS, Labels(language))[0]


def value(found, term, what="estimate"):
    return float(found.estimates.set_index(["model", "term"]).loc[("rehearsal_baseline_y", term), what])


def test_the_table_of_a_rehearsal_comes_first_and_names_each_variance_power_and_detectable_effect(found):
    assert block_tables(Exhibits.model_validate(SECTIONS))[0].name == "rehearsal"
    rows = {row.label: [cell.text for cell in row.cells] for row in content(found).parts[0].rows}
    assert rows["Planned variance"][:2] == ["CRV3 by industry", "not estimated"]
    for label, term in (
        ("CRV3 by industry", "size[crv3(industry)]"), ("CRV1 by firm", "size[crv1(firm)]"),
        ("Wild bootstrap by industry", "size[wild(industry)]"), ("0.3 SD of the residual", "power[0.3]"),
    ):  # fmt: skip
        assert rows[label][0] == f"{100 * value(found, term):.1f} ({100 * value(found, term, 'std_error'):.1f})"
        assert rows[label][1] == ""
    assert rows["In units of the outcome"][0] == f"{value(found, 'mde'):.3f} ({value(found, 'mde', 'std_error'):.3f})"
    assert rows["Clusters"][0] == "12"
    assert rows["Drawn outcomes"][0] == "100"


def test_each_mediation_has_a_panel_with_a_row_for_each_mediator(found):
    part = content(found).parts[1]
    assert part.title == "channels: y"
    assert [row.label for row in part.rows] == ["m1", "m2", "All mediators"]
    rows = found.estimates.set_index(["model", "term"])["estimate"]
    shown = [cell.text.split(" ")[0] for cell in part.rows[0].cells]
    terms = [f"{what}[{path}[m1]]" for path in "ab" for what in ("size", "power")]
    terms += [f"size[indirect[m1],{zero}]" for zero in ("a=b=0", "a=0", "b=0")]
    terms += ["coverage[indirect[m1]]", "power[indirect[m1]]"]
    assert shown == [f"{100 * rows['rehearsal_channels', term]:.1f}" for term in terms]
    alone = content(found, models=["rehearsal_channels"])
    assert len(alone.parts) == 1


def test_tables_are_made_in_both_languages_and_every_format(found):
    for language in ("en", "zh"):
        made = content(found, language)
        for kind in ("tex", "docx", "html", "md", "csv", "txt"):
            assert render(made, kind)
    chinese = render(content(found, "zh"), "txt").decode()
    assert "计划采用的方差" in chinese
    assert "真实零效应在 5% 水平上的拒绝率" in chinese
    assert "同乘一个随机符号" in chinese
    assert "not estimated: the estimator" in render(content(found), "txt").decode()


def test_plain_text_keeps_columns_in_line(found):
    lines = render(content(found), "txt").decode().splitlines()
    rule = next(k for k, line in enumerate(lines) if line.startswith("---"))
    body = lines[rule + 1 : rule + 10]
    assert max(map(len, body)) <= len(lines[rule])
    ends = {len(line) for line in body if line.endswith(")")}
    assert len(ends) == 1


def test_a_table_of_what_is_not_rehearsed_is_refused(found):
    with pytest.raises(InputError, match="no model 'rehearsal_z'"):
        content(found, models=["rehearsal_z"])
    only = content(found, models=["rehearsal_baseline_share"])
    assert only.parts[0].rows[0].cells[0].text == "not estimated"


def test_the_figure_of_power_draws_every_variance_and_says_the_detectable_effect(found):
    labels = Labels("en")
    figure = Figure(name="p", kind="power")
    with style("en"):
        (_, picture), *_ = pictures_of([figure], found, ROWS, DICTIONARY, labels)
        axes = picture.draw().axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "CRV3 by industry", "CRV1 by firm", "CRV1 by industry", "Wild bootstrap by industry"
    ]  # fmt: skip
    planned = next(line for line in axes.lines if line.get_label() == "CRV3 by industry")
    curve = found.curves[found.curves["curve"] == "power[crv3(industry)]"]
    assert planned.get_ydata() == pytest.approx(curve["estimate"].to_numpy())
    assert f"a true zero is rejected in {100 * value(found, 'size'):.1f} %" in picture.words
    named = [Figure(name="q", kind="power", model="rehearsal_channels")]
    with pytest.raises(InputError, match="no curve of power"):
        pictures_of(named, found, ROWS, DICTIONARY, labels)
    failed = [Figure(name="r", kind="power", model="rehearsal_baseline_share")]
    ((_, picture),) = pictures_of(failed, found, ROWS, DICTIONARY, labels)
    assert "rehearsal_baseline_share" in picture.words
    files = build_figures([figure], {}, found, ROWS, DICTIONARY, languages=["en", "zh"])
    assert {"p.png", "p.pdf", "p.csv", "zh/p.png"} <= set(files)


def test_terms_have_words_and_columns_of_the_same_names_keep_theirs(found):
    labels = Labels("en")
    for term in found.estimates["term"].dropna():
        if "[" in str(term):
            assert rehearsal_label(str(term), labels), term
    assert labels.term("size[crv1(firm)]") == "CRV1 by firm: true zero rejected"
    assert labels.term("size[indirect[m],a=0]").endswith("(a=0): true zero rejected")
    assert labels.term("size") == "size"
    assert labels.term("size[2]") != "size[2]" or rehearsal_label("size[x y]", labels) is None


def test_every_number_has_a_macro_of_its_own(found):
    names = [line.split("{")[1].split("}")[0] for line in macros(found.estimates, {}).decode().splitlines()
             if line.startswith("\\newcommand")]  # fmt: skip
    assert len(names) == len(set(names)) > 40
    assert not [name for name in names if name.endswith("B")]


def test_figures_of_mediations_are_refused_when_the_file_is_read():
    from involution.study.study import parse_study

    data = {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "t"}}}
    figure = {"name": "p", "kind": "power", "model": "rehearsal_channels"}
    with pytest.raises(InputError, match="the kind power shows no 'rehearsal_channels'"):
        parse_study({"name": "s", "data": data, **SECTIONS, "figures": [figure]})
    assert parse_study({"name": "s", "data": data, **SECTIONS, "tables": [{"name": "t", "kind": "rehearsal"}]})
    assert Table(name="t", kind="rehearsal")
