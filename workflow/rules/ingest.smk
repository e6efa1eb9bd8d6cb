rule ingest:
    input:
        raw=lambda wildcards: read_in_place(PLAN.raw(wildcards.corpus, wildcards.shard)),
    output:
        "results/catalogue/{corpus}/{shard}.parquet",
    log:
        "results/logs/ingest/{corpus}/{shard}.log",
    benchmark:
        "results/timings/ingest/{corpus}/{shard}.tsv"
    priority: 10
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        settings=settings_unseen,
        raw_files=lambda wildcards: PLAN.written_raw(wildcards.corpus, wildcards.shard),
    params:
        depends=lambda wildcards: PLAN.ingest(wildcards.corpus),
        urls=lambda wildcards: PLAN.remote(wildcards.corpus, wildcards.shard),
    message:
        "Checking the samples of {wildcards.corpus}/{wildcards.shard}"
    shell:
        "python -m speckle2vec ingest --config {resources.settings} --shard {wildcards.corpus}/{wildcards.shard}"
        " --raw-files {resources.raw_files} --output {output} --log {log}"


rule catalogue:
    input:
        PLAN.parts("results/catalogue", ".parquet"),
    output:
        "results/catalogue.parquet",
    log:
        "results/logs/catalogue.log",
    benchmark:
        "results/timings/catalogue.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.catalogue(),
        shards=PLAN.written_keys(),
    message:
        "Merging the catalogue"
    shell:
        "python -m speckle2vec catalogue --config {params.settings} --shards {params.shards}"
        " --catalogue results/catalogue --output {output} --log {log}"


rule neighbours:
    input:
        PLAN.parts("results/catalogue", ".parquet", pretraining=True),
    output:
        "results/neighbours.parquet",
    log:
        "results/logs/neighbours.log",
    benchmark:
        "results/timings/neighbours.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.neighbours(),
        shards=PLAN.written_keys(pretraining=True),
    message:
        "Listing the neighbours of every sample"
    shell:
        "python -m speckle2vec neighbours --config {params.settings} --shards {params.shards}"
        " --catalogue results/catalogue --output {output} --log {log}"
