"""The decomposition table and its sentences: every effect once, the causal status first, the words from the numbers."""

import re
from dataclasses import replace

import numpy as np
import pytest

from involution.errors import InputError
from involution.exhibits.decomposition import decomposition, shown_decimals
from involution.exhibits.labels import Labels
from involution.exhibits.mediation_table import mediation_table
from involution.exhibits.regression import regression_table
from involution.exhibits.render import render
from involution.exhibits.tables import build_tables
from involution.exhibits.words import mediation_in_words
from involution.study.base import Bilingual
from involution.study.block_tables import decomposition_table, mechanism_table
from involution.study.tables import Table

from .conftest import DICTIONARY, HOSTILE
from .mediated import EFFECTS, MEDIATORS, MODERATOR, made_up

NAMED = {
    "x": Bilingual(en="Pressure", zh="内卷压力"),
    "y": Bilingual(en="Innovation", zh="创新"),
    "m1": Bilingual(en="Margin", zh="利润率"),
    "m2": Bilingual(en="Myopia", zh="短视"),
}


def table_of(results, labels=None, **options):
    table = Table(name="t", kind="mediation", **options)
    return mediation_table(table, results, labels or Labels("en"), "Title")


def lines(content):
    return {row.label: [cell.text + cell.stars for cell in row.cells] for part in content.parts for row in part.rows}


def test_every_effect_has_a_row_of_its_own(mediated):
    content = table_of(mediated, models=["oracle"])
    numbers = [
        row for row in content.parts[0].rows if row.kind == "plain" and len([c for c in row.cells if c.text]) == 4
    ]
    terms = mediated.estimates.query("model == 'oracle'")["term"]
    assert len(numbers) == len(terms) == 33


def test_a_row_is_the_estimate_with_stars_its_error_and_its_interval():
    found = lines(table_of(made_up(EFFECTS)))
    assert found["Total effect"] == ["-0.300***", "0.050", "-0.400", "-0.200"]
    assert found["Direct effect"] == ["-0.060", "0.040", "-0.140", "0.020"]
    assert found["Total indirect effect"] == ["-0.240***", "0.060", "-0.360", "-0.130"]


def test_channels_come_first_and_then_their_sum(mediated):
    headings = [row.label for row in table_of(mediated, models=["oracle"]).parts[0].rows if row.kind == "heading"]
    assert headings == [
        *(f"Through {name}" for name in MEDIATORS),
        "All channels",
        "Differences between channels",
        f"Through latent_constraint, by {MODERATOR}",
        f"Direct effect, by {MODERATOR}",
        "Tests",
    ]


def test_rows_at_values_of_a_moderator_leave_to_the_heading_what_it_says(mediated):
    labels = [row.label for row in table_of(mediated, models=["oracle"]).parts[0].rows]
    direct = labels[labels.index(f"Direct effect, by {MODERATOR}") + 1 :]
    assert direct[:3] == ["Effect at P10", "Effect at P50", "Effect at P90"]


def test_shares_bear_no_stars_and_are_not_printed_where_they_mean_nothing():
    assert lines(table_of(made_up(EFFECTS)))["Share of the total effect"][0] == "0.133"
    results = made_up(EFFECTS, codes=("share_not_meaningful",))
    assert lines(table_of(results))["Share of the total effect"] == ["not meaningful", "", "", ""]
    assert lines(table_of(results, Labels("zh")))["占总效应比重"][0] == "无意义"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_causal_status_is_the_first_note_and_the_words_are_the_last(mediated, language):
    labels = Labels(language)
    notes = table_of(mediated, labels, models=["plain"]).notes
    status = mediated.notes.query("model == 'plain' and code == 'mediation_status'")[f"text_{language}"].iloc[0]
    assert labels.said(status).lower().rstrip(".") in notes[0].lower()
    assert notes[-1] == mediation_in_words(decomposition("plain", mediated, ""), labels, 3)


def test_instruments_speak_for_the_causal_status_in_place_of_the_usual_assumption():
    notes = table_of(made_up(EFFECTS, codes=("weak_instruments", "identified_treatment", "mediators_free"))).notes
    assert notes[0] == "Identified_treatment in words; mediators_free in words."


