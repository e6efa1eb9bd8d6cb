import subprocess
import sys
import time
import zipfile

import numpy as np
import psutil
import pyarrow as pa
import pytest

from speckle2vec.errors import UserError
from speckle2vec.preprocess import run, samples, workers
from speckle2vec.preprocess.base import load_feature_set
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import Sample
from speckle2vec.settings.load import parse_settings

KEY = ShardKey("stacks", "place-1")
FEATURES = "sar-temporal"
STACKS = {
    "source": "geotiff", "path": "stacks", "files": "*.tif", "pattern": "(?P<place>.*)",
    "units": "db", "calibration": "gamma0", "dates": 2, "id_prefix": "eu-",
}  # fmt: skip
SETTINGS = parse_settings({"corpora": {"stacks": STACKS}}, "test")
DATES = (np.datetime64("2020-01-03"), np.datetime64("2020-06-03"))


class DrawnShard:
    """A shard in memory, of samples that are drawn when they are read."""

    def __init__(self, count=11, shape=(2, 2, 70, 90)):
        self.samples = tuple(Sample(f"s{row}", row, f"s{row}", None, DATES) for row in range(count))
        self.shape = shape
        self.closed = False
        self.reads = []

    def read(self, row):
        self.reads.append(row)
        return np.random.default_rng(row).normal(-12, 4, self.shape).astype(np.float32)

    def close(self):
        self.closed = True


def catalogue_of(shard, path, refused=(2, 5)):
    rows = [
        {
            "sample_id": f"eu-{sample.sample_id}",
            "corpus": KEY.corpus,
            "shard": KEY.shard,
            "row": sample.row,
            "place": sample.place,
            "verdict": "refused" if sample.row in refused else "accepted",
            "reason": "",
        }
        for sample in shard.samples
    ]
    write_catalogue(pa.Table.from_pylist(rows, schema=SCHEMA), path)
    return path


@pytest.fixture
def preprocess(tmp_path, monkeypatch):
    """Preprocess a drawn shard; the name of the product and threads are the caller's."""

    def work(shard, name="cubes", threads=2, catalogue_shard=None, settings=SETTINGS):
        monkeypatch.setattr(samples, "open_shard", lambda *_: shard)
        catalogue = catalogue_of(catalogue_shard or shard, tmp_path / "part.parquet")
        output = tmp_path / f"{name}.zarr.zip"
        run.preprocess_shard(settings, KEY, FEATURES, catalogue, tmp_path, output, threads)
        return output

    return work


def test_accepted_samples_become_cubes_in_catalogue_order(preprocess):
    shard = DrawnShard()
    with open_cubes(preprocess(shard)) as cubes:
        assert cubes.rows.tolist() == [0, 1, 3, 4, 6, 7, 8, 9, 10]
        assert cubes.sample_ids[:3] == ("eu-s0", "eu-s1", "eu-s3")
        feature_set = load_feature_set(FEATURES, SETTINGS)
        for position, row in enumerate(cubes.rows):
            expected = feature_set.compute(shard.read(int(row)), DATES)
            np.testing.assert_array_equal(cubes.read(position, position + 1)[0], expected)


def test_refused_samples_are_never_read(preprocess):
    shard = DrawnShard()
    preprocess(shard, threads=1)
    assert sorted(shard.reads) == [0, 1, 3, 4, 6, 7, 8, 9, 10]


def test_the_product_says_what_it_holds(preprocess):
    with open_cubes(preprocess(DrawnShard())) as cubes:
        attributes = cubes.attributes
        assert cubes.features[:2] == ("vv_mean", "vh_mean")
        assert attributes["units"]["vv_mean"] == "dB"
        assert attributes["calibration"] == "gamma0"
        assert attributes["dates"] == 2
        assert (attributes["corpus"], attributes["shard"]) == KEY
        assert attributes["recipe"]["feature_set"] == "sar-temporal"
        assert attributes["recipe"]["clahe_source"] == "denoised"
        values = cubes.read(0, 9).astype(np.float64)
        np.testing.assert_allclose(cubes.moments.mean, values.mean(axis=(2, 3)), atol=1e-9)


def test_bytes_do_not_depend_on_the_threads(preprocess):
    shard = DrawnShard(23, (2, 2, 100, 64))
    products = [preprocess(shard, f"t{n}", threads=n).read_bytes() for n in (1, 4, 3, 1)]
    assert len(set(products)) == 1


