"""The block heterogeneity: groups as asked for, rows of every test, failures that stop nothing, mistakes together."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.heterogeneity.simulated import panel

from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.run import run_block

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
CLOCK = {"treatment": -1, "moderator": -1, "outcome": 1, "controls": -1, "mediator": 0}
ASKED = {"name": "kind", "by": "group", "outcome": "y", "treatment": "x", "timing": CLOCK, "cluster": ["industry"],
         "draws": 99}  # fmt: skip


@pytest.fixture
def data():
    frame = panel(3, difference=0.5)
    draws = np.random.default_rng(1)
    size = np.exp(draws.normal(size=frame["firm"].nunique()))[frame["firm"]] * (1 + 0.02 * frame["year"])
    # The treatment of t moves y of t; the block dates them two years apart.
    moved = frame.groupby("firm")["y"].shift(2)
    size_class = np.where(size < 0.7, "micro", np.where(size < 1.8, "small", "medium"))
    return frame.assign(y=moved, in_sample=True, size=size, firm_size=size_class, text="a", one="b")


def run(data, *asked, **given):
    sections = {"heterogeneity": list(asked), "design": None, "derive": {}, "variables": {}, **given}
    return run_block("heterogeneity", sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=199)


def terms(result, model):
    return result.estimates[result.estimates["model"] == model].set_index("term")


def test_each_group_has_a_model_and_each_test_one(data):
    result = run(data, ASKED)
    models = list(dict.fromkeys(result.estimates["model"]))
    assert models == ["kind[a]", "kind[b]", "kind_interaction", "kind_stacked", "kind_permutation"]
    a, b = (terms(result, f"kind[{name}]").loc["x_l1", "estimate"] for name in "ab")
    tests = {test: terms(result, f"kind_{test}") for test in ("interaction", "stacked", "permutation")}
    for test in ("stacked", "permutation"):
        assert tests[test].loc["difference[group=b-a]", "estimate"] == pytest.approx(b - a, abs=1e-10)
    assert b - a == pytest.approx(0.5, abs=0.15)
    assert tests["permutation"].loc["difference[group=b-a]", "p_value"] == pytest.approx(0.01)
    assert tests["permutation"]["vcov"].tolist() == ["permutation"]
    assert tests["stacked"]["vcov"].iloc[0] == "crv3(industry)"
    assert tests["stacked"].index[0] == "x_l1[group=a]"
    statistics = result.statistics.set_index(["model", "statistic"])
    assert statistics.loc[("kind_stacked", "equal_effects"), "df"] == 1
    assert statistics.loc[("kind_permutation", "permutation_draws[b-a]"), "value"] == 99
    for kind in ("plain", "one_sided"):
        assert statistics.loc[("kind_permutation", f"permutation_{kind}[b-a]"), "p_value"] == pytest.approx(0.01)
    assert tests["stacked"]["n_obs"].iloc[0] == sum(terms(result, f"kind[{g}]")["n_obs"].iloc[0] for g in "ab")
    said = result.notes[result.notes["model"] == "kind_permutation"]["code"].tolist()
    assert {"heterogeneity_first", "heterogeneity_permutation_within_cluster"} <= set(said)
    assert set(result.influence["model"]) >= {"kind[a]", "kind_stacked"}


def test_one_name_and_seed_give_the_same_numbers_whatever_stands_beside(data):
    alone = run(data, ASKED)
    beside = run(data, {**ASKED, "name": "other"}, ASKED)
    rows = beside.estimates[beside.estimates["model"].str.startswith("kind")].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.estimates, rows)


def test_quantiles_are_of_the_first_value_of_each_firm(data):
    result = run(data, {**ASKED, "by": "size", "quantiles": 3, "test": "interaction"})
    assert list(dict.fromkeys(result.estimates["model"]))[:3] == ["kind[low]", "kind[middle]", "kind[high]"]
    first = data.sort_values("year").groupby("firm")["size"].first()
    cuts = ", ".join(f"{cut:.6g}" for cut in np.quantile(first, [1 / 3, 2 / 3]))
    [said] = result.notes[
        (result.notes["code"] == "heterogeneity_quantiles_firms") & (result.notes["model"] == "kind_interaction")
    ]["text_en"]
    assert cuts in said
    low = data[data["firm"].map(first) <= np.quantile(first, 1 / 3)]
    assert terms(result, "kind[low]")["n_firms"].iloc[0] == low["firm"].nunique()
    assert {"difference[size=middle-low]", "difference[size=high-low]"} <= set(terms(result, "kind_interaction").index)
    statistics = result.statistics.set_index(["model", "statistic"])
    assert statistics.loc[("kind_interaction", "equal_effects"), "df"] == 2


def test_groups_of_the_row_are_taken_at_the_year_of_the_treatment(data):
    result = run(data, {**ASKED, "by": "firm_size", "at": "row", "test": ["stacked"]})
    assert list(dict.fromkeys(result.estimates["model"])) == ["kind[micro]", "kind[small]", "kind[medium]",
                                                              "kind_stacked"]  # fmt: skip
    [said] = result.notes[(result.notes["code"] == "heterogeneity_row") & (result.notes["model"] == "kind_stacked")][
        "text_en"
    ]
    assert "firm_size_l1" in said
    effects = terms(result, "kind_stacked")["fixed_effects"].iloc[0]
    assert effects == "firm^firm_size_group + year^firm_size_group"


def test_groups_named_are_compared_with_the_first_and_others_left_out(data):
    result = run(data, {**ASKED, "by": "firm_size", "groups": ["small", "micro"], "test": "interaction"})
    interaction = terms(result, "kind_interaction")
    assert interaction.index[:2].tolist() == ["x_l1[firm_size=small]", "difference[firm_size=micro-small]"]
    assert "heterogeneity_without" in set(result.notes["code"])


def test_a_group_that_cannot_be_estimated_stops_nothing(data):
    flat = data.assign(
        group=np.where(data["firm"] % 9 == 0, "c", data["group"]), x=np.where(data["firm"] % 9 == 0, 1.0, data["x"])
    )
    result = run(flat, ASKED)
    failed = terms(result, "kind[c]")
    assert failed["estimate"].isna().all()
    assert "absorb" in failed["note"].iloc[0]
    assert "difference[group=b-a]" in terms(result, "kind_stacked").index
    assert "difference[group=c-a]" not in terms(result, "kind_stacked").index
    alone = run(flat, {**ASKED, "groups": ["a", "c"]})
    for test in ("interaction", "stacked", "permutation"):
        assert "a comparison takes two" in terms(alone, f"kind_{test}")["note"].iloc[0]


def test_poisson_has_the_first_two_tests_unless_all_are_asked_for(data):
    counts = data.assign(y=np.random.default_rng(2).poisson(2, len(data)))
    result = run(counts, {**ASKED, "estimator": "poisson"})
    assert "kind_permutation" not in set(result.estimates["model"])
    assert "heterogeneity_no_permutation" in set(result.notes["code"])
    with pytest.raises(InputError, match="built for least squares"):
        run(counts.rename(columns={"y": "patents"}), {**ASKED, "outcome": "patents", "test": ["permutation"]})


def test_a_design_gives_what_a_section_does_not_name(data):
    design = {"outcomes": ["y"], "treatment": "x", "timing": CLOCK, "controls": ["c"], "cluster": ["industry"]}
    result = run(data, {"name": "kind", "by": "group", "draws": 99}, design=design)
    assert terms(result, "kind[a]").index.tolist() == ["x_l1", "c_l1"]
    assert {"c_l1[group=a]", "c_l1[group=b]"} <= set(terms(result, "kind_stacked").index)


def test_mistakes_of_all_sections_are_told_together(data):
    with pytest.raises(InputError) as caught:
        run(
            data,
            {**ASKED, "by": "grop"},
            {**ASKED, "name": "b", "by": "size"},
            {**ASKED, "name": "c", "groups": ["a", "bb"]},
            {**ASKED, "name": "d", "by": "text", "quantiles": 2},
            {**ASKED, "name": "e", "by": "one"},
            {**ASKED, "name": "f", "by": "y", "at": "row", "quantiles": 2},
        )
    told = {problem.where: problem.what + problem.mend for problem in caught.value.problems}
    assert "no column 'grop'; the nearest is 'group'" in told["heterogeneity: kind, by"]
    assert "give quantiles: 2" in told["heterogeneity: b, by"]
    assert "the nearest is 'b'" in told["heterogeneity: c, groups"]
    assert "holds text" in told["heterogeneity: d, column 'text'"]
    assert "nothing to compare" in told["heterogeneity: e, by"]
    assert "select on it" in told["heterogeneity: f, by"]


def test_many_equal_values_make_no_quantile_groups(data):
    with pytest.raises(InputError, match="many share one value"):
        run(data.assign(size=np.where(data["firm"] % 4, 0.0, 1.0)), {**ASKED, "by": "size", "quantiles": 4})
