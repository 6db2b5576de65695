"""How every figure looks: fonts, colours, marks, and the files it is saved as."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from involution.errors import InputError, Problem
from involution.exhibits.render.wrap import wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

CHINESE_FONTS = (
    "Noto Serif CJK SC",
    "Noto Sans CJK SC",
    "Source Han Serif SC",
    "SimSun",
    "Songti SC",
    "STSong",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "WenQuanYi Zen Hei",
    "AR PL UMing CN",
    "Noto Serif CJK JP",
    "Noto Sans CJK JP",
)
_INSTALL = (
    "Debian or Ubuntu: apt-get install fonts-noto-cjk; Fedora: dnf install google-noto-serif-cjk-fonts; macOS has "
    "Songti SC, Windows SimSun (else: Settings, Time & language, add Chinese); or leave zh out of `languages`"
)
_MISSING = r"Glyph \d+ .*missing from"
_TITLE_WIDTH = 84
INK, GREY = "#1b1b1b", "#9a9a9a"
DIVERGING = "RdBu_r"
"""Colours from low (blue) over white to high (red), told apart by the colour-blind (Brewer 2003)."""
_COLOURS = ("#1f4e79", "#c0504d", "#4f8a3d", "#7f5aa2", "#b8860b", "#2b8c8c")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")


def look(number: int) -> dict[str, Any]:
    """Colour, marker and filling of a series; the first 144 all differ."""
    turn = number // len(_COLOURS)
    colour = _COLOURS[number % len(_COLOURS)]
    hollow = turn >= len(_MARKERS) and turn // len(_MARKERS) % 2 == 1
    marker = _MARKERS[(number + turn) % len(_MARKERS)]
    return {"color": colour, "marker": marker, "markerfacecolor": "white" if hollow else colour}


def style(language: str) -> Any:
    """Drawing defaults; a font with Chinese characters stands beside the Latin one wherever one is installed.

    Raises
    ------
    InputError
        When the language is Chinese and no font has it.
    """
    import matplotlib

    matplotlib.use("Agg")
    found = _chinese_fonts()
    if language == "zh" and not found:
        raise InputError(Problem("languages: zh", "no font with Chinese characters is installed", mend=_INSTALL))
    return matplotlib.rc_context(
        {
            "font.family": ["DejaVu Serif", *found[:1]],
            "text.parse_math": False,
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": INK,
            "axes.unicode_minus": True,
            "pdf.fonttype": 42,
            "svg.hashsalt": "involution",
            "figure.dpi": 100,
            "savefig.dpi": 200,
            "legend.frameon": False,
        }
    )


@cache
def _chinese_fonts() -> tuple[str, ...]:
    """Installed fonts with Chinese characters, the best first.

    Matplotlib keeps a list of fonts between runs: one installed since is not in it and is looked for on the system.
    """
    from matplotlib import font_manager

    manager = font_manager.fontManager
    if not any(entry.name in CHINESE_FONTS for entry in manager.ttflist):
        listed = {entry.fname for entry in manager.ttflist}
        for path in sorted(set(font_manager.findSystemFonts()) - listed):
            with suppress(RuntimeError, OSError):
                manager.addfont(path)
    known = {entry.name for entry in manager.ttflist}
    return tuple(name for name in CHINESE_FONTS if name in known)


def saved(draw: Callable[[], Drawing], title: str) -> dict[str, bytes]:
    """A drawing as PDF and PNG, without a time of making.

    Raises
    ------
    InputError
        When no font that is used has a character of the drawing: an empty box would stand in its place.
    """
    from matplotlib import pyplot

    drawing = draw()
    if title:
        drawing.suptitle("\n".join(wrapped(title, _TITLE_WIDTH)), fontsize=10)
    out = {}
    for kind, metadata in (
        ("pdf", {"CreationDate": None, "Creator": None, "Producer": None}),
        ("png", {"Software": None}),
    ):
        stream = io.BytesIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=_MISSING)
            try:
                drawing.savefig(stream, format=kind, metadata=metadata, bbox_inches="tight")
            except UserWarning as missing:
                pyplot.close(drawing)
                raise InputError(_no_glyph(str(missing), title)) from None
        out[kind] = stream.getvalue()
    pyplot.close(drawing)
    return out


def _no_glyph(warning: str, title: str) -> Problem:
    """Which character it is, as matplotlib's warning says by its number."""
    code = int(warning.split()[1])
    what = f"no font has the character '{chr(code)}' (U+{code:04X}), which would be drawn as an empty box"
    return Problem(
        f"figure '{title}'" if title else "figures", what, mend=f"write it otherwise, or install: {_INSTALL}"
    )
