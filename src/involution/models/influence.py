"""How much each cluster moves an estimate: what tests of several estimates together rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from involution.models.groupings import Floats
from involution.models.sample import Sample

INFLUENCE = ("study", "block", "model", "term", "level", "cluster", "value")
_KEYS = INFLUENCE[:-1]


def cluster_frame(sample: Sample, influence: Floats | None, terms: Sequence[str]) -> pd.DataFrame | None:
    """Influence of the sample's one clustering, clusters by terms.

    Parameters
    ----------
    sample : Sample
    influence : array of float, shape (G, k), or None
    terms : sequence of str

    Returns
    -------
    DataFrame or None
        The index holds the clusters as the data name them and is called as their column.
    """
    if influence is None:
        return None
    (cluster,) = sample.clusters
    index = pd.Index(sample.labels(cluster), name=cluster.name, dtype=object)
    return pd.DataFrame(influence, index=index, columns=list(terms))


def frame_of(sample: Sample, moves: Mapping[str, Floats]) -> pd.DataFrame | None:
    """Influence by term as clusters by terms; None where there is none."""
    return cluster_frame(sample, np.column_stack(list(moves.values())) if moves else None, list(moves))


def no_influence() -> pd.DataFrame:
    """The influence of a model that has none by cluster."""
    return _typed({name: pd.Categorical([]) for name in _KEYS}, np.empty(0))


def read_influence(path: str, models: Sequence[str]) -> pd.DataFrame:
    """The influence of some models from the file of all.

    Parameters
    ----------
    path : str
        A Parquet file with the columns `INFLUENCE`; it may have no row.
    models : sequence of str
    """
    from pyarrow import parquet

    if not parquet.read_metadata(path).num_rows or not models:
        # A column without any value has no type that names could be compared with.
        return no_influence()
    return pd.read_parquet(path, filters=[("model", "in", list(models))])


def influence_rows(model: str, influence: pd.DataFrame | None, terms: Iterable[str]) -> pd.DataFrame:
    """The influence of one model, one row per term and cluster.

    Parameters
    ----------
    model : str
    influence : DataFrame or None
        Clusters by terms, as `Fit.cluster_influence`.
    terms : iterable of str
        Those reported; one without a variance is left out.

    Returns
    -------
    DataFrame
        Columns `INFLUENCE`, all but the last categorical: there are as many rows as clusters times terms.
    """
    if influence is None:
        return no_influence()
    wanted = set(terms)
    known = influence.notna().all().to_numpy()
    kept = [name for name, told in zip(influence.columns, known, strict=True) if told and name in wanted]
    if not kept:
        return no_influence()
    g, k = len(influence), len(kept)
    columns = {
        **{name: pd.Categorical([""]).repeat(g * k) for name in ("study", "block")},
        "model": pd.Categorical([model]).repeat(g * k),
        "term": pd.Categorical(kept).take(np.repeat(np.arange(k), g)),
        "level": pd.Categorical([str(influence.index.name)]).repeat(g * k),
        "cluster": pd.Categorical(influence.index.astype(str)).take(np.tile(np.arange(g), k)),
    }
    return _typed(columns, influence[kept].to_numpy().ravel(order="F"))


def united(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Influence of several models or blocks in one frame, its text still categorical."""
    from pandas.api.types import union_categoricals

    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return no_influence()
    columns = {name: union_categoricals([_as_text(frame[name]) for frame in filled]) for name in _KEYS}
    return _typed(columns, np.concatenate([frame["value"].to_numpy(dtype=float) for frame in filled]))


def _as_text(column: pd.Series) -> pd.Series:
    """Categories of one type, whatever a file gave them back as."""
    return column.cat.rename_categories(list(column.cat.categories.astype(str)))


def _typed(columns: dict[str, pd.Categorical], values: Floats) -> pd.DataFrame:
    return pd.DataFrame({**columns, "value": values})
