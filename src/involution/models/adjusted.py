"""P-values of a table's estimates as one family: what many tests at once leave of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.models.blocks import spawned_seed
from involution.models.families import moves_of, stepped
from involution.models.groupings import Floats
from involution.models.romano_wolf import Side, adjusted
from involution.models.tidy import ADJUSTED, no_adjusted
from involution.study.adjusted import AdjustedAsked, expanded


def adjusted_p_values_of_tables(
    asked: Sequence[AdjustedAsked],
    estimates: pd.DataFrame,
    influence: pd.DataFrame,
    *,
    study: str,
    seed: int,
    draws: int,
) -> pd.DataFrame:
    """P-values of the tables' families.

    Parameters
    ----------
    asked : sequence of AdjustedAsked
    estimates : DataFrame
        Of all blocks.
    influence : DataFrame
        Columns `models.influence.INFLUENCE`, of the models named at least.
    study : str
        Written into every row.
    seed, draws : int
        Of the run; each table's seed is spawned from its name.

    Returns
    -------
    DataFrame
        Columns `ADJUSTED`, one row per table and test: `p_romano_wolf` steps down (`stepdown` tells by which of
        romano_wolf and holm, which stands where the tests have no clusters in common), `q_by` is of Benjamini and
        Yekutieli (2001), `q_bky` of Benjamini, Krieger and Yekutieli (2006). Missing where the table does not ask.

    Raises
    ------
    InputError
        For a family that names a term which no model of the table has.
    """
    frames = [_of_table(one, estimates, influence, seed, draws) for one in asked]
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return no_adjusted()
    return pd.concat(filled, ignore_index=True).assign(study=study)[list(ADJUSTED)]


def _of_table(
    asked: AdjustedAsked, estimates: pd.DataFrame, influence: pd.DataFrame, seed: int, draws: int
) -> pd.DataFrame:
    tests = _tests(asked, estimates)
    out = tests.assign(table=asked.table, p_romano_wolf=np.nan, q_by=np.nan, q_bky=np.nan, stepdown="")
    out["family_size"] = float(len(tests))
    if tests.empty:
        return out
    p_values = tests["p_value"].to_numpy(dtype=float)
    if "romano_wolf" in asked.methods:
        keys: list[tuple[str, str, Side]] = [(m, t, "both") for m, t in tests[["model", "term"]].to_numpy().tolist()]
        moves = moves_of(influence, {(model, term) for model, term, _ in keys})
        own = dict(zip(keys, p_values.tolist(), strict=True))
        found, exact = stepped(own, moves, spawned_seed(seed, f"table {asked.table}"), draws)
        out["p_romano_wolf"] = [found[key] for key in keys]
        out["stepdown"] = "romano_wolf" if exact else "holm"
    if "benjamini_hochberg_yekutieli" in asked.methods:
        out["q_by"] = adjusted(p_values, "benjamini_yekutieli")
    if "benjamini_krieger_yekutieli" in asked.methods:
        out["q_bky"] = sharpened(p_values)
    return out


def _tests(asked: AdjustedAsked, estimates: pd.DataFrame) -> pd.DataFrame:
    """Model, term and p-value of every member of a family; an estimate that two panels show is one."""
    names = estimates["model"].astype(str)
    models = list(dict.fromkeys(expanded(asked.models, list(dict.fromkeys(names)))))
    rows = estimates[names.isin(models)].assign(model=names, term=estimates["term"].astype(str))
    known = rows[rows["estimate"].notna()]
    unknown = [term for term in asked.family if term not in set(known["term"])]
    if unknown and len(known) == len(rows):
        what = f"no model of the table has a term '{unknown[0]}'; they have {', '.join(sorted(set(known['term'])))}"
        raise InputError(Problem(f"table '{asked.table}', family", what))
    hidden = {"(Intercept)", *asked.drop, *asked.controls}
    chosen = asked.family or [term for term in asked.keep or known["term"].unique() if term not in hidden]
    tested = known[known["term"].isin(chosen) & known["p_value"].notna()]
    order = {model: place for place, model in enumerate(models)}
    tested = tested.assign(_order=tested["model"].map(order)).sort_values("_order", kind="stable")
    return tested[["model", "term", "p_value"]].drop_duplicates(["model", "term"]).reset_index(drop=True)


def sharpened(p_values: Sequence[float] | Floats) -> Floats:
    r"""The least level at which the two-stage procedure of Benjamini, Krieger and Yekutieli rejects each hypothesis.

    Parameters
    ----------
    p_values : sequence of float

    Returns
    -------
    array of float
        At most one.

    Notes
    -----
    At level q and q' = q/(1 + q) the procedure of Benjamini and Hochberg at q' rejects r of m; if r is neither zero nor
    m, it is repeated at q' m/(m - r) (2006, *Biometrika* 93: 491-507, definition 6). Anderson (2008, *JASA* 103:
    1481-1495) searches q on a grid of .001; here each r holds between two values of q', so that the least one is exact.

    Examples
    --------
    >>> sharpened([0.01, 0.02, 0.5]).round(4).tolist()
    [0.0309, 0.0309, 0.2]
    """
    from statsmodels.stats.multitest import multipletests

    p = np.asarray(p_values, dtype=float)
    m = len(p)
    if not m:
        return np.empty(0)
    first = np.asarray(multipletests(p, method="fdr_bh")[1])
    starts = np.sort(first)
    best = np.full(m, np.inf)
    for start in np.unique(starts):
        # From this level on so many are rejected, up to the next.
        r = int((starts <= start).sum())
        end = starts[r] if r < m else np.inf
        level = np.maximum(start, first * (m - r) / m)
        best = np.where(level < end, np.minimum(best, level), best)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(best < 0.5, best / (1 - best), 1.0))
