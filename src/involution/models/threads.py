"""One thread for linear algebra: the same digits whatever the number of cores.

The matrices of a model are a few columns wide; handing them to several threads costs more than it saves, and
the order of summation would depend on how many there are.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401  (its BLAS must be loaded before it can be limited)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def single_threaded() -> AbstractContextManager[object]:
    """A context in which BLAS uses one thread."""
    context: AbstractContextManager[object] = _controller().limit(limits=1)
    return context
