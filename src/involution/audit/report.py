"""What was found, for people, for spreadsheets and for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from involution.audit.findings import Finding, Status
from involution.exhibits.labels import Labels
from involution.exhibits.render.delimited import neutral

COLUMNS = (
    "place", "text", "status", "message", "expected", "file", "model", "term", "statistic", "column", "table",
    "table_row", "table_column", "candidates", "around",
)  # fmt: skip
_SHOWN = 12
_PLACE = re.compile(r"(, )?\b(paragraph|table|row|footnote|endnote) (\d+)")


@dataclass(frozen=True)
class Audit:
    """Everything found in a paper.

    Attributes
    ----------
    paper : str
    findings : tuple of Finding
    tables : tuple of (str, str)
        Tables of the paper with the tables of the results that they are; empty where none is.
    left_out : tuple of str
        Files that were not read.
    """

    paper: str
    findings: tuple[Finding, ...]
    tables: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()

    def of(self, *statuses: Status) -> list[Finding]:
        """Findings of some kinds, in order."""
        return [finding for finding in self.findings if finding.status in statuses]

    @property
    def wrong(self) -> list[Finding]:
        """What disagrees with the results."""
        return [finding for finding in self.findings if finding.wrong]


def message(finding: Finding, labels: Labels) -> str:
    """What is to be said of a number, in one line."""
    parts = [labels.text(f"audit_why_{finding.why}", **finding.values)] if finding.why else []
    if finding.expected:
        parts.append(labels.text("audit_expected", expected=finding.expected))
    if finding.status == "ambiguous" and finding.candidates > 1:
        parts.append(labels.text("audit_candidates", count=finding.candidates))
    return labels.text("separator").join(parts)


def place_said(place: str, labels: Labels) -> str:
    """Where a number stands, in the language: ``table 3, row 5``."""
    return _PLACE.sub(lambda found: labels.text(f"audit_place_{found[2]}", number=found[3]), place)


def source(finding: Finding) -> dict[str, str]:
    """Where in the results the number stands: file, row and column."""
    one = finding.candidate
    if one is None:
        return {}
    number = one.number
    held = {"table": one.table, "table_row": one.row, "table_column": one.column}
    if number is None:
        return held
    file = "statistics.csv" if number.statistic else "estimates.csv"
    return held | {
        "file": file, "model": number.model, "term": number.term, "statistic": number.statistic, "column": number.what
    }  # fmt: skip


def records(audit: Audit, labels: Labels) -> list[dict[str, str]]:
    """A record for each number of the paper."""
    out = []
    for finding in audit.findings:
        given = {
            "place": finding.place, "text": finding.text, "status": finding.status, "message": message(finding, labels),
            "expected": finding.expected, "candidates": str(finding.candidates or ""), "around": finding.around,
        }  # fmt: skip
        out.append({name: (given | source(finding)).get(name, "") for name in COLUMNS})
    return out


def as_csv(audit: Audit, labels: Labels) -> str:
    """One row for each number of the paper."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records(audit, labels):
        writer.writerow([neutral(record[name]) for name in COLUMNS])
    return stream.getvalue()


def as_json(audit: Audit, labels: Labels) -> str:
    """The same for programs."""
    content = {
        "paper": audit.paper,
        "wrong": len(audit.wrong),
        "tables": [{"place": place, "table": name} for place, name in audit.tables],
        "left_out": list(audit.left_out),
        "numbers": records(audit, labels),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def as_text(audit: Audit, labels: Labels) -> str:
    """What a person has to look at: what is wrong, then what cannot be told, then what was left out and why."""
    wrong, ambiguous, away = audit.wrong, audit.of("ambiguous"), audit.of("skipped")
    counts = {"total": len(audit.findings), "matched": len(audit.of("matched")), "wrong": len(wrong)}
    counts |= {"ambiguous": len(ambiguous), "skipped": len(away)}
    lines = [audit.paper, "  " + labels.text("audit_counts", **counts)]
    if audit.tables:
        lines += [
            "",
            labels.text("audit_tables_head"),
            *(f"  {_table(place, name, labels)}" for place, name in audit.tables),
        ]
    lines += ["", labels.text("audit_disagrees", wrong=len(wrong)) if wrong else labels.text("audit_agrees")]
    lines += [line for finding in wrong for line in _lines(finding, labels)]
    if ambiguous:
        lines += ["", labels.text("audit_ambiguous_head"), *(line for one in ambiguous for line in _lines(one, labels))]
    if away:
        lines += ["", labels.text("audit_skipped_head"), *_skipped(away, labels)]
    if audit.left_out:
        lines += ["", labels.text("audit_left_out"), *(f"  {name}" for name in audit.left_out)]
    return "\n".join([*lines, "", labels.text("audit_words")])


def _table(place: str, name: str, labels: Labels) -> str:
    key = "audit_table_is" if name else "audit_table_unknown"
    return labels.text(key, place=place_said(place, labels), name=f"tables/{name}.csv")


def _lines(finding: Finding, labels: Labels) -> list[str]:
    told = message(finding, labels)
    status = labels.text(f"audit_status_{finding.status}")
    said = labels.said(f"{status}: {told}") if told else status
    lines = [f"  {place_said(finding.place, labels)}: {finding.text}  {said}"]
    held = source(finding)
    row = ", ".join(held[name] for name in ("file", "model", "term", "statistic", "column") if held.get(name))
    cell = ", ".join(held[name] for name in ("table", "table_row", "table_column") if held.get(name))
    lines += [f"      {text}" for text in (finding.around, row or cell) if text]
    return lines


def _skipped(away: Sequence[Finding], labels: Labels) -> list[str]:
    """By reason, the numbers that were left out."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for finding in away:
        by_reason[finding.why].append(finding.text)
    lines = []
    for reason, texts in by_reason.items():
        shown = list(dict.fromkeys(texts))
        more = " …" if len(shown) > _SHOWN else ""
        lines.append(f"  {labels.text(f'audit_why_{reason}')} ({len(texts)}): {', '.join(shown[:_SHOWN])}{more}")
    return lines
