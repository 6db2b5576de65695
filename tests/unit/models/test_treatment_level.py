"""The level of a treatment is that of the measure, else what its values say."""

import numpy as np
import pytest
from tests.unit.models.robustness.conftest import DICTIONARY, panel

from involution.models.rules import facts
from involution.models.treatment_level import treatment_level


@pytest.mark.parametrize(
    "column, level",
    [("x", "industry"), ("c", "firm"), ("fragmentation_loo", "industry"), ("index", "region")],
)
def test_the_level_at_which_a_column_varies(column, level):
    data = panel()
    data = data.assign(fragmentation_loo=data["c"], index=data.groupby(["region", "year"])["c"].transform("first"))
    rows = np.ones(len(data), dtype=bool)
    assert treatment_level(column, data, rows, facts(DICTIONARY, {})) == level
