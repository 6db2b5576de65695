"""Effects by strength and the gradient in the simulated study: events of two strengths whose effects grow."""

import numpy as np
import pytest
from tests.acceptance.tiers import DOSES

from involution.models.event_study.dose import dose_effects
from involution.models.event_study.goodman_bacon import goodman_bacon
from involution.simulate import simulate
from involution.simulate.adoption import adoption

TERMS = ("att[low]", "att[high]", "att[high-low]", "gradient", "gradient[within e]")


def _truths(kept) -> list[float]:
    """What the planted effects of a draw's own treated rows are by strength."""
    effect, strength = kept["effect"].to_numpy(), kept["strength"].to_numpy()
    weak, strong = effect[strength < 0.5].mean(), effect[strength > 0.5].mean()
    tenure = (kept["year"] - kept["cohort"]).to_numpy()[:, None] == np.unique(kept["year"] - kept["cohort"])
    plain = np.linalg.lstsq(np.column_stack([strength, np.ones(len(kept))]), effect, rcond=None)[0][0]
    within = np.linalg.lstsq(np.column_stack([strength, tenure]), effect, rcond=None)[0][0]
    return [weak, strong, strong - weak, plain, within]


def _draw(seed: int) -> np.ndarray:
    """Error, and whether the interval covers, of each term."""
    simulated = simulate(DOSES, seed)
    data = simulated.accounts.join(adoption(simulated))
    fit = dose_effects(data, "latent_innovation", "strength", cluster="industry")
    kept = data.iloc[fit.rows]
    kept = kept[(kept["cohort"] > 0) & (kept["year"] >= kept["cohort"])]
    found = fit.tidy().set_index("term").loc[list(TERMS)]
    truth = np.array(_truths(kept))
    return np.stack([found["estimate"] - truth, (found["ci_low"] <= truth) & (found["ci_high"] >= truth)], axis=1)


def test_planted_strengths_are_found() -> None:
    draws = np.stack([_draw(seed) for seed in range(6_200, 6_206)])
    error, covered = draws[:, :, 0], draws[:, :, 1]
    assert (np.abs(error.mean(axis=0)) < 4 * error.std(axis=0, ddof=1) / np.sqrt(len(error))).all()
    assert covered.mean() > 0.75


@pytest.mark.slow
def test_intervals_of_strengths_cover() -> None:
    draws = np.stack([_draw(seed) for seed in range(6_300, 6_420)])
    error, covered = draws[:, :, 0], draws[:, :, 1].mean(axis=0)
    assert (np.abs(error.mean(axis=0)) < 3.5 * error.std(axis=0, ddof=1) / np.sqrt(len(error))).all()
    assert ((covered > 0.88) & (covered < 0.995)).all()


def test_growing_effects_are_lost_in_comparisons_with_the_treated() -> None:
    simulated = simulate(DOSES, 6_201)
    data = simulated.accounts.join(adoption(simulated))
    found = goodman_bacon(data, "latent_innovation").by_type.set_index("type")["estimate"]
    assert found["later_earlier"] < found["treated_never"]
