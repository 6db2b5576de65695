"""Two-stage least squares beside what it is made of, all on the same rows; what the methods with instruments share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from involution.errors import NotEstimable
from involution.models.blocks import Run, spawned_seed
from involution.models.derived import wald
from involution.models.design import Design
from involution.models.effective_f import BIAS, critical_effective_f
from involution.models.endogeneity.asked import controls_of, outcome_of, treatment_of
from involution.models.instruments import Statistic
from involution.models.linear import Linear
from involution.models.matrix import numbers
from involution.models.notes import Note, note
from involution.models.own_design import or_failure
from involution.models.result import Fit
from involution.models.threads import single_threaded
from involution.models.tidy import BlockResult, of_fit
from involution.models.weak_instruments import (
    CLUSTERS_EACH,
    anderson_rubin_set,
    anderson_rubin_test,
    underidentification,
)
from involution.study.endogeneity import Endogeneity
from involution.study.formulas import quoted

_NOTHING_LEFT = 1e-12
"""Share of the treatment's variation that the instruments leave, below which they are the treatment itself."""
_REJECTED = 0.05


@dataclass(frozen=True)
class TwoStage:
    """A treatment, its instruments and the rows on which all of a method's models are estimated.

    Attributes
    ----------
    asked : Endogeneity
        Completed.
    design : Design
    said : tuple of Note
        What the rules have to say of it.
    instruments : tuple of str
        Dated columns of the design's data.
    further : tuple of str
        Controls beside those that the section names.
    run : Run
    """

    asked: Endogeneity
    design: Design
    said: tuple[Note, ...]
    instruments: tuple[str, ...]
    run: Run
    further: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """The dated outcome."""
        return outcome_of(self.asked)

    @property
    def treatment(self) -> str:
        """The dated treatment."""
        return treatment_of(self.asked)

    @property
    def controls(self) -> tuple[str, ...]:
        """The dated controls."""
        return (*controls_of(self.asked), *self.further)

    @property
    def vcov(self) -> str | None:
        """The variance of the second stage: the wild bootstrap is of least squares alone."""
        return "crv3" if self.asked.vcov == "wild" else self.asked.vcov

    def complete(self) -> Design:
        """The design on the rows that have a value in every column of the second stage."""
        names = (self.outcome, self.treatment, *self.instruments, *self.controls)
        known = np.logical_and.reduce([~np.isnan(numbers(self.design.data, name)) for name in names])
        return self.design.on(rows=self.design.rows & known)


def formula(outcome: str, regressors: Sequence[str], instrumented: str = "", instruments: Sequence[str] = ()) -> str:
    """``y ~ c | x ~ z``, or ``y ~ x + c`` without instruments."""
    text = f"{quoted(outcome)} ~ {' + '.join(map(quoted, regressors)) or '1'}"
    return f"{text} | {quoted(instrumented)} ~ {' + '.join(map(quoted, instruments))}" if instruments else text


def beside(model: TwoStage, part: str) -> BlockResult:
    """The first stage, the reduced form or least squares on the rows of the second stage.

    Parameters
    ----------
    model : TwoStage
    part : {"first", "reduced", "ols"}
    """
    name = f"{model.asked.name}_{part}"
    return or_failure(name, model.asked, "ols", lambda: of_fit(name, _beside(model, part)))


def _beside(model: TwoStage, part: str) -> Fit:
    own = (model.treatment,) if part == "ols" else model.instruments
    # Controls come first where an instrument that is one of them in disguise is what has to go.
    regressors = (*own, *model.controls) if part == "ols" else (*model.controls, *own)
    if part == "first":
        _check_apart(model)
    fit = model.complete().estimate(
        formula(model.treatment if part == "first" else model.outcome, regressors),
        vcov=model.asked.vcov,
        draws=model.run.draws,
        seed=spawned_seed(model.run.seed, f"{model.asked.name}_{part}"),
        remarks=(note("iv_same_rows", model=model.asked.name), *model.said),
    )
    lost = [term for term in own if term not in fit.terms]
    if len(lost) == len(own):
        raise NotEstimable(f"the fixed effects and controls leave nothing of {', '.join(lost)}")
    found = [] if part == "ols" else [("instruments_f", *wald(fit, [term for term in own if term in fit.terms]))]
    return replace(fit, details=(*fit.details, *found))


def second_stage(model: TwoStage, more: Callable[[Fit], Sequence[Note]] = lambda fit: ()) -> BlockResult:
    """The second stage with what is known of its instruments, under the section's own name."""
    name = model.asked.name
    return or_failure(name, model.asked, "iv", lambda: of_fit(name, instrumented(model, more)))


