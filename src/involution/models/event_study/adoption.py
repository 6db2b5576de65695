"""Who adopts when: the rows of an event study on their clock, before any estimator sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.design import Design
from involution.models.groupings import Floats, Grouping
from involution.models.matrix import Columns, check_once, no_column, numbers
from involution.models.notes import Note, note
from involution.models.sample import Sample

Mask = np.ndarray
FEW_NEVER_CLUSTERS = 5
FEW_TREATED_CLUSTERS = 10


@dataclass(frozen=True)
class Adoption:
    """An outcome, its sample and the clock of adoption.

    Attributes
    ----------
    sample : Sample
        Complete rows without firms always treated and without singletons.
    name : str
        Of the outcome.
    outcome, year : array of float, shape (N,)
        Over all rows of the data, as all that follow.
    cohort : array of float, shape (N,)
        First treated year; zero where the data end before it, or where there is none.
    controls : Columns
    anticipation : int
        Years before adoption in which effects may already show.
    remarks : tuple of Note
    """

    sample: Sample
    name: str
    outcome: Floats
    year: Floats
    cohort: Floats
    controls: Columns
    anticipation: int
    remarks: tuple[Note, ...] = ()

    @property
    def since(self) -> Floats:
        """Years since adoption, minus infinity for firms that never adopt; shape (N,)."""
        return np.where(self.cohort == 0, -np.inf, self.year - self.cohort)

    @property
    def reference(self) -> int:
        """The last year before adoption without effects."""
        return -1 - self.anticipation

    @property
    def firm(self) -> Grouping:
        """Firms over the rows of the sample."""
        assert self.sample.firm is not None
        return self.sample.firm

    @property
    def weights(self) -> Floats:
        """Weights of the sample's rows, ones where there are none."""
        return np.ones(self.sample.n) if self.sample.weights is None else self.sample.weights

    @property
    def cohorts(self) -> list[float]:
        """Cohorts of the sample, the earliest first."""
        found = np.unique(self.cohort[self.sample.rows])
        return [float(value) for value in found if value]

    @property
    def events(self) -> list[int]:
        """Years since adoption that occur in the sample."""
        since = self.since[self.sample.rows]
        return [int(value) for value in np.unique(since[np.isfinite(since)])]

    @property
    def has_never(self) -> bool:
        """Whether some firm of the sample never adopts."""
        return bool((self.cohort[self.sample.rows] == 0).any())

    def on(self, sample: Sample, *said: Note) -> Adoption:
        """The same on other rows."""
        return replace(self, sample=sample, remarks=(*self.remarks, *said))

    def counts(self) -> dict[str, float]:
        """Firms and rows by treatment."""
        rows = self.sample.rows
        codes, treated = self.firm.codes, self.since[rows] >= 0
        never = self.cohort[rows] == 0
        return {
            "n_treated_firms": len(np.unique(codes[~never])),
            "n_never_firms": len(np.unique(codes[never])),
            "n_treated_clusters": treated_clusters(self.sample.clusters, treated),
            "n_cohorts": len(self.cohorts),
            "n_treated": int(treated.sum()),
            "n_untreated": int((self.since[rows] < -self.anticipation).sum()),
        }


def treated_clusters(clusters: Sequence[Grouping], treated: Mask) -> int:
    """Clusters that hold treated rows; of two clusterings the fewer, and zero without any.

    Parameters
    ----------
    clusters : sequence of Grouping
    treated : array of bool, shape (n,)
    """
    return min((len(np.unique(cluster.codes[treated])) for cluster in clusters), default=0)


def few_treated(count: float) -> tuple[Note, ...]:
    """What few clusters with treated rows do to standard errors, whatever the number of the others.

    MacKinnon and Webb (2017, *Journal of Applied Econometrics* 32: 233-254; 2018, *Econometrics Journal* 21: 114-135).
    """
    if not 0 < count < FEW_TREATED_CLUSTERS:
        return ()
    return (note("few_treated_clusters", count=int(count), limit=FEW_TREATED_CLUSTERS),)


