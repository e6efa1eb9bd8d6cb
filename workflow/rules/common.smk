def settings_file(wildcards, output):
    """All settings as a file.

    A job depends on those that it reads, which are in its `depends`, and not on this file:
    Snakemake leaves params that look at `output` out of its comparison.
    """
    return PLAN.written_settings()
