"""Intervals of indirect effects hold the truth as often as they say: forty panels fast, the whole grid slow."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from tests.acceptance.draws import SLOW, Found, drawn
from tests.acceptance.mediation_intervals import CELLS, HEADLINE, Cell, draw, misses, panel, simulated, tier
from tests.acceptance.mediation_page import page_text, terms, write

FEW, NEVER = 40, 1e-4
HARD = Cell(30, False, ("strong", "weak", "unmoved"))
DRAWS = int(os.environ.get("ACCEPTANCE_DRAWS", SLOW))
PROCESSES = int(os.environ.get("ACCEPTANCE_PROCESSES", 2))
COVERAGE, SIZE = (0.93, 0.97), (0.03, 0.07)


@pytest.fixture(scope="module")
def hard() -> pd.DataFrame:
    """Forty panels with thirty uneven clusters."""
    return drawn(tier(HARD, [method for method in HARD.methods if method != "studentized"]), FEW)


def test_forty_panels_are_covered_as_often_as_a_binomial_of_ninety_percent_allows(hard):
    found = misses(hard)
    least = binom.ppf(NEVER, FEW, 0.90) / FEW
    assert (found["coverage"] >= least).all(), found
    assert (found["bias_in_errors"].abs() < 4).all(), found


def test_forty_panels_show_an_effect_that_is_not_the_planted_one(hard):
    moved = misses(hard.assign(truth=hard["truth"] + 0.12))
    strong = moved.xs("indirect[strong]", level="term")
    assert (strong["coverage"] < binom.ppf(NEVER, FEW, 0.90) / FEW).all(), strong
    assert (strong["below"] > 0.5).all()


def test_a_strong_path_is_found_and_one_that_is_not_there_seldom(hard):
    found = misses(hard)["rejections"]
    assert (found.xs("indirect[strong]", level="term") > 0.8).all()
    assert (found.xs("indirect[unmoved]", level="term") <= binom.ppf(1 - NEVER, FEW, 0.10) / FEW).all()


def test_studentized_intervals_hold_the_estimate_and_are_longer_than_percentile_ones():
    found = pd.DataFrame(draw(HARD, 3, ("studentized", "bootstrap")), columns=Found._fields)
    assert (found["low"] < found["estimate"]).all()
    assert (found["estimate"] < found["high"]).all()
    lengths = (found["high"] - found["low"]).to_numpy().reshape(2, -1)
    assert (lengths[0] > lengths[1]).sum() >= 3


def test_misses_are_counted_on_the_side_on_which_the_interval_lies():
    rows = [
        (0, 1.0, 0.5, 0.0, 0.9, 0.3),
        (1, 1.0, 1.0, 0.8, 1.2, 0.01),
        (2, 1.0, 2.0, 1.5, 2.5, 0.02),
        (3, 1.0, 1.5, 1.0, 2, 0.04),
    ]
    found = misses(
        pd.DataFrame([(seed, "delta indirect[m]", *rest) for seed, *rest in rows], columns=["seed", *Found._fields])
    )
    row = found.loc[("delta", "indirect[m]")]
    assert (row["coverage"], row["below"], row["above"], row["rejections"]) == (0.5, 0.25, 0.25, 0.75)
    assert row["length"] == pytest.approx((0.9 + 0.4 + 1.0 + 1.0) / 4)


def test_panels_are_as_planned():
    """Sizes, the share of a cluster-year in the errors, and what lasts of a cluster's shock."""
    rng = np.random.default_rng(8)
    even, uneven = panel(Cell(400, True, ("idle",)), rng), panel(Cell(400, False, ("idle",)), rng)
    assert (even.groupby("cluster")["firm"].nunique() == 6).all()
    sizes = uneven.groupby("cluster")["firm"].nunique()
    assert sizes.mean() == pytest.approx(6, rel=0.15)
    assert 0.4 < sizes.sum() ** 2 / (sizes**2).sum() / 400 < 0.75
    assert (even.groupby(["cluster", "year"])["x"].nunique() == 1).all()
    x = even.groupby(["cluster", "year"])["x"].first().unstack()
    assert np.corrcoef(x[2], x[3])[0, 1] == pytest.approx(0.5, abs=0.15)
    # About firm and year means, an idle mediator has a tenth of its variance between cluster-years, times (T - 1)/T.
    error = even["idle"] - even.groupby("firm")["idle"].transform("mean")
    error = error - error.groupby(even["year"]).transform("mean")
    between = error.groupby([even["cluster"], even["year"]]).transform("mean").var()
    assert between / error.var() == pytest.approx((0.1 + 0.9 / 6), abs=0.03)


def test_the_page_has_a_row_for_every_setting_and_a_dash_where_nothing_was_simulated(hard):
    found = misses(pd.concat([hard, hard.assign(estimand=hard["estimand"].str.replace("delta", "studentized"))]))
    settings = [cell for cell in CELLS if cell.mediators == HARD.mediators and cell.clusters == 400]
    text = page_text(dict.fromkeys(settings, found), 10)
    assert text.count("| 400 uneven |") == 3 * len(terms(HARD.mediators))
    assert "–" in text


@pytest.fixture(scope="module")
def grid() -> dict[Cell, pd.DataFrame]:
    """Every setting; once it is whole, the page is written."""
    results = {cell: simulated(cell, DRAWS, PROCESSES) for cell in CELLS}
    write(results, DRAWS)
    return results


def headline(grid: dict[Cell, pd.DataFrame]) -> pd.DataFrame:
    """Rows of the headline: by setting and term."""
    parts = {(cell.mediators, cell.title): found.loc[HEADLINE] for cell, found in grid.items()}
    return pd.concat(parts, names=["mediators", "clusters", "term"])


@pytest.mark.slow
def test_the_headline_holds_the_truth_in_93_to_97_percent_of_panels(grid):
    """Save where both paths are zero: there any interval that is right elsewhere holds it nearly always."""
    found = headline(grid)
    idle = found.index.get_level_values("term") == "indirect[idle]"
    assert found.loc[~idle, "coverage"].between(*COVERAGE).all(), found
    assert (found.loc[idle, "coverage"] >= COVERAGE[1]).all(), found


@pytest.mark.slow
def test_the_headline_keeps_the_size_of_the_test(grid):
    found = headline(grid)
    zero = found[found["truth"] == 0]
    idle = zero.index.get_level_values("term") == "indirect[idle]"
    assert zero.loc[~idle, "rejections"].between(*SIZE).all(), zero
    assert (zero.loc[idle, "rejections"] <= SIZE[0]).all(), zero


@pytest.mark.slow
def test_indirect_effects_are_not_biased(grid):
    """Each within three Monte Carlo errors, all settings of an effect together within two."""
    found = headline(grid)["bias_in_errors"]
    assert (found.abs() <= 3).all(), found
    together = found.groupby(["mediators", "term"]).agg(lambda values: values.sum() / np.sqrt(len(values)))
    assert (together.abs() <= 2).all(), together


@pytest.mark.slow
def test_no_other_interval_is_as_good_over_all_settings(grid):
    """The least coverage of each, over effects of which one path at least is there."""
    parts = pd.concat(list(grid.values()))
    there = parts[parts.index.get_level_values("term") != "indirect[idle]"]
    least = there.groupby("method")["coverage"].min()
    assert least.idxmax() == HEADLINE, least
