"""What was suspicious in the data, as a part of the report."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from involution.exhibits.labels import Labels
from involution.panel.suspicions import told

_HEADS = ("report_severity", "report_suspicion", "report_matters")


def suspicious(panel: Mapping[str, Any], labels: Labels) -> str:
    """The findings of ``panel/report.json`` as a table with a heading; nothing without any."""
    lines = []
    for record in panel.get("suspicious") or ():
        said = told(record, labels.language)
        cells = (labels.text(f"report_severity_{record['severity']}"), said.what, said.why)
        lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    if not lines:
        return ""
    head = "".join(f'<th scope="col">{escape(labels.text(key))}</th>' for key in _HEADS)
    table = f'<table class="plain"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
    heading = f"<h3>{escape(labels.text('report_suspicious'))}</h3>\n"
    return f'{heading}<div class="wide" tabindex="0">{table}</div>\n'
