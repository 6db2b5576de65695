"""What estimates on measured columns should find."""

from __future__ import annotations

import numpy as np
import pytest

import involution as inv
from involution.simulate import Settings
from involution.simulate.implied import implied_effects, reliability
from tests.unit.simulate.conftest import at_clock


def test_the_implied_truth_of_a_measure_is_effect_times_scale_times_reliability(usual):
    """A noisy copy of pressure in other units: known reliability, and the estimate agrees with what it implies."""
    data = at_clock(usual).dropna(subset=["pressure", "rd_next"]).reset_index(drop=True)
    cells = data.groupby(["industry", "year"]).ngroup()
    noise = np.random.default_rng(1).normal(0, 0.5, cells.max() + 1)[cells]
    data["measured"] = 10 * (data["pressure"] + noise)
    assert reliability(data.assign(tenfold=10 * data["pressure"]), "tenfold", "pressure") == pytest.approx(0.1)
    scale = reliability(data, "measured", "pressure")
    assert 0.06 < scale < 0.09
    implied = implied_effects(Settings(), data, "measured", "pressure")
    assert implied["total"] == pytest.approx(-0.365 * scale)
    censored = implied["rd_total"] / (-0.5475 * scale)
    assert 0.93 < censored < 0.99
    fit = inv.estimate("rd_next ~ measured | firm + year", data, cluster="industry", vcov="crv3").tidy().iloc[0]
    assert abs(fit["estimate"] - implied["rd_total"]) < 2.5 * fit["std_error"]
