"""Hold the estimates against the hypotheses that the study states, and adjust those of tables for being many."""

from involution.files import reported, write_csv

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.models.adjusted import adjusted_p_values_of_tables
    from involution.models.influence import read_influence
    from involution.models.judged import Tidy
    from involution.models.scoreboard import models_needed, scoreboard
    from involution.study.adjusted import AdjustedAsked, expanded
    from involution.study.study import Exhibits

    hypotheses = Exhibits.model_validate(snakemake.params.study).hypotheses
    estimates, statistics, notes = (
        pd.read_csv(snakemake.input[name], keep_default_na=False, na_values=[""])
        for name in ("estimates", "statistics", "notes")
    )
    families = [AdjustedAsked.model_validate(asked) for asked in snakemake.params.adjusted]
    tested = expanded([name for asked in families for name in asked.models], estimates["model"].unique().tolist())
    wanted = sorted({*models_needed(hypotheses), *tested})
    influence = read_influence(snakemake.input.influence, wanted)
    run = {name: snakemake.params[name] for name in ("seed", "draws")} | {"study": snakemake.wildcards.study}
    found = scoreboard(hypotheses, Tidy(estimates, statistics, notes), influence, **run)
    write_csv(snakemake.output.hypotheses, found)
    write_csv(snakemake.output.adjusted, adjusted_p_values_of_tables(families, estimates, influence, **run))
