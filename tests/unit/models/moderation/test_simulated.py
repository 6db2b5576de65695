"""Planted interactions: the forms that mislead do, the headline does not (see docs/moderation.md)."""

import numpy as np
import pytest
from tests.unit.models.moderation import worlds

import involution as inv

FORMS = ("", "product", "no_year", "plain")


def results(world, draws, cluster, forms=FORMS, start=0):
    """Mean estimate and rejection rate of zero at 5 % by form."""
    found = {form: [] for form in forms}
    for seed in range(start, start + draws):
        data = world(np.random.default_rng(seed))
        moderation = inv.moderate(data, "y", "x", "w", (), ["firm", "year"], cluster)
        for form in forms:
            row = moderation.form(form).fit.tidy().set_index("term").loc["x:w"]
            found[form].append((row["estimate"], row["p_value"] < 0.05))
    return {form: np.mean(rows, axis=0) for form, rows in found.items()}


def test_slopes_of_the_firm_mislead_the_plain_product_alone():
    found = results(worlds.firm_slopes, 8, "firm")
    assert found[""][0] == pytest.approx(0.10, abs=0.02)
    assert found["no_year"][0] == pytest.approx(0.10, abs=0.02)
    assert found["product"][0] == pytest.approx(0.17, abs=0.02)
    assert found["plain"][0] == pytest.approx(0.17, abs=0.02)


def test_effects_that_drift_mislead_every_form_without_years():
    found = results(worlds.drifting, 15, "industry")
    assert found["plain"][1] == found["no_year"][1] == 1.0
    assert found[""][1] <= 0.2
    assert found[""][0] == pytest.approx(0.0, abs=0.03)


def test_slopes_of_cities_mislead_the_plain_product_even_with_years():
    found = results(worlds.city_slopes, 15, "industry")
    assert found["product"][1] >= 0.9
    assert found[""][1] <= 0.2


@pytest.mark.slow
def test_the_headline_keeps_its_size_where_others_lose_it():
    """A thousand draws of each world: rejections of a true zero at 5 %."""
    drift = results(worlds.drifting, 1_000, "industry")
    cities = results(worlds.city_slopes, 1_000, "industry")
    assert drift["plain"][1] > 0.99
    assert drift["no_year"][1] > 0.99
    assert cities["product"][1] > 0.95
    assert 0.03 <= drift[""][1] <= 0.09
    assert 0.03 <= cities[""][1] <= 0.10


@pytest.mark.slow
def test_both_bands_cover_as_they_say():
    """Five hundred draws: the pointwise band each effect, the uniform one the whole curve at once."""
    whole, middle = [], []
    for seed in range(500):
        data = worlds.plain(seed=seed, firms=240, industries=48)
        curve = inv.moderate(data, "y", "x", "w", (), ["firm", "year"], "industry", draws=999, seed=seed).curve()
        truth = 0.3 + 0.1 * curve["x"]
        whole.append(((curve["uniform_low"] <= truth) & (truth <= curve["uniform_high"])).all())
        middle.append(curve["ci_low"].iloc[20] <= truth.iloc[20] <= curve["ci_high"].iloc[20])
    assert 0.92 <= np.mean(whole) <= 0.98
    assert 0.92 <= np.mean(middle) <= 0.98
