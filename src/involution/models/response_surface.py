"""Quadratic response surfaces over two columns: slopes and curvatures along two lines, stationary point, axes.

Edwards and Parry (1993), "On the use of polynomial regression equations as an alternative to difference scores in
organizational research", *Academy of Management Journal* 36: 1577-1613; how to test and draw one,
Shanock, Baran, Gentry, Pattison and Heggestad (2010), *Journal of Business and Psychology* 25: 543-554.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.demeaned import slopes_by_year
from involution.models.derived import coefficients, tested, wald
from involution.models.design import Design
from involution.models.distributions import critical_value
from involution.models.groupings import Floats
from involution.models.matrix import numbers
from involution.models.notes import Note, note
from involution.models.reported import Reported, Row
from involution.models.result import TIDY, Fit
from involution.models.surface_geometry import derived_functions, gradient_of, hull_of, inside_hull
from involution.study.formulas import quoted

LINE_POINTS = 41
_SUPPORT = (0.01, 0.99)
_AGREE = 0.5
"""Standard deviations of the standardised difference within which two columns agree (Shanock et al. 2010)."""


@dataclass(frozen=True)
class SurfaceModel:
    """What is estimated, in columns of the data.

    Attributes
    ----------
    outcome : str
    columns : tuple of str
        The two columns of the surface.
    about : tuple of float
        Values of these about which it is written.
    controls : tuple of str
    treatment : str or None
        The surface is that of its effect; that of the outcome itself without one.
    by_year : bool
        The treatment's effect may differ by year beside the surface.
    """

    outcome: str
    columns: tuple[str, str]
    about: tuple[float, float] = (0.0, 0.0)
    controls: tuple[str, ...] = ()
    treatment: str | None = None
    by_year: bool = True

    @property
    def second_order(self) -> tuple[str, str, str]:
        """Names of both squares and the product between them."""
        x, z = self.columns
        return f"{x}^2", f"{x}:{z}", f"{z}^2"

    @property
    def difference(self) -> str:
        """Name of the absolute difference."""
        return f"|{self.columns[0]}-{self.columns[1]}|"

    @property
    def surface_terms(self) -> tuple[str, ...]:
        """Terms b1 to b5 of the surface."""
        terms = (*self.columns, *self.second_order)
        return terms if self.treatment is None else tuple(f"{self.treatment}:{term}" for term in terms)


@dataclass(frozen=True)
class SurfaceFit(Reported):
    """An estimated surface.

    Attributes
    ----------
    model : SurfaceModel
    fit : Fit
    derived : DataFrame
        Columns as of `Fit.tidy`: ``surface[a1]`` to ``surface[a4]`` (slope and curvature of the lines of congruence and
        incongruence), ``stationary[column]``, ``surface[p10]``, ``surface[p11]`` (intercept and slope of the first
        principal axis), ``surface[p20]``, ``surface[p21]`` (of the second).
    curves : DataFrame
        ``line[congruence]`` and ``line[incongruence]`` over the first column; ``hull[x,z]``, the corners of what the
        rows cover.
    details : tuple of Row
    remarks : tuple of Note
    """

    model: SurfaceModel
    fit: Fit
    derived: pd.DataFrame
    curves: pd.DataFrame
    details: tuple[Row, ...]
    remarks: tuple[Note, ...]

    def tidy(self) -> pd.DataFrame:
        """The terms of the surface, what follows from them, other regressors; effects by year are left out."""
        terms = self.fit.tidy()
        terms = terms[~terms["term"].str.startswith(_by_year_prefix(self.model))]
        treatment = () if self.model.treatment is None else (self.model.treatment,)
        own = terms["term"].isin((*treatment, *self.model.surface_terms))
        return pd.concat([terms[own], self.derived, terms[~own]], ignore_index=True)


def _by_year_prefix(model: SurfaceModel) -> str:
    return f"{model.treatment}:year="


def estimate_surface(
    model: SurfaceModel, design: Design, *, vcov: str | None = None, said: Sequence[Note] = ()
) -> SurfaceFit:
    """Estimate a surface by least squares; what is not linear in the coefficients by the delta method.

    Parameters
    ----------
    model : SurfaceModel
    design : Design
    vcov : str, optional
        crv1 with clusters and hetero without unless named.
    said : sequence of Note

    Raises
    ------
    InputError
        For columns that do not exist or hold text.
    NotEstimable
        When the data do not identify all five terms.
    """
    fit, whole = _fitted(model, design, model.second_order, vcov)
    lost = [term for term in model.surface_terms if term not in fit.terms]
    if lost:
        raise NotEstimable(f"the term {lost[0]} of the surface is absorbed or collinear")
    points = np.column_stack([numbers(whole.data, name)[fit.rows] for name in model.columns])
    derived = _derived(model, fit)
    details = (*fit.details, *_details(model, fit, points))
    remarks = (*fit.remarks, *said, *_remarks(model, fit, points, derived))
    return SurfaceFit(model, fit, derived, _curves(model, fit, points), details, tuple(dict.fromkeys(remarks)))


def estimate_balance(
    model: SurfaceModel, design: Design, *, vcov: str | None = None, said: Sequence[Note] = ()
) -> tuple[pd.DataFrame, Fit, tuple[Note, ...]]:
    """The absolute difference of the two columns in place of squares and product.

    Parameters, and what is raised, are those of `estimate_surface`; given are rows as of `Fit.tidy`, the fit, notes.
    """
    fit, _ = _fitted(model, design, (model.difference,), vcov)
    wanted = model.difference if model.treatment is None else f"{model.treatment}:{model.difference}"
    if wanted not in fit.terms:
        raise NotEstimable(f"the term {wanted} is absorbed or collinear")
    terms = fit.tidy()
    shown = terms[~terms["term"].str.startswith(_by_year_prefix(model))].reset_index(drop=True)
    remarks = (*fit.remarks, *said, note("surface_balance", first=model.columns[0], second=model.columns[1]))
    return shown, fit, (*remarks, *_year_note(model))


def _fitted(model: SurfaceModel, design: Design, further: Sequence[str], vcov: str | None) -> tuple[Fit, Design]:
    """The regression on the two columns about their origin and further terms made of them."""
    made = _made(model, design.data)
    own = [*model.columns, *further]
    regressors = [*own, *(name for name in model.controls if name not in own)]
    if model.treatment is not None:
        x = numbers(design.data, model.treatment)
        made |= {f"{model.treatment}:{name}": x * made[name] for name in own}
        products = [f"{model.treatment}:{name}" for name in own]
        regressors = [model.treatment, *products, *(name for name in regressors if name != model.treatment)]
    whole = design.on(design.data.assign(**made))
    if model.treatment is not None and model.by_year:
        effects = _year_effects(model, whole, regressors)
        whole = whole.on(whole.data.assign(**effects))
        regressors += list(effects)
    fit = whole.estimate(f"{quoted(model.outcome)} ~ {' + '.join(map(quoted, regressors))}", vcov=vcov)
    return fit, whole


def _made(model: SurfaceModel, data: pd.DataFrame) -> dict[str, Floats]:
    """Both columns about their origin, their squares, product and absolute difference."""
    x, z = (numbers(data, name) - origin for name, origin in zip(model.columns, model.about, strict=True))
    names = (*model.columns, *model.second_order, model.difference)
    return dict(zip(names, (x, z, x * x, x * z, z * z, np.abs(x - z)), strict=True))


def _year_effects(model: SurfaceModel, design: Design, regressors: Sequence[str]) -> dict[str, Floats]:
    """The treatment's effect of each year less their mean: its own term is the (weighted) mean over the rows."""
    sample = design.solution(f"{quoted(model.outcome)} ~ {' + '.join(map(quoted, regressors))}")[0].sample
    years = design.data[design.panel["year"]].to_numpy()[sample.rows]
    slopes = slopes_by_year(sample.raw(numbers(design.data, str(model.treatment))), years, sample.weights)
    effects = {f"{_by_year_prefix(model)}{label}": np.zeros(len(design.data)) for label in slopes}
    for column, slope in zip(effects.values(), slopes.values(), strict=True):
        column[sample.rows] = slope
    return effects


