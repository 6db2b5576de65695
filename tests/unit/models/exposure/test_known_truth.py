"""Exposure on data whose truth is known: the planted interaction, and events that fall where slopes drift."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.exposure.conftest import FIRST, World, with_exposure

from involution.models.exposure.block import _recentred
from involution.models.exposure.regression import fitted
from involution.simulate import Noise, Settings, simulate

QUIET = Noise(
    mediators=(0.4, 0.03),
    margin_shock=(0.3, 0.005),
    innovation_shock=(0.5, 0.01),
    finance=(0.7, 0.025),
    innovation=0.03,
)


def slope(world, *, recentred=True, **asked):
    setting = world.setting(**asked)
    found = fitted(setting, {"event_exposure": _recentred(setting, True, recentred=recentred)})
    return found.slope(), float(found.fit.std_error[found.fit.terms.index(found.products[0])])


# --- the simulated study ---


def planted(seed, noise=QUIET, firms=800, **changed):
    """The interaction found on the latent columns, and its standard error; .04 is planted."""
    settings = Settings(firms=firms, noise=noise, **changed)
    simulated = simulate(settings, seed)
    panel = simulated.panel.assign(in_sample=True)
    timing = {"treatment": -1, "outcome": 1, "controls": -1}
    asked = {"outcome": "latent_innovation", "treatment": "latent_pressure", "timing": timing}
    world = World(panel, simulated.events)
    return slope(world, **asked)


def test_the_planted_interaction_is_found_where_noise_is_small():
    # Without events' own effects and other moderators, which noise of the panel would let stand beside exposure.
    found = [planted(seed, dose=False, effects=_alone()) for seed in range(3)]
    for estimate, std_error in found:
        assert abs(estimate - 0.04) < 3.5 * std_error
    estimate, std_error = np.mean([e for e, _ in found]), np.sqrt(np.mean([s**2 for _, s in found]) / len(found))
    assert std_error < 0.005
    assert abs(estimate - 0.04) < 3 * std_error


def _alone():
    return replace(Settings().effects, opportunity=0.0, management=0.0, finance_pressure_constraint=0.0)


@pytest.mark.slow
def test_the_planted_interaction_is_found_in_the_study_as_it_is():
    found = np.array([planted(seed, noise=Noise(), firms=1_500)[0] for seed in range(60)])
    assert abs(found.mean() - 0.04) < 2.5 * found.std(ddof=1) / np.sqrt(len(found))


# --- events that aim at places where the effect of the treatment drifts ---


def favoured(seed, firms=240, years=10, events=8, slope=0.3):
    """A panel in which some regions are aimed at by most events and the effect of x grows there, events or not.

    Which events have which onset is random; which region an event aims at follows how favoured the region is.
    """
    random = np.random.default_rng(seed)
    regions, industries = 8, 8
    favour = np.linspace(0.1, 0.9, regions)
    rows = []
    onsets = FIRST + 1 + random.permutation(events)
    for event in range(events):
        aimed = np.flatnonzero(random.random(regions) < favour)
        strength = int(random.integers(2, 6))
        rows.append(
            {
                "event_id": f"E{event}", "rater": "R", "date_start": str(onsets[event]), "date_end": None,
                "passive": 1, "scope_region": ";".join(str(100000 + r) for r in aimed) or "999999",
                "scope_industry": "", "novelty": strength, "disruption": strength, "criticality": strength,
            }
        )  # fmt: skip
    firm, year = (index.ravel() for index in np.indices((firms, years)))
    region, industry = firm % regions, (firm // regions) % industries
    x = random.normal(size=len(firm)) + random.normal(size=(industries, years))[industry, year]
    panel = pd.DataFrame(
        {
            "firm": [f"f{code:03d}" for code in firm], "year": FIRST + year, "in_sample": True, "x": x,
            "industry": [f"C{10 + code}" for code in industry], "region": [str(100000 + code) for code in region],
        }
    )  # fmt: skip
    table = pd.DataFrame(rows)
    exposure = with_exposure(panel, table)["event_exposure"].to_numpy()
    drift = 0.1 * favour[region] * year
    y = (drift + slope * exposure) * x + random.normal(size=firms)[firm] + random.normal(size=len(firm))
    return World(panel.assign(y=y), table)


def biases(count, seed):
    """Mean error of the recentred and the unadjusted slope, each with its standard error."""
    found = np.array(
        [
            [slope(world, recentred=recentred)[0] - 0.3 for recentred in (True, False)]
            for world in (favoured(1_000 * seed + k) for k in range(count))
        ]
    )
    return found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(count)


def test_recentring_takes_out_who_tends_to_be_exposed():
    (recentred, unadjusted), (error, unadjusted_error) = biases(60, seed=1)
    assert abs(recentred) < 3 * error
    assert unadjusted > 5 * unadjusted_error
    assert abs(recentred) < unadjusted / 3


@pytest.mark.slow
def test_recentring_at_length():
    (recentred, _), (error, _) = biases(1_000, seed=2)
    assert abs(recentred) < 3 * error
