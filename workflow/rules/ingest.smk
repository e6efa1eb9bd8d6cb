rule ingest:
    input:
        raw=lambda wildcards: PLAN.raw(wildcards.corpus, wildcards.shard),
    output:
        "results/catalogue/{corpus}/{shard}.parquet",
    params:
        depends=lambda wildcards: PLAN.ingest(wildcards.corpus),
    log:
        "results/logs/ingest/{corpus}/{shard}.log",
    benchmark:
        "results/timings/ingest/{corpus}/{shard}.tsv"
    priority: 10
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    message:
        "Checking the samples of {wildcards.corpus}/{wildcards.shard}"
    shell:
        "speckle2vec ingest --config {SETTINGS} --shard {wildcards.corpus}/{wildcards.shard}"
        " --output {output} --log {log}"


rule catalogue:
    input:
        PLAN.parts("results/catalogue", ".parquet"),
    output:
        "results/catalogue.parquet",
    params:
        depends=PLAN.catalogue(),
        shards=PLAN.written_keys(),
    log:
        "results/logs/catalogue.log",
    benchmark:
        "results/timings/catalogue.tsv"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    message:
        "Merging the catalogue"
    shell:
        "speckle2vec catalogue --config {SETTINGS} --shards {params.shards}"
        " --catalogue results/catalogue --output {output} --log {log}"
