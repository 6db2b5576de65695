"""Firm panels in which the treatment is shared by the firms of an industry, and so are shocks to the outcome."""

import numpy as np
import pandas as pd

from involution.models.baseline import baseline_models, with_baseline_columns
from involution.models.facts import facts
from involution.models.rehearsal.planned import planned_model
from involution.study.design import PaperDesign

UNEVEN = (8, 8, 8, 10, 10, 12, 15, 20, 40, 80, 160, 400)
NOW = {"treatment": 0, "mediator": 0, "moderator": 0, "outcome": 0, "controls": 0}
DICTIONARY = pd.DataFrame({"name": ["none"], "level": ["firm"], "leave_one_out": [False], "coverage": ["full"],
                           "unit": ["share"], "family": ["control"]})  # fmt: skip


def persistent(draws, shape, rho):
    """Paths of standard deviation one."""
    out = draws.normal(size=shape)
    for year in range(1, shape[1]):
        out[:, year] = rho * out[:, year - 1] + np.sqrt(1 - rho**2) * out[:, year]
    return out


def panel(seed, *, sizes=None, industries=60, years=8, shock=0.3, effect=0.0):
    """x is the pressure of an industry and the noise of a firm's peers; y has firm effects and industry shocks."""
    draws = np.random.default_rng(seed)
    if sizes is None:
        sizes = np.clip(np.exp(np.random.default_rng(1).normal(3, 0.7, industries)), 8, 120).astype(int)
    industry = np.repeat(np.arange(len(sizes)), sizes)
    counts, firms = np.asarray(sizes)[industry], len(industry)
    pressure, shocks = (persistent(draws, (len(sizes), years), 0.6) for _ in range(2))
    noise = draws.normal(size=(firms, years))
    total = np.zeros((len(sizes), years))
    np.add.at(total, industry, noise)
    x = pressure[industry] + (total[industry] - noise) / (counts - 1)[:, None]
    error = persistent(draws, (firms, years), 0.4) + shock * shocks[industry]
    y = effect * x + error + draws.normal(size=(firms, 1)) + 0.3 * draws.normal(size=years)
    count = draws.poisson(np.exp(0.3 + effect * x + 0.3 * error + 0.3 * draws.normal(size=(firms, 1))))
    firm, year = np.nonzero(draws.random((firms, years)) > 0.15)
    columns = {"x": x[firm, year], "y": y[firm, year], "count": count[firm, year], "error": error[firm, year]}
    keys = {"firm": firm, "year": 2010 + year, "industry": industry[firm], "region": firm % 7}
    return pd.DataFrame({**keys, **columns, "c": draws.normal(size=len(firm)), "in_sample": True})


def planned(data, outcome="y", **given):
    """The one model of a design on such a panel, as it is rehearsed."""
    asked = {"outcomes": [outcome], "treatment": "x", "timing": NOW, "cluster": ["industry"], "build_up": [], **given}
    design, known = PaperDesign.model_validate(asked), facts(DICTIONARY, {})
    whole, _ = with_baseline_columns(design, data, known)
    (model,) = baseline_models(design, whole, DICTIONARY, known)
    return planned_model(model, "x", whole, known)
