"""Bounds of Rambachan and Roth: what the R package HonestDiD prints, explicit programmes, coverage and invariance."""

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from tests.unit.models.event_study.benzarti_carloni import COVARIANCE, ESTIMATE, LAGS, LEADS

from involution.errors import InputError
from involution.models.event_study import relative_magnitudes as rm
from involution.models.event_study.honest import breakdown, honest_bounds
from involution.models.event_study.smoothness import folded_quantile, shortest_weights

FIRST = (1.0, 0.0, 0.0, 0.0)

# R HonestDiD 0.2.x, createSensitivityResults_relativeMagnitudes on BCdata_EventStudy (method C-LF), printed in
# test/unit-tests-consistency.R.log of github.com/mcaceresb/stata-honestdid. Upper ends of the last two rows are the
# edge of R's grid and left out; R searches a grid of steps of about .0007 and simulates the critical value of the first
# stage.
PRINTED_RM = {
    0: (0.159, 0.233),
    2 / 9: (0.143, 0.248),
    4 / 9: (0.123, 0.266),
    6 / 9: (0.102, 0.287),
    8 / 9: (0.0786, 0.308),
    10 / 9: (0.0551, 0.329),
    12 / 9: (0.0315, 0.352),
    14 / 9: (0.00722, 0.376),
    16 / 9: (-0.0171, None),
    2: (-0.0422, None),
}
# The same with the average effect of the four years, on the grid of 100 points from -1 to 1.
PRINTED_RM_AVERAGE = {
    0: (0.192, 0.253),
    0.5: (0.0707, 0.354),
    1: (-0.0505, 0.495),
    1.5: (-0.192, 0.636),
    2: (-0.333, 0.778),
}
# The same with one year after adoption and the seven others before it.
PRINTED_RM_ONE = {0: (0.0713, 0.181), 0.5: (-0.0315, 0.306), 1: (-0.151, 0.441), 1.5: (-0.278, None), 2: (-0.411, None)}
# createSensitivityResults, method FLCI: first year; average of the years; one year after adoption.
PRINTED_SD = {0: (0.131, 0.216), 0.1: (0.119, 0.419), 0.2: (0.0194, 0.519), 0.3: (-0.0806, 0.619)}
PRINTED_SD_AVERAGE = {0: (0.133, 0.230), 0.1: (-0.186, 0.988), 0.2: (-0.686, 1.49), 0.3: (-1.19, 1.99)}
PRINTED_SD_ONE = {0: (-0.182, -0.106), 0.1: (0.192, 0.539), 0.2: (0.0919, 0.639), 0.3: (-0.00812, 0.739)}


def _ends(printed, target=None, kind="relative_magnitudes", leads=LEADS):
    found = honest_bounds(ESTIMATE, COVARIANCE, leads, LEADS + LAGS - leads, target, kind, list(printed))
    pairs = [
        (value, shown)
        for row, ends in zip(found[["low", "high"]].to_numpy(), printed.values(), strict=True)
        for value, shown in zip(row, ends, strict=True)
        if shown is not None
    ]
    return np.array(pairs).T


def test_relative_magnitudes_are_those_of_r() -> None:
    found, printed = _ends(PRINTED_RM, FIRST)
    assert np.abs(found - printed).max() < 0.0013


def test_relative_magnitudes_of_one_year_are_those_of_r() -> None:
    found, printed = _ends(PRINTED_RM_ONE, leads=7)
    assert np.abs(found - printed).max() < 0.0013


def test_relative_magnitudes_of_the_average_end_between_the_points_of_r_s_grid() -> None:
    """R tells the outermost of its grid's points that it accepts."""
    found = honest_bounds(ESTIMATE, COVARIANCE, LEADS, LAGS, None, "relative_magnitudes", list(PRINTED_RM_AVERAGE))
    grid = np.linspace(-1, 1, 100)
    for (low, high), printed in zip(found[["low", "high"]].to_numpy(), PRINTED_RM_AVERAGE.values(), strict=True):
        accepted = grid[(grid >= low) & (grid <= high)]
        assert (accepted[0], accepted[-1]) == pytest.approx(printed, abs=6e-4)


