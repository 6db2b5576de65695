"""Verdicts on hypotheses: supported, opposite, not supported, not testable, and what puts tests together."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from involution.models.blocks import run_models
from involution.models.families import adjusted_p_values
from involution.models.influence import no_influence
from involution.models.judged import Judged, Tidy
from involution.models.romano_wolf import adjusted, romano_wolf
from involution.models.scoreboard import VERDICTS, models_needed, scoreboard, together
from involution.models.tidy import HYPOTHESES
from involution.study.hypotheses import Hypothesis, statement_digest
from involution.study.models import Model

NAN = float("nan")
ROWS = [
    ("down", "x", -0.5, 0.1, 1e-4, -0.7, -0.3),
    ("down", "w", 0.1, 0.2, 0.6, -0.3, 0.5),
    ("up", "x", 0.5, 0.1, 1e-4, 0.3, 0.7),
    ("weak", "x", -0.2, 0.11, 0.06, -0.42, 0.02),
    ("bins", "at[low]", -0.3, 0.1, 0.01, -0.5, -0.1),
    ("bins", "at[middle]", -0.1, 0.1, 0.3, -0.3, 0.1),
    ("bins", "at[high]", 0.2, 0.1, 0.04, 0.0, 0.4),
    ("bins", "lost", NAN, NAN, NAN, NAN, NAN),
    ("bare", "x", 0.4, NAN, NAN, NAN, NAN),
    ("failed", NAN, NAN, NAN, NAN, NAN, NAN),
]


@pytest.fixture
def found() -> Tidy:
    columns = ["model", "term", "estimate", "std_error", "p_value", "ci_low", "ci_high"]
    statistics = [("bins", "lind_mehlum", 2.1, NAN, 0.02), ("bins", "breakdown_m", 0.5, NAN, NAN)]
    notes = [("failed", "not_estimable", "not estimated: no rows", "未能估计：没有观测"), ("down", "missing", "a", "b")]
    return Tidy(
        pd.DataFrame(ROWS, columns=columns),
        pd.DataFrame(statistics, columns=["model", "statistic", "value", "df", "p_value"]),
        pd.DataFrame(notes, columns=["model", "code", "text_en", "text_zh"]),
    )


def hypothesis(*tests, **options) -> Hypothesis:
    return Hypothesis(name=options.pop("name", "H1"), statement="stated", tests=list(tests), **options)


def board(found, *hypotheses, influence=None) -> pd.DataFrame:
    influence = no_influence() if influence is None else influence
    return scoreboard(hypotheses, found, influence, study="s", seed=1, draws=999)


NEGATIVE = {"term": "x", "sign": "negative"}
SINGLE = [
    ({"model": "down", **NEGATIVE}, "supported", "-0.5"),
    ({"model": "up", **NEGATIVE}, "opposite", "other sign"),
    ({"model": "weak", **NEGATIVE}, "not_supported", "holds zero"),
    ({"model": "up", "term": "x", "sign": "nonzero"}, "supported", "leaves out zero"),
    ({"model": "bare", **NEGATIVE}, "not_testable", "no interval"),
    ({"model": "bare", **NEGATIVE, "by": "p_value"}, "not_testable", "no p-value"),
    ({"model": "failed", **NEGATIVE}, "not_testable", "no rows"),
    ({"model": "gone", **NEGATIVE}, "not_testable", "no result of the model gone"),
    ({"model": "down", "term": "y", "sign": "negative"}, "not_testable", "no term y"),
    ({"model": "bins", "term": "at[lo]", "sign": "negative"}, "not_testable", "nearest is 'at[low]'"),
    ({"model": "down", **NEGATIVE, "by": "p_value"}, "supported", "below 0.05"),
    ({"model": "up", **NEGATIVE, "by": "p_value"}, "opposite", "other sign"),
    ({"model": "weak", **NEGATIVE, "by": "p_value"}, "not_supported", "0.06 not below 0.05"),
    ({"model": "bins", "terms": ["at[low]", "at[middle]", "at[high]"], "monotone": "increasing"}, "supported", "-0.3"),
    ({"model": "bins", "terms": ["at[low]", "at[high]", "at[middle]"], "monotone": "increasing"}, "not_supported", ""),
    ({"model": "bins", "terms": ["at[high]", "at[low]"], "monotone": "decreasing"}, "supported", "decreasing"),
    ({"model": "bins", "terms": ["at[low]", "lost"], "monotone": "decreasing"}, "not_testable", "lost has no estimate"),
    ({"model": "bins", "terms": ["at[low]", "at[top]"], "monotone": "decreasing"}, "not_testable", "no term at[top]"),
    ({"model": "bins", "statistic": "breakdown_m", "at_least": 0.5}, "supported", "at least 0.5"),
    ({"model": "bins", "statistic": "breakdown_m", "at_least": 0.51}, "not_supported", "not at least"),
    ({"model": "bins", "statistic": "breakdown_m", "at_most": 0.5}, "supported", "at most"),
    ({"model": "bins", "statistic": "lind_mehlum", "p_below": 0.05}, "supported", "p = 0.02"),
    ({"model": "bins", "statistic": "lind_mehlum", "p_above": 0.05}, "not_supported", "not p above"),
    ({"model": "bins", "statistic": "breakdown_m", "p_below": 0.05}, "not_testable", "no p-value"),
    ({"model": "bins", "statistic": "lind_mehlun", "p_below": 0.05}, "not_testable", "nearest is 'lind_mehlum'"),
]


@pytest.mark.parametrize(("test", "verdict", "words"), SINGLE)
def test_a_test_has_its_verdict_and_says_why(found, test, verdict, words):
    row = board(found, hypothesis(test)).iloc[0]
    assert (row["verdict_of_test"], row["verdict"]) == (verdict, verdict)
    assert words in row["reason"]
    assert any("\u4e00" <= character <= "\u9fff" for character in row["reason_zh"])


@pytest.mark.parametrize(
    ("rule", "answers", "verdict"),
    [
        ("all", "SS", "supported"),
        ("all", "SN", "not_supported"),
        ("all", "SO", "not_supported"),
        ("all", "NO", "opposite"),
        ("all", "SU", "not_testable"),
        ("all", "NU", "not_supported"),
        ("all", "OU", "not_supported"),
        ("all", "OS", "not_supported"),
        ("all", "NOU", "not_supported"),
        ("all", "UU", "not_testable"),
        ("any", "SN", "supported"),
        ("any", "SO", "supported"),
        ("any", "SU", "supported"),
        ("any", "NO", "opposite"),
        ("any", "NN", "not_supported"),
        ("any", "NU", "not_testable"),
        ("any", "OU", "not_testable"),
    ],
)
def test_rules_put_tests_together(found, rule, answers, verdict):
    model = {"S": "down", "N": "weak", "O": "up", "U": "failed"}
    asked = hypothesis(*({"model": model[letter], **NEGATIVE} for letter in answers), rule=rule)
    assert set(board(found, asked)["verdict"]) == {verdict}


@pytest.mark.parametrize("rule", ["all", "any"])
@pytest.mark.parametrize("count", [2, 3])
def test_a_verdict_holds_whatever_the_unknown_tests_would_have_said(rule, count):
    tests = [{"model": "m", "term": f"t{k}", "sign": "positive"} for k in range(count)]
    asked = hypothesis(*tests, rule=rule)

    def verdict(answers):
        return together(asked, [Judged(answer, ()) for answer in answers])

    for answers in product(VERDICTS, repeat=count):
        known = [VERDICTS[:3] if answer == "not_testable" else (answer,) for answer in answers]
        possible = {verdict(filled) for filled in product(*known)}
        if len(possible) == 1:
            expected = possible.pop()
        else:
            expected = "not_testable" if "supported" in possible else "not_supported"
        assert verdict(answers) == expected, answers


def test_a_statistic_that_is_not_known_does_not_hide_that_the_effect_is_opposite(found):
    asked = hypothesis({"model": "up", **NEGATIVE}, {"model": "bins", "statistic": "gone", "at_least": 0.1})
    assert board(found, asked)["verdict"].unique().tolist() == ["opposite"]


def test_a_statistic_that_holds_does_not_hide_that_the_effect_is_opposite(found):
    asked = hypothesis({"model": "up", **NEGATIVE}, {"model": "bins", "statistic": "breakdown_m", "at_least": 0.1})
    assert board(found, asked)["verdict"].unique().tolist() == ["opposite"]


def test_a_one_sided_hypothesis_halves_its_p_value_but_not_that_of_the_evidence_against_it(found):
    one = hypothesis({"model": "weak", **NEGATIVE, "by": "p_value"}, one_sided=True)
    against = hypothesis({"model": "weak", "term": "x", "sign": "positive", "by": "p_value"}, one_sided=True, name="H2")
    assert board(found, one, against)["verdict"].tolist() == ["supported", "not_supported"]


def test_the_scoreboard_has_its_columns_also_without_hypotheses(found):
    empty = board(found)
    assert tuple(empty.columns) == HYPOTHESES
    assert empty.empty
    one = board(found, hypothesis({"model": "bins", "statistic": "breakdown_m", "at_least": 0.5}, exploratory=True))
    assert tuple(one.columns) == HYPOTHESES
    assert one.loc[0, ["test", "sign", "estimate", "term"]].tolist() == [1, ">= 0.5", 0.5, "breakdown_m"]
    assert one.loc[0, "stated"] == statement_digest(
        [hypothesis({"model": "bins", "statistic": "breakdown_m", "at_least": 0.5}, exploratory=True)]
    )


@pytest.fixture
def estimated(panel):
    """Four outcomes in one family of models, clustered by industry, and one clustered by firm."""
    rng = np.random.default_rng(8)
    data = panel.assign(
        in_sample=True,
        **{f"y{k}": e * panel.x + panel.y + rng.normal(size=len(panel)) for k, e in enumerate((-0.9, -0.6, -0.5, 0.6))},
    )
    models = [
        Model(name=f"m{k}", formula=f"y{k} ~ x | firm + year", cluster=["industry"], vcov="crv3") for k in range(4)
    ]
    models += [Model(name="by_firm", formula="y0 ~ x | firm + year", cluster=["firm"])]
    models += [Model(name="robust", formula="y0 ~ x | firm + year", vcov="hetero")]
    models += [Model(name="flat", formula="zero ~ x | firm + year", cluster=["industry"])]
    return run_models(models, data.assign(zero=0.0), study="s")


def tidy_of(result) -> Tidy:
    return Tidy(result.estimates, result.statistics, result.notes)


def wolf(model, sign="negative"):
    return {"model": model, "term": "x", "sign": sign, "by": "romano_wolf"}


def test_p_values_of_a_family_are_those_of_its_own_tests(estimated):
    asked = [
        hypothesis(wolf("m0"), wolf("m1"), name="H1", family="one"),
        hypothesis(wolf("m2"), name="H2", family="one"),
        hypothesis(wolf("m3", "positive"), name="H3", family="two"),
        hypothesis({"model": "m3", "term": "x", "sign": "positive"}, name="H4", family="one"),
    ]
    found = board(tidy_of(estimated), *asked, influence=estimated.influence)
    p = found.set_index(["hypothesis", "test"])["p_romano_wolf"]
    rows = estimated.estimates.set_index("model")
    moves = {m: part.set_index("cluster")["value"] for m, part in estimated.influence.groupby("model", observed=True)}
    by_hand = romano_wolf(
        [rows["p_value"][f"m{k}"] for k in range(3)], [moves[f"m{k}"] for k in range(3)], draws=9_999, seed=3
    )
    np.testing.assert_allclose([p["H1", 1], p["H1", 2], p["H2", 1]], by_hand, atol=0.03)
    assert p["H3", 1] == pytest.approx(rows["p_value"]["m3"], abs=2e-3)
    assert np.isnan(p["H4", 1])
    assert "Romano-Wolf p" in found["reason"][0]


def test_the_order_of_hypotheses_and_of_rows_does_not_matter(estimated):
    asked = [hypothesis(wolf(f"m{k}"), wolf("m3"), name=f"H{k}") for k in range(3)]
    first = board(tidy_of(estimated), *asked, influence=estimated.influence)
    mixed = estimated.estimates.sample(frac=1, random_state=1)
    turned = scoreboard(
        asked[::-1],
        Tidy(mixed, estimated.statistics, estimated.notes),
        estimated.influence.sample(frac=1, random_state=2),
        study="s",
        seed=1,
        draws=999,
    )
    again = turned.sort_values(["hypothesis", "test"], ignore_index=True)
    pd.testing.assert_frame_equal(again.drop(columns="stated"), first.drop(columns="stated"))


def test_another_family_or_a_test_that_cannot_be_made_does_not_change_a_familys_p_values(estimated):
    alone = [hypothesis(wolf("m1"), wolf("m2"), name="H1", family="one")]
    more = [*alone, hypothesis(wolf("m3"), name="H2", family="two"), hypothesis(wolf("flat"), name="H3", family="one")]
    first, second = (board(tidy_of(estimated), *asked, influence=estimated.influence) for asked in (alone, more))
    pd.testing.assert_series_equal(first["p_romano_wolf"], second["p_romano_wolf"][:2])
    assert second["verdict"].tolist()[-1] == "not_testable"


@pytest.mark.parametrize("other", ["by_firm", "robust"])
def test_without_common_clusters_a_family_falls_back_on_holm_and_says_so(estimated, other):
    asked = [hypothesis(wolf("m1"), wolf("m2"), wolf(other))]
    found = board(tidy_of(estimated), *asked, influence=estimated.influence)
    own = estimated.estimates.set_index("model")["p_value"][["m1", "m2", other]]
    np.testing.assert_allclose(found["p_romano_wolf"], adjusted(own.to_numpy(), "holm"))
    assert found["reason"].str.contains("Holm").all()


def test_a_term_that_two_hypotheses_name_is_one_test_of_the_family(estimated):
    rows = tidy_of(estimated).rows
    twice = [hypothesis(wolf("m1"), name="H1"), hypothesis(wolf("m1"), wolf("m2"), name="H2")]
    once = [hypothesis(wolf("m1"), wolf("m2"), name="H2")]
    first, second = (adjusted_p_values(a, rows, estimated.influence, seed=1, draws=499) for a in (twice, once))
    assert first["H2", 1] == first["H1", 1] == second["H2", 1]


def test_only_models_decided_by_their_family_are_needed():
    asked = [hypothesis(wolf("m1"), {"model": "m2", **NEGATIVE})]
    assert models_needed(asked) == ["m1"]
