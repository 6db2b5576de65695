"""Acceptance tier E: a confounder of margin and innovation biases the indirect effect; rho_star flags it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.acceptance.confounded import SPURIOUS, confounded


def in_errors(differences: pd.Series) -> float:
    """The mean of draws in Monte Carlo standard errors.

    Parameters
    ----------
    differences : Series
    """
    return float(differences.mean() / (differences.std() / np.sqrt(len(differences))))


def inside(value: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """Whether intervals hold a value."""
    return low.le(value) & value.le(high)


def check(found: pd.DataFrame, limit: float) -> None:
    """What both lengths of the tier ask for.

    Parameters
    ----------
    found : DataFrame
    limit : float
        Monte Carlo errors of a bias.
    """
    assert abs(in_errors(found["indirect"] - found["truth"] - found["bias"])) <= limit
    assert abs(in_errors(found["indirect"] - found["truth"])) > 5
    assert abs(in_errors(found["corrected"] - found["truth"])) <= limit


def test_tier_e_the_indirect_effect_is_biased_as_predicted_and_right_at_the_planted_correlation():
    """Twenty draws: the planted effect is found at the error correlation of the confounder, and not without it."""
    found = confounded(range(5_000, 5_020))
    check(found, 2)
    assert found["rho"].between(0.15, 0.25).all()
    assert inside(found["truth"], found["low"], found["high"]).sum() <= 2
    assert inside(found["truth"], found["corrected_low"], found["corrected_high"]).sum() >= 17
    # More than the confounder would be needed to make the effect zero: it is overstated, its sign is right.
    assert (found["star_low"] > found["rho"]).all()


def test_tier_e_rho_star_flags_an_effect_that_is_nothing_but_the_confounder():
    """Twenty draws without an effect of margin: always significant, and rho_star is what the confounder plants."""
    found = confounded(range(5_000, 5_020), SPURIOUS)
    check(found, 2)
    assert (found["high"] < 0).all()
    assert abs(in_errors(found["rho_star"] - found["rho"])) <= 2
    assert inside(found["rho"], found["star_low"], found["star_high"]).sum() >= 17