def instrumented(model: TwoStage, more: Callable[[Fit], Sequence[Note]] = lambda fit: ()) -> Fit:
    """Two-stage least squares, its diagnostics among the details and what they mean among the remarks.

    Raises
    ------
    NotEstimable
        When the instruments have no variation of their own, or are the treatment itself.
    """
    _check_apart(model)
    text = formula(model.outcome, model.controls, model.treatment, model.instruments)
    fit = model.design.estimate(text, vcov=model.vcov)
    with single_threaded():
        linear = model.design.solution(text)[0].linear
    assert linear is not None
    details = {name: (value, df, p_value) for name, value, df, p_value in fit.details} | _diagnostics(model, linear)
    accepted = anderson_rubin_set(linear, model.treatment, *_estimate(fit, model.treatment))
    for side, end in zip(("low", "high"), accepted.ends, strict=True):
        details[f"anderson_rubin_{side}"] = (end, np.nan, np.nan)
    remarks = (
        note("iv_model", treatment=model.treatment, instruments=", ".join(linear.excluded.names)),
        *_strength(details),
        note(f"iv_set_{accepted.kind}", term=model.treatment, set=accepted.text()),
        *more(fit),
        *_contradicted(details),
        *_limits(model, linear, details),
        *fit.remarks,
        *model.said,
    )
    rows = [(name, *found) for name, found in details.items()]
    return replace(fit, details=tuple(rows), remarks=tuple(dict.fromkeys(remarks)))


def _estimate(fit: Fit, term: str) -> tuple[float, float]:
    place = fit.terms.index(term)
    return float(fit.estimate[place]), float(fit.std_error[place])


def _check_apart(model: TwoStage) -> None:
    """Raise where the instruments explain the treatment wholly: least squares would be called by another name."""
    design = model.complete()
    if not design.rows.any():
        return
    first = design.estimate(formula(model.treatment, (*model.controls, *model.instruments)), vcov="iid")
    alone = [name for name in model.instruments if name in first.terms]
    explained = first.r2 if np.isnan(first.r2_within) else first.r2_within
    if alone and 1 - explained < _NOTHING_LEFT:
        raise NotEstimable(
            f"{', '.join(alone)} and the controls explain {model.treatment} wholly: instruments that are the treatment "
            "itself leave its endogeneity as it is"
        )


def _diagnostics(model: TwoStage, linear: Linear) -> dict[str, Statistic]:
    found = {
        "effective_f_critical": (critical_effective_f(linear), float(len(linear.excluded.names)), np.nan),
        "underidentification": underidentification(linear),
        "anderson_rubin": anderson_rubin_test(linear, {}),
    }
    return {**found, "wu_hausman_robust": _endogenous(model)}


def _endogenous(model: TwoStage) -> Statistic:
    """F of the first stage's residual beside the treatment, under the section's own variance (Wooldridge 2010, 6.3)."""
    design = model.complete()
    first = design.estimate(formula(model.treatment, (*model.instruments, *model.controls)), vcov="iid")
    assert first.residuals is not None
    residual = np.full(len(design.data), np.nan)
    residual[first.rows] = first.residuals
    name = "first_stage_residual"
    fit = design.on(design.data.assign(**{name: residual})).estimate(
        formula(model.outcome, (model.treatment, name, *model.controls)), vcov=model.vcov
    )
    return wald(fit, [name]) if name in fit.terms else (np.nan, 1.0, np.nan)


def _strength(details: dict[str, Statistic]) -> list[Note]:
    value, critical = details["effective_f"][0], details["effective_f_critical"][0]
    told = {"value": f"{value:.1f}", "critical": f"{critical:.1f}", "bias": f"{BIAS:.0%}".replace("%", " %")}
    weak = [] if value >= critical else [note("iv_weak")]
    return [note("iv_strength", **told), *weak]


def _contradicted(details: dict[str, Statistic]) -> list[Note]:
    p_value = details.get("hansen_j", (np.nan, np.nan, np.nan))[2]
    return [note("iv_contradicted", p=f"{p_value:.3f}")] if p_value < _REJECTED else []


def _limits(model: TwoStage, linear: Linear, details: dict[str, Statistic]) -> list[Note]:
    """What the tests cannot do here."""
    clusters, count = linear.sample.clusters[:1], len(linear.excluded.names)
    said = [note("iv_crv3")] if model.asked.vcov == "wild" else []
    if "sargan" in details and "hansen_j" not in details:
        said.append(note("hansen_few_clusters", clusters=clusters[0].n_levels, count=linear.instruments.shape[1]))
    if clusters and model.asked.vcov == "crv3":
        said.append(note("iv_variances", vcov="crv3"))
    if clusters and not (model.vcov or "crv").startswith("crv"):
        tests = "effective F, Anderson-Rubin" + (", Hansen J" if "hansen_j" in details else "")
        said.append(note("iv_tests_clustered", tests=tests, cluster=model.design.cluster[0], vcov=str(model.vcov)))
    if clusters and clusters[0].n_levels < CLUSTERS_EACH * count:
        said.append(note("anderson_rubin_few_clusters", clusters=clusters[0].n_levels, count=count))
    if len(model.design.cluster) > 1:
        said.append(note("anderson_rubin_one_cluster", cluster=model.design.cluster[0]))
    return said
