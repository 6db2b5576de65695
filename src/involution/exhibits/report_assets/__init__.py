"""The report's style sheet and script, and the policy that lets a page run them and nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources


def style() -> str:
    """The style sheet of the page, without that of the tables."""
    return _text("report.css")


def script() -> str:
    """The script of the page."""
    return _text("report.js")


def policy(style_sheet: str, code: str) -> str:
    """A content security policy: this style sheet, this script, pictures in the page, and nothing from elsewhere.

    Parameters
    ----------
    style_sheet, code : str
        As they stand between their tags, to the character.
    """
    return (
        f"default-src 'none'; img-src data:; style-src '{_digest(style_sheet)}'; script-src '{_digest(code)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return (resources.files(__name__) / name).read_text("utf-8").replace("\r\n", "\n")
