"""Tidy results of mediations for the tests of the exhibits: real estimates, in the shape of a study's files."""

import numpy as np
import pandas as pd

from involution.exhibits.columns import CURVES, Results
from involution.models.blocks import run_models
from involution.models.mediation.effects import Effects, Layout
from involution.models.mediation.inference import standard_errors
from involution.models.mediation.mediate import mediate
from involution.models.tidy import ESTIMATES, BlockResult, gathered, note_rows, of_failure
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
    """One mediation as a study's tidy results hold it, with its curves."""
    found = mediate(data, OUTCOME, TREATMENT, mediators, (), ["firm", "year"], ["industry"], draws=499, **options)
    estimates = found.tidy().assign(
        model=name, estimator="mediation", outcome=OUTCOME, n_obs=found.n_obs, n_firms=found.n_firms,
        n_clusters=found.n_clusters, fixed_effects=" + ".join(found.fixed_effects), vcov=found.vcov_label,
        r2=np.nan, r2_within=np.nan, note="; ".join(found.notes),
    )  # fmt: skip
    part = BlockResult(
        estimates.reindex(columns=list(ESTIMATES)),
        found.statistics.assign(model=name),
        note_rows(name, found.remarks),
    )
    return part, pd.concat([*_conditional(found), *(_error_correlation(found, name) for name in mediators)]).assign(
        study="made_up", block="mediation", model=name
    )


def _conditional(found):
    """Indirect effects over their moderators with first-order intervals, and the moderators' distribution."""
    system = found.system
    for by, centred in system.moderators.items():
        raw = centred + system.raw[:, system.position[by]].mean()
        grid = np.quantile(raw, 0.01) + np.linspace(0, 1, 50) * np.ptp(np.quantile(raw, [0.01, 0.99]))
        effects = Effects(Layout(system), {by: {str(k): x - raw.mean() for k, x in enumerate(grid)}})
        values, errors = effects(found.sampled.theta[None]), standard_errors(effects, found.sampled)
        for mediator in system.specification.mediators:
            terms = [f"indirect[{mediator},{by}={k}]" for k in range(len(grid))]
            if terms[0] in values:
                estimate = np.array([values[term][0] for term in terms])
                width = 2 * np.array([errors[term] for term in terms])
                yield _curve(f"conditional[{mediator},{by}]", grid, estimate, width)
        counts, edges = np.histogram(raw[(raw >= grid[0]) & (raw <= grid[-1])], bins=20)
        yield _curve(f"support[{by}]", (edges[1:] + edges[:-1]) / 2, counts.astype(float), np.full(20, np.nan))


def _error_correlation(found, mediator):
    """An indirect effect whose second stage falls with the error correlation, as in the linear model."""
    effect = found.effects.set_index("term")
    a, b = effect.loc[f"a[{mediator}]", "estimate"], effect.loc[f"b[{mediator}]", "estimate"]
    rho = np.linspace(-0.9, 0.9, 37)
    estimate = a * (b - rho / np.sqrt(1 - rho**2))
    return _curve(f"rho[{mediator}]", rho, estimate, 2 * effect.loc[f"a[{mediator}]", "std_error"] * (0.3 + rho**2))


def _curve(name, x, estimate, width):
    return pd.DataFrame({"curve": name, "x": x, "estimate": estimate, "ci_low": estimate - width,
                         "ci_high": estimate + width})  # fmt: skip


def with_rho_star(part, mediators):
    """The error correlations at which the curves are zero, as rows of the estimates."""
    rows = []
    for name in mediators:
        b = part.estimates.set_index("term").loc[f"b[{name}]", "estimate"]
        first = part.estimates.iloc[[0]]
        star = b / np.sqrt(1 + b**2)
        rows.append(first.assign(term=f"rho_star[{name}]", estimate=star, std_error=0.02, statistic=np.nan,
                                 p_value=np.nan, ci_low=star - 0.04, ci_high=star + 0.04))  # fmt: skip
    estimates = pd.concat([part.estimates, *rows], ignore_index=True)
    return BlockResult(estimates, part.statistics, part.notes)


def failure(name):
    """A mediation that could not be estimated."""
    return of_failure(name, "no variation", estimator="mediation", outcome=OUTCOME, fixed_effects=["firm"])


def mediated_results():
    """Mediations with three moderated, one and six mediators, one that failed, and the mechanism of the first."""
    data = panel()
    moderators = {"latent_constraint": {"by": MODERATOR, "stage": "first"}, "direct": {"by": MODERATOR}}
    six = (*MEDIATORS, "idle_1", "idle_2", "idle_3")
    made = {
        "oracle": decomposed(data, "oracle", MEDIATORS, moderators=moderators, blocks=[MEDIATORS[:2]]),
        "plain": decomposed(data, "plain", MEDIATORS),
        "one": decomposed(data, "one", MEDIATORS[:1]),
        "six": decomposed(data, "six", six, moderators={"idle_1": {"by": MODERATOR, "stage": "both"}}),
    }
    parts = [with_rho_star(made["oracle"][0], MEDIATORS), *(made[name][0] for name in ("plain", "one", "six"))]
    mediation = gathered([*parts, failure("failing")], study="made_up", block="mediation")
    mechanism = run_models(
        [
            Model(name=f"oracle_{name}", formula=f"{name} ~ {TREATMENT} | firm + year", cluster=["industry"])
            for name in MEDIATORS
        ],
        data.assign(in_sample=True), study="made_up", block="mechanism", dictionary=DICTIONARY,
    )  # fmt: skip
    sample = {"sample_rows": len(data), "sample_firms": 300, "steps": [], "winsorised": {}}
    curves = pd.concat([curve for _, curve in made.values()], ignore_index=True)[list(CURVES)]
    frames = [
        pd.concat(pair, ignore_index=True)
        for pair in zip(
            *((block.estimates, block.statistics, block.notes) for block in (mechanism, mediation)), strict=True
        )
    ]
    return Results(*frames, pd.DataFrame(), sample, curves)


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
