"""R agrees with the tables: the base R scripts are run, those for fixest are parsed."""

import shutil
import subprocess

import numpy as np
import pytest

needs_r = pytest.mark.skipif(shutil.which("Rscript") is None, reason="Rscript is not installed: r-base-core")


def _run(folder, *arguments):
    return subprocess.run(["Rscript", *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@needs_r
def test_base_r_gives_every_number_of_the_table(folder, estimated):
    done = _run(folder, "main_base.R")
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line for line in done.stdout.splitlines() if line.startswith("agrees ")]
    repeated = [model for model in estimated[1][0] if not model["reason"]]
    assert len(told) == len(repeated) == 20
    assert all(float(line.rpartition(" ")[2]) < 1e-8 for line in told), done.stdout


@needs_r
def test_base_r_gives_the_effects_of_cohorts_by_year(staggered):
    done = _run(staggered, "staggered_base.R")
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout.splitlines()
    assert [line.split()[1] for line in told] == ["never_callaway_santanna:", "later_callaway_santanna:"]
    assert all("10 estimates" in line for line in told), told


@needs_r
def test_base_r_fails_at_a_number_that_is_not_the_tables(folder, estimated):
    script = (folder / "main_base.R").read_text(encoding="utf-8")
    (one,) = estimated[0].estimates.query("model == 'iid'")["estimate"]
    assert repr(one) in script
    (folder / "changed.R").write_text(script.replace(repr(one), repr(one * 1.00001)), encoding="utf-8")
    done = _run(folder, "changed.R")
    assert done.returncode != 0
    assert "DIFFERS iid" in done.stdout
    assert "estimates differ from the tables" in done.stderr


@needs_r
@pytest.mark.parametrize("name", ["main.R", "main_base.R", "functions.R"])
def test_scripts_are_r(folder, name):
    done = _run(folder, "-e", f'length(parse("{name}", encoding = "UTF-8"))')
    assert done.returncode == 0, done.stderr


@needs_r
def test_the_fixest_script_calls_functions_with_arguments_that_exist(folder):
    """With fixest replaced by functions that take what it documents: the calls fit, up to the numbers."""
    stand_in = """
    library <- function(...) NULL
    ssc <- function(K.adj, K.fixef, K.exact, G.adj, G.df, t.df) match.arg(K.fixef, c("none", "nonnested", "full"))
    feols <- function(fml, data, weights, fixef.rm, fixef.tol, fixef.iter) {
      stopifnot(inherits(fml, "formula"), all(all.vars(fml) %in% names(data)))
      left <- length(fml[[3]]) == 3 && identical(fml[[3]][[1]], as.name("|"))
      structure(list(nobs = nrow(data), terms = all.vars(fml)), class = "fake")
    }
    fepois <- function(fml, data, fixef.rm, fixef.tol, fixef.iter, glm.tol, glm.iter, weights) feols(fml, data)
    summary.fake <- function(object, vcov, ssc) object
    coef.fake <- function(object, ...) setNames(rep(0, length(object$terms)), object$terms)
    se <- function(x) coef(x)
    counts <- numeric(0)
    """
    script = (folder / "main.R").read_text(encoding="utf-8")
    checks = (
        "check <- function(name, n, found, estimate, std_error, tolerance) stopifnot(found$n == n)\n"
        'finish <- function() cat("through")\n'
    )
    sourced = script.replace('source("functions.R")\n', f'source("functions.R")\n{checks}')
    (folder / "stand_in.R").write_text(
        stand_in + sourced.replace("coef(estimated", "coef.fake(estimated"), encoding="utf-8"
    )
    done = _run(folder, "stand_in.R")
    assert done.stdout.endswith("through"), done.stderr


@pytest.mark.filterwarnings("ignore:.*singleton fixed effect")
def test_the_numbers_of_the_fixest_script_are_those_of_pyfixest(estimated):
    """fixest itself is not to be had here; its Python twin is, for what both define alike."""
    pyfixest = pytest.importorskip("pyfixest")
    plain, frame = estimated[1]
    named = {model["model"]: model for model in plain}
    for name, formula, cluster in (
        ("clustered", "y ~ x + size + x:size | firm + year", "industry"), ("weighted", "y ~ x | firm + year", "firm"),
    ):  # fmt: skip
        data = frame.rename(columns={"规模": "size"})
        model = named[name]
        fit = pyfixest.feols(
            formula, data, vcov={"CRV1": cluster}, weights=model["weights"], fixef_rm="singleton",
            ssc=pyfixest.ssc(k_adj=True, k_fixef="nonnested", G_adj=True, G_df="min"),
        )  # fmt: skip
        np.testing.assert_allclose(fit.coef().to_numpy(), model["estimate"], rtol=1e-6)
        np.testing.assert_allclose(fit.se().to_numpy(), model["std_error"], rtol=1e-6)
