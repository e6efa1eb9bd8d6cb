rule decode_images:
    input:
        PLAN.parts("results/cubes/{features}", ".zarr.zip"),
        PLAN.parts("results/catalogue", ".parquet"),
        model=lambda wildcards: PLAN.coding_files(
            wildcards.features, wildcards.method, wildcards.encoder
        ),
    output:
        "results/reconstructions/{features}/{method}/{encoder}/images.zarr.zip",
    log:
        "results/logs/decode_images/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/decode_images/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: PLAN.settings.embed.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.decode_images(
            wildcards.method, wildcards.encoder
        ),
        shards=PLAN.written_keys(),
        model=lambda wildcards, input: [
            f"--{name} {file}"
            for name, file in zip(("encoder-file", "decoder-file"), input.model)
        ],
    message:
        "Decoding images of {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec decode-images --config {params.settings} --shards {params.shards}"
        " --features {wildcards.features} --method {wildcards.method}"
        " --encoder {wildcards.encoder} {params.model} --cubes results/cubes/{wildcards.features}"
        " --catalogue results/catalogue --output {output} --log {log}"


rule score_images:
    input:
        "results/reconstructions/{features}/{method}/{encoder}/images.zarr.zip",
    output:
        scores="results/reconstructions/{features}/{method}/{encoder}/scores.parquet",
        picture="results/reconstructions/{features}/{method}/{encoder}/images.png",
    log:
        "results/logs/score_images/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/score_images/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        depends=PLAN.score_images(),
    message:
        "Comparing decoded images of {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec score-images --images {input}"
        " --output {output.scores} --figure {output.picture} --log {log}"


rule reconstruction:
    input:
        PLAN.image_scores(),
    output:
        report("results/reconstruction.csv", category="Scores"),
    log:
        "results/logs/reconstruction.log",
    benchmark:
        "results/timings/reconstruction.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.reconstruction(),
        models=PLAN.written_decoded_models(),
    message:
        "Comparing the reconstructions of all models"
    shell:
        "python -m speckle2vec reconstruction --config {params.settings} --grid {params.models}"
        " --reconstructions results/reconstructions --output {output} --log {log}"
