"""Mediation with instruments: how strong they are, and what they identify.

Every equation is estimated by two-stage least squares, with all instruments and all exogenous columns in every first
stage (`involution.models.mediation.equations`). What each part then identifies, if effects are the same for all:

==========================  ============================================================================================
instruments for             identified by valid instruments alone
==========================  ============================================================================================
the treatment               a and the total effect; b, direct and indirect effects need the mediators' ignorability too
the mediators               b, if they are unrelated to the treatment; a, total, direct and indirect effects need the
                            treatment's ignorability too
both                        everything (Frölich and Huber 2017, *JRSS B* 79: 1645-1666: distinct instruments)
==========================  ============================================================================================

One instrument for treatment and mediator together identifies the decomposition only under a further assumption on how
unobserved causes go together (Dippel, Gold, Heblich and Pinto 2021, *Economic Journal*; Dippel, Ferrara and Heblich
2020, *Stata Journal* 20: 613-626); that estimator is not built, and a design with fewer instruments than variables is
refused.
"""

from __future__ import annotations

from involution.errors import NotEstimable
from involution.models.groupings import Floats
from involution.models.instruments import Statistic, conditional_strength, diagnostics
from involution.models.linear import Linear
from involution.models.mediation.effects import Layout
from involution.models.mediation.equations import Equation, linear_of
from involution.models.mediation.system import System
from involution.models.notes import Note, note
from involution.models.solve import independent, least_squares

WEAK = 10.0
"""First-stage F below which instruments are called weak (Staiger and Stock 1997, *Econometrica* 65: 557-586)."""


def check_identified(system: System, layout: Layout) -> None:
    """Raise where the instruments do not move the endogenous columns of an equation separately.

    Parameters
    ----------
    system : System
    layout : Layout

    Raises
    ------
    NotEstimable
        Naming the columns.
    """
    for equation in layout.equations:
        if not equation.two_stage:
            continue
        regressors, instruments = (system.absorbed[:, list(c)] for c in (equation.regressors, equation.instruments))
        projected = instruments @ least_squares(instruments, regressors)[0]
        names = [system.names[place] for place in equation.regressors]
        scales = (regressors**2).sum(axis=0) ** 0.5
        # Exogenous columns first: what instruments add is what endogenous ones have of their own.
        order = sorted(range(len(names)), key=lambda j: equation.regressors[j] not in equation.instruments)
        kept = independent([names[j] for j in order], projected[:, order], scales[order])
        lost = [*kept.absorbed, *kept.collinear]
        if lost:
            raise NotEstimable(f"the instruments do not move {', '.join(lost)} apart from the other columns")


def instrument_statistics(system: System, layout: Layout, theta: Floats) -> dict[str, Statistic]:
    """Strength and validity of the instruments.

    Parameters
    ----------
    system : System
    layout : Layout
    theta : array of float, shape (q,)

    Returns
    -------
    dict of str to tuple
        Value, degrees of freedom, p-value. ``first_stage_f[v]`` and ``first_stage_f_robust[v]`` for each variable with
        instruments in the outcome's equation, given that the others are instrumented too; for the treatment also
        ``first_stage_f[x,total]``, in the equations without mediators. ``wu_hausman``, ``sargan`` and ``hansen_j`` of
        the outcome's equation. Empty without instruments.
    """
    outcome, reduced = layout.equations[-2:]
    if not outcome.two_stage:
        return {}
    beta = theta[layout.starts[-2] : layout.total]
    linear, residual = _fitted(system, outcome, beta)
    out = conditional_strength(linear)
    out |= {
        name: value
        for name, value in diagnostics(linear, beta, residual).items()
        if not name.startswith(("first_stage", "effective"))
    }
    if reduced.two_stage:
        strength = conditional_strength(linear_of(system, reduced))
        out |= {name.replace("]", ",total]"): value for name, value in strength.items()}
    return out


def _fitted(system: System, equation: Equation, beta: Floats) -> tuple[Linear, Floats]:
    residual = system.absorbed[:, equation.outcome] - system.absorbed[:, list(equation.regressors)] @ beta
    return linear_of(system, equation), residual


def instrument_notes(system: System, layout: Layout, statistics: dict[str, Statistic]) -> tuple[Note, ...]:
    """How the instruments are used, what they identify, which are weak; empty without instruments."""
    specification = system.specification
    named = specification.instruments
    if not named:
        return ()
    listed = "; ".join(f"{variable}: {', '.join(instruments)}" for variable, instruments in named.items())
    said = [note("mediation_instruments", instruments=listed)]
    with_treatment = specification.treatment in named
    free = [name for name in specification.mediators if name not in named]
    if with_treatment and not free:
        said.append(note("identified_all"))
    elif with_treatment:
        said.append(note("identified_treatment", names=", ".join(free)))
    else:
        said.append(note("identified_mediators", names=", ".join(n for n in specification.mediators if n in named)))
        if free:
            said.append(note("mediators_free", names=", ".join(free)))
    if not layout.adds_up:
        said.append(note("mediation_remainder"))
    weak = [
        f"{name.removeprefix('first_stage_f_robust')} {value:.1f}"
        for name, (value, _, _) in statistics.items()
        if name.startswith("first_stage_f_robust") and not value >= WEAK
    ]
    if weak:
        said.append(note("weak_instruments", names=", ".join(weak), limit=f"{WEAK:.0f}"))
    return tuple(said)
