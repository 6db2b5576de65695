"""What untreated rows say of all: effects and slopes of the first stage, and for which rows they say it.

The formulas are those of `averages`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from involution.models.absorb import Absorber
from involution.models.groupings import Floats
from involution.models.matrix import Columns
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.solve import column_scales, independent, inverse

Mask = np.ndarray
Centre = Callable[[Sample, Floats, Floats], Floats]
"""From the sample, the cell's weights and the effects to the centre of each row."""
_UNIDENTIFIED = 1e-8
_LOOSE = 1e-4
_ROUNDING = 1e-9


@dataclass(frozen=True)
class FirstStage:
    """Effects and controls as the untreated rows have them.

    Attributes
    ----------
    absorber : Absorber
        Of the fixed effects, with weight zero on treated rows.
    controls : array of float, shape (n, k)
        Less their effects among the untreated.
    bread : array of float, shape (k, k)
        Inverse of the controls' cross-products over the untreated rows.
    residuals : array of float, shape (n,)
        The outcome less what it would have been untreated.
    notes : tuple of Note
    """

    absorber: Absorber
    controls: Floats
    bread: Floats
    residuals: Floats
    notes: tuple[Note, ...]

    def share(self, weights: Floats) -> Floats:
        """How the average with these weights depends on each untreated row's residual, shape (n,)."""
        absorber = self.absorber
        assert absorber.main is not None
        sums = absorber.main.sums(weights)
        means, spread = sums / absorber.main_weight, np.zeros(len(weights))
        if absorber.others:
            effects = absorber.solve(absorber.other_sums(weights) - absorber.within_main(sums))
            means = means - (absorber.cross @ effects) / absorber.root_weight
            spread = absorber.spread(effects)
        own = self.controls @ (self.bread @ (self.controls.T @ weights))
        return np.asarray(absorber.main.spread(means) + spread + own)


@dataclass(frozen=True)
class Asked:
    """What is averaged.

    Attributes
    ----------
    outcome : array of float, shape (N,)
        Over all rows of the data, as all that follow.
    controls : Columns
    since : array of float, shape (N,)
        Years since adoption, minus infinity for firms that never adopt.
    horizons : sequence of int or None
        Years since adoption that have a term; all from zero on where there is none.
    anticipation : int
        Years before adoption that count as treated.
    centre : callable or None
        The cell's own mean unless given.
    required : set of str
        Controls whose slopes effects cannot be told without: a row that needs one which no untreated row identifies
        has no identified effect. Other such controls are left out.
    """

    outcome: Floats
    controls: Columns
    since: Floats
    horizons: Sequence[int] | None = None
    anticipation: int = 0
    centre: Centre | None = None
    required: frozenset[str] = frozenset()

    def untreated(self, sample: Sample) -> Floats:
        """Weights of the sample's untreated rows; zero for the others."""
        untreated = (self.since[sample.rows] < -self.anticipation).astype(float)
        return untreated if sample.weights is None else untreated * sample.weights


def identified(sample: Sample, asked: Asked) -> Sample:
    """The rows whose every effect, and every slope that is required, is identified by untreated ones."""
    untreated = (asked.untreated(sample) > 0).astype(float)
    keep = np.ones(sample.n, dtype=bool)
    for effect in sample.effects:
        keep &= effect.spread(effect.sums(untreated)) > 0
    kept = sample if keep.all() else sample.subset(keep)
    if kept.n:
        # Levels that untreated rows do not connect leave a combination that vanishes on all of them, and only on them.
        loose = np.abs(Absorber(kept.effects, untreated[keep]).null_values()).max(axis=1, initial=0.0) > _UNIDENTIFIED
        kept = kept.subset(~loose) if loose.any() else kept
    if kept.n and asked.required:
        slopes = _slopes(kept, asked, asked.untreated(kept))
        required = [j for j, name in enumerate(slopes.lost) if name in asked.required]
        told = slopes.loose[:, required].sum(axis=1) == 0
        kept = kept if told.all() else kept.subset(told)
    return kept


@dataclass(frozen=True)
class _Slopes:
    """Controls as the untreated rows have them.

    Attributes
    ----------
    absorber : Absorber
    outcome : array of float, shape (n,)
    controls : array of float, shape (n, k)
        Less their effects among the untreated; those whose slopes untreated rows identify.
    absorbed, collinear : tuple of str
        The others.
    loose : array of bool, shape (n, lost)
        Rows where another control is not the combination of effects and controls that it is among the untreated.
    """

    absorber: Absorber
    outcome: Floats
    controls: Floats
    absorbed: tuple[str, ...]
    collinear: tuple[str, ...]
    loose: Mask

    @property
    def lost(self) -> tuple[str, ...]:
        """Controls whose slopes untreated rows do not identify."""
        return (*self.absorbed, *self.collinear)


def _slopes(sample: Sample, asked: Asked, untreated: Floats) -> _Slopes:
    names, raw = asked.controls.names, sample.raw(asked.controls.values)
    absorber = Absorber(sample.effects, untreated)
    left = absorber.residuals(np.column_stack([sample.raw(asked.outcome), raw]))
    x, root = left[:, 1:], np.sqrt(untreated)[:, None]
    largest = np.abs(raw).max(axis=0, initial=0.0)
    # What treated rows leave behind in sums that hold none of them is rounding of their size, not of untreated values.
    scales = np.maximum(column_scales(raw, untreated, centred=True), 1e-4 * np.sqrt(untreated.sum()) * largest)
    kept = independent(names, x * root, scales)
    lost = [names.index(name) for name in (*kept.absorbed, *kept.collinear)]
    inside = x[:, kept.positions]
    loose = np.zeros((sample.n, len(lost)), dtype=bool)
    if lost:
        other = x[:, lost]
        known = inside @ np.linalg.lstsq(inside * root, other * root, rcond=None)[0]
        size = np.maximum(_LOOSE * np.abs(other).max(axis=0), _ROUNDING * largest[lost])
        loose = (np.abs(other - known) > size) & (untreated == 0)[:, None]
    return _Slopes(absorber, left[:, 0], inside, tuple(kept.absorbed), tuple(kept.collinear), loose)


def first_stage(sample: Sample, asked: Asked, untreated: Floats) -> FirstStage:
    """Effects and slopes of the untreated rows, and every row's outcome less what they say of it."""
    slopes = _slopes(sample, asked, untreated)
    x, y = slopes.controls, slopes.outcome
    bread = inverse((x * untreated[:, None]).T @ x) if x.shape[1] else np.zeros((0, 0))
    residuals = y - x @ (bread @ (x.T @ (untreated * y)))
    return FirstStage(slopes.absorber, x, bread, residuals, _told(slopes))


def _told(slopes: _Slopes) -> tuple[Note, ...]:
    """Which controls are left out, and why: among all rows, or because untreated rows do not know their slopes."""
    unknown = [name for name, rows in zip(slopes.lost, slopes.loose.T, strict=True) if rows.any()]
    lost = {"absorbed": slopes.absorbed, "collinear": slopes.collinear}
    told = {code: [name for name in names if name not in unknown] for code, names in lost.items()}
    told["slope_unidentified"] = unknown
    return tuple(note(code, names=", ".join(names)) for code, names in told.items() if names)
