rule preprocess:
    input:
        raw=lambda wildcards: read_in_place(
            PLAN.raw(wildcards.corpus, wildcards.shard, wildcards.features)
        ),
        catalogue="results/catalogue/{corpus}/{shard}.parquet",
    output:
        "results/cubes/{features}/{corpus}/{shard}.zarr.zip",
    log:
        "results/logs/preprocess/{features}/{corpus}/{shard}.log",
    benchmark:
        "results/timings/preprocess/{features}/{corpus}/{shard}.tsv"
    cache: workflow.enable_cache
    conda:
        "../../envs/data.yaml"
    threads: 1 if PLAN.settings.preprocess.dask.scheduler else 2
    resources:
        mem_mb=lambda wildcards, attempt: attempt
        * (3000 if wildcards.features == "fusion" else 2000),
        runtime=growing(10),
        settings=settings_unseen,
        raw_files=lambda wildcards: PLAN.written_raw(
            wildcards.corpus, wildcards.shard, wildcards.features
        ),
    params:
        depends=lambda wildcards: PLAN.preprocess(wildcards.corpus, wildcards.features),
        urls=lambda wildcards: PLAN.remote(
            wildcards.corpus, wildcards.shard, wildcards.features
        ),
        shared=lambda wildcards, output: PLAN.sharing(
            wildcards.corpus, wildcards.shard, wildcards.features
        ),
    message:
        "Preprocessing {wildcards.corpus}/{wildcards.shard} to {wildcards.features}"
    shell:
        "python -m speckle2vec preprocess --config {resources.settings} --shard {wildcards.corpus}/{wildcards.shard}"
        " --features {wildcards.features} --catalogue {input.catalogue}"
        " --raw-files {resources.raw_files} --threads {threads} --output {output} --log {log}"


if workflow.enable_cache:
    # What a run takes from the cache has no timing: Snakemake refuses a rule that has both.
    workflow.get_rule("preprocess")._benchmark = None


rule statistics:
    input:
        PLAN.parts("results/cubes/{features}", ".zarr.zip", pretraining=True),
        PLAN.parts("results/catalogue", ".parquet", pretraining=True),
    output:
        "results/statistics/{features}.json",
    log:
        "results/logs/statistics/{features}.log",
    benchmark:
        "results/timings/statistics/{features}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.statistics(),
        shards=PLAN.written_keys(pretraining=True),
    message:
        "Merging the statistics of {wildcards.features}"
    shell:
        "python -m speckle2vec statistics --config {params.settings} --shards {params.shards}"
        " --features {wildcards.features} --cubes results/cubes/{wildcards.features}"
        " --catalogue results/catalogue --output {output} --log {log}"
