"""Estimate one block of a study."""

from involution.files import reported, write_parquet

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.models.recorded import regressions_frame, united_columns
    from involution.models.run import run_block

    analysis = pd.read_parquet(snakemake.input.analysis)
    result = run_block(
        snakemake.wildcards.block,
        snakemake.params.study,
        analysis,
        study=snakemake.wildcards.study,
        dictionary=pd.read_csv(snakemake.input.dictionary),
        seed=snakemake.params.seed,
        draws=snakemake.params.draws,
        full=snakemake.params.full,
        events=pd.read_parquet(snakemake.input.events),
        shift_share=(pd.read_parquet(snakemake.input.shares), pd.read_parquet(snakemake.input.shocks)),
        workers=snakemake.threads,
    )
    write_parquet(snakemake.output.estimates, result.estimates)
    write_parquet(snakemake.output.statistics, result.statistics)
    write_parquet(snakemake.output.notes, result.notes)
    write_parquet(snakemake.output.curves, result.curves)
    write_parquet(snakemake.output.influence, result.influence)
    regressions, columns = united_columns(result.recorded, len(analysis))
    write_parquet(snakemake.output.regressions, regressions_frame(regressions))
    write_parquet(snakemake.output.columns, columns)
