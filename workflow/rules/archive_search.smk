rule find_images:
    input:
        ancient("results/corpora/{corpus}/places.parquet"),
    output:
        "results/corpora/{corpus}/candidates/{shard}.parquet",
    log:
        "results/logs/find_images/{corpus}/{shard}.log",
    benchmark:
        "results/timings/find_images/{corpus}/{shard}.tsv"
    wildcard_constraints:
        corpus=PLAN.named("stac"),
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(240),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.image_search(wildcards.corpus, wildcards.shard),
        cache="results/corpora/{corpus}/search",
    message:
        "Searching images of {wildcards.corpus}/{wildcards.shard}"
    shell:
        "python -m speckle2vec find-images --config {params.settings}"
        " --shard {wildcards.corpus}/{wildcards.shard} --places-file {input} --cache {params.cache}"
        " --output {output} --log {log}"


rule candidates:
    input:
        lambda wildcards: PLAN.candidate_parts(wildcards.corpus),
    output:
        "results/corpora/{corpus}/candidates.parquet",
    log:
        "results/logs/candidates/{corpus}.log",
    benchmark:
        "results/timings/candidates/{corpus}.tsv"
    wildcard_constraints:
        corpus=PLAN.named("stac"),
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.candidates(wildcards.corpus),
        shards=PLAN.written_keys(),
    message:
        "Merging the chosen images of {wildcards.corpus}"
    shell:
        "python -m speckle2vec merge-candidates --config {params.settings}"
        " --corpus {wildcards.corpus} --shards {params.shards}"
        " --candidates results/corpora/{wildcards.corpus}/candidates --output {output} --log {log}"
