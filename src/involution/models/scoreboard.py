"""The scoreboard of a study's hypotheses: what each test found, and what follows for the hypothesis.

=============  =========================================================================================
supported      the evidence is as stated
opposite       a term is significant with the other sign, and none is with the stated one
not_supported  neither, or all that is open is whether it is opposite
not_testable   a model failed, a term or statistic is not there, or it has no interval or p-value
=============  =========================================================================================

Tests are put together as statements that may be unknown (Kleene's logic): with rule *all* one test that is not
supported decides that the hypothesis is not, and it is supported where every test is; with rule *any* one supported
test decides, and it is not supported where no test is. What is then still open is not testable. A verdict is given
where every answer that the unknown tests may have had leads to it; not supported also where these lead to it or to
opposite.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.models.families import adjusted_p_values
from involution.models.judged import NOT_SUPPORTED, NOT_TESTABLE, OPPOSITE, SUPPORTED, Judged, Tidy, judged
from involution.models.tidy import HYPOTHESES, no_hypotheses
from involution.study.hypotheses import Evidence, Hypothesis, statement_digest, tests_of

VERDICTS = (SUPPORTED, OPPOSITE, NOT_SUPPORTED, NOT_TESTABLE)
_NUMBERS = ("estimate", "std_error", "ci_low", "ci_high", "p_value", "p_romano_wolf")
_SYMBOLS = {"at_least": ">=", "at_most": "<=", "p_below": "p <", "p_above": "p >"}


def models_needed(hypotheses: Sequence[Hypothesis]) -> list[str]:
    """Models whose influence by cluster the scoreboard needs."""
    return sorted({test.model for _, _, test in tests_of(hypotheses) if test.by == "romano_wolf"})


def scoreboard(
    hypotheses: Sequence[Hypothesis],
    found: Tidy,
    influence: pd.DataFrame,
    *,
    study: str,
    seed: int,
    draws: int,
) -> pd.DataFrame:
    """Judge every hypothesis by the results of its models.

    Parameters
    ----------
    hypotheses : sequence of study.hypotheses.Hypothesis
    found : Tidy
        Results of all blocks.
    influence : DataFrame
        Columns `models.influence.INFLUENCE`; those of `models_needed` are enough.
    study : str
    seed, draws : int
        Of the run, for step-down p-values.

    Returns
    -------
    DataFrame
        Columns `models.tidy.HYPOTHESES`, one row per test in the order of the study file. `sign` is what the test asks
        for, `estimate` of a test of a statistic its value, `stated` the digest of the section.
    """
    adjusted = adjusted_p_values(hypotheses, found.rows, influence, seed=seed, draws=draws)
    digest = statement_digest(hypotheses)
    rows: list[dict[str, object]] = []
    for asked in hypotheses:
        answers = [
            judged(asked, test, found, adjusted.get((asked.name, number))) for number, test in enumerate(asked.tests, 1)
        ]
        verdict = together(asked, answers)
        rows += [
            {**_row(asked, number, test, answer), "study": study, "verdict": verdict, "stated": digest}
            for number, (test, answer) in enumerate(zip(asked.tests, answers, strict=True), 1)
        ]
    return pd.DataFrame(rows, columns=list(HYPOTHESES)) if rows else no_hypotheses()


def together(asked: Hypothesis, answers: Sequence[Judged]) -> str:
    """The verdict on a hypothesis from those of its tests.

    Examples
    --------
    >>> from involution.study.hypotheses import Hypothesis
    >>> tests = [{"model": "m", "term": name, "sign": "positive"} for name in ("a", "b")]
    >>> asked = Hypothesis(name="H1", statement="both rise", tests=tests)
    >>> together(asked, [Judged("supported", ()), Judged("not_testable", ())])
    'not_testable'
    """
    found = [answer.verdict for answer in answers]
    signed = [answer.verdict for test, answer in zip(asked.tests, answers, strict=True) if test.term is not None]
    # A term that could not be tested may have had the stated sign: then nothing is known to be opposite.
    against = OPPOSITE in signed and SUPPORTED not in signed and NOT_TESTABLE not in signed
    refuted = NOT_SUPPORTED in found or OPPOSITE in found
    if asked.rule == "all":
        if not refuted:
            return NOT_TESTABLE if NOT_TESTABLE in found else SUPPORTED
    elif SUPPORTED in found:
        return SUPPORTED
    elif NOT_TESTABLE in found:
        return NOT_TESTABLE
    return OPPOSITE if against else NOT_SUPPORTED


def _row(asked: Hypothesis, number: int, test: Evidence, answer: Judged) -> dict[str, object]:
    return {
        "hypothesis": asked.name,
        "family": asked.family,
        "test": number,
        "model": test.model,
        "term": test.statistic or ", ".join(test.named),
        "sign": _asked_for(test),
        "by": test.by if test.term is not None else "",
        **{name: answer.numbers.get(name, np.nan) for name in _NUMBERS},
        "verdict_of_test": answer.verdict,
        "reason": answer.reason("en"),
        "reason_zh": answer.reason("zh"),
        "statement": asked.statement.get("en"),
        "statement_zh": asked.statement.get("zh"),
        "rule": asked.rule,
        "level": asked.level,
        "one_sided": asked.one_sided,
        "exploratory": asked.exploratory,
    }


def _asked_for(test: Evidence) -> str:
    """What the test asks for: a sign, an order, a bound."""
    if test.statistic is None:
        return str(test.sign or test.monotone)
    bound, limit = test.bound
    return f"{_SYMBOLS[bound]} {limit:g}"