def test_mediations_of_the_same_mediators_stand_side_by_side_and_others_below(mediated):
    content = table_of(mediated, models=["oracle", "plain", "one", "six"])
    assert [len(part.headers[0].cells) for part in content.parts] == [2, 2, 2]
    assert content.n_columns == 8
    assert all(len(row.cells) == 8 for part in content.parts for row in part.rows)
    numbers = [text for part in content.parts for text, _ in part.headers[2].cells if text]
    assert numbers == ["(1)", "(2)", "(3)", "(4)"]


def test_a_study_s_mediations_are_all_shown_unless_named(mediated):
    assert len(table_of(mediated).parts) == len(
        table_of(mediated, models=["oracle", "one", "six", "chain", "failing"]).parts
    )


def test_a_mediation_that_failed_keeps_its_place_and_says_why(mediated):
    content = table_of(mediated, models=["failing"])
    assert content.parts[0].rows[0].cells[0].text == "not estimated"
    assert any("no variation" in note for note in content.notes)


def test_tests_of_all_channels_and_of_each_stand_in_the_table(mediated):
    found = lines(table_of(mediated, models=["oracle"]))
    value = mediated.statistics.query("model == 'oracle' and statistic == 'block_a'")["value"].iloc[0]
    assert found["All a are zero, F"][0] == f"{value:.3f}***"
    assert found["a and b jointly, p-value"][0] == "< 0.001"


def test_chains_have_effects_and_tests_of_their_own(mediated):
    found = lines(table_of(mediated, models=["chain"]))
    assert found["latent_margin on mediator (d)"][0]
    assert found["Indirect effect through latent_margin → latent_short_termism"][0]
    assert found["All paths of latent_margin → latent_short_termism jointly, p-value"][0]


def test_a_decomposition_without_total_and_direct_effect_has_the_rest():
    parts = tuple(row for row in EFFECTS if row[0] not in ("total", "direct") and not row[0].startswith("share"))
    found = lines(table_of(made_up(parts)))
    assert "Total effect" not in found
    assert found["Total indirect effect"][0] == "-0.240***"
    assert mediation_in_words(decomposition("m", made_up(parts), ""), Labels("en", NAMED)).startswith("Of it: −0.200")


def test_what_no_part_of_the_table_knows_is_printed_all_the_same():
    results = made_up((*EFFECTS, ("acme[m1]", 0.125, 0.1, 0.5, -0.1, 0.3)))
    assert lines(table_of(results))["acme[m1]"] == ["0.125", "0.100", "-0.100", "0.300"]


def test_a_table_shows_the_terms_that_it_keeps_and_not_those_that_it_drops():
    labels = [row.label for row in table_of(made_up(EFFECTS), keep=["total", "direct"]).parts[0].rows[:3]]
    assert labels == ["All channels", "Direct effect", "Total effect"]
    assert "Direct effect" not in lines(table_of(made_up(EFFECTS), drop=["direct"]))
    with pytest.raises(InputError, match="no model of the table has a term 'nothing'"):
        table_of(made_up(EFFECTS), keep=["nothing"])


def test_mediations_that_do_not_exist_are_refused(mediated, results):
    with pytest.raises(InputError, match=r"table 't': there is no mediation 'oracel'; the nearest is 'oracle'"):
        table_of(mediated, models=["oracel"])
    with pytest.raises(InputError, match="table 't': the study has no mediation"):
        table_of(results)


def test_a_regression_table_leaves_mediations_out_and_refuses_one_by_name(mediated):
    content = regression_table(Table(name="t"), mediated, Labels("en"), "Title")
    assert content.n_columns == len(MEDIATORS)
    with pytest.raises(InputError, match=r"'oracle' is a mediation, not a regression\n.*kind: mediation"):
        regression_table(Table(name="t", models=["oracle"]), mediated, Labels("en"), "Title")


def test_the_tables_of_a_block_are_the_mechanism_and_the_decomposition(mediated):
    names = [f"oracle_{name}" for name in MEDIATORS]
    tables = [mechanism_table("oracle", names, ["a_control"]), decomposition_table(["oracle"])]
    sample = DICTIONARY.assign(in_sample=True)
    files = build_tables(tables, [], {}, mediated, sample, DICTIONARY, formats=["md"], languages=["en", "zh"])
    assert {"mechanism_oracle.md", "mediation.md", "zh/mediation.md"} <= set(files)
    assert "机制检验" in files["zh/mechanism_oracle.md"].decode()


@pytest.mark.parametrize("kind", ["tex", "docx", "html", "md", "csv"])
def test_equal_tables_are_equal_bytes(mediated, kind):
    content = table_of(mediated, models=["oracle", "plain"])
    assert render(content, kind) == render(content, kind)


