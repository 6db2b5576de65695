"""What it would take to change a mediation: confounded mediators, and omitted variables as strong as observed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.models.distributions import critical_value
from involution.models.groupings import Floats
from involution.models.mediation.effects import Effects, Layout
from involution.models.mediation.error_correlation import GRID, Channel, channels, correlations
from involution.models.mediation.inference import standard_errors
from involution.models.mediation.omitted import worst_product
from involution.models.mediation.result import Mediation
from involution.models.notes import Note, note
from involution.models.omitted_variables import Path, benchmark, path, robustness_value
from involution.models.reported import Reported, Row
from involution.models.threads import single_threaded

BOUNDS = ("path", "control", "times", "r2_treatment", "r2_outcome", "estimate", "std_error", "ci_low", "ci_high")


@dataclass(frozen=True)
class Sensitivity(Reported):
    """Sensitivity of a mediation to what is not observed.

    Attributes
    ----------
    rho_star : DataFrame
        One row per mediator, term ``rho_star[m]``; columns as those of the effects.
    curves : DataFrame
        Columns curve (``rho[m]``), x, estimate, ci_low, ci_high: the indirect effect over the error correlation.
    bounds : DataFrame
        Columns `BOUNDS`: each path (``a[m]``, ``b[m]``, ``indirect[m]``) were there a confounder some times as strong
        as a control.
    details : tuple
        Statistic, value, df, p_value.
    remarks : tuple of Note
    """

    rho_star: pd.DataFrame = field(repr=False)
    curves: pd.DataFrame = field(repr=False)
    bounds: pd.DataFrame = field(repr=False)
    details: tuple[Row, ...] = field(repr=False)
    remarks: tuple[Note, ...] = field(repr=False)


def sensitivity(
    mediation: Mediation, times: Sequence[int] = (1, 2, 3), grid: Sequence[float] | Floats = GRID
) -> Sensitivity:
    """How a mediation depends on what is not observed.

    Parameters
    ----------
    mediation : Mediation
    times : sequence of int
        How many times as strong as each observed control a confounder may be.
    grid : sequence of float
        Error correlations at which the indirect effects are given, between -1 and 1.

    Returns
    -------
    Sensitivity

    Raises
    ------
    InputError
        For strengths that are not positive and correlations that are none.

    Notes
    -----
    Two analyses. The first lets the errors of a mediator and of the outcome go together and follows the indirect
    effect over their correlation; `rho_star` is the correlation at which it is zero, the other mediators held in both
    equations (`involution.models.mediation.error_correlation`). The second asks how strong an omitted variable has to
    be (`involution.models.omitted_variables`): ``robustness_value[...]`` is the share that it would have to explain of
    what is left of both ends of a path to take it to zero, ``robustness_value_alpha[...]`` to 5 % insignificance.
    For ``a[m]`` it confounds treatment and mediator given the controls, for ``b[m]`` mediator and outcome given
    treatment, controls and the other mediators; that of ``indirect[m]`` is the smaller of the two, since the product
    goes with either. ``bound[indirect[m],control,2x]`` is the product as far against its sign as two such confounders,
    one for each path and each twice as strong as the control, can take it.
    """
    _check(times, grid)
    with single_threaded():
        rho_star, curves = correlations(mediation, np.asarray(grid, dtype=float))
        products = mediation.system.absorbed.T @ mediation.system.absorbed
        rows: list[Row] = []
        bounds: list[tuple[object, ...]] = []
        for channel in channels(mediation.system):
            paths = _paths(products, mediation, channel)
            rows += _robustness(channel.name, *paths)
            bounds += _bounds(products, mediation, channel.name, paths, times)
    frame = pd.DataFrame(bounds, columns=list(BOUNDS))
    names = "bound[" + frame["path"] + "," + frame["control"] + "," + frame["times"].astype(str) + "x]"
    rows += [(name, value, np.nan, np.nan) for name, value in zip(names, frame["estimate"], strict=True)]
    return Sensitivity(rho_star, curves, frame, tuple(rows), _remarks(mediation, rho_star, curves, frame))


def _check(times: Sequence[int], grid: Sequence[float] | Floats) -> None:
    if any(count <= 0 for count in times):
        raise InputError(Problem("times", "a confounder is more than zero times as strong as a control"))
    if not all(-1 < rho < 1 for rho in grid):
        raise InputError(Problem("grid", "error correlations lie between -1 and 1, both excluded"))


def _paths(products: Floats, mediation: Mediation, channel: Channel) -> tuple[Path, Path]:
    """The paths from treatment to mediator and from mediator to outcome, with their clustered standard errors."""
    critical = critical_value(mediation.sampled.degrees)
    errors = _coefficient_errors(mediation)
    return (
        path(products, channel.treatment, channel.mediator, channel.first, errors[f"a[{channel.name}]"], critical),
        path(products, channel.mediator, channel.outcome, channel.second, errors[f"b[{channel.name}]"], critical),
    )


def _coefficient_errors(mediation: Mediation) -> dict[str, float]:
    """Standard errors of the coefficients by their joint covariance, whatever the mediation's own inference is."""
    return standard_errors(Effects(Layout(mediation.system), {}), mediation.sampled)


