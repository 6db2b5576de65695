"""The threats to a study's finding: what was done about each, what that showed, what remains."""

from __future__ import annotations

from involution.exhibits.columns import Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent
from involution.exhibits.labels import Labels
from involution.exhibits.threats_evidence import EVIDENCE, asked_in_vain, failed, shortened, undone
from involution.study.tables import Table


def threats_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out the threats: under each what was done and what it showed; what remains of it stands in the notes.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str
    """
    rows: list[Row] = []
    notes = [labels.text("threats_note")]
    without = failed(results, labels)
    for threat, readers in EVIDENCE.items():
        name = labels.text(f"threat_name_{threat}")
        rows.append(Row("heading", name, (Cell(),), rule_above=bool(rows)))
        found = [item for read in readers for item in shortened(read(results, labels), labels)]
        rows += [Row("plain", item.done, (Cell(item.shown),)) for item in found]
        if not found:
            vain = asked_in_vain(threat, results, labels)
            nothing = labels.text("threat_nothing_estimated" if vain else "threat_nothing")
            rows.append(Row("plain", nothing, (Cell("–"),)))
        done = any(item.counts for item in found)
        remains = labels.text(f"threat_remains_{threat}") if done else undone(threat, results, labels)
        notes.append(labels.text("threat_remains", name=name, text=remains))
    if without:
        rows.append(Row("heading", labels.text("threat_failed"), (Cell(),), rule_above=True))
        rows += [Row("plain", item.done, (Cell(item.shown),)) for item in shortened(without, labels)]
    header = Header(labels.text("threat_done"), ((labels.text("threat_shown"), 1),))
    return TableContent(table.name, title, labels.language, 1, (Part("", (header,), tuple(rows)),), tuple(notes))
