"""A mediation in plain sentences, made from its numbers."""

from __future__ import annotations

import pandas as pd

from involution.exhibits.content import decimal
from involution.exhibits.decomposition import Decomposition, shown_decimals
from involution.exhibits.labels import Labels
from involution.exhibits.mediation_terms import parsed_term


def mediation_in_words(found: Decomposition, labels: Labels, digits: int | None = None) -> str:
    """What goes with the treatment, through which channel, and whether the intervals support it.

    Parameters
    ----------
    found : Decomposition
    labels : Labels
    digits : int, optional
        Decimals; as many as the smallest standard error needs unless given.

    Notes
    -----
    An effect is supported at 5 % where its 95 % interval leaves out zero.
    """
    if found.column.failed:
        return labels.text("words_failed", model=found.model)
    treatment, outcome = found.named(labels)
    numbers = _Numbers(labels, shown_decimals([row["std_error"] for row in found.effects.values()]), digits)
    sentences = []
    if "total" in found.effects:
        told = {"treatment": treatment, "outcome": outcome, "level": labels.value(found.level)}
        sentences.append(labels.text(_change(found), **told, **numbers.said(found.effects["total"])))
    parts = [_channel(found, mediator, numbers, labels) for mediator in found.mediators]
    for term, key in (("indirect[interaction]", "words_interaction"), ("direct", "words_direct")):
        if term in found.effects:
            parts.append(labels.text(key, **numbers.said(found.effects[term])))
    if parts:
        sentences.append(labels.text("words_parts", parts=labels.text("separator").join(parts)))
    sentences += _moderated(found, numbers, labels)
    return labels.said(labels.text("words_between").join(sentences))


def _change(found: Decomposition) -> str:
    """The text of the total effect: of one unit, or between the levels that the notes give."""
    if found.contrast:
        return "words_total_level"
    return "words_total_levels" if found.by_outcomes else "words_total"


class _Numbers:
    """Numbers with the decimals of the exhibit."""

    def __init__(self, labels: Labels, needed: int, digits: int | None) -> None:
        self.labels, self.digits = labels, needed if digits is None else digits

    def number(self, value: float) -> str:
        """A number as text has it."""
        return decimal(value, self.digits).replace("-", "−")

    def said(self, row: pd.Series) -> dict[str, str]:
        """Estimate, interval and verdict of an effect."""
        low, high = float(row["ci_low"]), float(row["ci_high"])
        shown = {"low": self.number(low), "high": self.number(high)}
        known = low == low and high == high
        interval = self.labels.text("words_interval", **shown) if known else self.labels.text("words_no_interval")
        verdict = "words_supported" if known and (low > 0 or high < 0) else "words_not_supported"
        return {
            "estimate": self.number(float(row["estimate"])),
            "interval": interval,
            "verdict": self.labels.text(verdict),
        }


def _channel(found: Decomposition, mediator: str, numbers: _Numbers, labels: Labels) -> str:
    share = found.effects.get(f"share[{mediator}]")
    told = "" if share is None or found.shares_mean_nothing else decimal(100 * float(share["estimate"]), 1)
    return labels.text(
        "words_through",
        mediator=labels.column(mediator),
        share=labels.text("words_share", share=told) if told else "",
        **numbers.said(found.effects[f"indirect[{mediator}]"]),
    )


def _moderated(found: Decomposition, numbers: _Numbers, labels: Labels) -> list[str]:
    """How each moderated indirect effect goes with its moderator: the index, or the contrast where it is no line."""
    out = []
    for mediator in found.mediators:
        name = labels.column(mediator)
        index = found.effects.get(f"index_moderated_mediation[{mediator}]")
        if index is not None:
            by = found.moderator(f"a[{mediator}]") or found.moderator(f"b[{mediator}]")
            text = labels.text("words_index", mediator=name, moderator=labels.column(by), **numbers.said(index))
            out.append(text)
            continue
        for term, row in found.effects.items():
            part = parsed_term(term)
            if part is not None and part.effect == "indirect" and part.columns == (mediator,) and "-" in part.at:
                if part.level:
                    out.append(labels.text("words_levels", mediator=name, **numbers.said(row)))
                    continue
                high, low = (label.upper() for label in part.at.split("-", 1))
                more = {"mediator": name, "moderator": labels.column(part.by), "from_value": low, "to_value": high}
                out.append(labels.text("words_contrast", **more, **numbers.said(row)))
    return out