@pytest.mark.parametrize(
    ("printed", "target", "leads"),
    [(PRINTED_SD, FIRST, 4), (PRINTED_SD_AVERAGE, None, 4), (PRINTED_SD_ONE, None, 7)],
    ids=["first", "average", "one"],
)
def test_smoothness_is_that_of_r(printed, target, leads) -> None:
    """R simulates the quantile of the folded normal, to about 1e-4."""
    found, shown = _ends(printed, target, "smoothness", leads)
    assert np.abs(found - shown).max() < 0.006 if target is None else np.abs(found - shown).max() < 0.0007


def test_smoothness_is_the_length_of_a_cone_programme() -> None:
    """Half lengths of moderndid 0.2.0 (the same problem by cone programmes), M over nine steps to .202169869297069."""
    m = np.linspace(0, 0.202169869297069, 10)
    found = honest_bounds(ESTIMATE, COVARIANCE, LEADS, LAGS, FIRST, "smoothness", m)
    half = ((found["high"] - found["low"]) / 2).to_numpy()
    expected = [
        0.042330058059, 0.072067246593, 0.094505364318, 0.116968152604, 0.139431485537,
        0.161894818610, 0.184358151684, 0.206821484757, 0.229284817830, 0.251748150904,
    ]  # fmt: skip
    assert half == pytest.approx(expected, abs=2e-7)


def test_no_other_weights_give_a_shorter_interval() -> None:
    """Against a search without derivatives from many starts, on covariances drawn at random."""
    generator = np.random.default_rng(5)
    for m in (0.03, 0.3):
        factor = generator.standard_normal((6, 8))
        covariance = factor @ factor.T / 8
        target = np.array([0.2, 0.3, 0.5])
        years = np.array([-3, -2, -1, 1, 2, 3.0])
        bends = _second_differences(3, 3)

        def length(free, covariance=covariance, m=m, years=years, target=target, bends=bends):
            weights = np.concatenate([free, [0.0], target])
            weights[2] = weights @ years
            sd = np.sqrt(weights @ covariance @ weights)
            return sd * folded_quantile(m * np.abs(bends @ weights).sum() / sd, 0.05)

        ours = length(shortest_weights(covariance, 3, target, m, 0.95)[:2])
        starts = generator.standard_normal((12, 2))
        searched = [
            minimize(length, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}).fun
            for start in starts
        ]
        assert ours <= min(searched) + 1e-7


def _second_differences(leads: int, lags: int) -> np.ndarray:
    """Drifts whose second difference is one in one year: the inverse of differencing twice, first slope zero."""
    years = np.arange(-leads, lags + 1)
    twice = np.diff(np.eye(len(years)), n=2, axis=0)
    anchored = np.vstack([twice, np.eye(len(years))[leads], np.eye(len(years))[leads + 1] - np.eye(len(years))[leads]])
    drifts = np.linalg.inv(anchored)[:, : len(twice)]
    return np.delete(drifts, leads, axis=0).T


@pytest.mark.parametrize("m", [0.0, 0.7, 2.0])
def test_the_statistic_is_that_of_the_linear_programme(m) -> None:
    """The smallest violation over the effects not asked for, solved as written, is the largest of the vertices."""
    generator = np.random.default_rng(8)
    for _ in range(6):
        leads = 3
        factor = generator.standard_normal((6, 9))
        covariance, estimate = factor @ factor.T / 9, generator.standard_normal(6)
        target, tested = generator.standard_normal(3), float(generator.standard_normal())
        levels = np.insert(np.eye(6), leads, 0.0, axis=0)
        changes = np.diff(levels, axis=0)
        for s in range(leads):
            rows = np.vstack([changes[leads:] - m * changes[s], -changes[leads:] - m * changes[s]])
            sds = np.sqrt(np.einsum("ik,kl,il->i", rows, covariance, rows))
            # rows (b - effects) <= eta sd, target'effects = tested; unknown are eta and the effects.
            found = linprog(
                np.array([1.0, 0, 0, 0]),
                A_ub=np.column_stack([-sds, -rows[:, leads:]]),
                b_ub=-(rows @ estimate),
                A_eq=np.array([[0.0, *target]]),
                b_eq=[tested],
                bounds=[(None, None)] * 4,
            )
            pieces = rm._pieces(estimate, covariance, leads, target, m, 0.95)
            piece = pieces[2 * s]
            value = (piece.values + piece.slopes * tested).max()
            # With m = 0 two moments are opposite and the vertex that is always zero is left out.
            assert found.fun == pytest.approx(value if m else max(value, 0), abs=1e-7)


