"""Intervals hold what was planted, with percentiles and standard deviation at the sample's values."""

import numpy as np
import pytest

from involution.models.breakthrough.estimated import estimated
from involution.models.breakthrough.moves import quartiles
from involution.models.breakthrough.specification import Specification

from .conftest import EFFECT, OFFSETS, designed, simulated

ASKED = Specification("y", "x", {"finance": ("finance",), "capabilities": ("insight", "care")})


def planted(data):
    """Contrasts by the planted coefficients at the sample's percentiles."""
    deviation = data["x"].std(ddof=0)
    ends = {name: quartiles(data[name].to_numpy()) for name in OFFSETS}
    offset = {name: deviation * OFFSETS[name] * (ends[name][1] - ends[name][0]) for name in OFFSETS}
    harm = deviation * (EFFECT + data["of_region"].mean() + sum(OFFSETS[name] * ends[name][0] for name in OFFSETS))
    together = sum(offset.values())
    return {
        "harm": harm, "offset[finance]": offset["finance"], "offset[capabilities]": offset["insight"] + offset["care"],
        "offset[all]": together, "remaining": harm + together, "share[finance]": -offset["finance"] / harm,
        "share[all]": -together / harm,
    }  # fmt: skip


def covered(draws, **options):
    """Share of intervals that hold the truth, by term; those of shares where there is one."""
    inside: dict[str, list[bool]] = {}
    for seed in range(draws):
        data = simulated(1_000 + seed, **options)
        rows = estimated(ASKED, designed(data)).terms.dropna(subset=["ci_low"]).set_index("term")
        for term, truth in planted(data).items():
            for name in (term, f"{term}:plain"):
                if name in rows.index:
                    inside.setdefault(name, []).append(bool(rows.ci_low[name] <= truth <= rows.ci_high[name]))
    return {term: float(np.mean(found)) for term, found in inside.items()}


def test_intervals_hold_the_truth_in_a_few_draws():
    found = covered(60)
    # Four standard errors of a share of 60 at .95.
    assert min(found.values()) >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / 60)


def test_slopes_by_region_mislead_the_plain_form_and_not_the_headline():
    found = covered(40, by_region=0.5)
    assert found["offset[finance]:plain"] <= 0.5
    for term in ("harm", "offset[finance]", "offset[all]", "remaining"):
        assert found[term] >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / 40), term


@pytest.mark.slow
def test_coverage_in_many_draws():
    """1,000 draws of each kind, a minute: every term within .93 and .975 (shares are told in fewer of them)."""
    for by_region in (0.0, 0.5):
        found = {term: share for term, share in covered(1_000, by_region=by_region).items() if ":" not in term}
        assert all(0.93 <= share <= 0.975 for term, share in found.items() if term[:5] != "share"), found
