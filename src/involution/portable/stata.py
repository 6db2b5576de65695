"""Do-files: the regressions of a table with reghdfe, ppmlhdfe and ivreghdfe, and the numbers they must give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from involution.models.event_study.repeated import COHORT
from involution.models.recorded import STAGGERED
from involution.portable.conventions import stata_error
from involution.portable.r_text import jackknifed
from involution.portable.reasons import not_translated
from involution.portable.requests import Request, Requests
from involution.portable.text import comment, harmless, number, wrapped

TOLERANCE = 1e-6
"""Of an estimate, in the larger of the estimate and its standard error; of a standard error, in itself."""
_LONGEST_LABEL = 80
_NOT_EXECUTED = (
    "NOT EXECUTED where it was written, which has no Stata: its syntax is checked by this project's tests alone. "
    "It stops at the first number that differs from the table."
)
_NEEDS = "Needs: ssc install ftools reghdfe ppmlhdfe ivreg2 ivreghdfe, one at a time."


def do_file(title: str, models: Sequence[Request], requests: Requests, labels: Mapping[str, str]) -> str:
    """The do-file of one table.

    Parameters
    ----------
    title : str
    models : sequence of Request
        In the table's order.
    requests : Requests
        Of the study.
    labels : mapping of str to str
        By the names of the data file.
    """
    used = _used(models, requests)
    lines = [
        *comment(f"Table: {title}", "*"),
        *comment(_NOT_EXECUTED, "*"),
        *comment(f"{_NEEDS} Run it in the folder it lies in; README.md names the conventions that differ.", "*"),
        "version 16",
        "clear all",
        "set more off",
        "set varabbrev off",
        'import delimited using "data.csv", asdouble varnames(1) case(preserve) encoding("utf-8") clear',
        "* The cluster jackknife takes one regression for each cluster; 0 leaves it out.",
        "local jackknife 1",
        *_products(used, requests),
        *(f'label variable {name} "{harmless(labels[name], _LONGEST_LABEL)}"' for name in used if name in labels),
    ]
    for place, request in enumerate(models, 1):
        lines += ["", *_model(place, request)]
    lines += ["", 'display as result "Every number agrees with the table."']
    return "\n".join(lines) + "\n"


def _used(models: Sequence[Request], requests: Requests) -> list[str]:
    """Names of the data file, and of products, that the models read, in the file's order."""
    every = {name for request in models for name in request.column.values()}
    return [name for name in (*requests.data.columns, *requests.products) if name in every]


def _products(used: Sequence[str], requests: Requests) -> list[str]:
    return [
        f"generate double {name} = {' * '.join(requests.products[name])}" for name in used if name in requests.products
    ]


def _model(place: int, request: Request) -> list[str]:
    asked = request.asked
    head = comment(f"({place}) {asked.model}: {asked.formula}", "*")
    if asked.reason:
        return [*head, *comment(not_translated(asked.reason), "*")]
    if asked.estimator == STAGGERED:
        return [*head, *_staggered(request)]
    command = _command(request)
    lines = [*head, *_remarks(request), wrapped(["quietly", *command], ending=" ///"), f"assert e(N) == {asked.n_obs}"]
    lines += _estimates(request, asked.estimate)
    lines += _errors(request, [stata_error(asked, place) for place in range(len(asked.terms))])
    lines.append(f"estimates store model_{place}")
    if jackknifed(request):
        prefix = ["quietly", "jackknife,", f"cluster({request.cluster[0]})", "mse:"]
        lines += [
            "if `jackknife' {",
            "    " + wrapped([*prefix, *_command(request, again=True)], ending=" ///", indent="        "),
        ]
        lines += [f"    {line}" for line in _errors(request, asked.std_error)] + ["}"]
    return lines


def _staggered(request: Request) -> list[str]:
    """csdid, and its effects on cohorts from their adoption on: those before it have other names in other versions."""
    asked, column = request.asked, request.column
    where = [f"if {request.allowed} == 1"] if request.allowed else []
    keys = [f"ivar({column['firm']})", f"time({column['year']})", f"gvar({column[COHORT]})", "method(reg)"]
    other = [*(["notyet"] if asked.small["control"] != "never_treated" else []), "long2"]
    words = ["quietly", "csdid", request.outcome, *where]
    lines = [
        *comment(
            "Standard errors are not checked: the estimates by cohort and year are. Needs: ssc install csdid drdid.",
            "*",
        ),
        wrapped([*words[:-1], f"{words[-1]},", *keys, *other], ending=" ///"),
    ]
    for term, value in zip(asked.terms, asked.estimate, strict=True):
        g, t = (int(float(part)) for part in _cell(term))
        before = [int(year) for year in asked.small["years"] if year < g]
        if value is not None and t >= g:
            name = f"g{g}:t_{max(before)}_{t}"
            lines.append(f"assert abs(_b[{name}] - ({number(value)})) < {TOLERANCE * abs(value):.2g}")
    return lines


