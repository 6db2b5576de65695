"""Why a model has no script."""

from __future__ import annotations

from involution.exhibits.labels import Labels


def reason_text(reason: str, labels: Labels) -> str:
    """A reason of `models.recorded.Recorded` in words."""
    code, _, detail = reason.partition(":")
    return labels.text(f"portable_reason_{code}", detail=detail)


def not_translated(reason: str) -> str:
    """The same as a comment of a script."""
    return f"Not translated: {reason_text(reason, Labels('en'))}."
