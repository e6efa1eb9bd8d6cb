# With `--default-storage-provider`, jobs work on Snakemake's copies of what the store holds.
# Commands look for products in `results` all the same, so that is where the copies are.
STORE = workflow.storage_registry.default_storage_provider

if STORE is not None:
    PREFIX = (workflow.storage_settings.default_storage_prefix or "").rstrip("/")
    try:
        link_results(STORE.object(f"{PREFIX}/results"))
    except UserError as error:
        raise WorkflowError(str(error)) from None


def read_in_place(paths):
    """Files of the user, which stay where they are, whatever store the products go to."""
    return [local(path) if Path(path).is_absolute() else path for path in paths]