def _robustness(name: str, first: Path, second: Path) -> list[Row]:
    rows, smallest = [], {}
    for letter, found in (("a", first), ("b", second)):
        term = f"{letter}[{name}]"
        values = robustness_value(found.strength), robustness_value(found.strength, found.threshold)
        smallest[letter] = values
        rows += [
            (f"partial_r2[{term}]", found.partial_r2),
            (f"robustness_value[{term}]", values[0]),
            (f"robustness_value_alpha[{term}]", values[1]),
        ]
    both = np.minimum(smallest["a"], smallest["b"])
    rows += [
        (f"robustness_value[indirect[{name}]]", float(both[0])),
        (f"robustness_value_alpha[indirect[{name}]]", float(both[1])),
    ]
    return [(statistic, value, np.nan, np.nan) for statistic, value in rows]


def _bounds(
    products: Floats, mediation: Mediation, name: str, paths: tuple[Path, Path], times: Sequence[int]
) -> list[tuple[object, ...]]:
    """Rows of `BOUNDS` for both paths of a mediator and their product, by control and strength."""
    system = mediation.system
    rows: list[tuple[object, ...]] = []
    for control in (name for name in system.specification.controls if name in system.position):
        for count in times:
            at = [benchmark(products, found, system.position[control], count) for found in paths]
            for letter, found, strength in zip("ab", paths, at, strict=True):
                shares = strength.treatment, strength.outcome
                estimate, error = found.adjusted(*shares), found.adjusted_error(*shares)
                width = found.critical * error if error > 0 else np.nan
                ends = estimate - width, estimate + width
                rows.append((f"{letter}[{name}]", control, count, *shares, estimate, error, *ends))
            worst = worst_product(*paths, *at)
            rows.append((f"indirect[{name}]", control, count, np.nan, np.nan, worst, np.nan, np.nan, np.nan))
    return rows


def _remarks(
    mediation: Mediation, rho_star: pd.DataFrame, curves: pd.DataFrame, bounds: pd.DataFrame
) -> tuple[Note, ...]:
    said = [note("sensitivity_rho")]
    said.append(note("sensitivity_jackknife" if mediation.system.sample.clusters else "sensitivity_rows"))
    if rho_star["std_error"].isna().any() or curves["ci_low"].isna().any():
        said.append(note("sensitivity_no_interval"))
    said.append(note("sensitivity_robustness"))
    if bounds.empty:
        return tuple(said)
    said.append(note("sensitivity_bounds"))
    single = ~bounds["path"].str.startswith("indirect")
    limits = (
        ("sensitivity_strong", single & bounds["r2_treatment"].isna()),
        ("sensitivity_capped", bounds["r2_outcome"] == 1),
    )
    for code, rows in limits:
        labels = [f"{row.control} ({row.times}x, {row.path})" for row in bounds[rows].itertuples()]
        said += [note(code, names=", ".join(labels))] if labels else []
    return tuple(said)
