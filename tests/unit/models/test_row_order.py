"""No number depends on the order of the rows, not even those that come from random draws by cluster."""

import pandas as pd
import pytest
from tests.unit.models.robustness.conftest import DESIGN, DICTIONARY, panel

from involution.models.run import run_block

SECTIONS = {
    "baseline": {},
    "robustness": {"robustness": [{"name": "draws", "vcov": "wild"}]},
    "placebo": {"placebo": [{"name": "moved"}]},
    "specification_curve": {"specification_curve": [{"name": "curve", "treatments": ["x", "z"]}]},
    "heterogeneity": {"heterogeneity": [{"name": "groups", "by": "state"}]},
    "rehearsal": {"rehearsal": {"draws": 100}},
    "mediation": {
        "mediation": [{"name": "way", "outcome": "y", "treatment": "x", "mediators": ["z"], "inference": "bootstrap"}]
    },
    "threshold": {"threshold": [{"name": "edge", "threshold": "z", "outcome": "y", "treatment": "x"}]},
    "quantile_regression": {"quantile_regression": [{"name": "spread"}]},
}
NUMBERS = ["estimate", "std_error", "p_value", "ci_low", "ci_high"]


@pytest.mark.parametrize("block", SECTIONS)
def test_rows_in_another_order_give_the_same_numbers(block):
    data = panel()
    data["industry"] = "i" + data["industry"].astype(str)
    design = {**DESIGN, "outcomes": ["y"], "vcov": "wild" if block == "baseline" else "crv3"}
    sections = {"design": design, "derive": {}, "variables": {}, **SECTIONS[block]}
    one, other = (
        run_block(block, sections, rows, study="s", dictionary=DICTIONARY, seed=1, draws=99)
        for rows in (data, data.sample(frac=1, random_state=3).reset_index(drop=True))
    )
    assert one.estimates["estimate"].notna().any()
    pd.testing.assert_frame_equal(
        one.estimates[["model", "term", *NUMBERS]], other.estimates[["model", "term", *NUMBERS]], rtol=1e-9
    )
    keys = ["model", "statistic", "value", "p_value"]
    pd.testing.assert_frame_equal(one.statistics[keys], other.statistics[keys], rtol=1e-8, atol=1e-12)
