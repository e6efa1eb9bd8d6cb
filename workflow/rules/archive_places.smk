rule draw_places:
    input:
        lambda wildcards: read_in_place(PLAN.place_outlines(wildcards.corpus)),
    output:
        "results/corpora/{corpus}/places.parquet",
    log:
        "results/logs/draw_places/{corpus}.log",
    benchmark:
        "results/timings/draw_places/{corpus}.tsv"
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
        depends=lambda wildcards: PLAN.place_drawing(wildcards.corpus),
    message:
        "Drawing the places of {wildcards.corpus}"
    shell:
        "python -m speckle2vec draw-places --config {params.settings} --corpus {wildcards.corpus}"
        " --output {output} --log {log}"