def prepare(
    data: pd.DataFrame,
    outcome: str,
    *,
    firm: str,
    year: str,
    cohort: str,
    cluster: Sequence[str],
    controls: Sequence[str],
    fixed_effects: Sequence[str],
    weights: str | None,
    anticipation: int,
    rows: Mask | None,
) -> Adoption:
    """The rows of an event study.

    Raises
    ------
    InputError
        For a column that is not there or not of numbers, a firm with two rows in a year, a cohort that changes within
        a firm.
    NotEstimable
        When no firm adopts within the years of the data.
    """
    missing = [name for name in (outcome, firm, year, cohort, *controls) if name not in data.columns]
    if missing:
        raise InputError([Problem("", no_column(name, data.columns)) for name in missing])
    first = first_years(data, firm, cohort)
    keep = np.ones(len(data), dtype=bool) if rows is None else rows.copy()
    keep &= data[firm].notna().to_numpy() & data[year].notna().to_numpy()
    check_once(data, {"firm": firm, "year": year}, keep)
    design = Design(data, fixed_effects, cluster, weights=weights, rows=keep, firm=firm, year=year)
    values, years = numbers(data, outcome), numbers(data, year)
    block = Columns(tuple(controls), np.column_stack([np.zeros((len(data), 0)), *(numbers(data, c) for c in controls)]))
    for name, column in ((year, years), (cohort, first)):
        if (column[keep] % 1 != 0).any():
            raise InputError(Problem(f"column '{name}'", "years are whole numbers, and some of these are not"))
    whole = design.sample(values, [block], constant=False)
    if not whole.n:
        raise NotEstimable("no observations left: no row has a value in every column of the model")
    named = [(outcome, values), *((name, block.values[:, j]) for j, name in enumerate(block.names))]
    said = [note("weights", weights=weights)] if weights else []
    if whole.drops.missing:
        lost = {name: int((np.isnan(column) & keep).sum()) for name, column in named}
        shown = ", ".join(f"{name}: {count:,}" for name, count in lost.items() if count)
        said.insert(0, note("missing", count=whole.drops.missing, columns=shown or "fixed effects, clusters, weights"))
    return _within_reach(Adoption(whole, outcome, values, years, first, block, anticipation, tuple(said)))


def first_years(data: pd.DataFrame, firm: str, cohort: str) -> Floats:
    """First treated year of each row's firm; zero where it never adopts.

    Raises
    ------
    InputError
        When a firm has two cohorts, missing and zero counting as one.
    """
    first = np.nan_to_num(numbers(data, cohort))
    codes, levels = pd.factorize(data[firm])
    leading = np.zeros(len(levels) + 1)
    leading[codes[::-1]] = first[::-1]
    other = (codes >= 0) & (first != leading[codes])
    if other.any():
        torn = np.isin(codes, codes[other])
        shown = data.loc[torn, [firm, cohort]].drop_duplicates().head(10)
        found = tuple(f"{firm} {name}: {value}" for name, value in shown.itertuples(index=False))
        raise InputError(Problem(f"column '{cohort}'", "a firm adopts once, and these have two years", found))
    return first


def _within_reach(made: Adoption) -> Adoption:
    """Firms always treated left out, those that adopt after the data end counted as never treated; both told."""
    sample, cohort = made.sample, made.cohort
    last = made.year[sample.rows].max() + made.anticipation
    late = cohort > last
    said = []
    if late[sample.rows].any():
        firms = len(np.unique(made.firm.codes[late[sample.rows]]))
        said.append(note("event_late", count=firms, year=f"{last:g}"))
    made = replace(made, cohort=np.where(late, 0.0, cohort))
    firms = rows = 0
    while sample.n:
        begun = (made.cohort > 0) & (made.cohort - made.anticipation <= made.year[sample.rows].min())
        always = begun[sample.rows]
        if not always.any():
            break
        assert sample.firm is not None
        firms, rows = firms + len(np.unique(sample.firm.codes[always])), rows + int(always.sum())
        sample = sample.subset(~always).without_singletons()
    if firms:
        said.append(note("event_always", firms=firms, count=rows))
    if not sample.n or not (made.cohort[sample.rows] > 0).any():
        raise NotEstimable("no firm adopts within the years of the data")
    made = made.on(sample, *said)
    if not (made.since[sample.rows] >= 0).any():
        raise NotEstimable("no row of a firm that adopts lies at or after its adoption")
    return made