def test_a_shard_without_accepted_samples_is_an_empty_product(preprocess):
    with open_cubes(preprocess(DrawnShard(0))) as cubes:
        assert cubes.sample_ids == ()
        assert cubes.cubes.shape == (0, 12, 64, 64)
        assert cubes.moments.mean.shape == (0, 12)


def test_samples_may_differ_in_shape(preprocess):
    class Ragged(DrawnShard):
        def read(self, row):
            return super().read(row)[..., : 50 + row, :]

    with open_cubes(preprocess(Ragged())) as cubes:
        assert np.isfinite(cubes.read(0, 9)).all()


@pytest.mark.parametrize("threads", [1, 3])
def test_other_raw_data_than_the_catalogues_are_told(preprocess, tmp_path, threads):
    told = r"stacks/place-1: .* \(row 3 is eu-s3 there and nothing here\); remove"
    with pytest.raises(UserError, match=told):
        preprocess(DrawnShard(3), threads=threads, catalogue_shard=DrawnShard(5))
    assert not list(tmp_path.glob("*.zarr.zip"))


def test_a_sample_of_fewer_dates_than_declared_is_told(preprocess):
    with pytest.raises(UserError, match=r"s0 has 1 dates instead of 2"):
        preprocess(DrawnShard(shape=(1, 2, 40, 40)))


@pytest.mark.parametrize("threads", [1, 4])
def test_the_first_wrong_sample_is_named_and_nothing_left(preprocess, tmp_path, threads):
    class Broken(DrawnShard):
        def read(self, row):
            images = super().read(row)
            if row >= 8:
                images[1, 0] = np.nan
            return images

    with pytest.raises(UserError, match="stacks/place-1, sample s8: VV of date 2 has no fin"):
        preprocess(Broken(), threads=threads)
    assert [path.name for path in tmp_path.iterdir()] == ["part.parquet"]


@pytest.mark.parametrize("row", [0, 9])
def test_the_shard_is_closed_whatever_happens(preprocess, row):
    class Broken(DrawnShard):
        def read(self, at):
            if at == row:
                raise UserError("no")
            return super().read(at)

    shard = Broken()
    with pytest.raises(UserError, match="no"):
        preprocess(shard, threads=1)
    assert shard.closed


def test_what_a_reader_tells_reaches_the_person(preprocess):
    class Damaged(DrawnShard):
        def read(self, row):
            raise UserError("place-1.tif: is damaged; download it again.")

    with pytest.raises(UserError, match=r"^place-1\.tif: is damaged; download it again\.$"):
        preprocess(Damaged())


def test_an_unknown_feature_set_stops_before_any_work(tmp_path):
    with pytest.raises(UserError, match="Valid names: sar-temporal"):
        run.preprocess_shard(SETTINGS, KEY, "sar", tmp_path, tmp_path, tmp_path / "x", 1)


def test_the_zip_holds_one_chunk_a_sample(preprocess):
    with zipfile.ZipFile(preprocess(DrawnShard())) as archive:
        chunks = [name for name in archive.namelist() if name.startswith("cubes/c.")]
    assert len(chunks) == 9


def test_threads_of_the_libraries_are_given_back():
    import cv2

    before = cv2.getNumThreads()
    with workers.single_threaded_libraries():
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == before


def test_preprocessing_never_imports_torch():
    code = (
        "import sys, speckle2vec.preprocess.run, speckle2vec.preprocess.sar_temporal;"
        "import speckle2vec.preprocess.statistics;"
        "sys.exit(' '.join({'torch', 'sklearn', 'pandas'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.stderr.strip() == ""


def test_workers_end_when_their_job_is_killed(tmp_path):
    code = (
        "import os, signal, sys;"
        "from speckle2vec.preprocess.workers import worker_processes;"
        "keep = worker_processes(3); workers = keep.__enter__()['pool'];"
        "print(*workers._processes, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    workers = [int(number) for number in ended.stdout.split()]
    assert len(workers) == 3
    for _ in range(100):
        if not any(psutil.pid_exists(number) for number in workers):
            return
        time.sleep(0.1)
    pytest.fail("workers outlive their job")
