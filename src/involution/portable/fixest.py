"""R scripts with fixest: the regressions of a table, and the numbers they must give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from involution.portable.r_text import call, checked_kind, logical, quoted, r_script, vector
from involution.portable.requests import Request, Requests
from involution.portable.text import comment

_FIXEST = (
    "NOT EXECUTED where it was written, which has no fixest: it is parsed by R, and the numbers are those that the "
    "base R script beside it gives."
)
_WITH_COUNTS = (
    'counted <- function(rows) rows[with_counts(rows[["{outcome}"]], lapply({effects}, function(effect) '
    "codes_of(rows, effect))), , drop = FALSE]"
)
_SMALL_SAMPLE = (
    "# fixest 0.13 gave the arguments of ssc() other names.",
    "small_sample <- function(observations, effects, clusters) {",
    '  if ("K.fixef" %in% names(formals(ssc))) {',
    '    effects <- if (effects == "nested") "nonnested" else effects',
    '    ssc(K.adj = observations, K.fixef = effects, G.adj = clusters, G.df = "min", t.df = "min")',
    "  } else {",
    '    ssc(adj = observations, fixef.K = effects, cluster.adj = clusters, cluster.df = "min", t.df = "min")',
    "  }",
    "}",
    "found_by <- function(fit) {",
    "  plain <- function(values) setNames(values, sub('^fit_', '', names(values)))",
    "  list(n = fit$nobs, estimate = plain(coef(fit)), std_error = plain(se(fit)))",
    "}",
)


def fixest(title: str, models: Sequence[Request], requests: Requests, labels: Mapping[str, str]) -> str:
    """The script of one table for fixest; parameters as in `base_r`."""
    head = [*comment(f"Table: {title}", "#"), *comment(_FIXEST, "#"), "library(fixest)", *_SMALL_SAMPLE]
    return r_script(head, models, requests, labels, _with_fixest)


def _with_fixest(request: Request) -> list[str]:
    asked, kind = request.asked, checked_kind(request)
    small = asked.small
    rows = {
        "columns": vector([request.outcome, *request.exogenous, *request.endogenous, *request.instruments,
                            *request.without_coefficient, *request.cluster]),
        "effects": f"list({', '.join(vector(effect) for effect in request.effects)})",
        "weights": quoted(request.weights),
        "allowed": quoted(request.allowed),
        "used": quoted(request.used),
        "singletons": logical(asked.singletons),
    }  # fmt: skip
    command = "fepois" if asked.estimator == "poisson" else "feols"
    weights = [] if request.weights is None else [f"weights = ~{request.weights}"]
    precise = ["glm.tol = 1e-12", "glm.iter = 200"] if command == "fepois" else []
    shown = "counted(rows)" if command == "fepois" else "rows"
    options = [f"data = {shown}", *weights, 'fixef.rm = "none"', "fixef.tol = 1e-11", "fixef.iter = 100000", *precise]
    vcov = {"iid": '"iid"', "hetero": '"hetero"'}.get(kind, f"~{' + '.join(request.cluster)}")
    effects = {"nonnested": "nested"}.get(small["fixed_effects"], small["fixed_effects"])
    ssc = f"small_sample({logical(small['observations'])}, {quoted(effects)}, {logical(small['clusters'])})"
    given = [f"{name} = {value}" for name, value in rows.items() if value not in ("NULL", "list()")]
    lines = [
        call("rows <- keep_rows(", ["data", *given], ")"),
        *([_WITH_COUNTS.format(outcome=request.outcome, effects=rows["effects"])] if command == "fepois" else []),
        call(f"estimated <- function(rows) {command}(", [_formula(request), *options], ")"),
        f"m <- found_by(summary(estimated(rows), vcov = {vcov}, ssc = {ssc}))",
    ]
    if kind == "crv3":
        lines += [
            "without <- function(one) coef(estimated(rows[rows[[cluster]] != one, , drop = FALSE]))",
            f"cluster <- {quoted(request.cluster[0])}",
            "moved <- sapply(unique(rows[[cluster]]), without)",
            "moved <- matrix(moved, nrow = length(m$estimate)) - m$estimate",
            "m$std_error <- setNames(sqrt((ncol(moved) - 1) / ncol(moved) * rowSums(moved^2)), names(m$estimate))",
        ]
    return lines


def _formula(request: Request) -> str:
    asked = request.asked
    right = " + ".join(request.exogenous) or "1"
    if not asked.effects and not asked.intercept:
        right += " - 1"
    text = f"{request.outcome} ~ {right}"
    if request.effects:
        text += f" | {' + '.join('^'.join(effect) for effect in request.effects)}"
    if request.endogenous:
        text += f" | {' + '.join(request.endogenous)} ~ {' + '.join(request.instruments)}"
    return text
