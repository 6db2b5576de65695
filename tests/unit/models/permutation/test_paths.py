"""Who gets whose path: whole paths, within the same years, one draw whatever the others."""

import numpy as np
import pytest
from tests.unit.models.permutation.worlds import panel

from involution.errors import NotEstimable
from involution.models.permutation.paths import paths_of
from involution.models.permutation.shuffled import permutation_p


def made(data, **given):
    return paths_of(data, ["x"], "industry", "year", np.ones(len(data), dtype=bool), **given)


def test_the_identity_is_the_treatment_about_its_mean():
    data = panel()
    paths = made(data)
    same = paths.column(0, np.arange(paths.n_units))
    assert same == pytest.approx(data["x"].to_numpy() - data["x"].mean(), abs=1e-12)


def test_an_industry_gets_the_whole_path_of_another_and_rows_keep_what_is_their_own():
    data = panel(gap=False)
    paths = made(data)
    given = paths.permutation(3, 0)
    moved = data.assign(moved=paths.column(0, given) + data["x"].mean())
    means = data.groupby(["industry", "year"])["x"].mean().unstack()
    for unit, donor in enumerate(given):
        own = moved[moved["industry"] == unit]
        theirs = means.loc[donor, own["year"]].to_numpy() - means.loc[unit, own["year"]].to_numpy()
        assert own["moved"].to_numpy() - own["x"].to_numpy() == pytest.approx(theirs, abs=1e-12)


def test_an_index_that_leaves_the_firm_out_moves_as_the_mean_over_the_donors_firms():
    data = panel(gap=False)
    paths = made(data, leaves_out=[True])
    given = paths.permutation(3, 1)
    moved = paths.column(0, given) + data["x"].mean()
    means = data.groupby(["industry", "year"])["x"].mean()
    for unit, donor in enumerate(given):
        own = data["industry"].to_numpy() == unit
        expected = means[[(donor, year) for year in data["year"][own]]].to_numpy() if donor != unit else data["x"][own]
        assert moved[own] == pytest.approx(np.asarray(expected), abs=1e-12)


def test_only_industries_with_the_same_years_exchange():
    paths = made(panel(gap=True))
    assert 3 not in paths.moving
    assert len(paths.moving) == 11
    for number in range(20):
        given = paths.permutation(1, number)
        assert given[3] == 3
        assert sorted(given) == list(range(12))


def test_a_draw_depends_on_no_other_and_not_on_the_order_of_rows():
    data = panel()
    paths = made(data)
    shuffled = made(data.sample(frac=1, random_state=1).reset_index(drop=True))
    together = paths.permutations(5, range(30))
    for number in (0, 7, 29):
        assert (paths.permutation(5, number) == together[number]).all()
        assert (shuffled.permutation(5, number) == together[number]).all()
    assert not (paths.permutation(6, 0) == together[0]).all()


def test_too_few_industries_that_can_exchange_are_told():
    data = panel(industries=4, firms=40)
    with pytest.raises(NotEstimable, match="3 units of industry have a path over the same years"):
        made(data)


def test_without_the_actual_statistic_there_is_no_p_value():
    assert np.isnan(permutation_p(np.array([np.nan, 1.0, 2.0])))
