rule labels:
    input:
        sources=lambda wildcards: read_in_place(
            PLAN.label_files(wildcards.corpus, wildcards.shard)
        ),
        catalogue="results/catalogue/{corpus}/{shard}.parquet",
    output:
        "results/labels/{corpus}/{shard}.zarr.zip",
    log:
        "results/logs/labels/{corpus}/{shard}.log",
    benchmark:
        "results/timings/labels/{corpus}/{shard}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.labels(),
        unwatched=lambda wildcards: PLAN.unwatched_labels(wildcards.corpus),
    message:
        "Rasterising the labels of {wildcards.corpus}/{wildcards.shard}"
    shell:
        "python -m speckle2vec labels --config {params.settings} --shard {wildcards.corpus}/{wildcards.shard}"
        " --catalogue {input.catalogue} --output {output} --log {log}"


rule class_shares:
    input:
        PLAN.parts("results/labels", ".zarr.zip"),
        PLAN.parts("results/catalogue", ".parquet"),
    output:
        "results/landcover/class_shares.csv",
    log:
        "results/logs/class_shares.log",
    benchmark:
        "results/timings/class_shares.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.class_shares(),
        shards=PLAN.written_keys(),
    message:
        "Counting the classes of every split"
    shell:
        "python -m speckle2vec class-shares --config {params.settings} --shards {params.shards}"
        " --labels results/labels --catalogue results/catalogue --output {output} --log {log}"
