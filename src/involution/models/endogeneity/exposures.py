"""From shares, shocks and an item of the section to the instrument of every row and what the rows are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem, nearest
from involution.models.blocks import Run
from involution.models.endogeneity.asked import SECTION
from involution.models.groupings import Codes, Floats, Grouping, coded
from involution.models.linear import Linear
from involution.models.matrix import no_column
from involution.models.shift_share import COMPLETE, Exposures, Rows
from involution.models.solve import least_squares
from involution.panel.match import comparable
from involution.study.endogeneity import Endogeneity

INSTRUMENT, SUM = "shift_share", "sum_of_shares"
_KEYS = ("shock", "share")
_FACTS = ("shock", "year", "group")


@dataclass(frozen=True)
class Placed:
    """The exposures of a study, and where each row of its panel stands among them.

    Attributes
    ----------
    exposures : Exposures
    years : array of float, shape (T,)
        Of the shocks.
    unit : array of int, shape (n,)
        -1 where the row's unit has no shares.
    year : array of int, shape (n,)
        Of the shocks that the row sees; -1 where there are none.
    size : str
        The shocks' column.
    without : tuple of str
        Shocks with shares but no size, left out of these.
    grouped : bool
        Shocks go together in groups that the study names.
    """

    exposures: Exposures
    years: Floats
    unit: Codes
    year: Codes
    size: str
    without: tuple[str, ...]
    grouped: bool

    @property
    def instrument(self) -> Floats:
        """The instrument of each row, missing where the row has none."""
        values = self.exposures.instrument[np.maximum(self.unit, 0), np.maximum(self.year, 0)]
        return np.where((self.unit >= 0) & (self.year >= 0), values, np.nan)

    @property
    def sums(self) -> Floats:
        """The sum of each row's shares."""
        return np.where(self.unit >= 0, self.exposures.shares.sum(axis=1)[np.maximum(self.unit, 0)], np.nan)

    def incomplete(self, rows: np.ndarray) -> bool:
        """Whether the shares of some row do not add up to one."""
        return bool((np.abs(self.sums[rows & (self.unit >= 0)] - 1) > COMPLETE).any())


def check_exposures(asked: Endogeneity, data: pd.DataFrame, run: Run) -> list[Problem]:
    """What an item asks of shares and shocks that the study does not have."""
    where = f"{SECTION}: {asked.name}, shift_share"
    assert asked.shift_share is not None
    if run.shift_share is None or run.shift_share[0].empty:
        return [Problem(where, "the study has no shares and shocks", mend="give data.shift_share")]
    shares, shocks = run.shift_share
    problems = [Problem(where, no_column(name, data.columns)) for name in _units(shares) if name not in data.columns]
    sizes = _sizes(shocks)
    if asked.shift_share.shock is not None and asked.shift_share.shock not in sizes:
        named = asked.shift_share.shock
        problems.append(Problem(f"{where}.shock", f"the shocks have no column '{named}'{nearest(named, sizes)}"))
    taken = [name for name in (INSTRUMENT, SUM) if name in data.columns]
    if taken:
        problems.append(Problem(where, f"the panel has a column '{taken[0]}' of its own", mend="call it otherwise"))
    return problems


def _units(shares: pd.DataFrame) -> list[str]:
    return [name for name in shares.columns if name not in _KEYS]


def _sizes(shocks: pd.DataFrame) -> list[str]:
    return [name for name in shocks.columns if name not in _FACTS]


def placed(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Placed:
    """Look up every row of the panel.

    Parameters
    ----------
    asked : Endogeneity
        Completed, checked by `check_exposures`.
    data : DataFrame
    run : Run
    """
    assert asked.shift_share is not None
    if run.shift_share is None:
        raise InputError(Problem(SECTION, "the study has no shares and shocks"))
    shares, shocks = run.shift_share
    size = asked.shift_share.shock or _sizes(shocks)[0]
    known = shocks.dropna(subset=[size])
    wide = known.pivot(index="shock", columns="year", values=size).sort_index()
    keys = _units(shares)
    without = tuple(sorted(set(shares["shock"]) - set(wide.index)))
    kept = shares[~shares["shock"].isin(without)]
    units = shares[keys].drop_duplicates().sort_values(keys).reset_index(drop=True)
    unit = _looked_up(kept[keys], units, keys)
    matrix = np.zeros((len(units), len(wide)))
    matrix[unit, wide.index.get_indexer(pd.Index(kept["shock"]))] = kept["share"]
    named = known.drop_duplicates("shock").set_index("shock")["group"]
    groups, _, _ = coded(named.loc[wide.index].reset_index(drop=True))
    years = wide.columns.to_numpy(dtype=float)
    moved = data["year"].to_numpy(dtype=float) + (
        asked.clock.treatment if asked.shift_share.years is None else asked.shift_share.years
    )
    return Placed(
        Exposures(tuple(wide.index.astype(str)), groups, matrix, wide.to_numpy(dtype=float)),
        years,
        _looked_up(comparable(data, keys, "code", SECTION), units, keys),
        pd.Index(years).get_indexer(pd.Index(moved)),
        size,
        without,
        bool((known["group"] != known["shock"]).any()),
    )


def _looked_up(rows: pd.DataFrame, units: pd.DataFrame, keys: Sequence[str]) -> Codes:
    """Place of each row's unit among the units; -1 where it is none of them."""
    numbered = units.assign(_place=np.arange(len(units)))
    found = rows[list(keys)].merge(numbered, on=list(keys), how="left", validate="many_to_one")["_place"]
    return np.asarray(found.fillna(-1).to_numpy(dtype=np.intp))


def rows_of(linear: Linear, where: Placed, outcome: Floats, treatment: Floats, instrument: Floats) -> Rows:
    """The rows of a fitted model with controls and fixed effects out of its columns.

    Parameters
    ----------
    linear : Linear
    where : Placed
    outcome, treatment, instrument : array of float, shape (n,)
        After absorption, times root weights.
    """
    sample = linear.sample
    columns = np.column_stack([outcome, treatment, instrument])
    if linear.exogenous.names:
        columns = least_squares(linear.exogenous.values, columns)[2]
    if not np.linalg.norm(columns[:, 2]) > 0:
        raise NotEstimable("nothing is left of the instrument")
    root = sample.root_weights
    columns = columns if root is None else columns / root[:, None]
    unit = where.unit[sample.rows]
    codes, levels, _ = coded(pd.Series(unit))
    lasting = not sample.intercept and any(
        effect.nested_in(Grouping("unit", codes, levels)) for effect in sample.effects
    )
    weights = np.ones(sample.n) if sample.weights is None else sample.weights
    return Rows(unit, where.year[sample.rows], weights, columns[:, 0], columns[:, 1], columns[:, 2], lasting)
