"""How alike the texts of one group are: terms, their TF-IDF weights, and mean cosines without forming pairs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from operator import add

import numpy as np
import pandas as pd

from involution.measures.view import Cells, Codes, Floats, ratio

_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<chinese>[{_CHINESE}]+)|[^\W_{_CHINESE}]{{2,}}")


def terms(text: str) -> Iterator[str]:
    """Terms of a text: words of at least two letters or digits, and pairs of neighbouring Chinese characters.

    Parameters
    ----------
    text : str
        Full-width letters are read as plain ones, capitals as small ones.

    Notes
    -----
    Chinese is written without spaces; pairs of characters stand in for its words, most of which have two, and need no
    dictionary. A Chinese character by itself is a term.
    """
    for run in _RUN.finditer(_plain(text)):
        found = run.group()
        if run["chinese"] is None or len(found) == 1:
            yield found
        else:
            yield from map(add, found, found[1:])


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def mean_cosine(texts: pd.Series, year: Codes, cells: Cells) -> Floats:
    r"""Mean cosine of each text's TF-IDF vector with those of the other texts of its cell.

    Parameters
    ----------
    texts : Series, shape (n,)
    year : array of int, shape (n,)
        Terms are counted within each year over all of its texts, so that no later year changes an earlier one.
    cells : Cells
        Groups of rows, each within one year.

    Returns
    -------
    array, shape (n,)
        Between 0 and 1; missing without a text that has a term, without a cell, and without another text in it.

    Notes
    -----
    A term that a text uses f times and that d of the n texts of the year use weighs

    .. math:: (1 + \ln f) (1 + \ln(n / d))

    and vectors have unit length. Repeating a word adds little and words that all use weigh least, but none is left out:
    a word that one firm alone uses sets it apart. With u the vectors the mean over the m - 1 others is
    ``u_i . (sum of u - u_i) / (m - 1)``. Hoberg and Phillips (2016, *Journal of Political Economy* 124: 1423-1465)
    take cosines of the words in product descriptions, each counted once, without those that many firms use.
    """
    written = np.array([isinstance(text, str) and _RUN.search(_plain(text)) is not None for text in texts], dtype=bool)
    cosines = np.full(len(texts), np.nan)
    for one in np.unique(year[written]):
        rows = np.flatnonzero(written & (year == one))
        cosines[rows] = _with_others(texts.iloc[rows], cells.codes[rows])
    return np.minimum(ratio(cosines, cells.count(cosines) - 1), 1.0)


def _with_others(texts: pd.Series, codes: Codes) -> Floats:
    """Sum over the other texts of the cell of their cosines with each text, from the texts of one year."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    unit = TfidfVectorizer(analyzer=terms, sublinear_tf=True, smooth_idf=False).fit_transform(texts).tocoo()
    sums, _ = pd.factorize(codes[unit.row].astype(np.int64) * unit.shape[1] + unit.col)
    others = np.bincount(sums, unit.data)[sums] - unit.data
    return np.bincount(unit.row, unit.data * others, minlength=len(texts)).astype(float)