def _cell(term: str) -> tuple[str, str]:
    """Cohort and year of ``att[g=2014,t=2016]``."""
    cohort, _, year = term.removeprefix("att[g=").removesuffix("]").partition(",t=")
    return cohort, year


def _remarks(request: Request) -> list[str]:
    """What the do-file does not check, and why."""
    asked, said = request.asked, []
    if asked.vcov == "wild":
        said.append("p-values of the wild bootstrap are not checked: boottest draws other signs; the errors are.")
    elif not asked.sandwich:
        said.append(f"Standard errors under {asked.vcov} are not translated; estimates are checked alone.")
    if asked.vcov == "crv3":
        said.append("The table's standard errors are those of the cluster jackknife; below first the clustered ones.")
        if not jackknifed(request):
            said.append(
                "The jackknife itself is not run: two clusterings, many clusters, or one that identifies a term."
            )
    if asked.repaired:
        said.append("The two-way variance was not positive and has been mended: its errors are not checked.")
    if request.without_coefficient:
        said.append(f"Absorbed or collinear, hence left out: {', '.join(request.without_coefficient)}.")
    return [line for text in said for line in comment(text, "*")]


def _command(request: Request, *, again: bool = False) -> list[str]:
    """The estimation command in words; `again` for the jackknife, which takes no variance and no aweights."""
    asked = request.asked
    regressors = [*request.exogenous]
    if asked.estimator == "iv":
        regressors.append(f"({' '.join(request.endogenous)} = {' '.join(request.instruments)})")
    conditions = [f"{name} == 1" for name in (request.allowed,) if name]
    conditions += [f"!missing({name})" for name in request.without_coefficient]
    where = [f"if {' & '.join(conditions)}"] if conditions else []
    weighted = (
        []
        if request.weights is None
        else [f"[{'pweight' if again or asked.estimator == 'poisson' else 'aweight'}={request.weights}]"]
    )
    program = _program(request)
    words = [program, request.outcome, *regressors, *where, *weighted]
    options = _options(request, program, again=again)
    return [*words[:-1], f"{words[-1]},", *options] if options else words


def _program(request: Request) -> str:
    asked = request.asked
    if asked.estimator == "poisson":
        return "ppmlhdfe"
    if asked.estimator == "iv":
        return "ivreghdfe" if asked.effects else "ivreg2"
    return "reghdfe" if asked.effects or len(asked.cluster) > 1 else "regress"


def _options(request: Request, program: str, *, again: bool) -> list[str]:
    asked = request.asked
    absorbed = " ".join("#".join(effect) for effect in request.effects)
    options = []
    if program in ("reghdfe", "ivreghdfe", "ppmlhdfe"):
        kept = "" if asked.singletons else " keepsingletons"
        options.append(f"absorb({absorbed}){kept}" if absorbed else "noabsorb")
    if not asked.effects and not asked.intercept:
        options.append("noconstant")
    options += [] if again else _variance(request, program)
    if program == "reghdfe" and len(asked.effects) > 1:
        options.append("dofadjustments(clusters continuous)")
    tolerance = {"reghdfe": "1e-12", "ivreghdfe": "1e-12", "ppmlhdfe": "1e-10"}
    return options + (
        [f"tolerance({tolerance[program]})"] if program in tolerance and (absorbed or program == "ppmlhdfe") else []
    )


def _variance(request: Request, program: str) -> list[str]:
    clustered = " ".join(request.cluster)
    if program in ("ivreghdfe", "ivreg2"):
        named = {"crv1": f"cluster({clustered})", "hetero": "robust"}.get(request.asked.sandwich)
        return [*([named] if named else []), *(["small"] if program == "ivreg2" else [])]
    named = {"crv1": f"vce(cluster {clustered})", "hetero": "vce(robust)"}.get(request.asked.sandwich)
    return [named] if named else []


def _estimates(request: Request, values: Sequence[float | None]) -> list[str]:
    """Assertions of estimates; a regression with fixed effects has a constant that tables do not show."""
    errors = request.numbers(request.asked.std_error, "_cons")
    return [
        f"assert abs(_b[{name}] - ({number(value)})) < {TOLERANCE * max(abs(value), errors.get(name, 0.0)):.2g}"
        for name, value in request.numbers(values, "_cons").items()
    ]


def _errors(request: Request, values: Sequence[float | None]) -> list[str]:
    if request.asked.repaired:
        return []
    return [
        f"assert abs(_se[{name}] - {number(value)}) < {TOLERANCE * value:.2g}"
        for name, value in request.numbers(values, "_cons").items()
        if value > 0
    ]
