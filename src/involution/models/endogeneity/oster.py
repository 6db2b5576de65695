"""Selection on what is not observed, in proportion to that on what is (Oster 2019, *JBES* 37: 187-204).

Controls W explain part of the treatment X; what is not observed explains delta times as much of it, in her measure
of equal selection, and with it in the regression R2 would be R_max. Base controls, which stand for no selection, are
in every regression (``mcontrol`` of psacalc); fixed effects are out of all columns before, so that every R2 is within.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats
from involution.models.partial import residual_products

FACTOR = 1.3
"""R_max over the R2 with controls, unless it is named: nine in ten results of randomised studies survive it."""
NOTHING_LEFT = 1e-10
"""Share of the treatment's sum of squares over all rows below which what a cluster leaves of it is rounding."""
_REAL = 1e-7


@dataclass(frozen=True)
class Adjusted:
    """An effect with selection on the unobserved taken out.

    Attributes
    ----------
    estimate : float
    others : tuple of float
        Further real roots, the nearest to the controlled estimate first.
    turned : bool
        The root is beyond the uncontrolled estimate's side: what is not observed would bias the other way than the
        controls do, against her assumption 3.
    """

    estimate: float
    others: tuple[float, ...]
    turned: bool


@dataclass(frozen=True)
class Movements:
    """What the controls move, from which the rest follows.

    Attributes
    ----------
    short, long : float
        The effect without and with the controls.
    r2_short, r2_long : float
        R2 of both regressions.
    outcome : float
        Sum of squares of the outcome.
    treatment, left : float
        Sums of squares of what the base controls and what all controls leave of the treatment.
    """

    short: float
    long: float
    r2_short: float
    r2_long: float
    outcome: float
    treatment: float
    left: float

    def r_max(self, named: float | None = None) -> float:
        """R2 with everything in: the number named, else 1.3 times R2 with controls, at most one.

        Raises
        ------
        NotEstimable
            When what is named is below R2 with controls.
        """
        if named is None:
            return min(1.0, FACTOR * self.r2_long)
        if named < self.r2_long:
            raise NotEstimable(f"r_max is {named:g}, below R2 with the controls in, {self.r2_long:.4g}")
        return named

    @property
    def _terms(self) -> tuple[float, float]:
        """Movement of the estimate, and what the controls explain of the outcome beyond the short regression."""
        return self.short - self.long, (self.r2_long - self.r2_short) * self.outcome

    def adjusted(self, r_max: float, delta: float = 1.0) -> Adjusted:
        """The effect at a degree of selection.

        Parameters
        ----------
        r_max, delta : float

        Notes
        -----
        The bias ``v = long - effect`` is a root of a cubic, at ``delta = 1`` of a quadratic. Of several real roots the
        one nearest to the controlled estimate is taken among those on the side to which the controls moved it
        (assumption 3), as psacalc takes it; if none is there the nearest of all.
        """
        moved, explained = self._terms
        if moved == 0:
            return Adjusted(self.long, (), False)
        more, x, left = (r_max - self.r2_long) * self.outcome, self.treatment, self.left
        # In units of the movement, so that the coefficients are of one size.
        cubic = np.array(
            [
                (delta - 1) * left * (x - left) * moved**2,
                (delta - 2) * left * x * moved**2,
                delta * more * (x - left) - explained * left - x * left * moved**2,
                delta * more * x,
            ]
        )
        roots = np.roots(np.trim_zeros(cubic, "f")) if np.any(cubic[:-1]) else np.zeros(1, dtype=complex)
        real = roots.real[np.abs(roots.imag) <= _REAL * np.maximum(np.abs(roots), 1.0)]
        if not len(real):
            return Adjusted(np.nan, (), False)
        # A positive bias in these units lies on the side to which the controls moved the estimate.
        order = sorted(real, key=lambda root: (root < 0, abs(root)))
        found = [float(self.long - root * moved) for root in order]
        return Adjusted(found[0], tuple(found[1:]), bool(order[0] < 0))

    def approximate(self, r_max: float, delta: float = 1.0) -> float:
        """The effect were both kinds of controls to bear on treatment and outcome alike."""
        moved = self.r2_long - self.r2_short
        if not moved > 0:
            return np.nan
        return self.long - delta * (self.short - self.long) * (r_max - self.r2_long) / moved

    def delta(self, r_max: float, effect: float = 0.0) -> float:
        """How much stronger than on the controls selection has to be for the effect to be `effect`.

        Parameters
        ----------
        r_max : float
        effect : float
        """
        moved, explained = self._terms
        more, x, left, bias = (r_max - self.r2_long) * self.outcome, self.treatment, self.left, self.long - effect
        own = bias**2 * left * moved * x + bias**3 * left * (x - left)
        above = bias * left * (explained + x * moved**2) + bias**2 * left * moved * x + own
        below = more * (moved * x + bias * (x - left)) + own
        return above / below if below != 0 else np.inf


def movements(
    products: Floats, treatment: int, outcome: int, base: Sequence[int], controls: Sequence[int], floor: float = 0.0
) -> Movements:
    """What controls move, from cross-products of the columns.

    Parameters
    ----------
    products : array of float, shape (p, p)
    treatment, outcome : int
    base, controls : sequence of int
        Columns that are in both regressions, and that are in the long one alone.
    floor : float
        What has to be left of the treatment's sum of squares.

    Raises
    ------
    NotEstimable
        When no more than that is left of the treatment.
    """
    short = residual_products(products[None], [treatment, outcome], list(base))[0]
    long = residual_products(products[None], [treatment, outcome], [*base, *controls])[0]
    if not long[0, 0] > floor:
        raise NotEstimable("nothing is left of the treatment once fixed effects and controls are out")
    total = float(products[outcome, outcome])
    effects = [float(part[0, 1] / part[0, 0]) for part in (short, long)]
    r2 = [
        1 - float(part[1, 1] - effect * part[0, 1]) / total for part, effect in zip((short, long), effects, strict=True)
    ]
    return Movements(effects[0], effects[1], r2[0], r2[1], total, float(short[0, 0]), float(long[0, 0]))


def on_other_side(whole: Movements, adjusted: Adjusted, moved: Movements, found: Adjusted) -> bool:
    """Whether without a cluster the controls move the estimate the other way, or the root is on the other side."""
    return (moved.short - moved.long) * (whole.short - whole.long) < 0 or found.turned != adjusted.turned
