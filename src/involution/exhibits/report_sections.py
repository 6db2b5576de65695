"""What the report says beside tables, figures and models: rows, variables, how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from involution.exhibits.columns import Results
from involution.exhibits.glossary import Definition, Glossary
from involution.exhibits.labels import Labels
from involution.exhibits.report_html import PlainRow, listing, plain_table, row_of
from involution.exhibits.suspicious import suspicious
from involution.study.study import Study


def done(study: Study, panel: Mapping[str, Any], results: Results, labels: Labels) -> str:
    """The data and the sample in numbers, and the files read."""
    shape = panel["shape"]
    years = f"{shape['years'][0]}-{shape['years'][1]}"
    pairs = [
        (labels.text("report_citation"), study.citation or ""),
        (labels.text("report_rows_read"), f"{panel['rows_read']:,}"),
        (labels.text("report_population"), f"{shape['rows']:,}"),
        (labels.text("report_sample"), f"{results.sample['sample_rows']:,}"),
        (labels.text("report_firms"), f"{shape['firms']:,}"),
        (labels.text("report_years"), years),
        (labels.text("report_industries"), f"{shape['industries']:,}" if "industries" in shape else ""),
        (labels.text("report_switchers"), f"{panel['industries']['switchers']:,}" if "industries" in shape else ""),
    ]
    heads = [labels.text(key) for key in ("report_source", "report_rows_read", "report_encoding")] + ["SHA-256"]
    rows = [row_of((s["source"], f"{s['rows']:,}", s["encoding"], s["sha256"]), code=3) for s in panel["sources"]]
    title = labels.text("report_data")
    return listing(pairs) + _titled("sources", title, heads, rows, labels)


def rows_in_and_out(panel: Mapping[str, Any], results: Results, labels: Labels) -> str:
    """Every step that removes a row, and what joins matched."""
    heads = [labels.text(key) for key in ("report_step", "report_before", "report_dropped", "report_after")]
    sample_steps: Any = results.sample["steps"]
    steps = [
        row_of((labels.step(s["step"]), *(f"{s[f'rows_{when}']:,}" for when in ("before", "dropped", "after"))))
        for s in [*panel["steps"], *sample_steps]
    ]
    text = plain_table("steps", labels.text("report_rows"), heads, steps, labels)
    if panel["joins"]:
        keys = ("report_source", "report_matched", "report_unmatched", "report_unmatched_file")
        counts = ("matched_rows", "unmatched_panel_rows", "unmatched_file_rows")
        joined = [row_of((", ".join(j["sources"]), *(f"{j[name]:,}" for name in counts))) for j in panel["joins"]]
        text += _titled("joins", labels.text("report_joins"), [labels.text(key) for key in keys], joined, labels)
    text += suspicious(panel, labels)
    return text + _regions_and_signs(panel, labels) + _events(panel.get("events") or {}, labels)


def _titled(name: str, title: str, heads: list[str], rows: list[PlainRow], labels: Labels) -> str:
    return f"<h3>{escape(title)}</h3>\n" + plain_table(name, title, heads, rows, labels)


def _regions_and_signs(panel: Mapping[str, Any], labels: Labels) -> str:
    """Rows whose region has another code now or none, and amounts that are negative."""
    regions = panel.get("regions") or {}
    recoded = regions.get("recoded_rows", 0)
    divided = [f"{code}: {count:,}" for code, count in regions.get("split", {}).items()]
    negative = [f"{labels.column(name)}: {count:,}" for name, count in (panel.get("negative") or {}).items()]
    pairs = [
        (labels.text("report_recoded"), f"{recoded:,}" if recoded else ""),
        (labels.text("report_divided"), labels.listed(divided)),
        (labels.text("report_negative"), labels.listed(negative)),
    ]
    return listing(pairs)


def _events(events: Mapping[str, Any], labels: Labels) -> str:
    """How many events there are, and how far their raters agree."""
    if not events:
        return ""
    counted = [(labels.text(f"report_events_{key}"), events[key]) for key in ("passive", "active", "raters")]
    beyond = [*events["unmatched_industries"], *events["unmatched_regions"]]
    counted.append((labels.text("report_events_beyond"), labels.listed(beyond)))
    agreed = [
        row_of((labels.text(f"report_{scale}"), "" if alpha is None else f"{alpha:.3f}"))
        for scale, alpha in events["agreement"].items()
    ]
    heads = [labels.text("report_scale"), labels.text("report_agreement")]
    title = labels.text("report_events")
    return f"<h3>{escape(title)}</h3>\n" + listing(counted) + plain_table("agreement", title, heads, agreed, labels)


def measures(glossary: Glossary, labels: Labels) -> str:
    """All measures, then the other columns that models may use: what definitions elsewhere on the page lead to."""
    keys = ("variable", "report_column", "report_formula", "report_unit", "report_coverage", "report_available")
    heads = [labels.text(key) for key in keys]
    measured = [one for one in glossary.definitions if one.measure]
    others = [one for one in glossary.definitions if not one.measure]
    rows = [_defined(one, (one.unit, one.coverage, one.available), labels) for one in measured]
    text = plain_table("measures", labels.text("report_measures"), heads, rows, labels)
    if others:
        rows = [_defined(one, (one.unit,), labels) for one in others]
        text += _titled("variables", labels.text("report_variables"), heads[:4], rows, labels)
    return text


def _defined(one: Definition, more: Sequence[str], labels: Labels) -> PlainRow:
    cells = (escape(labels.said(one.label)), _code(one.name), _code(one.formula), *map(escape, more))
    return PlainRow(cells, one.row, labels.text("report_variable"), ("", "", one.cell))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def environment(seed: int, draws: str, up: str, labels: Labels) -> str:
    """Seed, draws and versions; `up` is the way from the page to the folder of the results."""
    from involution.provenance import versions

    heads = [labels.text("report_package"), labels.text("report_version")]
    rows = [row_of(pair) for pair in versions().items()]
    return (
        listing([(labels.text("report_seed"), seed), (labels.text("report_draws"), draws)])
        + plain_table("versions", labels.text("report_environment"), heads, rows, labels)
        + f'<p class="made"><a href="{up}manifest.json">manifest.json</a></p>\n'
    )
