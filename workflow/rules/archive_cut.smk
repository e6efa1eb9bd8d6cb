CUT = "results/corpora/{corpus}"


rule cut:
    input:
        places=ancient(f"{CUT}/places.parquet"),
        candidates=f"{CUT}/candidates/train-{{number}}.parquet",
    output:
        radar=f"{CUT}/train/S1GRD/ssl4eos12_train_seasonal_data_{{number}}.zarr.zip",
        optical=f"{CUT}/train/S2L2A/ssl4eos12_train_seasonal_data_{{number}}.zarr.zip",
        ledger=f"{CUT}/ledger/train-{{number}}.parquet",
    log:
        "results/logs/cut/{corpus}/train-{number}.log",
    benchmark:
        "results/timings/cut/{corpus}/train-{number}.tsv"
    wildcard_constraints:
        corpus=PLAN.cut_corpora(optical=True),
        number="[0-9]{6}",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(720),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.cut(wildcards.corpus),
        drawn=lambda wildcards: PLAN.places_drawn(
            wildcards.corpus, f"train-{wildcards.number}"
        ),
        work=f"{CUT}/patches/train-{{number}}",
        failed=f"{CUT}/failed/train-{{number}}.parquet",
        optical=lambda wildcards, output: [
            f"--optical {path}" for name, path in output.items() if name == "optical"
        ],
    message:
        "Cutting {wildcards.corpus}/train-{wildcards.number} from the archive"
    shell:
        "python -m speckle2vec cut --config {params.settings}"
        " --shard {wildcards.corpus}/train-{wildcards.number} --places-file {input.places}"
        " --candidates {input.candidates} --work {params.work} --failed {params.failed}"
        " --radar {output.radar} {params.optical} --ledger {output.ledger} --log {log}"


use rule cut as cut_radar with:
    output:
        radar=f"{CUT}/train/S1GRD/ssl4eos12_train_seasonal_data_{{number}}.zarr.zip",
        ledger=f"{CUT}/ledger/train-{{number}}.parquet",
    wildcard_constraints:
        corpus=PLAN.cut_corpora(optical=False),
        number="[0-9]{6}",
