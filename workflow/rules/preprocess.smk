rule preprocess:
    input:
        raw=lambda wildcards: PLAN.raw(wildcards.corpus, wildcards.shard),
        catalogue="results/catalogue/{corpus}/{shard}.parquet",
    output:
        "results/cubes/{features}/{corpus}/{shard}.zarr.zip",
    params:
        depends=lambda wildcards: PLAN.preprocess(wildcards.corpus, wildcards.features),
    log:
        "results/logs/preprocess/{features}/{corpus}/{shard}.log",
    benchmark:
        "results/timings/preprocess/{features}/{corpus}/{shard}.tsv"
    threads: 4
    resources:
        mem_mb=2000,
        runtime=30,
    message:
        "Preprocessing {wildcards.corpus}/{wildcards.shard} to {wildcards.features}"
    shell:
        "speckle2vec preprocess --config {SETTINGS} --shard {wildcards.corpus}/{wildcards.shard}"
        " --features {wildcards.features} --catalogue {input.catalogue}"
        " --threads {threads} --output {output} --log {log}"


rule statistics:
    input:
        PLAN.parts("results/cubes/{features}", ".zarr.zip", pretraining=True),
        PLAN.parts("results/catalogue", ".parquet", pretraining=True),
    output:
        "results/statistics/{features}.json",
    params:
        depends=PLAN.statistics(),
        shards=PLAN.written_keys(pretraining=True),
    log:
        "results/logs/statistics/{features}.log",
    benchmark:
        "results/timings/statistics/{features}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    message:
        "Merging the statistics of {wildcards.features}"
    shell:
        "speckle2vec statistics --config {SETTINGS} --shards {params.shards}"
        " --features {wildcards.features} --cubes results/cubes/{wildcards.features}"
        " --catalogue results/catalogue --output {output} --log {log}"
