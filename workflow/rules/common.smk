def settings_file(wildcards, output):
    """All settings as a file.

    A job depends on those that it reads, which are in its `depends`, and not on this file:
    Snakemake leaves params that look at `output` out of its comparison.
    """
    return PLAN.written_settings()


def settings_unseen(wildcards):
    """The same as a resource, for rules on the way to cubes, which runs may share.

    Snakemake's cache is keyed by all params, whatever they look at, and not by resources: a
    setting that a job does not read must not keep its product from being shared.
    """
    return str(PLAN.written_settings())


def growing(amount):
    """Memory or time that a job asks for: as much again at every further attempt.

    How often a job is tried again is said by the profile; on one machine it is not.
    """
    return lambda wildcards, attempt: amount * attempt


def growing_with_samples(most_gb, ranks=1):
    """The same for the memory of a training, by the size of its input files."""
    return lambda wildcards, input, attempt: attempt * training_memory(
        input.size_mb, most_gb, ranks
    )
