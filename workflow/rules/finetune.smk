rule finetune:
    input:
        PLAN.parts("results/cubes/{features}", ".zarr.zip"),
        PLAN.parts("results/catalogue", ".parquet"),
        PLAN.parts("results/labels", ".zarr.zip"),
        encoder="results/models/{features}/{method}/{encoder}/encoder.safetensors",
    output:
        segmenter="results/landcover/{features}/{method}/{encoder}/{run}/segmenter.safetensors",
        history="results/landcover/{features}/{method}/{encoder}/{run}/history.csv",
    log:
        "results/logs/finetune/{features}/{method}/{encoder}/{run}.log",
    benchmark:
        "results/timings/finetune/{features}/{method}/{encoder}/{run}.tsv"
    wildcard_constraints:
        method="(?!pixels/)[^/]+",
        run="(whole|frozen)-[^/]+",
    conda:
        "../../envs/torch.yaml"
    threads: PLAN.settings.landcover.finetune.threads
    resources:
        mem_mb=growing_with_samples(PLAN.settings.landcover.finetune.memory_gb),
        runtime=growing(1440),
        gpu=wanted_gpus(PLAN.settings.landcover.finetune.device, GPUS),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.finetune(wildcards.encoder),
        shards=PLAN.written_keys(),
        code=lambda wildcards: PLAN.finetune_code(wildcards.encoder),
        checkpoint="results/checkpoints/landcover/{features}/{method}/{encoder}/{run}.safetensors",
        curves="results/tensorboard/landcover/{features}/{method}/{encoder}/{run}",
    message:
        "Fine-tuning {wildcards.features}/{wildcards.method}/{wildcards.encoder} on labels: {wildcards.run}"
    shell:
        "python -m speckle2vec finetune --config {params.settings} --run {wildcards.run}"
        " --features {wildcards.features} --method {wildcards.method} --encoder {wildcards.encoder}"
        " --encoder-file {input.encoder} --shards {params.shards}"
        " --cubes results/cubes/{wildcards.features} --catalogue results/catalogue"
        " --labels results/labels --checkpoint {params.checkpoint} --curves {params.curves}"
        " --code {params.code} --output {output.segmenter} --history {output.history} --log {log}"


rule confusion:
    input:
        PLAN.parts("results/cubes/{features}", ".zarr.zip"),
        PLAN.parts("results/catalogue", ".parquet"),
        PLAN.parts("results/labels", ".zarr.zip"),
        segmenter="results/landcover/{features}/{method}/{encoder}/{run}/segmenter.safetensors",
    output:
        "results/landcover/{features}/{method}/{encoder}/{run}/confusion.parquet",
    log:
        "results/logs/confusion/{features}/{method}/{encoder}/{run}.log",
    benchmark:
        "results/timings/confusion/{features}/{method}/{encoder}/{run}.tsv"
    wildcard_constraints:
        method="(?!pixels/)[^/]+",
        run="(whole|frozen)-[^/]+",
    conda:
        "../../envs/torch.yaml"
    threads: PLAN.settings.landcover.finetune.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
        gpu=wanted_gpus(PLAN.settings.landcover.finetune.device, GPUS),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.confusion(wildcards.encoder),
        shards=PLAN.written_keys(),
    message:
        "Scoring {wildcards.features}/{wildcards.method}/{wildcards.encoder}/{wildcards.run}"
    shell:
        "python -m speckle2vec confusion --config {params.settings}"
        " --features {wildcards.features} --method {wildcards.method}"
        " --encoder {wildcards.encoder} --run {wildcards.run} --segmenter {input.segmenter}"
        " --shards {params.shards} --cubes results/cubes/{wildcards.features}"
        " --catalogue results/catalogue --labels results/labels --output {output} --log {log}"
