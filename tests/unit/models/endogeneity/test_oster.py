"""Oster's selection on the unobserved: against psacalc, and against data in which the unobserved is known."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.errors import NotEstimable
from involution.models.endogeneity.oster import movements

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "psacalc" / "oster.json").read_text())
EXPECTED = GOLDEN["psacalc"]
PRODUCTS = np.array(GOLDEN["products"])
ALL = movements(PRODUCTS, 0, 3, [], [1, 2])


def test_stata_psacalc_has_the_same_delta():
    """psacalc 2.1 in Stata 18 on simulated data (see the file)."""
    limit = ALL.r_max()
    assert ALL.r2_long == pytest.approx(EXPECTED["r_tilde"], rel=1e-13)
    assert limit == pytest.approx(EXPECTED["rmax13"], rel=1e-13)
    assert ALL.delta(limit) == pytest.approx(EXPECTED["delta_rm13"], rel=1e-12)
    assert ALL.delta(1.0) == pytest.approx(EXPECTED["delta_rm1"], rel=1e-12)
    assert ALL.delta(limit, 0.3) == pytest.approx(EXPECTED["delta_rm13_beta03"], rel=1e-11)


def test_stata_psacalc_has_the_same_effects_and_alternative_root():
    limit = ALL.r_max()
    found = ALL.adjusted(limit)
    assert found.estimate == pytest.approx(EXPECTED["beta_rm13_d1"], rel=1e-11)
    assert found.others == pytest.approx((EXPECTED["beta_rm13_d1_alt1"],), rel=1e-12)
    assert not found.turned
    assert ALL.adjusted(limit, 0.5).estimate == pytest.approx(EXPECTED["beta_rm13_d05"], rel=1e-11)
    assert ALL.adjusted(1.0).estimate == pytest.approx(EXPECTED["beta_rm1_d1"], rel=1e-12)


def test_the_one_root_on_the_wrong_side_is_that_of_psacalc_and_is_told():
    found = ALL.adjusted(ALL.r_max(), 2.0)
    assert found.estimate == pytest.approx(EXPECTED["beta_rm13_d2"], rel=1e-12)
    assert found.turned
    assert not found.others


def test_stata_psacalc_with_a_base_control():
    kept = movements(PRODUCTS, 0, 3, [2], [1])
    assert kept.delta(kept.r_max()) == pytest.approx(EXPECTED["delta_rm13_mc_x2"], rel=1e-12)
    assert kept.adjusted(kept.r_max()).estimate == pytest.approx(EXPECTED["beta_rm13_d1_mc_x2"], rel=1e-11)


@given(
    st.floats(-1.5, 1.5),
    st.sampled_from([-1.0, 1.0]),
    *[st.floats(0.2, 1.5) for _ in range(4)],
)
def test_the_true_effect_is_a_root_at_the_true_selection(effect, sign, on_x, on_y, hidden_x, hidden_y):
    """Observed and hidden index orthogonal: selection is known, and with it the effect comes out."""
    observed, hidden, noise, error = np.eye(4)
    x = sign * on_x * observed + sign * hidden_x * hidden + noise
    y = effect * x + on_y * observed + hidden_y * hidden + error
    columns = np.column_stack([x, observed, y])
    moved = movements(columns.T @ columns, 0, 2, [], [1])
    delta = (hidden_x / hidden_y) / (on_x / on_y)
    limit = 1 - 1 / float(y @ y)
    assert moved.delta(limit, effect) == pytest.approx(delta, rel=1e-6)
    found = moved.adjusted(limit, delta)
    assert min(abs(np.array([found.estimate, *found.others]) - effect)) < 1e-5
    # Fed back, the delta for a zero effect gives one.
    at_zero = moved.adjusted(limit, moved.delta(limit))
    assert min(abs(np.array([at_zero.estimate, *at_zero.others]))) < 1e-5


def test_controls_that_move_nothing_adjust_nothing():
    columns = np.eye(3)
    columns = np.column_stack([columns[0], columns[1], 0.5 * columns[0] + columns[2]])
    moved = movements(columns.T @ columns, 0, 2, [], [1])
    assert moved.adjusted(1.0).estimate == pytest.approx(0.5)


def test_a_limit_below_what_is_explained_is_refused():
    with pytest.raises(NotEstimable, match=r"below R2 with the controls in, 0\.4713"):
        ALL.r_max(0.3)
    assert ALL.approximate(ALL.r_max()) == pytest.approx(-0.0248910987, rel=1e-8)  # .4618 - .4319 x .1414/.1255
