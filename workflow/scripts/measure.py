"""Compute every measure that the panel allows, its dictionary, and how reliable the index is."""

from involution.files import reported, write_csv, write_json, write_parquet

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.measures import measured, reliability

    found = measured(pd.read_parquet(snakemake.input.panel), snakemake.params.study["index"])
    write_parquet(snakemake.output.measures, found.frame)
    write_csv(snakemake.output.dictionary, found.dictionary)
    write_csv(snakemake.output.reliability, reliability(found.frame))
    write_json(snakemake.output.index, found.index)
