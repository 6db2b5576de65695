# Raw files to one clean panel of the population.


rule build_panel:
    input:
        sources=data_files,
    output:
        panel=RESULTS + "/{study}/panel/panel.parquet",
        report=RESULTS + "/{study}/panel/report.json",
    log:
        RESULTS + "/{study}/logs/build_panel.log",
    benchmark:
        RESULTS + "/{study}/logs/build_panel.tsv"
    params:
        study=section("data", "derive", "population"),
        folder=lambda wildcards: str(STUDIES[wildcards.study].path.parent),
        code=DIGESTS["panel"],
    threads: 1
    resources:
        mem_mb=2000,
    message:
        "{wildcards.study}: reading the data"
    script:
        "../scripts/build_panel.py"
