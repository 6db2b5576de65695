"""The frame of the report: head, policy, side with search and contents, and the sections between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from involution.exhibits.labels import Labels
from involution.exhibits.render.html import STYLE
from involution.exhibits.report_assets import policy, script, style
from involution.exhibits.report_html import link_to

_NAMES = {"en": "English", "zh": "中文"}
_TAGS = {"en": "en", "zh": "zh-CN"}
_SAID = {"found": {"count": "{count}"}, "copied": {}, "refused": {}, "sort": {"column": "{column}"}}
"""What the script says, by the last part of its key; what it fills in itself stays as it is."""


@dataclass(frozen=True)
class Section:
    """A section of the page: identifier, heading, HTML, and the exhibits in it by identifier and title."""

    name: str
    title: str
    body: str
    exhibits: Sequence[tuple[str, str]] = field(default=())


@dataclass(frozen=True)
class Place:
    """Where a page is: the first language's in the folder of the report, any other's in one of its own."""

    language: str
    languages: tuple[str, ...]

    @property
    def first(self) -> bool:
        """Whether the page is that of the first language."""
        return self.language == self.languages[0]

    @property
    def up(self) -> str:
        """The way to the folder of the results."""
        return "../" if self.first else "../../"

    @property
    def folder(self) -> str:
        """What stands before the name of a file of this language, in the folder of tables as of figures."""
        return "" if self.first else f"{self.language}/"

    def to(self, language: str) -> str:
        """The way to the page in another language."""
        folder = "" if language == self.languages[0] else f"{language}/"
        return f"{'' if self.first else '../'}{folder}index.html"


def page(title: str, sections: Sequence[Section], place: Place, labels: Labels) -> bytes:
    """The whole page: one style sheet and one script in it, named by their hash, and nothing from elsewhere."""
    sheet, code = style() + STYLE, script()
    body = "".join(f'<section id="{one.name}"><h2>{escape(one.title)}</h2>\n{one.body}</section>\n' for one in sections)
    said = " ".join(f'data-{name}="{escape(labels.text(f"report_{name}", **kept))}"' for name, kept in _SAID.items())
    text = (
        f'<!DOCTYPE html>\n<html lang="{_TAGS[place.language]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(sheet, code), quote=False)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{sheet}</style>\n<script>{code}</script>\n</head>\n"
        f'<body {said}>\n<a class="skip" href="#content">{escape(labels.text("report_skip"))}</a>\n'
        f'{_head(title, place, labels)}<div class="frame">\n{_side(sections, labels)}'
        f'<main id="content" tabindex="-1">\n{body}<div id="tooltip" role="tooltip" hidden></div>\n</main>\n'
        "</div>\n</body>\n</html>\n"
    )
    return text.encode()


def _head(title: str, place: Place, labels: Labels) -> str:
    """The title, and the switches of language and theme."""
    others = "".join(
        f'<a href="{place.to(language)}" lang="{_TAGS[language]}" hreflang="{_TAGS[language]}">{_NAMES[language]}</a>'
        for language in place.languages
        if language != place.language
    )
    languages = f'<nav aria-label="{escape(labels.text("report_languages"))}">{others}</nav>' if others else ""
    return (
        f'<header class="top"><h1>{escape(title)}</h1>\n<div class="switches">{languages}'
        f'<button type="button" id="theme" aria-pressed="false" data-scripted hidden>'
        f"{escape(labels.text('report_theme'))}</button></div>\n"
        '<p id="said" class="quiet" role="status"></p></header>\n'
    )


def _side(sections: Sequence[Section], labels: Labels) -> str:
    """Search, and the contents: sections and the exhibits in each."""
    search, contents = escape(labels.text("report_search")), escape(labels.text("report_contents"))
    entries = "".join(
        f'<li><a href="{link_to(one.name)}">{escape(one.title)}</a>{_entries(one.exhibits)}</li>\n' for one in sections
    )
    return (
        '<div class="side">\n<form role="search" data-scripted hidden>'
        f'<label for="query">{search}</label><input type="search" id="query" autocomplete="off">'
        '<ul id="found"></ul></form>\n'
        f'<nav id="contents" aria-label="{contents}"><details open><summary>{contents}</summary>\n'
        f"<ul>\n{entries}</ul></details></nav>\n</div>\n"
    )


def _entries(exhibits: Sequence[tuple[str, str]]) -> str:
    items = "".join(f'<li><a href="{link_to(name)}">{escape(title)}</a></li>' for name, title in exhibits)
    return f"<ul>{items}</ul>" if items else ""
