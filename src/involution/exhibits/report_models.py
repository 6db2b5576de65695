"""Every model of a study: an overview, and a card for each with all that is known of how it was estimated."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from involution.exhibits.breakthrough import BLOCK as BREAKTHROUGH
from involution.exhibits.breakthrough_terms import taken_apart
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import integer
from involution.exhibits.decomposition import BLOCK
from involution.exhibits.event_terms import BLOCK as EVENT_STUDY
from involution.exhibits.labels import Labels
from involution.exhibits.moderated import BLOCK as MODERATION
from involution.exhibits.moderation_terms import BY_YEAR, moderation_term
from involution.exhibits.own_models import said_by
from involution.exhibits.report_html import PlainRow, anchor, link_to, listing, plain_table
from involution.exhibits.specification_terms import is_specification
from involution.exhibits.table_notes import variance_text
from involution.study.study import Study

_DROPPED = ("dropped_missing", "dropped_singletons", "dropped_separated")


def models(study: Study, results: Results, labels: Labels) -> str:
    """The overview and the cards. A curve stands for its specifications, of which its table and its figure tell."""
    estimates = results.estimates[~is_specification(results.estimates)]
    asked = {model.name: model for model in study.models}
    rows, cards = [], []
    for name, of_model in estimates.groupby(estimates["model"].astype(str), sort=False):
        column = Column(str(name), of_model, results.statistics[results.statistics["model"] == name])
        own = asked.get(column.model.split("[")[0])
        formula = own.formula if own else _written(of_model)
        where = (own.where if own else None) or ""
        rows.append(_overview(column, labels))
        cards.append(_card(column, formula, where, said_by(column.model, results, labels), labels))
    keys = ("report_model", "report_outcome", "report_estimator", "n_obs", "n_firms")
    title = labels.text("report_models")
    return plain_table("models", title, [labels.text(key) for key in keys], rows, labels) + "".join(cards)


def linked_model(name: str) -> str:
    """A model's name as a link to its card."""
    return f'<a href="{link_to(anchor("model", name))}"><code>{escape(name)}</code></a>'


def _overview(column: Column, labels: Labels) -> PlainRow:
    outcome = labels.said(labels.column(str(column.first["outcome"])))
    estimator = labels.estimator(str(column.first["estimator"]))
    counts = (_count(column.first["n_obs"]), _count(column.first["n_firms"]))
    return PlainRow((linked_model(column.model), escape(outcome), escape(estimator), *counts))


def _card(column: Column, formula: str, where: str, notes: list[str], labels: Labels) -> str:
    first = column.first
    effects = first["fixed_effects"] if isinstance(first["fixed_effects"], str) else ""
    dropped = [
        f"{labels.text(name)}: {integer(column.statistic(name))}" for name in _DROPPED if column.statistic(name) > 0
    ]
    pairs = [
        (labels.text("report_formula_of"), formula),
        (labels.text("report_estimator"), labels.estimator(str(first["estimator"]))),
        (labels.text("report_outcome"), labels.said(labels.column(str(first["outcome"])))),
        (labels.text("report_effects"), labels.joined([labels.effect(name) for name in effects.split(" + ") if name])),
        (labels.text("report_where"), where),
        (labels.text("report_vcov"), _variance(column, labels)),
        *((labels.text(key), _count(first[key])) for key in ("n_obs", "n_firms", "n_clusters")),
        (labels.text("report_left_out"), labels.said(labels.text("separator").join(dropped))),
        (labels.text("report_note"), labels.text("separator").join(notes)),
    ]
    name = anchor("model", column.model)
    kind = escape(labels.text("report_model"))
    return (
        f'<details class="model" id="{escape(name)}" data-find="{kind}">'
        f"<summary><code>{escape(column.model)}</code></summary>\n<div>{listing(pairs)}</div></details>\n"
    )


def _variance(column: Column, labels: Labels) -> str:
    """How the variance was estimated; nothing of a model that could not be."""
    if column.failed or not isinstance(column.first["vcov"], str):
        return ""
    return labels.said(variance_text(column, labels))


def _count(value: Any) -> str:
    return "" if pd.isna(value) else integer(float(value))


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
    shown = [term for term in rows["term"] if term != "(Intercept)" and isinstance(term, str)]
    if first["block"] == MODERATION:
        shown = [term for term in shown if BY_YEAR not in term and moderation_term(term) is None]
    if not shown:
        return str(first["outcome"])
    effects = f" | {first['fixed_effects']}" if isinstance(first["fixed_effects"], str) else ""
    return f"{first['outcome']} ~ {' + '.join(shown)}{effects}"
