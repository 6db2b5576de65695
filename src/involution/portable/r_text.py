"""What all R scripts share: their frame, their checks, and values as R writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from involution.models.event_study.repeated import COHORT
from involution.models.recorded import STAGGERED
from involution.portable.reasons import not_translated
from involution.portable.requests import Request, Requests
from involution.portable.text import comment, harmless, number, wrapped

JACKKNIFE_UP_TO = 200
"""Clusters up to which the jackknife is checked; beyond, the clustered errors of the same clusters are."""
_KINDS = ("iid", "hetero", "crv1", "crv3")
_CONSTANT = "(Intercept)"
_EQUALS = re.compile(" = ")


def r_script(
    head: Sequence[str],
    models: Sequence[Request],
    requests: Requests,
    labels: Mapping[str, str],
    estimated: Callable[[Request], list[str]],
) -> str:
    every = {name for request in models for name in request.column.values()}
    used = [name for name in (*requests.data.columns, *requests.products) if name in every]
    lines = [*head, 'source("functions.R")', 'data <- read.csv("data.csv", check.names = FALSE)']
    lines += [f"# {name}: {harmless(labels[name])}" for name in used if name in labels and labels[name] != name]
    for name in used:
        if name in requests.products:
            lines.append(f"data${name} <- {' * '.join(f'data${factor}' for factor in requests.products[name])}")
    for place, request in enumerate(models, 1):
        asked = request.asked
        lines += ["", *comment(f"({place}) {asked.model}: {asked.formula}", "#")]
        if asked.reason:
            lines += comment(not_translated(asked.reason), "#")
            continue
        if asked.estimator == STAGGERED:
            lines += staggered(request)
            continue
        lines += [*_remarks(request), *estimated(request), _check(request)]
    return "\n".join([*lines, "", "finish()"]) + "\n"


def staggered(request: Request) -> list[str]:
    """Effects of cohorts by year; fixest has no such estimator, so that both scripts take the function beside them."""
    asked, column = request.asked, request.column
    given = {
        "outcome": quoted(request.outcome),
        "firm": quoted(column["firm"]),
        "year": quoted(column["year"]),
        "cohort": quoted(column[COHORT]),
        "allowed": quoted(request.allowed),
        "control": quoted(asked.small["control"]),
        "base": quoted(asked.small["base"]),
    }
    arguments = [f"{name} = {value}" for name, value in given.items() if value != "NULL"]
    estimates = {term: value for term, value in zip(asked.terms, asked.estimate, strict=True) if value is not None}
    pieces = [f'"{harmless(asked.model)}"', "n = m$n", "m", _numbers("estimate", estimates), _numbers("std_error", {})]
    return [
        *comment("Standard errors are not checked: the estimates by cohort and year are.", "#"),
        call("m <- group_time(data, list(", arguments, "))"),
        call("check(", pieces, ")"),
    ]


def jackknifed(request: Request) -> bool:
    """Whether scripts repeat the jackknife: of one clustering, not too many clusters, each of them to be left out."""
    asked = request.asked
    few = len(asked.cluster) == 1 and min(asked.clusters) <= JACKKNIFE_UP_TO
    return asked.vcov == "crv3" and few and None not in asked.std_error


def checked_kind(request: Request) -> str:
    """The variance that a script computes: the model's own where R can do it in reasonable time."""
    asked = request.asked
    if asked.vcov == "crv3" and not jackknifed(request):
        return "crv1"
    return asked.vcov if asked.vcov in _KINDS else asked.sandwich or "iid"


def _expected_errors(request: Request) -> dict[str, float]:
    asked, kind = request.asked, checked_kind(request)
    if asked.repaired or (kind != asked.vcov and not asked.sandwich):
        return {}
    values = asked.std_error if kind == asked.vcov else asked.sandwich_error
    return {name: value for name, value in request.numbers(values, _CONSTANT).items() if value > 0}


def _remarks(request: Request) -> list[str]:
    asked, kind, said = request.asked, checked_kind(request), []
    if asked.repaired:
        said.append("The two-way variance was not positive and has been mended: its errors are not checked.")
    elif asked.vcov == "wild":
        said.append("p-values of the wild bootstrap are not checked; the errors, which are clustered ones, are.")
    elif kind != asked.vcov and asked.sandwich:
        said.append("The table's errors are the jackknife's; checked here are the clustered ones.")
    elif kind != asked.vcov:
        said.append(f"Standard errors under {asked.vcov} are not translated; estimates are checked alone.")
    return [line for text in said for line in comment(text, "#")]


def _check(request: Request) -> str:
    asked = request.asked
    estimates = request.numbers(asked.estimate, _CONSTANT)
    pieces = [f'"{harmless(asked.model)}"', f"n = {asked.n_obs}", "m", _numbers("estimate", estimates)]
    return call("check(", [*pieces, _numbers("std_error", _expected_errors(request))], ")")


def _numbers(name: str, values: Mapping[str, float]) -> str:
    inside = ", ".join(f'"{key}" = {number(value)}' for key, value in values.items())
    return f"{name} = c({inside})" if inside else f"{name} = setNames(numeric(0), character(0))"


def call(opening: str, arguments: Sequence[str], closing: str) -> str:
    """A call in lines, broken between words but neither inside a text nor around an equals sign."""
    words: list[str] = []
    for place, argument in enumerate(arguments):
        ended = argument + ("," if place + 1 < len(arguments) else closing)
        words += [ended] if ended.startswith('"') else _EQUALS.sub("\xa0=\xa0", ended).split(" ")
    return wrapped([opening + words[0], *words[1:]], ending="").replace("\xa0", " ")


def quoted(name: str | None) -> str:
    return "NULL" if name is None else f'"{name}"'


def vector(names: Sequence[str]) -> str:
    if not names:
        return "character(0)"
    return quoted(names[0]) if len(names) == 1 else f"c({', '.join(map(quoted, names))})"


def logical(value: object) -> str:
    return "TRUE" if value else "FALSE"
