"""What it would take to change a mediation: confounded mediators, and omitted variables as strong as observed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from involution.models.groupings import Floats
from involution.models.mediation.effects import Effects, Layout
from involution.models.mediation.error_correlation import GRID, Channel, channels, correlations, quantile
from involution.models.mediation.inference import standard_errors
from involution.models.mediation.omitted import Path, Strength, benchmark, path, robustness_value, worst_product
from involution.models.mediation.result import Mediation
from involution.models.notes import Note, note
from involution.models.threads import single_threaded

Row = tuple[str, float, float, float]
BOUNDS = ("path", "control", "times", "r2_treatment", "r2_outcome", "estimate", "std_error", "ci_low", "ci_high")


@dataclass(frozen=True)
class Sensitivity:
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

    @property
    def statistics(self) -> pd.DataFrame:
        """Columns statistic, value, df, p_value."""
        return pd.DataFrame(self.details, columns=["statistic", "value", "df", "p_value"])

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said about the analysis, in English."""
        return tuple(remark.text() for remark in self.remarks)


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

    Notes
    -----
    Two analyses. The first lets the errors of a mediator and of the outcome go together and follows the indirect
    effect over their correlation; `rho_star` is the correlation at which it is zero, the other mediators held in both
    equations (`involution.models.mediation.error_correlation`). The second asks how strong an omitted variable has to
    be (`involution.models.mediation.omitted`): ``robustness_value[...]`` is the share that it would have to explain of
    what is left of both ends of a path to take it to zero, ``robustness_value_alpha[...]`` to 5 % insignificance.
    For ``a[m]`` it confounds treatment and mediator given the controls, for ``b[m]`` mediator and outcome given
    treatment, controls and the other mediators; that of ``indirect[m]`` is the smaller of the two, since the product
    goes with either. ``bound[indirect[m],control,2x]`` is the product as far against its sign as two such confounders,
    one for each path and each twice as strong as the control, can take it.
    """
    with single_threaded():
        rho_star, curves, notes = correlations(mediation, np.asarray(grid, dtype=float))
        system = mediation.system
        products = system.absorbed.T @ system.absorbed
        rows: list[Row] = []
        bounds, strong, capped = [], [], []
        controls = [name for name in system.specification.controls if name in system.position]
        for channel in channels(system):
            first, second = _paths(products, mediation, channel)
            rows += _robustness(channel.name, first, second)
            for control in controls:
                place = system.position[control]
                for count in times:
                    at = [benchmark(products, found, place, count) for found in (first, second)]
                    bounds += _bounds(channel.name, control, count, (first, second), at)
                    label = f"{control} ({count}x, {channel.name})"
                    strong += [label] if np.isnan([found.treatment for found in at]).any() else []
                    capped += [label] if any(found.capped for found in at) else []
    frame = pd.DataFrame(bounds, columns=list(BOUNDS))
    rows += [
        (f"bound[{term},{control},{count}x]", estimate, np.nan, np.nan)
        for term, control, count, estimate in zip(
            frame["path"], frame["control"], frame["times"], frame["estimate"], strict=True
        )
    ]
    return Sensitivity(rho_star, curves, frame, tuple(rows), (*_remarks(mediation, bounds, strong, capped), *notes))


def _paths(products: Floats, mediation: Mediation, channel: Channel) -> tuple[Path, Path]:
    """The paths from treatment to mediator and from mediator to outcome, with their clustered standard errors."""
    critical = quantile(mediation.sampled.degrees)
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
    name: str, control: str, times: int, paths: tuple[Path, Path], at: Sequence[Strength]
) -> list[tuple[object, ...]]:
    """Rows of `BOUNDS` for both paths and their product."""
    rows: list[tuple[object, ...]] = []
    for letter, found, strength in zip("ab", paths, at, strict=True):
        shares = strength.treatment, strength.outcome
        estimate, error = found.adjusted(*shares), found.adjusted_error(*shares)
        width = found.critical * error if error > 0 else np.nan
        rows.append((f"{letter}[{name}]", control, times, *shares, estimate, error, estimate - width, estimate + width))
    product = worst_product(*paths, *at)
    rows.append((f"indirect[{name}]", control, times, np.nan, np.nan, product, np.nan, np.nan, np.nan))
    return rows


def _remarks(
    mediation: Mediation, bounds: Sequence[object], strong: Sequence[str], capped: Sequence[str]
) -> list[Note]:
    said = [note("sensitivity_rho")]
    said.append(note("sensitivity_jackknife" if mediation.system.sample.clusters else "sensitivity_rows"))
    said.append(note("sensitivity_robustness"))
    if bounds:
        said.append(note("sensitivity_bounds"))
    if strong:
        said.append(note("sensitivity_strong", names=", ".join(strong)))
    if capped:
        said.append(note("sensitivity_capped", names=", ".join(capped)))
    return said