def test_the_least_favourable_value_is_exceeded_as_often_as_it_says() -> None:
    for m in (0.0, 0.5, 1.5):
        piece = rm._pieces(ESTIMATE, COVARIANCE, LEADS, np.array(FIRST), m, 0.5)[3]
        drawn = np.random.default_rng(1).multivariate_normal(np.zeros(len(piece.values)), piece.covariance, 200_000)
        assert (drawn.max(axis=1) > piece.least_favourable).mean() == pytest.approx(0.05, abs=0.002)


def test_breakdown_is_where_the_interval_reaches_zero() -> None:
    for kind in ("relative_magnitudes", "smoothness"):
        m = breakdown(ESTIMATE, COVARIANCE, LEADS, LAGS, FIRST, kind)
        below, above = honest_bounds(ESTIMATE, COVARIANCE, LEADS, LAGS, FIRST, kind, [m * 0.999, m * 1.001])["low"]
        assert below > 0 > above
    # R prints .00722 at 1.56 and -.0171 at 1.78.
    assert 1.56 < breakdown(ESTIMATE, COVARIANCE, LEADS, LAGS, FIRST) < 1.78
    nothing = np.append(ESTIMATE[:LEADS], [0.01, 0.0, 0.0, 0.0])
    assert breakdown(nothing, COVARIANCE, LEADS, LAGS, FIRST) == 0


def test_units_and_sign_of_the_outcome_change_nothing_else() -> None:
    for kind, grid in (("relative_magnitudes", [0.0, 1.0]), ("smoothness", [0.0, 0.1])):
        usual = honest_bounds(ESTIMATE, COVARIANCE, LEADS, LAGS, None, kind, grid)
        scale = -250.0
        units = [m * abs(scale) for m in grid] if kind == "smoothness" else grid
        other = honest_bounds(scale * ESTIMATE, scale**2 * COVARIANCE, LEADS, LAGS, None, kind, units)
        assert other["high"].to_numpy() == pytest.approx(scale * usual["low"].to_numpy(), rel=1e-5)
        assert other["low"].to_numpy() == pytest.approx(scale * usual["high"].to_numpy(), rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"leads": 3}, "beside"),
        ({"kind": "flat"}, "expected one of"),
        ({"leads": 0, "lags": 8}, "need a coefficient before"),
        ({"grid": (-1.0,)}, "not negative"),
        ({"target": (1.0, 2.0)}, "weighs"),
        ({"covariance": np.zeros((8, 8))}, "no variance"),
    ],
)
def test_what_cannot_be_bounded_is_refused(changes, said) -> None:
    usual = {"estimate": ESTIMATE, "covariance": COVARIANCE, "leads": LEADS, "lags": LAGS}
    with pytest.raises(InputError, match=said):
        honest_bounds(**{**usual, **changes})


def _covered(m, drift, draws, seed, kind="relative_magnitudes", truth=0.3):
    years = np.arange(-3, 3)
    effects = np.where(years >= 0, truth, 0.0)
    covariance = 0.01 * (0.4 ** np.abs(np.subtract.outer(range(6), range(6))))
    drawn = np.random.default_rng(seed).multivariate_normal(effects + drift, covariance, draws)
    ends = [honest_bounds(row, covariance, 3, 3, None, kind, [m]).iloc[0] for row in drawn]
    return np.mean([end.low <= truth <= end.high for end in ends])


def test_covers_the_effect_under_the_worst_drift() -> None:
    """A drift at the bound, by .2 a year before adoption and as fast after it: 95 % and more."""
    assert _covered(1.0, np.array([0.4, 0.2, 0.0, 0.2, 0.4, 0.6])[[0, 1, 2, 3, 4, 5]], 60, 3) >= 0.88


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "m"), [("relative_magnitudes", 1.0), ("smoothness", 0.1)])
def test_coverage_over_many_draws(kind, m) -> None:
    drift = (
        np.array([0.0, 0.0, 0.2, 0.2, 0.4, 0.6])
        if kind == "relative_magnitudes"
        else np.array([0.15, 0.05, 0.0, 0.1, 0.3, 0.6])
    )
    assert _covered(m, drift, 1_000, 11, kind) >= 0.935
