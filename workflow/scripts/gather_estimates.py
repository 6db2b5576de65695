"""Gather the tidy results of all blocks, and hold them against what was planted."""

from involution.files import reported, write_csv, write_parquet

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.models.influence import united
    from involution.models.run import run_truth

    gathered = {
        name: pd.concat([pd.read_parquet(path) for path in snakemake.input[name]], ignore_index=True)
        for name in ("estimates", "statistics", "notes", "curves")
    }
    truth = run_truth(
        snakemake.params.study,
        pd.read_parquet(snakemake.input.planted),
        gathered["estimates"],
        pd.read_parquet(snakemake.input.analysis),
        dictionary=pd.read_csv(snakemake.input.dictionary),
        events=pd.read_parquet(snakemake.input.events),
        shift_share=(pd.read_parquet(snakemake.input.shares), pd.read_parquet(snakemake.input.shocks)),
    )
    for name, frame in {**gathered, "truth": truth}.items():
        write_csv(snakemake.output[name], frame)
    influence = united([pd.read_parquet(path) for path in snakemake.input.influence])
    write_parquet(snakemake.output.influence, influence)
