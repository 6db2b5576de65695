"""Weighted means of regressions' coefficients as the terms of one solution, several regressions together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from involution.models.event_study.terms import cell_event, event_term, is_part
from involution.models.groupings import Floats, Grouping
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution

Mask = np.ndarray


@dataclass(frozen=True)
class Average:
    """A term as a weighted mean of a regression's coefficients.

    Attributes
    ----------
    term : str
    parts : tuple of str
        Coefficients; their weights are those of the rows in `cells`.
    """

    term: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Averaged:
    """A regression and what is averaged of it.

    Attributes
    ----------
    solution : Solution
    terms : tuple of Average
    cells : mapping of str to array of bool, shape (N,)
        Rows of each coefficient; one alone needs none.
    """

    solution: Solution
    terms: tuple[Average, ...]
    cells: Mapping[str, Mask]

    def weights(self, keep: Mask | None = None) -> Floats:
        """Weights of coefficients (rows) in terms (columns), over the rows `keep` of the sample."""
        sample, names = self.solution.sample, self.solution.names
        of_rows = np.ones(sample.n) if sample.weights is None else sample.weights
        of_rows = of_rows if keep is None else of_rows * keep
        out = np.zeros((len(names), len(self.terms)))
        for j, term in enumerate(self.terms):
            at = [names.index(part) for part in term.parts]
            sizes = [of_rows @ self.cells[part][sample.rows] if len(at) > 1 else 1.0 for part in term.parts]
            out[at, j] = np.array(sizes) / max(sum(sizes), np.finfo(float).tiny)
        return out


def joined(
    parts: Sequence[Averaged], main: Solution, said: Sequence[Note], events: Sequence[int] | None = None
) -> Solution:
    """Terms of several regressions as one solution, with their joint influence on the rows of the main one.

    Parameters
    ----------
    parts : sequence of Averaged
    main : Solution
        Whose sample and fit are told.
    said : sequence of Note
    events : sequence of int, optional
        Years since adoption that have a term; all unless given.
    """
    known = None if events is None else {event_term(event) for event in events}
    parts = [
        Averaged(
            p.solution,
            tuple(t for t in p.terms if known is None or not t.term.startswith("att[e=") or t.term in known),
            p.cells,
        )
        for p in parts
    ]
    names = tuple(term.term for part in parts for term in part.terms)
    influence = [_onto(main.sample, p.solution.sample, p.solution.influence @ p.weights()) for p in parts]
    own = [remark for part in parts for remark in part.solution.notes]
    return Solution(
        names=names,
        beta=np.concatenate([part.solution.beta @ part.weights() for part in parts]),
        bread=np.full((len(names), len(names)), np.nan),
        influence=np.hstack(influence),
        sample=main.sample,
        sum_of_squares=np.nan,
        likelihood=False,
        jackknife=partial(_left_out, tuple(parts), main.sample),
        r2=main.r2,
        r2_within=main.r2_within,
        notes=tuple(dict.fromkeys([*said, *own])),
        fitted=main.fitted,
        residuals=main.residuals,
        unreported=len(main.names) - len(names),
    )


def unidentified(replicates: Floats, names: Sequence[str]) -> Jackknife:
    """Replicates, which terms some of them do not have, and which averages some take over fewer cohorts by year."""
    absent = np.isnan(replicates)
    lost = [name for name, missing in zip(names, absent.T, strict=True) if missing.any()]
    said = [note("jackknife_unidentified", names=", ".join(lost))] if lost else []
    gone = {name: missing for name, missing in zip(names, absent.T, strict=True) if cell_event(name) is not None}
    fewer = [
        name
        for name, missing in zip(names, absent.T, strict=True)
        if name not in lost and any((rows & ~missing).any() for cell, rows in gone.items() if is_part(cell, name))
    ]
    if fewer:
        said.append(note("jackknife_reweighted", names=", ".join(fewer)))
    return Jackknife(replicates, tuple(said))


def _onto(sample: Sample, of: Sample, influence: Floats) -> Floats:
    """Influence of the rows of one sample as that of another's, which holds them."""
    if of.n == sample.n:
        return influence
    out = np.zeros((sample.n, influence.shape[1]))
    out[np.searchsorted(sample.rows, of.rows)] = influence
    return out


def _left_out(parts: Sequence[Averaged], sample: Sample, cluster: Grouping) -> Jackknife:
    """Averages without each cluster, their weights counted anew; missing where nothing is left to be averaged."""
    blocks = []
    for part in parts:
        inner = part.solution.sample
        at = np.searchsorted(sample.rows, inner.rows)
        own = cluster.take(at) if inner.n < sample.n else cluster
        levels = np.unique(cluster.codes[at]) if inner.n < sample.n else np.arange(cluster.n_levels)
        assert part.solution.jackknife is not None
        found = part.solution.jackknife(own)
        replicates = np.tile(part.solution.beta @ part.weights(), (cluster.n_levels, 1))
        for k, level in enumerate(levels):
            weights = part.weights(own.codes != k)
            # A cell that only this cluster has is not estimated without it, and has no weight in the averages then.
            means = np.where(weights == 0, 0.0, found.replicates[k][:, None] * weights).sum(axis=0)
            replicates[level] = np.where(weights.any(axis=0), means, np.nan)
        blocks.append(replicates)
    return unidentified(np.hstack(blocks), [term.term for part in parts for term in part.terms])
