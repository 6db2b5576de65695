"""What was suspicious in the data, as a part of the report."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from involution.exhibits.labels import Labels
from involution.exhibits.report_html import plain_table, row_of
from involution.panel.suspicions import told

_HEADS = ("report_severity", "report_suspicion", "report_matters")


def suspicious(panel: Mapping[str, Any], labels: Labels) -> str:
    """The findings of ``panel/report.json`` as a table with a heading; nothing without any."""
    rows = []
    for record in panel.get("suspicious") or ():
        said = told(record, labels.language)
        rows.append(row_of((labels.text(f"report_severity_{record['severity']}"), said.what, said.why)))
    if not rows:
        return ""
    title = labels.text("report_suspicious")
    heads = [labels.text(key) for key in _HEADS]
    return f"<h3>{escape(title)}</h3>\n" + plain_table("suspicious", title, heads, rows, labels)