def _derived(model: SurfaceModel, fit: Fit) -> pd.DataFrame:
    """What follows from the five coefficients, with delta-method standard errors."""
    b, vcov = coefficients(fit, list(model.surface_terms))
    origins = {f"stationary[{name}]": about for name, about in zip(model.columns, model.about, strict=True)}
    rows = []
    for name, function in derived_functions(model.columns).items():
        with np.errstate(all="ignore"):
            gradient = gradient_of(function, b)
            value = float(np.real(function(b.astype(complex)))) + origins.get(name, 0.0)
            variance = float(gradient @ vcov @ gradient)
            row = tested(fit, name, value, np.sqrt(max(variance, 0.0)))
        # That a stationary point lies at zero is no hypothesis.
        rows.append(row | ({"statistic": np.nan, "p_value": np.nan} if name in origins else {}))
    return pd.DataFrame(rows)[list(TIDY)]


def _details(model: SurfaceModel, fit: Fit, points: Floats) -> list[Row]:
    """Joint tests, where the surface is written about, and how often the columns agree."""
    nan = np.nan
    difference = np.diff((points - points.mean(axis=0)) / points.std(axis=0, ddof=1), axis=1)[:, 0]
    shares = {
        f"share[{model.columns[0]} higher]": float(np.mean(difference < -_AGREE)),
        "share[agreement]": float(np.mean(np.abs(difference) <= _AGREE)),
        f"share[{model.columns[1]} higher]": float(np.mean(difference > _AGREE)),
    }
    return [
        ("second_order_f", *wald(fit, list(model.surface_terms[2:]))),
        ("surface_f", *wald(fit, list(model.surface_terms))),
        *((f"about[{name}]", value, nan, nan) for name, value in zip(model.columns, model.about, strict=True)),
        *((name, value, nan, nan) for name, value in shares.items()),
    ]