def test_latex_has_no_sign_that_only_unicode_has(mediated):
    text = render(table_of(mediated, models=["oracle"]), "tex").decode()
    assert text.isascii()
    assert r"$\rho$* at which" in text
    assert r"\multicolumn{5}{l}{\textit{Through latent\_margin}}" in text
    assert not re.findall(r"(?<!\\)[_#]", text.replace(r"\label{tab:t}", ""))


def test_names_are_shown_and_never_interpreted(mediated):
    own = {name: Bilingual(en=HOSTILE, zh=HOSTILE) for name in (*MEDIATORS, MODERATOR, "latent_pressure_l1")}
    page = render(table_of(mediated, Labels("en", own), models=["oracle"]), "html").decode()
    assert "<b>" not in page
    assert "Through &lt;b&gt;" in page


def test_headings_span_the_table_in_word(mediated):
    import io

    import docx

    content = table_of(mediated, models=["plain"])
    [grid] = docx.Document(io.BytesIO(render(content, "docx"))).tables
    spanned = [row for row in grid.rows if len(row._tr.tc_lst) == 1]
    assert [row.cells[0].text for row in spanned] == [
        row.label for row in content.parts[0].rows if row.kind == "heading"
    ]


def test_the_words_are_made_from_the_numbers():
    found = decomposition("m", made_up(EFFECTS), "")
    assert mediation_in_words(found, Labels("en", NAMED)) == (
        "A one-unit increase of Pressure goes with a change of Innovation by −0.300 in total (95 % interval −0.400 to "
        "−0.200; supported at 5 %). Of it: −0.200 through Margin (66.7 % of the total, 95 % interval −0.330 to −0.090; "
        "supported at 5 %); −0.040 through Myopia (13.3 % of the total, 95 % interval −0.110 to 0.010; not supported "
        "at 5 %); −0.060 remains as direct effect (95 % interval −0.140 to 0.020; not supported at 5 %)."
    )
    assert mediation_in_words(found, Labels("zh", NAMED)) == (
        "内卷压力每增加一个单位，创新总体变动 −0.300（95% 置信区间为 −0.400 至 −0.200；在 5% 水平上得到支持）。其中："
        "经由利润率为 −0.200（占总效应的 66.7%，95% 置信区间为 −0.330 至 −0.090；在 5% 水平上得到支持）；经由短视为 "
        "−0.040（占总效应的 13.3%，95% 置信区间为 −0.110 至 0.010；在 5% 水平上未得到支持）；直接效应为 −0.060（95% "
        "置信区间为 −0.140 至 0.020；在 5% 水平上未得到支持）。"
    )


def test_the_words_name_no_share_that_means_nothing():
    results = made_up(EFFECTS, codes=("share_not_meaningful",))
    assert "of the total" not in mediation_in_words(decomposition("m", results, ""), Labels("en"))


def test_the_words_tell_how_a_channel_goes_with_its_moderator():
    more = (
        ("a[m1]:w", 0.1, 0.01, 0.0, 0.08, 0.12),
        ("index_moderated_mediation[m1]", 0.04, 0.02, 0.04, 0.01, 0.08),
        ("indirect[m2,w=p90-p10]", 0.05, 0.04, 0.3, -0.03, 0.12),
    )
    text = mediation_in_words(decomposition("m", made_up((*EFFECTS, *more)), ""), Labels("en", NAMED))
    assert "The indirect effect through Margin changes by 0.040 with each unit of w (95 % interval 0.010 to" in text
    assert "From P10 to P90 of w, the indirect effect through Myopia changes by 0.050" in text


def test_the_treatment_is_that_of_the_statistics_or_of_the_mechanism(mediated):
    assert decomposition("oracle", mediated, "").treatment == "latent_pressure_l1"
    bare = replace(mediated, statistics=mediated.statistics.iloc[:0])
    assert decomposition("oracle", bare, "").treatment == "latent_pressure_l1"
    assert decomposition("one", bare, "").treatment == ""


def test_small_effects_get_as_many_decimals_as_their_errors_need():
    assert shown_decimals([0.05, 0.02]) == 3
    assert shown_decimals([0.5, 0.00123]) == 4
    assert shown_decimals([1e-12, np.nan]) == 6
    assert shown_decimals([]) == 3
