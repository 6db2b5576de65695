"""Mediation by explicit least squares: dummy columns, numpy alone, nothing shared with the code under test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Model:
    """A mediation to be estimated by hand.

    Attributes
    ----------
    mediators : sequence of str
    first, second : mapping of str to str
        Moderator of a mediator's first or second stage.
    direct : str or None
        Moderator of the direct path.
    effects : sequence of str
    weights : str or None
    """

    mediators: Sequence[str] = ("m1", "m2")
    first: Mapping[str, str] = field(default_factory=dict)
    second: Mapping[str, str] = field(default_factory=dict)
    direct: str | None = None
    effects: Sequence[str] = ("firm", "year")
    weights: str | None = None


def centred(data: pd.DataFrame, model: Model) -> pd.DataFrame:
    """The panel with the moderator about its (weighted) mean over these rows."""
    weights = None if model.weights is None else data[model.weights]
    return data.assign(w=data["w"] - np.average(data["w"], weights=weights))


def slopes(data: pd.DataFrame, outcome: str, regressors: Mapping[str, np.ndarray], model: Model) -> dict[str, float]:
    """Coefficients of a regression on named columns and the dummies of all effects."""
    dummies = [pd.get_dummies(data[effect], dtype=float).to_numpy() for effect in model.effects]
    columns = np.column_stack([*regressors.values(), *(dummies or [np.ones(len(data))])])
    root = np.ones(len(data)) if model.weights is None else np.sqrt(data[model.weights].to_numpy())
    found = np.linalg.lstsq(columns * root[:, None], data[outcome].to_numpy() * root, rcond=1e-12)[0]
    return dict(zip(regressors, found.tolist(), strict=False))


def effects(data: pd.DataFrame, model: Model, at: Sequence[float] = ()) -> dict[str, float]:
    """Every effect at the mean of the moderator, and indirect effects at values about it.

    Parameters
    ----------
    data : DataFrame
        With the moderator centred already.
    model : Model
    at : sequence of float
        Values for p10, p50 and p90.
    """
    x, w = data["x"].to_numpy(), data["w"].to_numpy()
    moderated = bool(model.first or model.second or model.direct)
    common = {"x": x, "c": data["c"].to_numpy()}
    if moderated:
        common |= {"w": w, "x:w": x * w}
    own = {m: data[m].to_numpy() for m in model.mediators}
    own |= {f"{m}:w": data[m].to_numpy() * w for m in model.second}
    paths = {m: slopes(data, m, common, model) for m in model.mediators}
    last, reduced = slopes(data, "y", {**common, **own}, model), slopes(data, "y", common, model)
    out = {"direct": last["x"]}
    for m in model.mediators:
        out |= {f"a[{m}]": paths[m]["x"], f"b[{m}]": last[m], f"indirect[{m}]": paths[m]["x"] * last[m]}
        rise = paths[m]["x:w"] if m in model.first else 0.0
        turn = last[f"{m}:w"] if m in model.second else 0.0
        if m in model.first or m in model.second:
            values = {
                f"p{p}": (paths[m]["x"] + rise * value) * (last[m] + turn * value)
                for p, value in zip((10, 50, 90), at, strict=True)
            }
            out |= {f"indirect[{m},w={label}]": value for label, value in values.items()}
            out[f"indirect[{m},w=p90-p10]"] = values["p90"] - values["p10"]
        if (m in model.first) != (m in model.second):
            out[f"index_moderated_mediation[{m}]"] = rise * last[m] + turn * paths[m]["x"]
    out["indirect[total]"] = sum(out[f"indirect[{m}]"] for m in model.mediators)
    out["total"] = out["direct"] + out["indirect[total]"] if model.second else reduced["x"]
    if model.direct:
        out["direct:w"] = last["x:w"]
    return out


def resampled(data: pd.DataFrame, counts: Mapping[str, int]) -> pd.DataFrame:
    """The rows of each industry as often as it is drawn, with firms and industries of their own in every copy."""
    parts = []
    for industry, count in counts.items():
        rows = data[data["industry"] == industry]
        parts += [rows.assign(firm=rows["firm"] + f"/{copy}", industry=f"{industry}/{copy}") for copy in range(count)]
    return pd.concat(parts, ignore_index=True)
