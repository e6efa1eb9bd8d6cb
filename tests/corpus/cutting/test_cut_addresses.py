"""Images in an S3 bucket, read by an S3 client over HTTP."""

import numpy as np
import pytest
from starlette.responses import Response
from tests.corpus.archives import Archive, settings_of
from tests.corpus.cutting.test_cut import opened
from tests.corpus.loopback import CogServer, serving
from tests.corpus.scenes import gamma0_db, lonlat, passes, write_scenes

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.errors import UserError

DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>'
    "<Message>Access Denied</Message></Error>"
)


class Bucket(CogServer):
    """A bucket with path-style addresses, as S3 has them."""

    closed = False

    async def answer(self, scope, receive, send):
        if self.closed:
            response = Response(DENIED, 403, media_type="application/xml")
            return await response(scope, receive, send)
        path = scope["path"].removeprefix("/bucket")
        return await super().answer({**scope, "path": path}, receive, send)


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    (tmp_path / "cogs").mkdir()
    with serving(Bucket(tmp_path / "cogs")) as bucket:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REQUEST_PAYER"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_S3_ENDPOINT", bucket.url.removeprefix("http://"))
        monkeypatch.setenv("AWS_HTTPS", "NO")
        monkeypatch.setenv("AWS_VIRTUAL_HOSTING", "FALSE")
        yield bucket


@pytest.fixture
def archive(bucket, tmp_path):
    items = write_scenes(bucket.folder, "s3://bucket", passes(1), (32632,), optical=False)
    return Archive(tmp_path / "a", settings_of(1, search={"optical": False}), items)


def test_an_open_bucket_is_read_without_keys(archive, bucket):
    archive.cut()
    got = opened(archive.radar)["bands"].values[:, 0, 0].astype(float)
    for row, position in enumerate(archive.places):
        truth = gamma0_db(*lonlat(patch_grid(*position, 32632, 64)), "vv", 0)
        assert np.abs(got[row] - truth).max() < 0.012
    assert all(path.startswith("/bucket/") for _, path, _ in bucket.requests)


def test_a_closed_bucket_is_told(archive, bucket):
    bucket.closed = True
    with pytest.raises(UserError, match="refuses to hand it out"):
        archive.cut()
    assert not archive.radar.exists()
