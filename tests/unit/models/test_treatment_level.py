"""The level of a treatment is that of the measure, else what its values say."""

import numpy as np
import pytest
from tests.unit.models.robustness.conftest import DICTIONARY, panel

from involution.errors import InputError
from involution.models.facts import facts
from involution.models.treatment_level import exchanging_level, treatment_level


@pytest.mark.parametrize(
    "column, level",
    [("x", "industry"), ("c", "firm"), ("fragmentation_loo", "industry"), ("index", "region")],
)
def test_the_level_at_which_a_column_varies(column, level):
    data = panel()
    data = data.assign(fragmentation_loo=data["c"], index=data.groupby(["region", "year"])["c"].transform("first"))
    rows = np.ones(len(data), dtype=bool)
    assert treatment_level(column, data, rows, facts(DICTIONARY, {})) == level


@pytest.mark.parametrize("asked, level", [(None, "industry"), ("industry", "industry"), ("region", "region")])
def test_units_of_the_treatments_level_or_of_a_coarser_one_exchange_paths(asked, level):
    data = panel()
    rows = np.ones(len(data), dtype=bool)
    assert exchanging_level(asked, ["x"], data, rows, facts(DICTIONARY, {})) == level


@pytest.mark.parametrize("treatments", [["x"], ["c", "x"]])
def test_units_finer_than_a_treatment_are_refused(treatments):
    data = panel()
    with pytest.raises(InputError, match=r"x varies by industry .*200 units of firm are finer"):
        exchanging_level("firm", treatments, data, np.ones(len(data), dtype=bool), facts(DICTIONARY, {}))


def test_firms_exchange_paths_of_a_column_of_their_own():
    data = panel()
    assert exchanging_level("firm", ["c"], data, np.ones(len(data), dtype=bool), facts(DICTIONARY, {})) == "firm"
