"""Feedback: the lead test and the half-panel jackknife beside every b."""

import numpy as np
import pandas as pd
import pytest

from involution.errors import InputError
from involution.models.design import Design
from involution.models.exogeneity import half_panel_jackknife, lead_test
from involution.models.mediation.mediate import mediate


def fed_back(feedback, firms=400, years=6, seed=1):
    """Outcome of the year from x, m and n; m of the year also from the outcome of the year before."""
    draws = np.random.default_rng(seed)
    rows = []
    for firm in range(firms):
        lasting, y = draws.normal(), 0.0
        for year in range(years):
            x = draws.normal()
            m = 0.5 * x + 0.5 * lasting + feedback * y + draws.normal()
            n = 0.3 * x + draws.normal()
            y = 0.2 * x + 0.4 * m + 0.3 * n + lasting + draws.normal()
            rows.append((firm, 2010 + year, firm % 50, x, m, n, draws.normal(), y))
    return pd.DataFrame(rows, columns=["firm", "year", "industry", "x", "m", "n", "w", "y"])


def decompose(data, fixed_effects=("firm", "year"), **options):
    options = {"inference": "delta", **options}
    return mediate(data, "y", "x", ["m", "n"], "w", fixed_effects, "industry", **options)


def statistics(found):
    return found.statistics.set_index("statistic")


def test_both_are_those_of_the_outcomes_equation():
    data = fed_back(0.3, firms=80)
    found, design = statistics(decompose(data)), Design(data, ["firm", "year"], "industry")
    formula = "y ~ x + w + m + n"
    tested, corrected = lead_test(design, formula, ["m", "n"], "crv3"), half_panel_jackknife(design, formula)
    for name in ("m", "n"):
        place = tested.terms.index(f"lead({name})")
        assert found.loc[f"lead_test[{name}]", "value"] == pytest.approx(tested.statistic[place], rel=1e-9)
        assert found.loc[f"lead_test[{name}]", "p_value"] == pytest.approx(tested.p_value[place], rel=1e-7)
        expected = corrected.estimate[corrected.terms.index(name)]
        assert found.loc[f"half_panel[b[{name}]]", "value"] == pytest.approx(expected, rel=1e-9)


def test_feedback_is_flagged_and_its_bias_made_smaller():
    found = decompose(fed_back(0.3))
    b = found.tidy().set_index("term").loc["b[m]", "estimate"]
    corrected = statistics(found).loc["half_panel[b[m]]", "value"]
    assert abs(corrected - 0.4) < abs(b - 0.4)
    said = next(remark for remark in found.remarks if remark.code == "feedback")
    assert "next year's m is significant" in said.text()
    assert "下一年的 m" in said.text("zh")


def test_they_can_be_left_out():
    found = decompose(fed_back(0.3, firms=80), feedback=False)
    assert not statistics(found).index.str.startswith(("lead_test", "half_panel")).any()


def test_without_feedback_nothing_is_said():
    assert not any(remark.code == "feedback" for remark in decompose(fed_back(0.0)).remarks)


def test_rows_are_those_of_all_equations():
    data = fed_back(0.3, firms=80)
    data["v"] = np.where(data["year"] == 2012, np.nan, data["w"])
    found = statistics(decompose(data, moderators={"m": {"by": "v", "stage": "first"}}))
    design = Design(data, ["firm", "year"], "industry", rows=data["v"].notna().to_numpy())
    tested = lead_test(design, "y ~ x + x:v + v + w + m + n", ["m", "n"], "crv3")
    expected = tested.statistic[tested.terms.index("lead(m)")]
    assert found.loc["lead_test[m]", "value"] == pytest.approx(expected, rel=1e-9)


def test_a_moderated_second_stage_has_a_lead_test_and_no_corrected_slope():
    found = statistics(decompose(fed_back(0.3, firms=80), moderators={"m": {"by": "w", "stage": "second"}}))
    assert "lead_test[m]" in found.index
    assert "half_panel[b[m]]" not in found.index
    assert "half_panel[b[n]]" in found.index


@pytest.mark.parametrize("change", ["no year", "no firm effect", "instruments", "text"])
def test_where_the_panel_does_not_allow_them_they_are_left_out_silently(change):
    data, options, effects = fed_back(0.3, firms=80), {}, ("firm",)
    if change == "no year":
        data = data.drop(columns="year")
    elif change == "no firm effect":
        effects = ("year",)
    elif change == "instruments":
        options = {"instruments": {"x": "z"}}
        data["z"] = data["x"] + np.random.default_rng(1).normal(size=len(data))
    else:
        data["year"] = data["year"].astype(str)
    found = decompose(data, effects, **options)
    assert not statistics(found).index.str.startswith(("lead_test", "half_panel")).any()


def test_two_rows_of_a_firm_and_year_are_refused_with_their_keys():
    data = fed_back(0.3, firms=80)
    twice = pd.concat([data, data.head(12)], ignore_index=True)
    with pytest.raises(InputError, match="two rows in a year") as caught:
        decompose(twice)
    keys = [f"{firm}, {year}" for firm, year in data[["firm", "year"]].head(10).to_numpy().tolist()]
    assert list(caught.value.problems[0].rows) == keys
    assert decompose(twice.assign(again=twice.duplicated()), where="not again").n_obs == decompose(data).n_obs
    assert decompose(twice.drop(columns="year"), ("firm",)).n_obs == len(twice)


def test_short_panels_have_a_lead_test_alone():
    found = statistics(decompose(fed_back(0.3, firms=80, years=3)))
    assert "lead_test[m]" in found.index
    assert not found.index.str.startswith("half_panel").any()


def test_names_that_a_formula_quotes_are_tested_too():
    data = fed_back(0.3, firms=80).rename(columns={"m": "gross margin", "w": "毛利 率"})
    found = mediate(data, "y", "x", ["gross margin", "n"], "毛利 率", ["firm", "year"], "industry", inference="delta")
    plain = statistics(decompose(fed_back(0.3, firms=80)))
    assert statistics(found).loc["lead_test[gross margin]", "value"] == pytest.approx(
        plain.loc["lead_test[m]", "value"], rel=1e-9
    )
    assert statistics(found).loc["half_panel[b[gross margin]]", "value"] == pytest.approx(
        plain.loc["half_panel[b[m]]", "value"], rel=1e-9
    )
