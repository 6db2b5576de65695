"""What stands below a regression table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import integer
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by
from involution.study.tables import Table


def table_notes(table: Table, columns: Sequence[Column], results: Results, labels: Labels) -> tuple[str, ...]:
    """Parentheses, variance and small-sample choice, stars, the sample, and what each model says of itself."""
    notes = [labels.text("in_parentheses", what=labels.text(table.parentheses))]
    notes += [*stars_note(table, labels), *sample_notes(results, labels)]
    said = [(number, variance_text(column, labels)) for number, column in enumerate(columns, 1) if not column.failed]
    for number, column in enumerate(columns, 1):
        said += [(number, text) for text in said_by(column.model, results, labels)]
    return (*notes, *by_columns(said, len(columns), labels))


def stars_note(table: Table, labels: Labels) -> list[str]:
    """What the marks mean; nothing without marks."""
    if not table.stars:
        return []
    marks = [labels.text("star_level", mark=mark, level=f"{level:g}") for mark, level in table.stars.items()]
    strictest = sorted(table.stars.items(), key=lambda item: item[1])
    symbols = labels.joined([mark for mark, _ in strictest])
    levels = labels.joined([f"{100 * level:g}%" for _, level in strictest])
    return [labels.text("stars_note", marks=", ".join(marks), symbols=symbols, levels=levels)]


def sample_notes(results: Results, labels: Labels) -> list[str]:
    """The estimation sample, and the columns that were winsorised."""
    sample = results.sample
    if not sample:
        return []
    rows, firms = int(str(sample["sample_rows"])), int(str(sample["sample_firms"]))
    notes = [labels.text("sample_note", rows=f"{rows:,}", firms=f"{firms:,}")]
    winsorised = sample.get("winsorised")
    if isinstance(winsorised, Mapping) and winsorised:
        notes.append(labels.text("winsorised_note", columns=labels.listed(list(winsorised))))
    return notes


def variance_text(column: Column, labels: Labels) -> str:
    """The variance estimator with its small-sample choice."""
    kind = str(column.first["vcov"]).split("(")[0]
    clusters = " + ".join(labels.column(name) for name in column.clusters)
    text = labels.text(f"vcov_{kind}", clusters=clusters)
    if kind == "crv3":
        return text
    factors = []
    if column.statistic("small_sample_observations") == 1:
        factors.append(labels.text("factor_observations", k=integer(column.statistic("small_sample_k"))))
    if column.statistic("small_sample_clusters") == 1 and kind != "iid":
        factors.append(labels.text("factor_rows" if kind == "hetero" else "factor_clusters"))
    return labels.text("separator").join([text, *(factors or [labels.text("factor_none")])])


def by_columns(said: Sequence[tuple[int, str]], total: int, labels: Labels) -> list[str]:
    """Each sentence once, with the columns that it is about; sentences about the same columns stand together."""
    columns: dict[str, list[int]] = {}
    for number, text in said:
        columns.setdefault(text, []).append(number)
    together: dict[tuple[int, ...], list[str]] = {}
    for text, numbers in columns.items():
        together.setdefault(tuple(numbers), []).append(text)
    out = []
    for group in sorted(together, key=lambda numbers: (-len(numbers), numbers)):
        text = labels.text("separator").join(together[group])
        if len(group) == total:
            out.append(labels.text("all_columns_note", text=text[:1].upper() + text[1:]))
        else:
            named = ", ".join(str(number) for number in group)
            out.append(labels.text("columns_note", columns=named, text=text))
    return out
