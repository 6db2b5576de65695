"""The forms of a moderated model, side by side: the headline and what it guards against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.groupings import Floats
from involution.models.matrix import Columns, numbers
from involution.models.moderation.demeaning import Factors, by_year, demeaned, products, taken_about
from involution.models.moderation.specification import Specification, product_term
from involution.models.notes import Note, note
from involution.models.result import Fit
from involution.models.sample import Sample
from involution.study.formulas import parse_formula, quoted

_ROUNDS = 4


@dataclass(frozen=True)
class Form:
    """How products are made, and what stands beside them.

    Attributes
    ----------
    demeaned : bool
        Products of the demeaned, in place of products about a value.
    within_years : bool
        Moderators are demeaned within years too.
    years : bool
        An effect of the treatment in every year.
    main : bool
        The treatment's own effect is in the model; fixed effects have it otherwise.
    code : str
        Note that says what it is.
    """

    demeaned: bool
    within_years: bool
    years: bool
    main: bool
    code: str


HEADLINE = Form(True, True, True, True, "moderation_headline")
PRODUCT = Form(False, False, True, True, "moderation_product")
NO_YEAR = Form(True, False, False, True, "moderation_no_year")
PLAIN = Form(False, False, False, True, "moderation_plain")
INTERACTION = Form(True, True, False, False, "moderation_interaction")


@dataclass(frozen=True)
class Options:
    """How models are estimated.

    Attributes
    ----------
    vcov : str or None
    draws, seed : int
        Of the wild bootstrap and of uniform bands.
    """

    vcov: str | None = None
    draws: int = 9_999
    seed: int = 0


@dataclass(frozen=True)
class Fitted:
    """A form that was estimated.

    Attributes
    ----------
    fit : Fit
    factors : Factors
        What its products are made of.
    sample : Sample
        Its rows.
    design : Design
        Its data, with the columns made.
    """

    fit: Fit
    factors: Factors
    sample: Sample
    design: Design


def sample_of(specification: Specification, design: Design) -> Sample:
    """Rows that are complete in the outcome and every column, without singletons.

    Raises
    ------
    NotEstimable
        When there are none.
    """
    outcome, block = _columns_of(specification, design)
    sample = design.sample(outcome, [block], constant=not design.effects)
    if sample.n == 0:
        incomplete = "no row has a value in every column of the model"
        raise NotEstimable(
            f"no observations left: {incomplete if design.rows.any() else 'no row fulfils the conditions'}"
        )
    return sample


def _columns_of(specification: Specification, design: Design) -> tuple[Floats, Columns]:
    values = np.column_stack([numbers(design.data, name) for name in specification.main])
    return numbers(design.data, specification.outcome), Columns(specification.main, values)


def fit_form(
    specification: Specification, form: Form, design: Design, options: Options, said: Sequence[Note] = ()
) -> Fitted:
    """Estimate one form.

    Parameters
    ----------
    specification : Specification
    form : Form
    design : Design
    options : Options
    said : sequence of Note

    Raises
    ------
    NotEstimable
        When the data do not support it: a moderator without variation, an interaction that is absorbed or collinear.
    """
    sample = rows_kept(specification, form, design)
    factors, made = _made(specification, form, design, sample)
    found = _estimated(specification, form, design, sample, made, options)
    fit = found.fit
    _check_identified(specification, form, fit)
    remarks = (*_about(specification, form, factors, fit, made), *fit.remarks, *said)
    return Fitted(replace(fit, remarks=remarks), factors, sample, found.design)


def rows_kept(specification: Specification, form: Form, design: Design) -> Sample:
    """The rows that a form is estimated on.

    Raises
    ------
    NotEstimable
        When there are none, and where treatment or moderator does not vary in them.
    """
    sample = sample_of(specification, design)
    check_varies(specification, design, sample)
    return _settled(specification, form, design, sample) if specification.estimator == "poisson" else sample


def _settled(specification: Specification, form: Form, design: Design, sample: Sample) -> Sample:
    """The rows that Poisson keeps: means of rows that it separates would be means of rows that are not used."""
    for _ in range(_ROUNDS):
        _, made = _made(specification, form, design, sample)
        fit = _estimated(specification, form, design, sample, made, Options("hetero")).fit
        if np.array_equal(fit.rows, sample.rows):
            return sample
        kept = np.isin(sample.rows, fit.rows)
        sample = sample.subset(kept, separated=int((~kept).sum()))
    raise NotEstimable("the rows that the estimator separates do not settle while the columns are made on them")


def _made(
    specification: Specification, form: Form, design: Design, sample: Sample
) -> tuple[Factors, dict[str, Floats]]:
    """What products are made of, and the columns made: effects by year first, then products."""
    factors = _factors(specification, form, design, sample)
    years = by_year(specification.treatment, design.data, sample, design.panel["year"]) if form.years else {}
    return factors, {**years, **products(factors, specification, sample, len(design.data))}


def _factors(specification: Specification, form: Form, design: Design, sample: Sample) -> Factors:
    if form.demeaned:
        return demeaned(specification, design.data, sample, within_years=form.within_years)
    return taken_about(specification, design.data, sample)


@dataclass(frozen=True)
class _Estimated:
    fit: Fit
    design: Design


def _estimated(
    specification: Specification,
    form: Form,
    design: Design,
    sample: Sample,
    made: Mapping[str, Floats],
    options: Options,
) -> _Estimated:
    ours = design.on(design.data.assign(**made), rows=sample.mask(len(design.data)))
    main = [name for name in specification.main if form.main or name != specification.treatment]
    fit = ours.estimate(
        formula_of(specification.outcome, [*main, *made]),
        estimator=specification.estimator,
        vcov=options.vcov,
        draws=options.draws,
        seed=options.seed,
    )
    return _Estimated(with_drops(fit, specification, design, sample), ours)


def with_drops(fit: Fit, specification: Specification, design: Design, sample: Sample) -> Fit:
    """A fit on the rows of a sample, with what the sample has left out and why among its statistics and remarks.

    The rows of all forms are the same, whatever each is made of: what is missing is told of the specification.
    """
    drops = {f"dropped_{why}": getattr(sample.drops, why) for why in ("missing", "singletons", "separated")}
    details = [(name, float(drops.get(name, value)), df, p_value) for name, value, df, p_value in fit.details]
    outcome, block = _columns_of(specification, design)
    parsed = parse_formula(formula_of(specification.outcome, specification.main))
    counts = {code: getattr(sample.drops, code) for code in ("singletons", "separated")}
    said = [note(code, count=count) for code, count in counts.items() if count]
    weights = [remark for remark in fit.remarks if remark.code != "weights"]
    said += design._own_notes(sample, parsed, outcome, [block])
    return replace(fit, details=tuple(details), remarks=(*said, *weights))


def formula_of(outcome: str, terms: Sequence[str]) -> str:
    """A formula of columns, each by its exact name."""
    return f"{quoted(outcome)} ~ {' + '.join(map(quoted, terms))}"


def check_varies(specification: Specification, design: Design, sample: Sample) -> None:
    """Raise NotEstimable for a treatment or a moderator that is one value in all rows."""
    for name in (specification.treatment, *specification.moderating):
        values = sample.raw(numbers(design.data, name))
        if float(np.ptp(values)) == 0:
            raise NotEstimable(f"{name} does not vary in the {sample.n:,} rows of the sample")


def _check_identified(specification: Specification, form: Form, fit: Fit) -> None:
    wanted = [product_term(columns) for columns in specification.interactions]
    wanted += [specification.treatment] if form.main else []
    lost = [term for term in wanted if term not in fit.terms]
    if lost:
        raise NotEstimable(
            f"{', '.join(lost)} is left without variation of its own by the fixed effects and the other regressors"
        )


def _about(
    specification: Specification, form: Form, factors: Factors, fit: Fit, made: Mapping[str, Floats]
) -> list[Note]:
    """What the form is, and what its coefficients mean."""
    treatment = specification.treatment
    said = [note(form.code, treatment=treatment)]
    if form.demeaned:
        by_kind: dict[str, list[str]] = {}
        for name, kind in factors.within.items():
            by_kind.setdefault(kind, []).append(name)
        codes = {"firm": "moderation_within_firm", "year": "moderation_within_year"}
        for kind, names in by_kind.items():
            said.append(note(codes.get(kind, "moderation_within_both"), names=", ".join(names)))
        said.append(note("moderation_rows"))
    elif factors.about:
        values = ", ".join(f"{name} = {value:.4g}" for name, value in factors.about.items())
        said.append(note("moderation_about", treatment=treatment, values=values))
    absorbed = [name for name in specification.moderating if name not in fit.terms]
    if absorbed:
        said.append(note("moderation_main_absorbed", names=", ".join(absorbed)))
    lost = [name for name in made if "::" in name and name not in fit.terms]
    if lost:
        said.append(note("moderation_years_lost", treatment=treatment, count=len(lost)))
    return said
