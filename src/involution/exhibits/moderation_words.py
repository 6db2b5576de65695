"""A moderated effect in plain sentences, made from its numbers."""

from __future__ import annotations

import pandas as pd

from involution.exhibits.decomposition import shown_decimals
from involution.exhibits.labels import Labels
from involution.exhibits.moderated import Moderated
from involution.exhibits.words import _Numbers


def moderation_in_words(found: Moderated, labels: Labels, digits: int | None = None) -> str:
    """How the effect of the treatment goes with its moderators, by the headline and by the model with plain products.

    Parameters
    ----------
    found : Moderated
    labels : Labels
    digits : int, optional
        Decimals; as many as the smallest standard error needs unless given.
    """
    rows = {} if found.headline.failed else {str(row["term"]): row for _, row in found.headline.rows.iterrows()}
    numbers = _Numbers(labels, shown_decimals([float(row["std_error"]) for row in rows.values()]), digits)
    sentences = []
    if found.headline.failed:
        reason = "; ".join(found.said(found.headline, labels))
        sentences.append(labels.text("words_moderated_none", reason=reason))
    named = {"treatment": labels.column(found.treatment), "outcome": labels.column(found.outcome)}
    for moderator in found.moderators:
        row = rows.get(f"{found.treatment}:{moderator}")
        if row is not None:
            text = labels.text("words_moderated", moderator=labels.column(moderator), **named, **numbers.said(row))
            sentences.append(text)
    three = rows.get(":".join([found.treatment, *found.moderators])) if len(found.moderators) == 2 else None
    if three is not None:
        moderators = labels.listed(found.moderators)
        sentences.append(labels.text("words_three_way", moderators=moderators, **numbers.said(three)))
    sentences += _ends(found, numbers, labels)
    return labels.said(labels.text("words_between").join(sentences))


def _ends(found: Moderated, numbers: _Numbers, labels: Labels) -> list[str]:
    if found.effects.failed:
        return []
    effects: dict[str, pd.Series] = {str(row["term"]): row for _, row in found.effects.rows.iterrows()}
    out = []
    for moderator in found.moderators:
        ends = {
            key: numbers.number(float(effects[f"effect[{moderator}={at}]"]["estimate"]))
            for key, at in (("low", "p10"), ("high", "p90"))
        }
        out.append(labels.text("words_ends", moderator=labels.column(moderator), **ends))
    return out
