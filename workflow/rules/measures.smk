# Measures on the population, then the study's variables and the flag of the estimation sample.


rule measure:
    input:
        panel=rules.build_panel.output.panel,
        events=rules.build_panel.output.events,
    output:
        measures="<results>/{study}/measures/measures.parquet",
        dictionary="<results>/{study}/measures/dictionary.csv",
        reliability="<results>/{study}/measures/reliability.csv",
        index="<results>/{study}/measures/index.json",
    log:
        "<results>/{study}/logs/measure.log",
    benchmark:
        "<results>/{study}/logs/measure.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        study=section("index", "size_standard", "accounting"),
        code=DIGESTS["measures"],
    message:
        "{wildcards.study}: measuring"
    script:
        "../scripts/measure.py"


rule analysis_sample:
    input:
        measures=rules.measure.output.measures,
    output:
        analysis="<results>/{study}/measures/analysis.parquet",
        report="<results>/{study}/measures/sample.json",
    log:
        "<results>/{study}/logs/analysis_sample.log",
    benchmark:
        "<results>/{study}/logs/analysis_sample.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        study=section("variables", "sample"),
        code=DIGESTS["measures"],
    message:
        "{wildcards.study}: variables and sample"
    script:
        "../scripts/analysis_sample.py"
