# Raw files to one clean panel of the population, and the tables beside it (without rows where none are named).


rule build_panel:
    input:
        sources=data_files,
    output:
        panel="<results>/{study}/panel/panel.parquet",
        events="<results>/{study}/panel/events.parquet",
        truth="<results>/{study}/panel/truth.parquet",
        shares="<results>/{study}/panel/shares.parquet",
        shocks="<results>/{study}/panel/shocks.parquet",
        report="<results>/{study}/panel/report.json",
    log:
        "<results>/{study}/logs/build_panel.log",
    benchmark:
        "<results>/{study}/logs/build_panel.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        study=section("data", "derive", "population"),
        folder=lambda wildcards: str(STUDIES[wildcards.study].path.parent),
        code=DIGESTS["panel"],
    message:
        "{wildcards.study}: reading the data"
    script:
        "../scripts/build_panel.py"
