"""Compute every measure that the panel allows, and its dictionary."""

from involution.files import reported, write_csv, write_parquet

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.measures import dictionary, measure

    panel = pd.read_parquet(snakemake.input.panel)
    write_parquet(snakemake.output.measures, measure(panel))
    write_csv(snakemake.output.dictionary, dictionary(panel))
