"""The page that lists the suspicions, written from their table."""

from __future__ import annotations

import re

from involution.panel.suspicions.texts import SEVERITIES, suspicion_texts

_HEAD = """<!-- Written by `involution schema` from src/involution/panel/suspicions/texts.csv. -->
# Suspicions

What `involution check` looks for in the data, by how sure it is that something is wrong; [the check](check.md) says
how to run it. Names are those of `--accept` and of the key `name` in JSON and in `panel/report.json`; words in italics
are filled in. Thresholds and the reasons for them stand as constants in `src/involution/panel/suspicions/`.
"""
_SECTIONS = {
    "mistake": "Mistakes: hardly right",
    "doubt": "Doubts: to be looked at",
    "note": "Notes: properties of the data that results depend on",
}
_VALUE = re.compile(r"(?<!\{)\{(\w+)(?::[^{}]*)?\}(?!\})")


def suspicions_page() -> str:
    """Every suspicion with what it says, why it matters and what to do, in English."""
    table = suspicion_texts()
    parts = [_HEAD]
    for severity in SEVERITIES:
        parts.append(
            f"\n## {_SECTIONS[severity]}\n\n| name | found | why it matters | what to do |\n|---|---|---|---|\n"
        )
        for name, row in table[table["severity"] == severity].iterrows():
            cells = [_shown(str(row[f"{part}_en"])) for part in ("what", "why", "mend")]
            parts.append(f"| `{name}` | {' | '.join(cells)} |\n")
    return "".join(parts)


def _shown(text: str) -> str:
    """A text with its values in italics, as a cell of a table."""
    plain = _VALUE.sub(lambda found: f"*{found[1].replace('_', ' ')}*", text)
    return plain.replace("{{", "{").replace("}}", "}").replace("|", "\\|")
