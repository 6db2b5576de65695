"""One call from a data frame to a mediation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models import weighted
from involution.models.design import Design
from involution.models.estimate import selected
from involution.models.influence import frame_of
from involution.models.matrix import check_once
from involution.models.mediation.covariance import sampled
from involution.models.mediation.details import details, remarks, without_shares
from involution.models.mediation.effects import Effects, Layout, check_identity
from involution.models.mediation.feedback import feedback_tests
from involution.models.mediation.few_clusters import wild_paths, wild_rows, with_wild
from involution.models.mediation.inference import METHODS, Sampled, infer_effects, moves, studentized_is_possible
from involution.models.mediation.instrumented import check_identified, instrument_notes, instrument_statistics
from involution.models.mediation.potential_equations import Potential
from involution.models.mediation.result import Mediation, PotentialMediation
from involution.models.mediation.specification import Specification, specified
from involution.models.mediation.system import System, build_system
from involution.models.mediation.treatments import Levels, is_text
from involution.models.notes import Note
from involution.models.threads import single_threaded

PERCENTILES = (10, 50, 90)
OVER_CLUSTERS = ("jackknife", "bootstrap", "bca", "studentized", "wild")


def mediate(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    mediators: Sequence[str] | str,
    controls: Sequence[str] | str = (),
    fixed_effects: Sequence[str] | str = (),
    cluster: Sequence[str] | str = (),
    *,
    moderators: Mapping[str, Any] | None = None,
    blocks: Sequence[Sequence[str]] = (),
    serial: Sequence[str] = (),
    instruments: Mapping[str, Sequence[str] | str] | None = None,
    inference: str = "monte_carlo",
    feedback: bool = True,
    draws: int = 9_999,
    seed: int = 0,
    weights: str | None = None,
    singletons: str = "drop",
    where: str | None = None,
    family: Mapping[str, str] | None = None,
    interaction: bool = False,
    levels: Levels = None,
    mundlak: bool = False,
    firm: str = "firm",
    year: str = "year",
) -> Mediation | PotentialMediation:
    """Decompose the effect of a treatment into those through mediators and the direct one.

    Parameters
    ----------
    data : DataFrame
        One row per firm-year, with every column at the year at which it is used. Rows that miss a column of any
        equation are left out of all of them.
    outcome, treatment : str
    mediators : sequence of str
        Channels, parallel unless `serial` puts some in a chain.
    controls : sequence of str
        In every equation.
    fixed_effects : sequence of str
        Columns, or ``a^b`` for a combination; in every equation.
    cluster : sequence of str
        None, one or two columns.
    moderators : mapping, optional
        By mediator ``{"by": column, "stage": "first" | "second" | "both"}``, by ``direct`` ``{"by": column}``.
        Moderators are taken about their mean: the effects without a condition are those there.
    blocks : sequence of sequence of str
        Groups of mediators whose joint indirect effect is wanted.
    serial : sequence of str, optional
        Two or three mediators in the order in which each moves the later ones.
    instruments : mapping, optional
        By the treatment or a mediator, columns that move it and do not move otherwise what it explains:
        ``{"x": ["z1"], "m1": ["z2"]}``. What they identify: `involution.models.mediation.instrumented`.
    inference : str
        monte_carlo, delta, jackknife, bootstrap, bca, studentized or wild.
    feedback : bool
        Whether to test each mediator's lead and to correct b for short panels, where the panel allows it.
    draws, seed : int
    weights : str, optional
        Column of weights.
    singletons : {"drop", "keep"}
    where : str, optional
        Expression; only rows for which it holds are used.
    family : mapping, optional
        Estimator of an equation that is not linear, by mediator or outcome: poisson, logit or probit.
    interaction : bool
        The outcome's equation holds the products of treatment and mediators.
    levels : tuple or "each", optional
        A low and a high level of the treatment between which effects are asked for, or every value against the lowest;
        by default the two values of a binary treatment, each value of one with few, and half a standard deviation
        below and above the mean of any other.
    mundlak : bool
        Firm means in place of the firm's fixed effect in logit and probit equations.
    firm, year : str
        Names of the panel's keys.

    Returns
    -------
    Mediation or PotentialMediation
        The second where an equation is not linear or holds products with the treatment, where `levels` are named, and
        for a treatment that is text: there effects are those of potential outcomes, not products of coefficients.

    Raises
    ------
    InputError
        For names and options that do not exist, and a firm with two rows in a year.
    NotEstimable
        When the data do not support the decomposition.

    Notes
    -----
    The covariance of the coefficients of all equations is that of the cluster jackknife, taken jointly: products of
    coefficients need how the equations' errors go together. The equations stand in
    `involution.models.mediation.effects`, those of effects by potential outcomes in
    `involution.models.mediation.potential_outcomes`.
    """
    specification = specified(outcome, treatment, mediators, controls, moderators, blocks, serial, instruments)
    panel = {"firm": firm, "year": year}
    rows = None if where is None else selected(where, data, panel)
    check_once(data, panel, rows)
    design = Design(data, fixed_effects, cluster, weights=weights, singletons=singletons, rows=rows, **panel)
    options = Potential(family or {}, interaction, levels, mundlak)
    text = treatment in data.columns and is_text(data[treatment])
    if family or interaction or levels is not None or text:
        from involution.models.mediation.potential_mediation import decomposed_by_outcomes

        return decomposed_by_outcomes(specification, design, options, inference=inference, draws=draws, seed=seed)
    return decomposed(specification, design, inference=inference, feedback=feedback, draws=draws, seed=seed)


def decomposed(
    specification: Specification,
    design: Design,
    *,
    inference: str = "monte_carlo",
    feedback: bool = True,
    draws: int = 9_999,
    seed: int = 0,
    said: Sequence[Note] = (),
) -> Mediation:
    """The mediation of a specification on a design; the parameters are those of `mediate`."""
    _check_inference(inference, specification, design)
    with single_threaded():
        system = build_system(design.data, specification, design)
        layout = Layout(system)
        check_identified(system, layout)
        found, notes = sampled(system, layout)
        check_identity(found.theta, layout)
        effects = Effects(layout, percentiles(system))
        if inference == "studentized" and (
            found.products is None or not studentized_is_possible(found.products, draws)
        ):
            raise NotEstimable(
                "studentized: too many clusters, draws or crossing effects for a jackknife in every draw; use bca"
            )
        rng = np.random.default_rng(seed)
        frame = infer_effects(effects, found, inference, draws, rng, sum_total=bool(system.second_products))
        paths, about_paths = wild_paths(system, layout, draws, seed, always=inference == "wild")
        frame = with_wild(frame, paths) if inference == "wild" else frame
        beside, about_tests = _tests(system, layout, found, design if feedback else None)
        said = (*remarks(system, found, frame, inference, draws, seed), *about_tests, *about_paths, *notes, *said)
        rows = (*details(system, effects, found), *wild_rows(system, paths), *beside)
        moved = frame_of(system.sample, moves(effects, found, inference))
        return _mediation(system, found, without_shares(frame), rows, said, inference, design, moved)


def _tests(
    system: System, layout: Layout, found: Sampled, design: Design | None
) -> tuple[list[tuple[str, float, float, float]], tuple[Note, ...]]:
    """Strength and validity of instruments; with a design, feedback of the outcome on the mediators."""
    strength = instrument_statistics(system, layout, found.theta)
    rows, said = ([], ()) if design is None else feedback_tests(system, design)
    named = [(name, *triple) for name, triple in strength.items()]
    return [*named, *rows], (*instrument_notes(system, layout, strength), *said)


def _mediation(
    system: System,
    found: Sampled,
    frame: pd.DataFrame,
    rows: tuple[tuple[str, float, float, float], ...],
    said: tuple[Note, ...],
    inference: str,
    design: Design,
    moved: pd.DataFrame | None,
) -> Mediation:
    clusters = system.sample.clusters
    return Mediation(
        system=system,
        sampled=found,
        effects=frame,
        details=rows,
        remarks=said,
        inference=inference,
        vcov_label=f"crv3({'+'.join(cluster.name for cluster in clusters)})" if clusters else "hetero",
        n_obs=system.sample.n,
        n_firms=None if system.sample.firm is None else system.sample.firm.n_levels,
        n_clusters=min(cluster.n_levels for cluster in clusters) if clusters else None,
        fixed_effects=tuple("^".join(effect) for effect in design.effects),
        cluster_influence=moved,
    )


def _check_inference(inference: str, specification: Specification, design: Design) -> None:
    if inference not in METHODS:
        raise InputError(Problem("inference", f"found '{inference}'; expected one of {', '.join(METHODS)}"))
    if inference in OVER_CLUSTERS and len(design.cluster) != 1:
        named = "none is" if not design.cluster else "two are"
        mend = "use monte_carlo or delta" if design.cluster else "name a cluster, or use monte_carlo or delta"
        raise InputError(Problem("inference", f"'{inference}' draws clusters, and {named} named", mend=mend))
    if inference == "wild" and specification.instruments:
        what = "the wild cluster bootstrap is not built for instrumented equations"
        raise InputError(Problem("inference", what, mend="use monte_carlo or bootstrap"))


def percentiles(system: System) -> dict[str, dict[str, float]]:
    """Values of each moderator about its mean at which conditional effects are given."""
    weights = system.sample.weights
    return {name: weighted.percentiles(values, weights, PERCENTILES) for name, values in system.moderators.items()}