def _remarks(model: SurfaceModel, fit: Fit, points: Floats, derived: pd.DataFrame) -> list[Note]:
    first, second = model.columns
    b3, b4, b5 = coefficients(fit, list(model.surface_terms[2:]))[0]
    curvature = np.linalg.eigvalsh([[2 * b3, b4], [b4, 2 * b5]])
    shape = "maximum" if curvature.max() < 0 else "minimum" if curvature.min() > 0 else "saddle"
    at = derived.set_index("term").loc[[f"stationary[{name}]" for name in model.columns], "estimate"].to_numpy()
    inside = inside_hull(at - np.asarray(model.about), hull_of(points))
    about = {"first": f"{model.about[0]:g}", "second": f"{model.about[1]:g}"}
    return [
        note("surface_about", x=first, z=second, **about),
        note("surface_delta"),
        note(f"surface_{shape}_{'inside' if inside else 'outside'}", x=f"{at[0]:.3g}", z=f"{at[1]:.3g}"),
        *([] if model.treatment is None else [note("surface_effect", treatment=model.treatment)]),
        *_year_note(model),
    ]


def _year_note(model: SurfaceModel) -> list[Note]:
    if model.treatment is None or not model.by_year:
        return []
    return [note("surface_by_year", treatment=model.treatment)]


def _curves(model: SurfaceModel, fit: Fit, points: Floats) -> pd.DataFrame:
    """Along both lines the surface and its interval; the corners of the support.

    Without a treatment the level is the outcome's less that where the lines cross.
    """
    low, high = np.quantile(points, _SUPPORT, axis=0)
    ends = {
        "congruence": (max(low), min(high), 1.0),
        "incongruence": (max(low[0], -high[1]), min(high[0], -low[1]), -1.0),
    }
    parts = [_line(model, fit, name, *where) for name, where in ends.items() if where[0] < where[1]]
    corners = hull_of(points) + np.asarray(model.about)
    hull = {"curve": f"hull[{model.columns[0]},{model.columns[1]}]", "x": corners[:, 0], "estimate": corners[:, 1]}
    return pd.concat([*parts, pd.DataFrame({**hull, "ci_low": np.nan, "ci_high": np.nan})], ignore_index=True)


def _line(model: SurfaceModel, fit: Fit, name: str, low: float, high: float, side: float) -> pd.DataFrame:
    """The surface where the second column is `side` times the first."""
    grid = np.linspace(low, high, LINE_POINTS)
    columns: Mapping[str, Floats] = dict(
        zip(model.surface_terms, (grid, side * grid, grid**2, side * grid**2, grid**2), strict=True)
    )
    if model.treatment is not None:
        columns = {model.treatment: np.ones(LINE_POINTS), **columns}
    terms = list(columns)
    weights = np.column_stack(list(columns.values()))
    b, vcov = coefficients(fit, terms)
    value = weights @ b
    spread = np.sqrt(np.einsum("ij,jk,ik->i", weights, vcov, weights).clip(0))
    reach = critical_value(fit.degrees_of_freedom) * spread
    return pd.DataFrame(
        {
            "curve": f"line[{name}]",
            "x": grid + model.about[0],
            "estimate": value,
            "ci_low": value - reach,
            "ci_high": value + reach,
        }
    )
