"""Answers of Earth Engine whose bytes were damaged on the way: tried again, never a crash."""

import io
import json

import numpy as np
import pytest
from tests.corpus.archives import settings_of
from tests.corpus.earth_engine.loopback_service import EPSG, PLACE, provider_at, radar_image

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.earth_engine.items import item_of
from speckle2vec.corpus.earth_engine.pixels import load_pixels
from speckle2vec.corpus.providers import collections_of
from speckle2vec.corpus.troubles import TemporaryError


def whole():
    file = io.BytesIO()
    np.save(file, np.zeros((16, 16), [("VV", "<f8"), ("VH", "<f8")]))
    return file.getvalue()


def with_byte(at, byte):
    content = bytearray(whole())
    content[at] = byte
    return bytes(content)


@pytest.mark.parametrize(
    "answer",
    [
        with_byte(8, 46),  # the header ends too early
        with_byte(whole().index(b" 'shape'"), ord("B")),  # a name of bytes among texts
        b"PK\x03\x04" + bytes(60),  # begins as an archive of arrays does
        with_byte(0, 0),
        whole()[:-1],
    ],
)
def test_an_answer_that_is_no_array_is_tried_again(server, answer):
    corpus = settings_of(provider=provider_at(server), calibration="sigma0").corpora["own"]
    radar, _ = collections_of(corpus)
    stac = json.dumps(item_of(radar_image(), radar))
    server.faults = [answer]
    with pytest.raises(TemporaryError, match="is no whole array"):
        load_pixels(stac, radar, ("VV", "VH"), patch_grid(*PLACE, EPSG, 16), corpus.provider)
