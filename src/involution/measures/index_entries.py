"""What the dictionary says of the columns of an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from involution.measures.composite import Composite
from involution.measures.registry import Entry
from involution.measures.variants import SPLIT_SEED
from involution.study.index import MECHANISM_EFFORT, Index

_FAMILIES = {
    "squeeze": ("squeeze", "利润挤压"),
    "effort": ("futile effort", "无效投入"),
    "crowding": ("crowding", "同质拥挤"),
}
_SOURCES = {
    "involution_pca": "Pearson 1901",
    "involution_entropy": "Shannon 1948",
    "involution_critic": "Diakoulaki, Mavrotas and Papayannakis 1995",
}


def index_entries(index: Index, composite: Composite) -> Iterator[Entry]:
    """One entry a column, in the order of the columns.

    Parameters
    ----------
    index : Index
    composite : Composite
        Its account says which components are left out and what the weights are.
    """
    formulas = _formulas(index, composite.account)
    for name, (label_en, label_zh) in _labels(index).items():
        yield Entry(
            name=name,
            label_en=label_en,
            label_zh=label_zh,
            formula=formulas[name],
            unit="0/1" if name == "involution_regime" else "SD",
            family="involution",
            direction="+",
            source=_SOURCES.get(name, "definition"),
            needs=(),
            any_of=(),
            level="firm" if name == "involution_own" else "industry",
            leave_one_out=name != "involution_own",
            of_population=True,
        )


def _labels(index: Index) -> dict[str, tuple[str, str]]:
    families = {name: _FAMILIES.get(name, (name, name)) for name in index.families}
    return {
        "involution": ("Involution", "内卷指数"),
        **{f"involution_{name}": (f"Involution: {en}", f"内卷指数:{zh}") for name, (en, zh) in families.items()},
        **{
            f"involution_no_{name}": (f"Involution without {en}", f"内卷指数(剔除{zh})")
            for name, (en, zh) in families.items()
        },
        "involution_mechanism": ("Involution for mechanisms", "内卷指数(机制检验用)"),
        "involution_half_a": ("Involution, first half of the peers", "内卷指数(同行前半样本)"),
        "involution_half_b": ("Involution, second half of the peers", "内卷指数(同行后半样本)"),
        "involution_own": ("Involution, the firm's own", "企业自身内卷指数"),
        "involution_pca": ("Involution, principal component", "内卷指数(主成分)"),
        "involution_entropy": ("Involution, entropy weights", "内卷指数(熵权法)"),
        "involution_critic": ("Involution, CRITIC weights", "内卷指数(CRITIC权重)"),
        "involution_regime": ("Involution regime", "内卷状态"),
    }


def _formulas(index: Index, account: Mapping[str, Any]) -> dict[str, str]:
    weights: Mapping[str, Mapping[str, float]] = account.get("weights", {})
    peers = f"of the other firms of the {index.level}-year"
    how = "" if index.weighting == "equal" else f" ({index.weighting} weights)"
    families = {name: _listed(name, account) for name in index.families}
    named = ", ".join(f"{name} ({members})" for name, members in families.items())
    return {
        "involution": f"mean of the families {named} {peers}, standardised{how}{_left_out(account)}",
        **{f"involution_{name}": f"mean of {members} {peers}, standardised" for name, members in families.items()},
        **{f"involution_no_{name}": f"involution without the family {name}" for name in families},
        "involution_mechanism": f"mean of crowding and {MECHANISM_EFFORT} {peers}, standardised; the gap keeps "
        "inventories inside capital, fixed_assets + inventory, as means tied up in the firm",
        "involution_half_a": f"involution, peers from one random half of the firms (seed {SPLIT_SEED})",
        "involution_half_b": f"involution, peers from the other half of the firms (seed {SPLIT_SEED})",
        "involution_own": "involution of the firm's own values, without leaving it out; descriptive only",
        **{
            f"involution_{kind}": f"weighted sum of the components, {what}{_weights(weights.get(kind, {}))}"
            for kind, what in (
                ("pca", "loadings of their first principal component"),
                ("entropy", "entropy weights from industry-years"),
                ("critic", "CRITIC weights"),
            )
        },
        "involution_regime": f"1 if fragmentation and margin_compression {peers} are both above their medians, else 0",
    }


def _listed(family: str, account: Mapping[str, Any]) -> str:
    """Components of a family that are used; all of them where none is."""
    rows = [row for row in account["components"] if row["family"] == family]
    used = [row for row in rows if not row["left_out"]] or rows
    return ", ".join(("-" if row["sign"] < 0 else "") + row["component"] for row in used)


def _left_out(account: Mapping[str, Any]) -> str:
    parts = [f"{row['component']}: {row['left_out']}" for row in account["components"] if row["left_out"]]
    return f"; left out: {'; '.join(parts)}" if parts else ""


def _weights(weights: Mapping[str, float]) -> str:
    return f" ({', '.join(f'{name} {weight:.3f}' for name, weight in weights.items())})" if weights else ""
