rule landcover_patches:
    input:
        PLAN.pictured_cubes(),
        PLAN.parts("results/catalogue", ".parquet"),
        PLAN.parts("results/labels", ".zarr.zip"),
        segmenter=PLAN.pictured_segmenter(),
    output:
        "results/landcover/patches.png",
    log:
        "results/logs/landcover_patches.log",
    benchmark:
        "results/timings/landcover_patches.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: PLAN.settings.embed.threads
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.landcover_patches(),
        shards=PLAN.written_keys(),
        features=PLAN.settings.model.features,
    message:
        "Drawing test patches with what was predicted of them"
    shell:
        "python -m speckle2vec landcover-patches --config {params.settings} --shards {params.shards}"
        " --segmenter {input.segmenter} --cubes results/cubes/{params.features}"
        " --labels results/labels --catalogue results/catalogue --output {output} --log {log}"


rule landcover_corpus:
    input:
        PLAN.pictured_cubes(),
        PLAN.parts("results/catalogue", ".parquet"),
        PLAN.parts("results/labels", ".zarr.zip"),
    output:
        "results/landcover/corpus.png",
    log:
        "results/logs/landcover_corpus.log",
    benchmark:
        "results/timings/landcover_corpus.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.landcover_corpus(),
        shards=PLAN.written_keys(),
        features=PLAN.settings.model.features,
    message:
        "Drawing samples of the corpus"
    shell:
        "python -m speckle2vec landcover-corpus --config {params.settings} --shards {params.shards}"
        " --cubes results/cubes/{params.features} --labels results/labels"
        " --catalogue results/catalogue --output {output} --log {log}"
