"""Documentation pages written from the registry of measures and the list of columns."""

from __future__ import annotations

import pandas as pd

from involution.measures.compute import dictionary


def measures_page() -> str:
    """The page `docs/measures.md`."""
    table = dictionary(pd.DataFrame())
    lines = [
        "# Measures",
        "",
        "Generated from the code by `make docs`. Industry measures are computed over all firms of the population, "
        "before the estimation sample is chosen; those marked *left out* are computed without the firm itself. A "
        "measure whose columns a panel lacks is listed as not available, with the reason, in "
        "`measures/dictionary.csv`. Unless a panel holds every firm of its industries, measures over its firms are "
        "tagged `coverage: partial`.",
        "",
        "| measure | label | 名称 | definition | unit | level | sign | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        level = f"{row.level}, left out" if row.leave_one_out else str(row.level)
        cells = (f"`{row.name}`", row.label_en, row.label_zh, row.formula, row.unit, level, row.direction, row.source)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def columns_page() -> str:
    """The page `data/README.md`."""
    from involution.panel.columns import canonical_columns

    lines = [
        "# Canonical columns",
        "",
        "Generated from `columns.csv` by `make docs`. A study file maps these names to the columns of its files and "
        "gives the factor that brings each amount to base units (currency units, persons, counts). Only `firm` and "
        "`year` are required; a measure asks for what it needs. Codes are text from end to end. No data set is kept "
        "here: studies read installed packages or the user's own files.",
        "",
        "`involution init` recognises a column by its canonical name, its label or any of the names below (several are "
        "separated by `;`), whatever the case, spaces and a unit in brackets; `involution dictionary WORD` searches "
        "the list.",
        "",
        "| name | kind | unit | label | 名称 | CSMAR | ASIF | other Chinese names | other English names | Compustat "
        "| meaning |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in canonical_columns().iterrows():
        names = (row.csmar, row.asif, row.chinese, row.english, row.compustat)
        cells = (row.kind, row.unit, row.label_en, row.label_zh, *names, row.description)
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *_size_standards(), "", *_region_changes(), "", *_places()]) + "\n"


def _size_standards() -> list[str]:
    """The part of the page on `size_standards.csv`."""
    from involution.shipped import shipped_table

    table = shipped_table("size_standards.csv")
    bounds = [name for name in table.columns if name.endswith(("_small", "_medium", "_large"))]
    heads = ["standard", "group", "industries", *(name.replace("_", " ") for name in bounds), "currency", "source"]
    lines = [
        "# Size standards",
        "",
        "`size_standards.csv`: the lower bounds of the small, the medium and the large class, of which `firm_size` is "
        "made; `size_standard` in a study file chooses. Industries are the first digits of GB/T 4754-2011 and 2017, "
        "where the longer code goes first; a bare 70 is real estate development. The amounts of the European standard "
        "are upper bounds of the class below. Where the two vintages differ, as in 591 (storage in 2011, loading in "
        "2017), the code is read as that of 2011.",
        "",
        "| " + " | ".join(heads) + " |",
        "|" + "---|" * len(heads),
    ]
    for row in table.to_dict("records"):
        industries = f"{row['sections'].replace(' ', '')} {row['codes']}".strip() or "all"
        amounts = (f"{int(row[name]):,}" if row[name] else "" for name in bounds)
        group = f"{row['label_en']} {row['label_zh']}"
        cells = (f"`{row['standard']}`", group, industries, *amounts, row["currency"], row["source"])
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _region_changes() -> list[str]:
    """The part of the page on `region_changes.csv`."""
    from involution.panel.regions import region_changes

    lines = [
        "# Changes of region codes",
        "",
        "`region_changes.csv`: prefectures whose six-digit code (GB/T 2260) has changed since 1999, by its first four "
        "digits, with the year from whose list on the new one holds. `region_codes` in a study file brings old codes "
        "to the latest. A place that was divided among several has no later code; one that was merged has that of a "
        "place which had it before.",
        "",
        "| old | new | change | year | place | 原名 | 今属 | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for old, row in region_changes().iterrows():
        cells = (old, row.new, row.change, row.year, row.label_en, row.label_zh_old, row.label_zh, row.source)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return lines


def _places() -> list[str]:
    """The part of the page on `regions.csv`."""
    from involution.panel.places import places

    table = places()
    provinces = ", ".join(f"{code} {row.label_zh}" for code, row in table[table["level"] == "province"].iterrows())
    return [
        "# Names of places",
        "",
        f"`regions.csv`: the names of {(table['level'] == 'province').sum()} provinces and "
        f"{(table['level'] == 'prefecture').sum()} prefectures by the first digits of their code (GB/T 2260), from the "
        f"list {table['source'].iloc[0]}. Where a join or a cohort says `match: name`, codes of provinces, prefectures "
        "and counties are read as the name of their province (`province`) or prefecture (`region`), and English names "
        "of provinces as the Chinese ones.",
        "",
        provinces + ".",
    ]
