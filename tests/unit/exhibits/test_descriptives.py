"""Descriptive statistics and correlations against pandas and statsmodels."""

import numpy as np
import pytest

from involution.errors import InputError
from involution.exhibits.descriptives import (
    by_magnitude,
    correlation_table,
    descriptives_table,
    used_columns,
    variance_inflation,
)
from involution.study.tables import Table


def test_descriptives_are_those_of_pandas(analysis, labels):
    frame = analysis.copy()
    frame.loc[:9, "w"] = np.nan
    table = descriptives_table(Table(name="d", kind="descriptives", digits=5), frame, ["w"], labels, "t")
    cells = [cell.text for cell in table.parts[0].rows[0].cells]
    described = frame["w"].describe()
    expected = [f"{described[name]:.5f}" for name in ("mean", "std", "min", "25%", "50%", "75%", "max")]
    assert cells == ["190", *expected]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (12.3456, "12.346"),
        (-999.9, "-999.900"),
        (23121.04, "23,121.0"),
        (1234567.8, "1,234,568"),
        (-3.2e9, "-3,200,000,000"),
        (np.nan, ""),
    ],
)
def test_large_numbers_have_fewer_decimals(value, shown):
    assert by_magnitude(value, 3) == shown


def test_correlations_are_those_of_pandas(analysis, labels):
    table = correlation_table(Table(name="c", kind="correlation", digits=6), analysis, ["x", "w", "y"], labels, "t")
    shown = [[cell.text for cell in row.cells] for row in table.parts[0].rows]
    expected = analysis[["x", "w", "y"]].corr().to_numpy()
    assert shown[2] == [f"{expected[2, 0]:.6f}", f"{expected[2, 1]:.6f}", "1.000000"]
    assert shown[0][1:] == ["", ""]


def test_variance_inflation_is_that_of_statsmodels(analysis):
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    frame = analysis[["x", "w", "y"]]
    design = np.column_stack([np.ones(len(frame)), frame])
    expected = [variance_inflation_factor(design, j + 1) for j in range(3)]
    np.testing.assert_allclose(variance_inflation(frame), expected, rtol=1e-9)


def test_determined_and_constant_columns(analysis):
    frame = analysis[["x", "constant"]].assign(twice=2 * analysis.x)
    found = variance_inflation(frame)
    assert np.isinf(found[0])
    assert np.isnan(found[1])


def test_columns_come_from_the_formulas_when_none_is_named(analysis):
    table = Table(name="d", kind="descriptives")
    assert used_columns(table, ["y ~ x + x:w | firm", "y ~ i(industry)"], analysis) == ["y", "x", "w"]
    with pytest.raises(InputError, match="no column 'nowhere'"):
        used_columns(Table(name="d", kind="descriptives", columns=["nowhere"]), [], analysis)
