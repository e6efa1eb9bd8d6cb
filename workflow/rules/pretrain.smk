rule pretrain:
    input:
        PLAN.parts("results/cubes/{features}", ".zarr.zip", pretraining=True),
        PLAN.parts("results/catalogue", ".parquet", pretraining=True),
        statistics="results/statistics/{features}.json",
        neighbours=lambda wildcards: PLAN.neighbours_table(wildcards.method),
    output:
        encoder="results/models/{features}/{method}/{encoder}/encoder.safetensors",
        card="results/models/{features}/{method}/{encoder}/card.md",
        history="results/models/{features}/{method}/{encoder}/history.csv",
    log:
        "results/logs/pretrain/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/pretrain/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: PLAN.settings.pretrain.threads * PLAN.settings.pretrain.ranks
    resources:
        mem_mb=growing_with_samples(
            PLAN.settings.pretrain.memory_gb, PLAN.settings.pretrain.ranks
        ),
        runtime=growing(1440),
        nodes=1,
        gpu=lambda wildcards: (
            0
            if wildcards.method == "none"
            else wanted_gpus(
                PLAN.settings.pretrain.device, GPUS, PLAN.settings.pretrain.ranks
            )
        ),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.pretrain(wildcards.method, wildcards.encoder),
        shards=PLAN.written_keys(pretraining=True),
        code=lambda wildcards: PLAN.pretrain_code(wildcards.method, wildcards.encoder),
        checkpoint="results/checkpoints/{features}/{method}/{encoder}.safetensors",
        curves="results/tensorboard/{features}/{method}/{encoder}",
        neighbours=lambda wildcards, input: [
            f"--neighbours {table}" for table in input.neighbours
        ],
        decoder="",
    message:
        "Pretraining {wildcards.encoder} by {wildcards.method} on {wildcards.features}"
    shell:
        "python -m speckle2vec pretrain --config {params.settings} --shards {params.shards}"
        " --features {wildcards.features} --method {wildcards.method}"
        " --encoder {wildcards.encoder} --cubes results/cubes/{wildcards.features}"
        " --catalogue results/catalogue --statistics {input.statistics} {params.neighbours}"
        " --checkpoint {params.checkpoint} --curves {params.curves} --code {params.code}"
        " --output {output.encoder} --card {output.card} --history {output.history} {params.decoder}"
        " --log {log}"


# A rule of its own, so that what keeps no decoder depends on none of it.
ruleorder: pretrain_decoding > pretrain


use rule pretrain as pretrain_decoding with:
    output:
        encoder="results/models/{features}/{method}/{encoder}/encoder.safetensors",
        card="results/models/{features}/{method}/{encoder}/card.md",
        history="results/models/{features}/{method}/{encoder}/history.csv",
        decoder="results/models/{features}/{method}/{encoder}/decoder.safetensors",
    wildcard_constraints:
        method=PLAN.decoding,
    params:
        depends=lambda wildcards: PLAN.pretrain_decoding(
            wildcards.method, wildcards.encoder
        ),
        decoder=lambda wildcards, output: f"--decoder {output.decoder}",
