# Measures on the population, then the study's variables and the flag of the estimation sample.


rule measure:
    input:
        panel=rules.build_panel.output.panel,
    output:
        measures=RESULTS + "/{study}/measures/measures.parquet",
        dictionary=RESULTS + "/{study}/measures/dictionary.csv",
    log:
        RESULTS + "/{study}/logs/measure.log",
    benchmark:
        RESULTS + "/{study}/logs/measure.tsv"
    params:
        code=DIGESTS["measures"],
    threads: 1
    resources:
        mem_mb=2000,
    message:
        "{wildcards.study}: measuring"
    script:
        "../scripts/measure.py"


rule analysis_sample:
    input:
        measures=rules.measure.output.measures,
    output:
        analysis=RESULTS + "/{study}/measures/analysis.parquet",
        report=RESULTS + "/{study}/measures/sample.json",
    log:
        RESULTS + "/{study}/logs/analysis_sample.log",
    benchmark:
        RESULTS + "/{study}/logs/analysis_sample.tsv"
    params:
        study=section("variables", "sample"),
        code=DIGESTS["measures"],
    threads: 1
    resources:
        mem_mb=2000,
    message:
        "{wildcards.study}: variables and sample"
    script:
        "../scripts/analysis_sample.py"
