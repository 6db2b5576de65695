"""One table in five formats, and as plain text for a terminal."""

from __future__ import annotations

from importlib import import_module

from involution.exhibits.content import TableContent

RENDERED = ("tex", "docx", "html", "md", "csv")
"""Formats of a table's own file."""


def render(table: TableContent, kind: str) -> bytes:
    """A table as bytes: tex, docx, html, md, csv or txt."""
    result: bytes = import_module(f"involution.exhibits.render.{_MODULES[kind]}").render(table)
    return result


_MODULES = {"tex": "latex", "docx": "word", "html": "html", "md": "markdown", "csv": "delimited", "txt": "plain"}
