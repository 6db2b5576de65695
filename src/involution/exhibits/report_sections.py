"""What the report says beside tables and figures: rows, measures, models, how it was made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from involution.exhibits.breakthrough import BLOCK as BREAKTHROUGH
from involution.exhibits.breakthrough_terms import taken_apart
from involution.exhibits.columns import Results
from involution.exhibits.decomposition import BLOCK
from involution.exhibits.event_terms import BLOCK as EVENT_STUDY
from involution.exhibits.labels import Labels
from involution.exhibits.moderated import BLOCK as MODERATION
from involution.exhibits.moderation_terms import BY_YEAR, moderation_term
from involution.exhibits.own_models import said_by
from involution.exhibits.specification_terms import is_specification
from involution.study.study import Study


def _listing(pairs: Sequence[tuple[str, object]]) -> str:
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in pairs if value not in ("", None)
    )
    return f"<dl>{items}</dl>\n"


def _plain(heads: Sequence[str], rows: Sequence[Sequence[object]], *, code: int | None = None) -> str:
    """A simple table; column `code` is set as code."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    lines = []
    for row in rows:
        cells = [escape("" if value is None else str(value)) for value in row]
        shown = [f"<code>{cell}</code>" if k == code else cell for k, cell in enumerate(cells)]
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in shown) + "</tr>")
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<div class="wide" tabindex="0"><table class="plain">{body}</table></div>\n'


def done(study: Study, panel: Mapping[str, Any], results: Results, labels: Labels) -> str:
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
    rows = [(s["source"], f"{s['rows']:,}", s["encoding"] or "", s["sha256"]) for s in panel["sources"]]
    return _listing(pairs) + f"<h3>{escape(labels.text('report_data'))}</h3>\n" + _plain(heads, rows, code=3)


def rows_in_and_out(panel: Mapping[str, Any], results: Results, labels: Labels) -> str:
    """Every step that removes a row, and what joins matched."""
    heads = [labels.text(key) for key in ("report_step", "report_before", "report_dropped", "report_after")]
    sample_steps: Any = results.sample["steps"]
    steps = [*panel["steps"], *sample_steps]
    rows = [
        (labels.step(s["step"]), f"{s['rows_before']:,}", f"{s['rows_dropped']:,}", f"{s['rows_after']:,}")
        for s in steps
    ]
    text = _plain(heads, rows)
    if panel["joins"]:
        keys = ("report_source", "report_matched", "report_unmatched", "report_unmatched_file")
        joined = [
            (
                ", ".join(j["sources"]),
                f"{j['matched_rows']:,}",
                f"{j['unmatched_panel_rows']:,}",
                f"{j['unmatched_file_rows']:,}",
            )
            for j in panel["joins"]
        ]
        text += f"<h3>{escape(labels.text('report_joins'))}</h3>\n" + _plain([labels.text(key) for key in keys], joined)
    return text + _regions_and_signs(panel, labels) + _events(panel.get("events") or {}, labels)


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
    return _listing(pairs) if any(value for _, value in pairs) else ""


def _events(events: Mapping[str, Any], labels: Labels) -> str:
    """How many events there are, and how far their raters agree."""
    if not events:
        return ""
    counted = [(labels.text(f"report_events_{key}"), events[key]) for key in ("passive", "active", "raters")]
    beyond = [*events["unmatched_industries"], *events["unmatched_regions"]]
    counted.append((labels.text("report_events_beyond"), labels.listed(beyond)))
    agreed = [
        (labels.text(f"report_{scale}"), "" if alpha is None else f"{alpha:.3f}")
        for scale, alpha in events["agreement"].items()
    ]
    heads = [labels.text("report_scale"), labels.text("report_agreement")]
    return f"<h3>{escape(labels.text('report_events'))}</h3>\n" + _listing(counted) + _plain(heads, agreed)


def measures(dictionary: pd.DataFrame, labels: Labels) -> str:
    heads = [
        labels.text("variable"),
        labels.text("report_formula"),
        labels.text("report_unit"),
        labels.text("report_coverage"),
        labels.text("report_available"),
    ]
    rows = []
    for row in dictionary.itertuples():
        available = str(row.available).lower() == "true"
        answer = (
            labels.text("yes") if available else labels.said(f"{labels.text('no')}: {labels.reason(str(row.reason))}")
        )
        rows.append((labels.column(str(row.name)), row.formula, labels.unit(str(row.unit)), row.coverage, answer))
    return _plain(heads, rows, code=1)


def models(study: Study, results: Results, labels: Labels) -> str:
    heads = [labels.text(key) for key in ("report_model", "report_formula_of", "n_obs", "report_note")]
    # A curve stands for its specifications, of which its table, its figure and the estimates tell.
    estimates = results.estimates[~is_specification(results.estimates)]
    first = estimates.drop_duplicates("model")
    formulas = {model.name: model.formula for model in study.models}
    written = {str(name): _written(rows) for name, rows in estimates.groupby("model", sort=False)}
    rows = []
    for name, size in zip(first["model"].astype(str), first["n_obs"].astype(float), strict=True):
        n_obs = "" if math.isnan(size) else f"{int(size):,}"
        rows.append(
            (
                name,
                formulas.get(name.split("[")[0], written[name]),
                n_obs,
                labels.text("separator").join(said_by(name, results, labels)),
            )
        )
    return _plain(heads, rows, code=1)


def _written(rows: pd.DataFrame) -> str:
    """The equation of a model that the study gives no formula for; of a mediation, what it decomposes."""
    first = rows.iloc[0]
    if first["block"] == BLOCK:
        paths = [str(term)[2:-1] for term in rows["term"] if str(term).startswith("a[") and ":" not in str(term)]
        return f"{first['outcome']} ~ {' + '.join(paths)}" if paths else str(first["outcome"])
    if first["block"] == BREAKTHROUGH:
        apart = [taken_apart(str(term)) for term in rows["term"]]
        levers = dict.fromkeys(term.lever for term in apart if term is not None and term.what == "level")
        return f"{first['outcome']} ~ {' + '.join(levers)}" if levers else str(first["outcome"])
    if first["block"] == EVENT_STUDY:
        of_years = rows[rows["term"].astype(str).str.startswith(("att[o", "att[e"))]
        rows = of_years if len(of_years) else rows
    terms = " + ".join(str(term) for term in rows["term"] if term != "(Intercept)" and isinstance(term, str))
    shown = [term for term in rows["term"] if term != "(Intercept)" and isinstance(term, str)]
    if first["block"] == MODERATION:
        shown = [term for term in shown if BY_YEAR not in term and moderation_term(term) is None]
    terms = " + ".join(shown)
    if not terms:
        return str(first["outcome"])
    effects = f" | {first['fixed_effects']}" if isinstance(first["fixed_effects"], str) else ""
    return f"{first['outcome']} ~ {terms}{effects}"


def environment(seed: int, draws: str, labels: Labels) -> str:
    from involution.provenance import versions

    rows = list(versions().items())
    link = '<p class="made"><a href="../manifest.json">manifest.json</a></p>\n'
    return (
        _listing([(labels.text("report_seed"), seed), (labels.text("report_draws"), draws)])
        + _plain([labels.text("variable"), labels.text("report_version")], rows)
        + link
    )
