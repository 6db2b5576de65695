r"""Errors that go together in space: the covariance of Conley (1999, *Journal of Econometrics* 92: 1-45).

With s the influence of rows, the covariance is the sum of products :math:`K(d_{ij}) s_i s_j'` over pairs of rows of one
year, d their great-circle distance and K one up to the cutoff (uniform) or falling to zero there (bartlett: one less
d/cutoff). With lags, products of a firm's own years l apart enter with weight 1 - l/(lags + 1), as in Newey and West
(1987) and in Hsiang (2010, *PNAS* 107: 15367-15372), who put both together. Rows of one place and year are summed
first, and only pairs of places within the cutoff are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.matrix import Columns, no_column, numbers

EARTH_RADIUS = 6_371.0088
"""Mean radius in km (that of the WGS 84 ellipsoid)."""
_PAIRS = 4_000_000
_ROUNDING = 1e-12
KERNELS = ("uniform", "bartlett")


@dataclass(frozen=True)
class Spatial:
    """What a model asks of Conley's covariance.

    Attributes
    ----------
    cutoff : float
        Kilometres beyond which rows are not correlated.
    kernel : {"uniform", "bartlett"}
    lags : int
        Years over which a firm's own rows are.
    latitude, longitude : str
        Columns, in degrees.
    """

    cutoff: float
    kernel: str = "uniform"
    lags: int = 0
    latitude: str = "latitude"
    longitude: str = "longitude"


@dataclass(frozen=True)
class Places:
    """Coordinates in degrees, firms and years of rows, and how far correlation reaches.

    Attributes
    ----------
    latitude, longitude : array of float, shape (n,)
    firm, year : array of int, shape (n,), or None
        None in data without them: all pairs count then.
    """

    latitude: Floats
    longitude: Floats
    firm: Codes | None
    year: Codes | None
    cutoff: float
    kernel: str
    lags: int

    def at(self, rows: Codes) -> Places:
        """Those of some rows."""
        firm, year = (None if codes is None else codes[rows] for codes in (self.firm, self.year))
        return Places(self.latitude[rows], self.longitude[rows], firm, year, self.cutoff, self.kernel, self.lags)

    @property
    def columns(self) -> Columns:
        """The coordinates as columns that rows must have."""
        return Columns(("latitude", "longitude"), np.column_stack([self.latitude, self.longitude]))


def spatial(options: Mapping[str, Any] | None) -> Spatial:
    """The options of `conley` checked.

    Raises
    ------
    InputError
    """
    given = dict(options or {})
    known = [field.name for field in fields(Spatial)]
    unknown = [key for key in given if key not in known]
    if unknown:
        raise InputError(Problem("conley", f"unknown key '{unknown[0]}'; expected {', '.join(known)}"))
    if "cutoff" not in given:
        raise InputError(Problem("conley", "there is no cutoff", mend="conley: {cutoff: 300} in kilometres"))
    asked = Spatial(**given)
    if not asked.cutoff > 0:
        raise InputError(Problem("conley.cutoff", f"found {asked.cutoff}; expected kilometres above zero"))
    if asked.kernel not in KERNELS:
        raise InputError(Problem("conley.kernel", f"found '{asked.kernel}'; expected {' or '.join(KERNELS)}"))
    if asked.lags < 0:
        raise InputError(Problem("conley.lags", f"found {asked.lags}; expected zero or more years"))
    return asked


def places(options: Mapping[str, Any] | None, data: pd.DataFrame, panel: Mapping[str, str]) -> Places:
    """Where the rows of the data are.

    Parameters
    ----------
    options : mapping
        As `Spatial`.
    data : DataFrame
    panel : mapping
        Names of the firm and year columns.

    Raises
    ------
    InputError
        For options that are not known, columns that are not there, and coordinates that are none.
    """
    asked = spatial(options)
    mend = "name the columns under conley: {latitude: ..., longitude: ...}"
    missing = [name for name in (asked.latitude, asked.longitude) if name not in data.columns]
    if missing:
        raise InputError([Problem("conley", no_column(name, data.columns), mend=mend) for name in missing])
    latitude, longitude = numbers(data, asked.latitude), numbers(data, asked.longitude)
    for name, values, limit in ((asked.latitude, latitude, 90), (asked.longitude, longitude, 360)):
        known = values[~np.isnan(values)]
        if len(known) and np.abs(known).max() > limit:
            what = f"'{name}' reaches {known[np.abs(known).argmax()]:g}: no degrees within {limit}"
            raise InputError(Problem("conley", what, mend=mend))
    firm, year = (panel[name] if panel[name] in data.columns else None for name in ("firm", "year"))
    if asked.lags and (firm is None or year is None):
        raise InputError(Problem("conley.lags", "lags need the firm and the year of each row"))
    return Places(
        latitude,
        longitude,
        None if firm is None else pd.factorize(data[firm])[0].astype(np.intp),
        None if year is None else data[year].to_numpy(dtype=np.intp),
        asked.cutoff,
        asked.kernel,
        asked.lags,
    )


def conley_meat(influence: Floats, where: Places) -> tuple[Floats, int]:
    """The sum of weighted products of rows, and the number of places.

    Parameters
    ----------
    influence : array of float, shape (n, k)
    where : Places
        Of the same rows.
    """
    points, place = np.unique(np.column_stack([where.latitude, where.longitude]), axis=0, return_inverse=True)
    period = np.zeros(len(influence), dtype=np.intp) if where.year is None else where.year - where.year.min()
    k, n_periods = influence.shape[1], int(period.max()) + 1
    cell = Grouping("", place.ravel() * n_periods + period, len(points) * n_periods)
    by_place = cell.sums(influence).reshape(len(points), n_periods * k)
    near = nearby(points, by_place, where.cutoff, where.kernel)
    meat = by_place.reshape(-1, k).T @ near.reshape(-1, k)
    meat = (meat + meat.T) / 2
    for lag in range(1, where.lags + 1):
        moved = _own_years(influence, where, lag)
        meat = meat + (1 - lag / (where.lags + 1)) * (moved + moved.T)
    return meat, len(points)


def _own_years(influence: Floats, where: Places, lag: int) -> Floats:
    """Products of rows with those of the same firm so many years before."""
    assert where.firm is not None
    assert where.year is not None
    span = int(np.ptp(where.year)) + 1 + lag
    own = where.firm * span + (where.year - where.year.min())
    order = np.argsort(own, kind="stable")
    at = np.searchsorted(own[order], own - lag)
    # The span is wide enough that a year before the first is no other firm's.
    at = np.minimum(at, len(own) - 1)
    found = own[order][at] == own - lag
    return np.asarray(influence[found].T @ influence[order[at[found]]])


def nearby(points: Floats, values: Floats, cutoff: float, kernel: str) -> Floats:
    """Weighted sums of the values of places within the cutoff of each, itself included.

    Parameters
    ----------
    points : array of float, shape (L, 2)
        Latitude and longitude in degrees.
    values : array of float, shape (L, p)
    cutoff : float
        In kilometres, itself included.
    kernel : {"uniform", "bartlett"}
    """
    from scipy.sparse import csr_matrix
    from scipy.spatial import KDTree

    # A chord c of the unit sphere spans the distance 2 R asin(c/2): the haversine formula.
    reach = 2.0 if cutoff >= np.pi * EARTH_RADIUS else 2 * np.sin(cutoff / (2 * EARTH_RADIUS))
    on_sphere, count = unit_vectors(points), len(points)
    tree, step = KDTree(on_sphere), max(1, _PAIRS // count)
    out = np.empty_like(values)
    for start in range(0, count, step):
        part = on_sphere[start : start + step]
        pairs = KDTree(part).sparse_distance_matrix(tree, reach * (1 + _ROUNDING), output_type="ndarray")
        distance = 2 * EARTH_RADIUS * np.arcsin(np.minimum(pairs["v"] / 2, 1.0))
        weight = np.ones(len(pairs)) if kernel == "uniform" else np.maximum(1 - distance / cutoff, 0.0)
        weights = csr_matrix((weight, (pairs["i"], pairs["j"])), shape=(len(part), count))
        weights.sort_indices()
        out[start : start + step] = weights @ values
    return out


def unit_vectors(points: Floats) -> Floats:
    """Places on the unit sphere, shape (L, 3)."""
    latitude, longitude = np.deg2rad(points).T
    return np.column_stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )
