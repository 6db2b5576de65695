"""R scripts that need R alone: the regressions of a table by the functions in `functions.R`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from involution.portable.r_text import call, checked_kind, logical, quoted, r_script, vector
from involution.portable.requests import Request, Requests
from involution.portable.text import comment


def base_r(title: str, models: Sequence[Request], requests: Requests, labels: Mapping[str, str]) -> str:
    """The script of one table that needs nothing but R itself.

    Parameters
    ----------
    title : str
    models : sequence of Request
    requests : Requests
    labels : mapping of str to str
        By the names of the data file.
    """
    head = [
        *comment(f"Table: {title}", "#"),
        "# Needs R alone. Rscript in the folder it lies in; it fails where a number differs.",
    ]
    return r_script(
        head,
        models,
        requests,
        labels,
        lambda request: [call("m <- estimate_model(data, list(", _listed(request), "))")],
    )


def _listed(request: Request) -> list[str]:
    """The arguments of `estimate_model`'s list."""
    asked = request.asked
    effects = ", ".join(vector(effect) for effect in request.effects)
    small = asked.small
    pieces = {
        "outcome": quoted(request.outcome),
        "regressors": vector([*request.endogenous, *request.exogenous]),
        "endogenous": vector(request.endogenous),
        "instruments": vector(request.instruments),
        "complete": vector(request.without_coefficient),
        "effects": f"list({effects})",
        "cluster": vector(request.cluster),
        "weights": quoted(request.weights),
        "allowed": quoted(request.allowed),
        "used": quoted(request.used),
        "singletons": logical(asked.singletons),
        "intercept": logical(asked.intercept),
        "estimator": quoted("poisson" if asked.estimator == "poisson" else "linear"),
        "vcov": quoted(checked_kind(request)),
        "small": f"list(observations = {logical(small['observations'])}, "
        f"fixed_effects = {quoted(small['fixed_effects'])}, clusters = {logical(small['clusters'])})",
    }
    return [f"{name} = {value}" for name, value in pieces.items() if value not in ("NULL", "character(0)", "list()")]
