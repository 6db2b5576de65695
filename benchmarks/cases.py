"""What is timed: simulated panels, and each program's way to the same estimate.

A case maps program names to functions that prepare the data in the program's own form (not timed) and return the
call that is timed: from prepared data to estimates and standard errors, read out; or from a file to columns, which
are read out after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import core
import event_study_cases as event_study
import exposure_cases as exposure
import mediation_cases as mediation
import permutation_cases as permutation
import rehearsal_cases as rehearsal
from panels import INDUSTRIES, accounts, core_file, simulate

Numbers = float | list[float]
Timed = Callable[[], Numbers | Callable[[], Numbers]]
"""The call that is timed; returns the estimate of x1, or a function that reads such numbers out of what was made."""

DRAWS = 9_999
SIZES = (5_000, 50_000, 500_000)
FORMULA = "y ~ x1 + x2 | firm + year"
MANY = "y ~ x1 + x2 | firm + region^year + sector^year"
COUNT = "count ~ x1 + x2 | firm + year"


@dataclass(frozen=True)
class Case:
    """One estimation problem.

    Attributes
    ----------
    name, title : str
    programs : dict
        Program to the function that prepares it; the project's own is called ``involution``.
    largest : dict
        Program to the largest number of rows at which it is run, with the reason; the case is not run beyond the
        project's own.
    scaled : dict
        Program to the number of its calls that the whole work is.
    data : callable
        From a number of rows to what programs prepare.
    sizes : tuple of int
        Numbers of rows at which it is run unless others are asked for.
    rounds : int
        Processes of its own for each program, in turn with the others': large arrays are faster to make where another
        program has left its memory mapped. Without any, all programs run in one process.
    """

    name: str
    title: str
    programs: dict[str, Callable[[Any], Timed]]
    largest: dict[str, tuple[int, str]] = field(default_factory=dict)
    scaled: dict[str, float] = field(default_factory=dict)
    data: Callable[[int], Any] = simulate
    sizes: tuple[int, ...] = SIZES
    rounds: int = 0


def _involution(formula: str, **options: Any) -> Callable[[pd.DataFrame], Timed]:
    def prepare(data: pd.DataFrame) -> Timed:
        import involution as inv

        return lambda: float(inv.estimate(formula, data, cluster=["industry"], **options).tidy()["estimate"].iloc[0])

    return prepare


def _pyfixest(
    formula: str, estimator: str = "feols", vcov: str = "CRV1", demeaner: str | None = None
) -> Callable[[pd.DataFrame], Timed]:
    def prepare(data: pd.DataFrame) -> Timed:
        import pyfixest

        options = {} if demeaner is None else {"demeaner": getattr(pyfixest, demeaner)()}
        fit = getattr(pyfixest, estimator)
        return lambda: float(fit(formula, data, vcov={vcov: "industry"}, **options).tidy()["Estimate"].iloc[0])

    return prepare


def _panel_ols(data: pd.DataFrame) -> Timed:
    from linearmodels.panel import PanelOLS

    panel = data.set_index(["firm", "year"])
    clusters = panel[["industry"]]

    def timed() -> float:
        model = PanelOLS(panel["y"], panel[["x1", "x2"]], entity_effects=True, time_effects=True)
        fit = model.fit(cov_type="clustered", clusters=clusters)
        return float(fit.params.iloc[0] + 0 * fit.std_errors.iloc[0])

    return timed


def _absorbing_ls(effects: list[list[str]]) -> Callable[[pd.DataFrame], Timed]:
    def prepare(data: pd.DataFrame) -> Timed:
        from linearmodels.iv import AbsorbingLS

        absorbed = pd.DataFrame({"^".join(e): data.groupby(e).ngroup() for e in effects}).astype("category")

        def timed() -> float:
            model = AbsorbingLS(data["y"], data[["x1", "x2"]], absorb=absorbed)
            fit = model.fit(cov_type="clustered", clusters=data["industry"])
            return float(fit.params.iloc[0] + 0 * fit.std_errors.iloc[0])

        return timed

    return prepare


def _with_dummies(data: pd.DataFrame, effects: list[str]) -> np.ndarray:
    blocks = [pd.get_dummies(data[e], dtype=float, drop_first=k > 0).to_numpy() for k, e in enumerate(effects)]
    return np.hstack([data[["x1", "x2"]].to_numpy(), *blocks])


def _statsmodels(data: pd.DataFrame) -> Timed:
    import statsmodels.api as sm

    regressors, groups = _with_dummies(data, ["firm", "year"]), {"groups": data["industry"].to_numpy()}
    outcome = data["y"].to_numpy()

    def timed() -> float:
        fit = sm.OLS(outcome, regressors).fit(cov_type="cluster", cov_kwds=groups)
        return float(fit.params[0] + 0 * fit.bse[0])

    return timed


def _statsmodels_poisson(data: pd.DataFrame) -> Timed:
    import statsmodels.api as sm

    data = data[data.groupby("firm")["count"].transform("sum") > 0]
    regressors, groups = _with_dummies(data, ["firm", "year"]), {"groups": data["industry"].to_numpy()}
    outcome = data["count"].to_numpy()

    def timed() -> float:
        model = sm.GLM(outcome, regressors, family=sm.families.Poisson())
        fit = model.fit(cov_type="cluster", cov_kwds=groups)
        return float(fit.params[0] + 0 * fit.bse[0])

    return timed


def _wildboottest(data: pd.DataFrame) -> Timed:
    import statsmodels.api as sm
    from wildboottest.wildboottest import wildboottest

    from involution.models.absorb import Absorber
    from involution.models.groupings import Grouping, renumbered

    def grouping(name: str) -> Grouping:
        codes, levels = pd.factorize(data[name])
        return renumbered(name, codes, len(levels))

    values = Absorber([grouping("firm"), grouping("year")]).residuals(data[["y", "x1", "x2"]].to_numpy())
    demeaned = pd.DataFrame(values, columns=["y", "x1", "x2"])
    cluster = data["industry"].reset_index(drop=True)

    def timed() -> float:
        model = sm.OLS(demeaned["y"], demeaned[["x1", "x2"]])
        wildboottest(model, param="x1", cluster=cluster, B=DRAWS, seed=1, show=False)
        return float(np.linalg.lstsq(values[:, 1:], values[:, 0], rcond=None)[0][0])

    return timed


def _all_measures(data: tuple[pd.DataFrame, pd.DataFrame]) -> Timed:
    from involution.measures import measured

    panel, events = data

    def timed() -> Callable[[], list[float]]:
        frame = measured(panel, events=events).frame
        return lambda: [float(len(frame.columns)), float(frame["involution"].std())]

    return timed


_SCALED_DRAWS = mediation.DRAWS / mediation.FEW
_SCALED_CALENDARS = (exposure.DRAWS + 1) / exposure.FEW
_SCALED_OUTCOMES = rehearsal.DRAWS / rehearsal.FEW
_SCALED_CLUSTERS = INDUSTRIES / mediation.FEW
CORE = {
    "involution": core.involution,
    "pandas": core.pandas,
    "pandas, tuned": core.pandas_tuned,
    "polars": core.polars,
    "duckdb": core.duckdb,
}
_DENSE = (5_000, "dense dummies: one column per firm")

CASES = (
    Case(
        "two_way",
        "OLS, firm and year effects, clustered by industry",
        {
            "involution": _involution(FORMULA),
            "pyfixest": _pyfixest(FORMULA),
            "linearmodels PanelOLS": _panel_ols,
            "linearmodels AbsorbingLS": _absorbing_ls([["firm"], ["year"]]),
            "statsmodels OLS": _statsmodels,
        },
        {"statsmodels OLS": _DENSE},
    ),
    Case(
        "many_effects",
        "OLS, firm + region^year + sector^year, clustered by industry",
        {
            "involution": _involution(MANY),
            "pyfixest (LSMR)": _pyfixest(MANY, demeaner="LsmrDemeaner"),
            "pyfixest (alternating projections)": _pyfixest(MANY, demeaner="MapDemeaner"),
            "linearmodels AbsorbingLS": _absorbing_ls([["firm"], ["region", "year"], ["sector", "year"]]),
        },
    ),
    Case(
        "poisson",
        "Poisson, firm and year effects, clustered by industry",
        {
            "involution": _involution(COUNT, estimator="poisson"),
            "pyfixest": _pyfixest(COUNT, "fepois"),
            "statsmodels GLM": _statsmodels_poisson,
        },
        {"statsmodels GLM": _DENSE},
    ),
    Case(
        "wild",
        "Wild cluster bootstrap, 9,999 draws, firm and year effects",
        {
            "involution": _involution(FORMULA, vcov="wild", draws=DRAWS, seed=1),
            "wildboottest (demeaned data)": _wildboottest,
        },
    ),
    Case(
        "crv3",
        "Cluster jackknife (CRV3), firm and year effects, clustered by industry",
        {"involution": _involution(FORMULA, vcov="crv3"), "pyfixest": _pyfixest(FORMULA, vcov="CRV3")},
        {"pyfixest": (50_000, "re-estimates the model once per cluster")},
    ),
    Case(
        "measures",
        "All measures of simulated accounts",
        {"involution": _all_measures},
        data=accounts,
        sizes=(500_000, 5_000_000),
    ),
    *(
        Case(
            f"core_by_{first}",
            f"Common core from a Parquet file, rows by {' and '.join((first, second))}",
            CORE,
            data=partial(core_file, first=first),
            sizes=(5_000_000,),
            rounds=3,
        )
        for first, second in (("firm", "year"), ("year", "firm"))
    ),
    Case(
        "mediation_bootstrap",
        "Three mediators, firm and year effects: 1,000 exact cluster bootstrap draws",
        mediation.BOOTSTRAP,
        scaled={mediation.PYFIXEST: _SCALED_DRAWS, mediation.PANEL_OLS: _SCALED_DRAWS},
    ),
    Case(
        "mediation_jackknife",
        "Three mediators, firm and year effects: every cluster left out in turn",
        mediation.JACKKNIFE,
        scaled={mediation.PYFIXEST: _SCALED_CLUSTERS},
    ),
    Case(
        "mediation_many_effects",
        "Three mediators, firm + region^year effects: 1,000 exact cluster bootstrap draws",
        mediation.MANY_EFFECTS,
        {"involution": (50_000, "beyond, the effects are absorbed anew for every draw")},
        scaled={mediation.PYFIXEST: _SCALED_DRAWS},
    ),
    Case(
        "exposure_calendars",
        "Exposure to events, firm and year effects, slopes by year: 999 permuted calendars",
        exposure.CALENDARS,
        scaled={exposure.PYFIXEST: _SCALED_CALENDARS, exposure.PANEL_OLS: _SCALED_CALENDARS},
    ),
    Case(
        "rehearsal",
        "Rehearsal of a model, firm and year effects: 500 drawn outcomes",
        rehearsal.OUTCOMES,
        scaled={rehearsal.PYFIXEST: _SCALED_OUTCOMES, rehearsal.PANEL_OLS: _SCALED_OUTCOMES},
    ),
    Case(
        "placebo",
        "A treatment handed from industry to industry, firm and year effects, clustered: 999 permutations",
        permutation.PLACEBO,
        scaled={permutation.PYFIXEST_PLACEBO: permutation.SCALED_PLACEBO},
        sizes=(5_000, 50_000),
    ),
    Case(
        "specification_curve",
        "768 specifications, clustered by industry",
        permutation.CURVE,
        scaled={permutation.PYFIXEST_CURVE: permutation.SCALED_CURVE},
        sizes=(5_000, 50_000),
    ),
    Case(
        "specification_curve_joint",
        "768 specifications, clustered by industry, and their joint test with 500 permutations",
        permutation.JOINT,
        sizes=(50_000,),
    ),
    Case(
        "callaway_santanna",
        "Callaway and Sant'Anna, simultaneous bands from 999 draws",
        event_study.programs([]),
        data=event_study.adopting,
    ),
    Case(
        "callaway_santanna_robust",
        "Callaway and Sant'Anna, doubly robust in a covariate, simultaneous bands from 999 draws",
        event_study.programs(["x"]),
        data=event_study.adopting,
    ),
)


def case(name: str) -> Case:
    """The case of this name."""
    return next(item for item in CASES if item.name == name)
