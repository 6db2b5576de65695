"""Exhibits of mediations by potential outcomes: rows, words, arrows and macros of effects between two levels."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.decomposition import decomposition, shown_decimals
from involution.exhibits.figures import pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.mediation_table import mediation_table
from involution.exhibits.numbers import macros
from involution.exhibits.render import render
from involution.exhibits.words import mediation_in_words
from involution.study.base import Bilingual
from involution.study.figures import Figure
from involution.study.tables import Table

from .by_outcomes import outcomes_results
from .conftest import DICTIONARY
from .test_mediation_figures import ROWS, check_nothing_meets, picture, said
from .test_mediation_table import lines, table_of

NAMED = {
    "size": Bilingual(en="Firm size", zh="企业规模"),
    "medium": Bilingual(en="Medium", zh="中型"),
    "m1": Bilingual(en="Margin", zh="利润率"),
    "event": Bilingual(en="Exit", zh="退出"),
}


@pytest.fixture(scope="module")
def outcomes():
    return outcomes_results()


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def estimate(results, model, term, column="estimate"):
    rows = results.estimates.query("model == @model and term == @term")
    return float(rows[column].iloc[0])


def test_every_effect_has_a_row_of_its_own_under_a_heading_that_names_it(outcomes):
    [part] = table_of(outcomes, models=["probit"]).parts
    labels = [row.label for row in part.rows]
    headings = [row.label for row in part.rows if row.kind == "heading"]
    assert headings == ["Through m1", "Through m2", "All channels", "Differences between channels"]
    of_m1 = labels[1 : labels.index("Through m2")]
    assert of_m1 == [
        "Change of the mediator (a)",
        "Average indirect effect (ACME)",
        "Indirect effect, with the treatment low",
        "Indirect effect, with the treatment high",
        "Indirect effect, difference high less low",
        "Share of the total effect",
    ]
    numbers = [row for row in part.rows if row.kind == "plain"]
    assert len(numbers) == len(outcomes.estimates.query("model == 'probit'"))
    assert {"Average direct effect (ADE)", "Interaction of the channels", "Total effect"} <= set(labels)
    assert not any("a × b" in label or "Effect at" in label for label in labels)


def test_each_row_holds_the_estimate_of_its_term(outcomes):
    found = lines(table_of(outcomes, models=["probit"]))
    for label, term in {
        "Average direct effect (ADE)": "direct",
        "Direct effect, with the treatment high": "direct[x=1]",
        "Total indirect effect, difference high less low": "indirect[total,x=1-0]",
        "Interaction of the channels": "indirect[interaction]",
        "Joint indirect effect through m1, m2, with the treatment low": "indirect[m1+m2,x=0]",
    }.items():
        assert found[label][0].rstrip("*") == f"{estimate(outcomes, 'probit', term):.3f}"


def test_labels_of_levels_are_chinese_in_a_chinese_table(outcomes):
    found = lines(table_of(outcomes, Labels("zh", NAMED), models=["probit"]))
    assert {"中介的变化（a）", "平均间接效应（ACME）", "间接效应，处理取低水平时", "渠道之间的交互"} <= set(found)


def test_levels_of_a_treatment_stand_side_by_side_with_their_own_numbers(outcomes):
    [part] = table_of(outcomes, Labels("en", NAMED), models=["sizes"]).parts
    assert part.headers[1].cells == (("Firm size = Medium", 4), ("Firm size = small-and-new", 4))
    total = next(row for row in part.rows if row.label == "Total effect")
    for place, level in ((0, "medium"), (4, "small-and-new")):
        shown = f"{estimate(outcomes, 'sizes', f'total[size={level}]'):.3f}"
        assert total.cells[place].text == shown


def test_linear_equations_and_potential_outcomes_of_the_same_mediators_stand_below_each_other(outcomes):
    first, second = table_of(outcomes, models=["probit", "linear"]).parts
    assert "Indirect effect (a × b)" not in [row.label for row in first.rows]
    assert "Indirect effect (a × b)" in [row.label for row in second.rows]


def test_a_table_keeps_terms_with_their_level_as_the_estimates_have_them(outcomes):
    [part] = table_of(outcomes, models=["sizes"], keep=["total[size=medium]", "direct[size=small-and-new]"]).parts
    rows = {row.label: [cell.text for cell in row.cells] for row in part.rows if row.kind == "plain"}
    assert rows["Total effect"][4:] == [""] * 4
    assert rows["Average direct effect (ADE)"][:4] == [""] * 4
    assert rows["Total effect"][0]
    own = {"total[size=medium]": Bilingual(en="Own", zh="Own")}
    assert "Own" in lines(table_of(outcomes, models=["sizes"], rename=own))


def test_shares_of_a_level_that_mean_nothing_are_not_printed(outcomes):
    for level in decomposition("sizes", outcomes, "").contrasts:
        total, direct = level.effects["total"], level.effects["direct"]
        through = [level.effects[f"indirect[{name}]"] for name in level.mediators]
        signs = {float(np.sign(row["estimate"])) for row in (total, direct, *through)}
        assert level.shares_mean_nothing == (total["p_value"] >= 0.05 or len(signs) > 1)
    said_of = outcomes.notes.query("code.str.startswith('share_not_meaningful')")
    assert said_of["text_en"].str.contains("size=medium").any()


def test_the_words_tell_of_two_levels_and_of_no_unit(outcomes):
    found = decomposition("probit", outcomes, "")
    text = mediation_in_words(found, Labels("en", NAMED), 3)
    total = f"{estimate(outcomes, 'probit', 'total'):.3f}"
    assert text.startswith(
        f"From the low to the high level of d (the notes give them), Exit changes by {total} in total (95 % interval "
    )
    assert "one-unit" not in text
    assert "by the interaction of the channels" in text
    assert "With the treatment at its high level, the indirect effect through Margin differs by" in text
    assert "From 0 to 1 of x" not in text
    assert mediation_in_words(found, Labels("zh", NAMED), 3).startswith(
        f"d由低水平升至高水平（见注），退出总体变动 {total}"
    )


def test_the_words_name_the_level_of_a_treatment_with_several(outcomes):
    level = decomposition("sizes", outcomes, "").contrasts[0]
    total = f"{estimate(outcomes, 'sizes', 'total[size=medium]'):.3f}"
    assert mediation_in_words(level, Labels("en", NAMED), 3).startswith(
        f"From the reference level of Firm size (the notes give it) to Medium, Exit changes by {total} in total"
    )


def test_the_parts_in_words_add_up_to_the_total(outcomes):
    effects = decomposition("sizes", outcomes, "").contrasts[1].effects
    parts = ["indirect[m1]", "indirect[m2]", "indirect[interaction]", "direct"]
    assert sum(effects[term]["estimate"] for term in parts) == pytest.approx(effects["total"]["estimate"])


def test_a_path_diagram_draws_the_change_and_the_indirect_effect_and_says_so(outcomes):
    made = picture(outcomes, "paths", "probit")
    drawing = made.draw()
    check_nothing_meets(drawing)
    drawn = said(drawing)
    change, through = (estimate(outcomes, "probit", term) for term in ("a[m1]", "indirect[m1]"))
    digits = shown_decimals(made.data["std_error"].tolist())
    assert f"change\n{change:.{digits}f}***" in drawn
    assert f"indirect\n{through:.{digits}f}***" in drawn
    assert "its average indirect effect, not a coefficient" in drawn
    data = made.data.set_index("term")
    assert data.loc["indirect[m1]", "estimate"] == through
    assert tuple(data.loc["indirect[m1]", ["from", "to"]]) == ("m1", "event")
    assert not any(term.startswith("b[") for term in data.index)


def test_figures_that_such_a_mediation_cannot_have_are_refused_by_name_and_skipped_unnamed(outcomes):
    with pytest.raises(InputError, match="'sizes' has 2 levels of the treatment, each with its own paths"):
        picture(outcomes, "paths", "sizes")
    with pytest.raises(InputError, match="'probit' is by potential outcomes, which have no moderators of channels"):
        picture(outcomes, "conditional", "probit")
    with pytest.raises(InputError, match="by potential outcomes, and the curve is built for linear equations"):
        picture(outcomes, "sensitivity", "probit")
    made = pictures_of([], outcomes, ROWS, DICTIONARY, Labels("en"))
    names = [figure.name for figure, _ in made if figure.name.startswith(("probit", "sizes", "pair"))]
    assert names == ["probit_paths", "pair_paths"]
    assert Figure(name="probit_paths", kind="paths", model="probit") in [figure for figure, _ in made]


def test_macros_of_levels_are_unique_and_readable(outcomes):
    text = macros(outcomes.estimates.query("model != 'linear'"), {}).decode()
    found = re.findall(r"\\newcommand\{\\involutionMadeUp([^}]*)\}", text)
    assert len(found) == len(set(found))
    assert {
        "ProbitIndirectMOneAtXOne",
        "ProbitIndirectMOneAtXOneMinusZero",
        "ProbitDirectAtXZero",
        "ProbitIndirectInteraction",
        "SizesTotalAtSizeMedium",
        "SizesAMOneAtSizeSmallAndNew",
        "SizesContrastMOneMinusMTwoAtSizeMedium",
    } <= set(found)
    # A name that another has taken ends in a letter of its own: none does here.
    terms = outcomes.estimates.query("model == 'sizes'")["term"]
    rest = ("SE", "T", "P", "Low", "High")
    assert len([name for name in found if name.startswith("Sizes") and not name.endswith(rest)]) == len(terms)
    assert not any(name.endswith("B") for name in found)


def test_each_part_of_a_word_table_repeats_its_own_headers(outcomes):
    import docx

    content = mediation_table(
        Table(name="t", kind="mediation", models=["probit", "linear"]), outcomes, Labels("en"), "Title"
    )
    grids = docx.Document(io.BytesIO(render(content, "docx"))).tables
    assert len(grids) == len(content.parts) == 2
    for grid, part in zip(grids, content.parts, strict=True):
        repeated = [row._tr.trPr is not None and bool(row._tr.trPr.xpath("w:tblHeader")) for row in grid.rows]
        assert repeated == [True] * len(part.headers) + [False] * len(part.rows)
    widths = [[column.width for column in grid.columns] for grid in grids]
    assert widths[0] == widths[1]


def test_labels_of_terms_say_the_level():
    labels = Labels("en", NAMED)
    assert labels.term("indirect[m1,x=1]") == "Indirect effect through Margin, with the treatment high"
    assert labels.term("total[size=medium]") == "Total effect, Firm size = Medium"
    assert labels.term("indirect[interaction,size=a-b=c]") == "Interaction of the channels, Firm size = a-b=c"
    assert Labels("zh", NAMED).term("direct[x=1-0]") == "直接效应，高水平减低水平之差"


def test_rows_of_a_treatment_that_is_not_named_elsewhere_are_read(outcomes):
    assert decomposition("probit", outcomes, "").treatment == "d"
    assert decomposition("pair", outcomes, "").treatment == "size"
    assert isinstance(decomposition("pair", outcomes, "").effects["total"], pd.Series)
