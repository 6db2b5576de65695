"""The page beside the scripts: what they are, what differs between the programs and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

from involution.exhibits.labels import Labels
from involution.portable.conventions import Difference, differences
from involution.portable.r_text import JACKKNIFE_UP_TO
from involution.portable.reasons import reason_text
from involution.portable.requests import Request
from involution.portable.text import harmless

_COUNTS = ("singletons", "separated")
_LAST = ("ppmlhdfe", "nested", "pairwise", "repaired", *_COUNTS)
"""After the variances that not every program has."""
_MOST_NAMED = 6


def readme(study: str, tables: Mapping[str, Sequence[Request]], labels: Labels) -> str:
    """The page in one language.

    Parameters
    ----------
    study : str
    tables : mapping of str to sequence of Request
        Models by table, in order; none where a table has no regression.
    labels : Labels
    """
    text = labels.text
    models = {request.asked.model: request for shown in tables.values() for request in shown}
    lines = [
        f"# {text('portable_title', study=study)}",
        "",
        text("portable_intro"),
        "",
        f"## {text('portable_programs')}",
        "",
    ]
    lines += [f"- {text(key)}" for key in ("portable_base", "portable_fixest", "portable_stata")]
    lines += ["", f"## {text('portable_tables')}", "", *_tables(tables, labels)]
    lines += [
        "",
        f"## {text('portable_conventions')}",
        "",
        *_conventions(models, labels),
        "",
        text("portable_p_values"),
    ]
    reasons = {name: request.asked.reason for name, request in models.items() if request.asked.reason}
    if reasons:
        rows = [(harmless(name), reason_text(reason, labels)) for name, reason in reasons.items()]
        heading = (text("portable_model"), text("portable_reason"))
        lines += ["", f"## {text('portable_not_translated')}", "", *_table(heading, rows)]
    return "\n".join(lines) + "\n"


def has_script(models: Sequence[Request]) -> bool:
    """Whether some model of a table can be repeated."""
    return any(not request.asked.reason for request in models)


def _tables(tables: Mapping[str, Sequence[Request]], labels: Labels) -> list[str]:
    rows = []
    for name, models in tables.items():
        repeated = sum(not request.asked.reason for request in models)
        scripts = f"`{name}_base.R`, `{name}.R`, `{name}.do`" if repeated else labels.text("portable_none")
        rows.append((name, str(len(models)), str(repeated), scripts))
    keys = ("portable_table", "portable_models", "portable_repeated", "portable_scripts")
    return _table([labels.text(key) for key in keys], rows)


def _conventions(models: Mapping[str, Request], labels: Labels) -> list[str]:
    by_code: dict[str, list[Difference]] = {}
    for request in models.values():
        for found in differences(request.asked):
            by_code.setdefault(found.code, []).append(found)
    if not by_code:
        return [labels.text("portable_no_difference")]
    rows = [
        (labels.text(f"portable_{code}", limit=JACKKNIFE_UP_TO), _size(code, found, labels), _named(found))
        for code, found in sorted(by_code.items(), key=lambda item: _place(item[0]))
    ]
    return _table([labels.text(f"portable_{key}") for key in ("convention", "size", "which")], rows)


def _place(code: str) -> int:
    return _LAST.index(code) + 1 if code in _LAST else 0


def _size(code: str, found: Sequence[Difference], labels: Labels) -> str:
    known = [one.size for one in found if not isnan(one.size)]
    if not known:
        return labels.text("portable_unknown")
    shown = [f"{size:,.0f}" if code in _COUNTS else f"{size:.6g}" for size in (min(known), max(known))]
    key = "portable_rows" if code in _COUNTS else "portable_errors"
    return labels.text(
        key, range=shown[0] if shown[0] == shown[1] else labels.text("portable_range", low=shown[0], high=shown[1])
    )


def _named(found: Sequence[Difference]) -> str:
    names = [harmless(one.model) for one in found]
    more = f", ... ({len(names)})" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    shown = [heading, ["---"] * len(heading), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in shown]
