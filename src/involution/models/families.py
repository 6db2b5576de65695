"""P-values of the tests of a study's hypotheses, each family of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from involution.models.blocks import spawned_seed
from involution.models.romano_wolf import Side, adjusted, romano_wolf
from involution.study.hypotheses import Evidence, Hypothesis, tests_of

_SIDES: dict[str | None, Side] = {"positive": "greater", "negative": "less"}
Key = tuple[str, int]
"""Name of a hypothesis and number of the test within it."""
_Test = tuple[str, str, Side]
"""Model, term and side."""
_Moves = Mapping[tuple[str, str], tuple[str, pd.Series]]
"""By model and term: what the clusters are, and how much each moves the estimate."""


@dataclass(frozen=True)
class Adjusted:
    """A test's p-values among all of its family.

    Attributes
    ----------
    p_value : float
        On the side that the hypothesis states where it is one-sided.
    two_sided : float
        What evidence *against* a one-sided hypothesis is judged by.
    exact : bool
        By Romano and Wolf; else by Holm, where clusters of the family cannot be drawn together.
    """

    p_value: float
    two_sided: float
    exact: bool


def sided_p_value(asked: Hypothesis, test: Evidence, estimate: float, p_value: float) -> float:
    """The p-value of a term on the side that its hypothesis states."""
    side = _side(asked, test)
    if side == "both":
        return p_value
    agrees = estimate > 0 if side == "greater" else estimate < 0
    return p_value / 2 if agrees else 1 - p_value / 2


def adjusted_p_values(
    hypotheses: Sequence[Hypothesis],
    rows: Mapping[tuple[str, str], pd.Series],
    influence: pd.DataFrame,
    *,
    seed: int,
    draws: int,
) -> dict[Key, Adjusted]:
    """Step-down p-values of every test that is decided by them.

    Parameters
    ----------
    hypotheses : sequence of Hypothesis
    rows : mapping of (str, str) to Series
        Estimates by model and term.
    influence : DataFrame
        Columns `models.influence.INFLUENCE`.
    seed, draws : int
        Of the run; each family's seed is spawned from its name.

    Returns
    -------
    dict
        By name of the hypothesis and number of the test. Tests without a p-value are left out: the others of their
        family are then fewer.
    """
    families: dict[str, dict[Key, tuple[Hypothesis, Evidence, pd.Series]]] = {}
    for asked, number, test in tests_of(hypotheses):
        row = rows.get((test.model, test.term or ""))
        if test.by == "romano_wolf" and row is not None and pd.notna(row["p_value"]) and pd.notna(row["estimate"]):
            families.setdefault(asked.family, {})[asked.name, number] = (asked, test, row)
    moves = moves_of(influence, {(test.model, str(test.term)) for _, _, test in tests_of(hypotheses)})
    out: dict[Key, Adjusted] = {}
    for family, members in families.items():
        out |= _of_family(members, moves, spawned_seed(seed, f"hypotheses {family}"), draws)
    return out


def moves_of(influence: pd.DataFrame, wanted: set[tuple[str, str]]) -> _Moves:
    """Level and influence by model and term."""
    part = influence[influence["model"].isin({model for model, _ in wanted})]
    out = {}
    for (model, term), rows in part.groupby(["model", "term"], observed=True, sort=False):
        if (str(model), str(term)) in wanted:
            values = pd.Series(rows["value"].to_numpy(), index=rows["cluster"].astype(str).to_numpy())
            out[str(model), str(term)] = (str(rows["level"].iloc[0]), values)
    return out


def _of_family(
    members: Mapping[Key, tuple[Hypothesis, Evidence, pd.Series]], moves: _Moves, seed: int, draws: int
) -> dict[Key, Adjusted]:
    # A term that two hypotheses name is one test.
    stated: dict[_Test, float] = {}
    two_sided: dict[_Test, float] = {}
    for asked, test, row in members.values():
        estimate, own = float(row["estimate"]), float(row["p_value"])
        stated[test.model, str(test.term), _side(asked, test)] = sided_p_value(asked, test, estimate, own)
        two_sided[test.model, str(test.term), "both"] = own
    first, exact = stepped(stated, moves, seed, draws)
    second, _ = stepped(two_sided, moves, seed, draws)
    return {
        key: Adjusted(
            first[test.model, str(test.term), _side(asked, test)], second[test.model, str(test.term), "both"], exact
        )
        for key, (asked, test, _) in members.items()
    }


def stepped(p_values: Mapping[_Test, float], moves: _Moves, seed: int, draws: int) -> tuple[dict[_Test, float], bool]:
    """P-values of a family, and whether they are Romano and Wolf's: where all tests have the same clusters."""
    # Sorted, so that the order of the file does not matter.
    tests = sorted(p_values)
    own = [p_values[test] for test in tests]
    levels = {moves[model, term][0] if (model, term) in moves else "" for model, term, _ in tests}
    exact = len(levels) == 1 and "" not in levels
    if exact:
        series = [moves[model, term][1] for model, term, _ in tests]
        found = romano_wolf(own, series, sides=[side for _, _, side in tests], draws=draws, seed=seed)
    else:
        found = adjusted(own, "holm")
    return dict(zip(tests, found.tolist(), strict=True)), exact


def _side(asked: Hypothesis, test: Evidence) -> Side:
    return _SIDES.get(test.sign, "both") if asked.one_sided else "both"
