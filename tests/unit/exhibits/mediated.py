"""Tidy results of mediations for the tests of the exhibits: real estimates, in the shape of a study's files."""

import numpy as np
import pandas as pd

from involution.exhibits.columns import Results
from involution.models.blocks import run_models
from involution.models.mediation.curves import conditional_curves
from involution.models.mediation.mediate import mediate
from involution.models.mediation.sensitivity import sensitivity
from involution.models.tidy import CURVES, ESTIMATES, BlockResult, gathered, note_rows, of_failure
from involution.simulate import Settings, simulate
from involution.study.models import Model

from ..simulate.conftest import at_clock
from .conftest import DICTIONARY

OUTCOME, TREATMENT, MODERATOR = "latent_innovation_f1", "latent_pressure_l1", "finance_l1"
MEDIATORS = ("latent_margin", "latent_short_termism", "latent_constraint")


def panel():
    """A simulated panel with columns at their years, and three more mediators that carry nothing."""
    frame = at_clock(simulate(Settings(firms=300, attrition=False), seed=5))
    names = {"pressure": TREATMENT, "finance": MODERATOR, "innovation": OUTCOME}
    random = np.random.default_rng(8)
    idle = {f"idle_{k}": random.normal(size=len(frame)) for k in (1, 2, 3)}
    return frame.rename(columns=names).assign(**idle)


def decomposed(data, name, mediators, **options):
    """One mediation as a study's tidy results hold it."""
    found = mediate(data, OUTCOME, TREATMENT, mediators, (), ["firm", "year"], ["industry"], draws=499, **options)
    parallel = not found.system.specification.serial
    beyond = sensitivity(found) if parallel else None
    terms = pd.concat([found.tidy(), beyond.rho_star], ignore_index=True) if beyond else found.tidy()
    curves = [conditional_curves(found, 499, 0), *([beyond.curves] if beyond else [])]
    estimates = terms.assign(
        model=name, estimator="mediation", outcome=OUTCOME, n_obs=found.n_obs, n_firms=found.n_firms,
        n_clusters=found.n_clusters, fixed_effects=" + ".join(found.fixed_effects), vcov=found.vcov_label,
        r2=np.nan, r2_within=np.nan, note="; ".join(found.notes),
    )  # fmt: skip
    return BlockResult(
        estimates,
        found.statistics.assign(model=name),
        note_rows(name, found.remarks),
        pd.concat(curves, ignore_index=True).assign(model=name),
    )


def failure(name):
    """A mediation that could not be estimated."""
    return of_failure(name, "no variation", estimator="mediation", outcome=OUTCOME, fixed_effects=["firm"])


def mediated_results():
    """Mediations of three moderated, one, six and chained mediators, one that failed, and the first's mechanism."""
    data = panel()
    moderators = {"latent_constraint": {"by": MODERATOR, "stage": "first"}, "direct": {"by": MODERATOR}}
    six = (*MEDIATORS, "idle_1", "idle_2", "idle_3")
    parts = [
        decomposed(data, "oracle", MEDIATORS, moderators=moderators, blocks=[MEDIATORS[:2]]),
        decomposed(data, "plain", MEDIATORS),
        decomposed(data, "one", MEDIATORS[:1]),
        decomposed(data, "six", six, moderators={"idle_1": {"by": MODERATOR, "stage": "both"}}),
        decomposed(data, "chain", MEDIATORS, serial=MEDIATORS),
        failure("failing"),
    ]
    mediation = gathered(parts, study="made_up", block="mediation")
    mechanism = run_models(
        [
            Model(name=f"oracle_{name}", formula=f"{name} ~ {TREATMENT} | firm + year", cluster=["industry"])
            for name in MEDIATORS
        ],
        data.assign(in_sample=True), study="made_up", block="mechanism", dictionary=DICTIONARY,
    )  # fmt: skip
    sample = {"sample_rows": len(data), "sample_firms": 300, "steps": [], "winsorised": {}}
    frames = [
        pd.concat(pair, ignore_index=True)
        for pair in zip(
            *((block.estimates, block.statistics, block.notes) for block in (mechanism, mediation)), strict=True
        )
    ]
    return Results(*frames, pd.DataFrame(), sample, mediation.curves)


def made_up(effects, *, treatment="x", outcome="y", codes=("mediation_status",), curves=None):
    """Results of one mediation `m` from (term, estimate, std_error, p_value, ci_low, ci_high)."""
    names = ["term", "estimate", "std_error", "p_value", "ci_low", "ci_high"]
    estimates = pd.DataFrame(effects, columns=names).assign(
        study="made_up", block="mediation", model="m", estimator="mediation", outcome=outcome, n_obs=100, n_firms=20,
        n_clusters=10, fixed_effects="firm", vcov="crv3(firm)",
    )  # fmt: skip
    rows = [("made_up", "mediation", "m", f"sd_treatment[{treatment}]", 1.0, np.nan, np.nan)]
    statistics = pd.DataFrame(rows, columns=["study", "block", "model", "statistic", "value", "df", "p_value"])
    said = [("made_up", "mediation", "m", code, f"{code} in words", f"{code} 之说明") for code in codes]
    notes = pd.DataFrame(said, columns=["study", "block", "model", "code", "text_en", "text_zh"])
    shown = pd.DataFrame(curves or [], columns=list(CURVES))
    return Results(estimates.reindex(columns=list(ESTIMATES)), statistics, notes, pd.DataFrame(), {}, shown)


EFFECTS = (
    ("total", -0.30, 0.05, 0.000, -0.40, -0.20),
    ("direct", -0.06, 0.04, 0.140, -0.14, 0.02),
    ("a[m1]", -0.50, 0.10, 0.000, -0.70, -0.30),
    ("b[m1]", 0.40, 0.10, 0.000, 0.20, 0.60),
    ("indirect[m1]", -0.20, 0.06, 0.004, -0.33, -0.09),
    ("share[m1]", 0.667, 0.10, 0.004, 0.40, 0.90),
    ("a[m2]", 0.20, 0.10, 0.060, 0.00, 0.40),
    ("b[m2]", -0.20, 0.10, 0.060, -0.40, 0.00),
    ("indirect[m2]", -0.04, 0.03, 0.200, -0.11, 0.01),
    ("share[m2]", 0.133, 0.10, 0.200, -0.03, 0.40),
    ("indirect[total]", -0.24, 0.06, 0.004, -0.36, -0.13),
)
"""Two channels: -.5 x .4 = -.20 and .2 x -.2 = -.04; with -.06 beside them the total is -.30."""
