"""What the table of threats concludes from results that are missing, failed or not significant."""

import numpy as np
import pandas as pd
import pytest

from involution.exhibits.columns import Results
from involution.exhibits.labels import Labels
from involution.exhibits.tables import table_contents
from involution.models.hypotheses_texts import HYPOTHESES_TEXTS
from involution.models.notes import note
from involution.models.tidy import ESTIMATES, of_failure, statistic_rows
from involution.study.tables import Table


def rows(model, terms, block="baseline", vcov="crv3(industry)", p_value=0.5, outcome="y", interval=(-1.0, 1.0)):
    """Estimates of a model."""
    about = dict.fromkeys(ESTIMATES, np.nan) | {
        "study": "s", "block": block, "model": model, "estimator": "ols", "outcome": outcome, "estimate": 0.1,
        "ci_low": interval[0], "ci_high": interval[1], "p_value": p_value, "vcov": vcov, "fixed_effects": "firm",
    }  # fmt: skip
    return pd.DataFrame([about | {"term": term} for term in terms])


def failed(model, block="baseline"):
    made = of_failure(model, "nothing is left", estimator="ols", outcome="y", fixed_effects=("firm",))
    return [frame.assign(study="s", block=block) for frame in (made.estimates, made.notes)]


def statistics(model, block, *entries):
    return statistic_rows(model, [(name, value, 1.0, p) for name, value, p in entries]).assign(study="s", block=block)


def results(estimates, stats=(), notes=(), hypotheses=None):
    empty = statistic_rows("", ())
    given = {} if hypotheses is None else {"hypotheses": hypotheses}
    said = pd.concat([pd.DataFrame(columns=["model", "code", "text_en", "text_zh"], dtype=str), *notes])
    return Results(
        pd.concat(estimates, ignore_index=True),
        pd.concat([empty.assign(study="", block=""), *stats], ignore_index=True),
        said.reset_index(drop=True), pd.DataFrame(), {}, **given,
    )  # fmt: skip


def made(found, language="en"):
    (table,) = table_contents(
        [Table(name="t", kind="threats")], [], found, pd.DataFrame({"in_sample": [True]}), Labels(language)
    )
    return table


def under(table, heading):
    every = list(table.parts[0].rows)
    start = next(k for k, row in enumerate(every) if row.kind == "heading" and row.label == heading) + 1
    end = next((k for k in range(start, len(every)) if every[k].kind == "heading"), len(every))
    return [(row.label, row.cells[0].text) for row in every[start:end]]


def noted(table, name):
    return next(note for note in table.notes if note.startswith((f"{name}:", f"{name}：")))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_study_without_any_estimate_says_why(language):
    estimates, notes = failed("baseline_y")
    table = made(results([estimates], notes=[notes]), language)
    heading = {"en": "Asked for, and could not be estimated", "zh": "已设定但无法估计的模型"}[language]
    ((name, why),) = under(table, heading)
    assert name == "baseline_y"
    said = note("not_estimable", reason="nothing is left").text(language)
    assert why == (said.replace(":", "：") if language == "zh" else said)
    few = {"en": "no baseline could be estimated", "zh": "基准回归均未能估计"}[language]
    assert few in noted(table, {"en": "Few clusters", "zh": "聚类数不足"}[language])


def test_controls_without_steps_are_not_the_absence_of_controls():
    with_controls = made(results([rows("baseline_y", ["x", "c"])]))
    assert "has controls and no step without them" in noted(with_controls, "Bad controls")
    assert "no controls beside its fixed effects" in noted(made(results([rows("baseline_y", ["x"])])), "Bad controls")


def test_clusters_are_of_the_baselines_that_could_be_estimated():
    estimates, notes = failed("baseline_y0")
    stats = statistics("baseline_y", "baseline", ("n_clusters", 17.0, np.nan), ("effective_clusters", 15.0, np.nan))
    fine = rows("baseline_y", ["x"]).assign(n_clusters=17)
    table = made(results([estimates, fine], [stats], [notes]))
    told = under(table, "Few clusters")
    assert told == [("Variance of baseline_y: crv3(industry)", "17 clusters, as good as 15.0 equal ones")]


def test_the_bootstrapped_p_value_is_that_of_the_treatment():
    wild = rows("nofe", ["(Intercept)", "x"], "robustness", "wild(industry)").assign(p_value=[np.nan, 0.03])
    lost = rows("lost", ["x"], "robustness", "wild(industry)", p_value=np.nan)
    told = dict(under(made(results([rows("baseline_y", ["x"]), wild, lost])), "Few clusters"))
    assert told["Wild cluster bootstrap (nofe)"] == "p: 0.030"
    assert told["Wild cluster bootstrap (lost)"].startswith("could not be computed")


@pytest.mark.parametrize(("reason", "named"), [("", "Romano and Wolf"), (HYPOTHESES_TEXTS["holm"][0], "Holm")])
def test_a_family_is_called_by_what_adjusted_it(reason, named):
    board = pd.DataFrame(
        [{"hypothesis": "H1", "family": "main", "p_romano_wolf": 0.2, "reason": f"estimate 1; {reason}"}]
    )
    ((label, shown),) = under(made(results([rows("baseline_y", ["x"])], hypotheses=board)), "Many tests")
    assert label.startswith(f"Step-down p-values of {named}, family main")
    assert shown == "0 of 1 tests at 5 %"


def test_leads_that_could_not_be_tested_are_not_done():
    stats = statistics("ahead", "endogeneity", ("leads_f", np.nan, np.nan))
    table = made(results([rows("baseline_y", ["x"]), rows("ahead", ["x"], "endogeneity")], [stats]))
    ((_, shown),) = under(table, "Reverse causality")
    assert shown.startswith("could not be computed")
    assert "leads find feedback" not in noted(table, "Reverse causality")


@pytest.mark.parametrize(("p", "meaning"), [(0.029, "contradict each other"), (0.4, "no contradiction found")])
def test_hansen_is_told_by_what_it_finds(p, meaning):
    stats = statistics("two", "endogeneity", ("hansen_j", 4.789, p))
    table = made(results([rows("baseline_y", ["x"]), rows("two", ["x"], "endogeneity")], [stats]))
    told = dict(under(table, "Omitted variables"))
    assert meaning in told["Hansen J, over-identifying restrictions (two)"]


def test_there_is_no_significance_to_keep_where_there_is_none():
    stats = [statistics(name, "robustness", ("leave_out_significant", 0.1, np.nan)) for name in ("none", "some")]
    every = [rows("baseline_y", ["x"]), rows("none", ["x"], "robustness"),
             rows("some", ["x"], "robustness", interval=(0.05, 0.2))]  # fmt: skip
    shown = [text for _, text in under(made(results(every, stats)), "Single groups")]
    assert shown == ["0.100, not significant on all rows: there is none to keep", "0.100"]
