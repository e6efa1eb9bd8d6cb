"""The workflow with raw data and products in an object store, on this machine."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
import yaml
from tests.object_store import KEY, SECRET, object_store

from speckle2vec.errors import UserError
from speckle2vec.storage import link_results

STORAGE = ("--default-storage-provider", "s3", "--default-storage-prefix", "s3://products/run")
MODEL = "sar-temporal/simclr/cnn-transformer"
HOME = "config/experiments/tiny.yaml"


@dataclass(frozen=True)
class Stored:
    """A store with the tiny corpus as raw data, and a folder that works on it."""

    store: object
    project: object
    results: Path

    def products(self):
        """Path below `results` -> bytes, of what the store holds; no logs and no timings."""
        found = self.client.list_objects_v2(Bucket="products", Prefix="run/results/")["Contents"]
        names = [one["Key"].removeprefix("run/results/") for one in found]
        kept = [name for name in names if not name.startswith(("logs/", "timings/"))]
        return {name: self.get(name) for name in kept}

    def get(self, name):
        return self.client.get_object(Bucket="products", Key=f"run/results/{name}")["Body"].read()

    @property
    def client(self):
        return client(self.store)


def client(store):
    return boto3.client(
        "s3", endpoint_url=store.url, region_name="us-east-1",
        aws_access_key_id=KEY, aws_secret_access_key=SECRET,
    )  # fmt: skip


def write_config(project, **corpus):
    config = project.folder / HOME
    values = yaml.safe_load(config.read_text())
    values["corpora"] = {"tiny": {"source": "ssl4eo", **corpus}}
    config.write_text(yaml.safe_dump(values))


def alone(monkeypatch, store, folder):
    """A person has set the keys of the store; what this machine's user may have set is away."""
    away = {"AWS_SHARED_CREDENTIALS_FILE": folder / "none", "AWS_CONFIG_FILE": folder / "none"}
    for name, value in {**store.environment, **away}.items():
        monkeypatch.setenv(name, str(value))


def bare(project, folder):
    """A copy of a project as another machine has it, that has made nothing."""
    ignored = shutil.ignore_patterns("results", ".snakemake")
    shutil.copytree(project.folder, folder, ignore=ignored)
    return type(project)(folder)


@pytest.fixture
def stored(finished_once, tmp_path, monkeypatch):
    """Raw data in the store, and a project that reads them there and has made nothing."""
    project = bare(finished_once, tmp_path / "project")
    write_config(project, path="s3://raw/ssl4eo")
    results = finished_once.folder / "results"
    with object_store() as store:
        alone(monkeypatch, store, tmp_path)
        made = client(store)
        made.create_bucket(Bucket="raw")
        made.create_bucket(Bucket="products")
        for file in (results / "corpora/tiny").rglob("*.zarr.zip"):
            made.upload_file(
                file, "raw", f"ssl4eo/{file.relative_to(results / 'corpora/tiny').as_posix()}"
            )
        yield Stored(store, project, results)


def test_the_main_job_goes_from_store_to_store(stored, tmp_path):
    """In one test, as the store lives in the process of the test."""
    stored.project.make(*STORAGE)
    its_products_are_those_of_a_run_without_a_store(stored)
    no_product_is_left_beside_the_store(stored)
    a_second_run_has_nothing_to_do(stored)
    embedding_one_shard_downloads_no_other(stored, bare(stored.project, tmp_path / "other"))


def its_products_are_those_of_a_run_without_a_store(stored):
    products = stored.products()
    assert {"embeddings.csv", "embeddings.parquet", "catalogue.parquet"} <= set(products)
    assert f"models/{MODEL}/encoder.safetensors" in products
    different = [
        name
        for name, content in products.items()
        if content != (stored.results / name).read_bytes()
    ]
    assert different == []


def no_product_is_left_beside_the_store(stored):
    """Jobs worked on copies: what is left are settings, curves and logs."""
    left = [path for path in (stored.project.folder / "results").rglob("*") if path.is_file()]
    assert left
    assert not [path for path in left if path.suffix in (".zip", ".csv", ".parquet")]


def a_second_run_has_nothing_to_do(stored):
    stored.store.requests.clear()
    assert not stored.project.planned(*STORAGE)
    assert stored.store.sent() == {}


def embedding_one_shard_downloads_no_other(stored, other):
    part = f"embeddings/{MODEL}/tiny/val-000001.parquet"
    before = stored.get(part)
    stored.client.delete_object(Bucket="products", Key=f"run/results/{part}")
    stored.store.requests.clear()
    other.make(*STORAGE, f"results/{part}")
    assert set(stored.store.sent()) == {
        f"/products/run/results/models/{MODEL}/encoder.safetensors",
        "/products/run/results/cubes/sar-temporal/tiny/val-000001.zarr.zip",
    }
    assert stored.get(part) == before


def test_raw_files_of_this_machine_stay_where_they_are(stored):
    write_config(stored.project, path=str(stored.results / "corpora/tiny"))
    prefix = ("--default-storage-provider", "s3", "--default-storage-prefix", "s3://products/own")
    # In the store they would be missing, and the run would end here.
    target = "results/catalogue/tiny/val-000001.parquet"
    assert stored.project.planned(*prefix, target) == {"ingest": 1}


def test_wrong_keys_are_a_sentence_without_the_keys(stored, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMISTAKEN")
    done = stored.project.snakemake("--dry-run", *STORAGE)
    assert done.returncode != 0
    assert "s3://products/run/results: the server refuses to show it" in done.stdout
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in done.stdout
    assert "Traceback" not in done.stdout
    assert not any(key in done.stdout for key in (KEY, SECRET, "AKIAMISTAKEN"))


def held(folder, valid=True):
    """What a storage plugin says of a folder that it copies to another."""
    return SimpleNamespace(
        query=f"s3://{folder.name}", is_valid_query=lambda: valid, exists=lambda: False,
        local_path=lambda: folder,
    )  # fmt: skip


def test_products_of_another_run_are_not_hidden(tmp_path):
    results, first = tmp_path / "results", tmp_path / "first"
    link_results(held(first), results)
    link_results(held(first), results)
    assert results.resolve() == first
    with pytest.raises(UserError, match=r"results: holds products of a run .* \(`snakemake --d"):
        link_results(held(tmp_path / "second"), results)
    results.unlink()
    results.mkdir()
    with pytest.raises(UserError, match="holds products of a run that kept them elsewhere"):
        link_results(held(first), results)


def test_a_prefix_that_is_no_address_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match=r"`--default-storage-prefix`: .*such as s3://bucket/NAME"):
        link_results(held(tmp_path / "first", valid=False), tmp_path / "results")
