"""Patches of Earth Engine: what is asked for, and what is made of the answer."""

import io
import json

import numpy as np
import pytest
from tests.corpus.archives import settings_of
from tests.corpus.earth_engine.loopback_service import (
    EPSG,
    GRD,
    NAMES,
    PLACE,
    PROJECT,
    S1_ID,
    S2_ID,
    SR,
    centres,
    optical_image,
    provider_at,
    radar_image,
    truth,
)

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.earth_engine import pixels as earth_engine_pixels
from speckle2vec.corpus.earth_engine.items import item_of
from speckle2vec.corpus.earth_engine.pixels import load_pixels, request_body, squares
from speckle2vec.corpus.providers import collections_of
from speckle2vec.corpus.troubles import ForbiddenError, TemporaryError, UnusableError
from speckle2vec.settings.corpus import OPTICAL_BANDS

SIZE = 16
RADAR, OPTICAL = ("VV", "VH"), (*OPTICAL_BANDS, "SCL")


@pytest.fixture
def load(server):
    def load(image, bands, epsg=EPSG, size=SIZE):
        corpus = settings_of(provider=provider_at(server), calibration="sigma0").corpora["own"]
        radar, optical = collections_of(corpus)
        collection = radar if bands == RADAR else optical
        stac = json.dumps(item_of(image, collection))
        grid = patch_grid(*PLACE, epsg, size)
        return load_pixels(stac, collection, bands, grid, corpus.provider)

    return load


def true_numbers(name, epsg=EPSG, size=SIZE):
    body = request_body("x", {"VV": "VV"}, patch_grid(*PLACE, epsg, size))
    return truth(name, *centres(body["grid"]))


def test_the_request_is_that_of_the_reference(server, load):
    load(radar_image(), RADAR)
    ((method, path, _, headers),) = server.requests
    assert (method, path) == ("POST", f"/v1/projects/{PROJECT}/image:computePixels")
    assert headers["content-type"] == "application/json"
    corner = patch_grid(*PLACE, EPSG, SIZE).affine
    assert (corner.c % 10, corner.f % 10) == (0, 0)

    def call(name, **arguments):
        return {"functionInvocationValue": {"functionName": name, "arguments": arguments}}

    assert server.bodies == [{
        "expression": {"result": "smooth", "values": {
            "image": call("Image.load", id={"constantValue": f"{GRD}/{S1_ID}"}),
            "measured": call("Image.select", input={"valueReference": "image"},
                             bandSelectors={"constantValue": ["VV", "VH"]}),
            "smooth": call("Image.resample", image={"valueReference": "measured"},
                           mode={"constantValue": "bilinear"}),
        }},
        "fileFormat": "NPY",
        "bandIds": ["VV", "VH"],
        "grid": {
            "crsCode": "EPSG:32634",
            "dimensions": {"width": SIZE, "height": SIZE},
            "affineTransform": {"scaleX": 10, "shearX": 0, "translateX": corner.c, "shearY": 0,
                                "scaleY": -10, "translateY": corner.f},
        },
    }]  # fmt: skip


def test_classes_are_asked_for_beside_the_bands_and_not_interpolated(server, load):
    found = load(optical_image(), OPTICAL)
    (body,) = server.bodies
    assert body["bandIds"] == list(NAMES)
    values = body["expression"]["values"]
    assert values["image"]["functionInvocationValue"]["arguments"]["id"] == {
        "constantValue": f"{SR}/{S2_ID}"
    }
    assert np.array_equal(found["SCL"], true_numbers("SCL").astype(np.uint16))
    assert found["SCL"].dtype == np.uint16


@pytest.mark.parametrize("epsg", [EPSG, 32633])
def test_numbers_are_the_truth_at_the_centres_in_any_zone(load, epsg):
    radar, optical = load(radar_image(), RADAR, epsg), load(optical_image(), OPTICAL, epsg)
    for name in RADAR:
        assert radar[name].dtype == np.float32
        assert np.allclose(radar[name], true_numbers(name, epsg), rtol=1e-6)
    for name in OPTICAL_BANDS:
        theirs = name.replace("B0", "B")
        assert np.array_equal(optical[name], np.rint(true_numbers(theirs, epsg)).astype(np.uint16))


def test_masked_pixels_are_0(server, load):
    server.dark = (slice(0, 3), slice(2, 5))
    for found in (load(radar_image(), RADAR), load(optical_image(), OPTICAL)):
        for values in found.values():
            assert (values[0:3, 2:5] == 0).all()
            assert (values[3:] != 0).all()


def test_large_patches_are_asked_for_in_squares(server, load, monkeypatch):
    monkeypatch.setattr(earth_engine_pixels, "MOST_BYTES", 8 * 2 * 7 * 7)
    found = load(radar_image(), RADAR)
    sizes = [tuple(one["grid"]["dimensions"].values()) for one in server.bodies]
    assert sorted(set(sizes)) == [(2, 2), (2, 7), (7, 2), (7, 7)]
    assert len(sizes) == 9
    assert np.allclose(found["VV"], true_numbers("VV"), rtol=1e-6)


def test_one_request_holds_what_the_service_allows():
    assert len(list(squares(264, 264, 13))) == 1
    for height, width, bands in ((5000, 5000, 13), (10, 100_000, 1), (2000, 700, 2)):
        covered = np.zeros((height, width), np.uint8)
        for rows, columns in squares(height, width, bands):
            part = covered[rows, columns]
            assert part.size * bands * 8 <= 48_000_000
            assert max(part.shape) <= 32_768
            part += 1
        assert (covered == 1).all()


def test_without_classes_the_bands_alone_are_asked_for(server, load):
    image = optical_image()
    image["bands"] = [one for one in image["bands"] if one["id"] != "SCL"]
    assert "SCL" not in load(image, OPTICAL)
    assert server.bodies[0]["bandIds"] == list(NAMES[:-1])


def test_an_image_that_lacks_a_band_or_is_gone_is_never_cut(server, load):
    image = radar_image()
    image["bands"] = image["bands"][:1]
    with pytest.raises(UnusableError, match="has no band VH; it has VV"):
        load(image, RADAR)
    server.images = []
    with pytest.raises(UnusableError, match=f"{S1_ID}.* not found"):
        load(radar_image(), RADAR)


def saved(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"\x93NUMPY", "is no whole array"),
        (b"", "is no whole array"),
        (saved(np.zeros((16, 16), [("VV", "<f8"), ("VH", "<f8")]))[:900], "is no whole array"),
        (saved(np.array([{"a": 1}], object)), "is no whole array"),
        (saved(np.zeros((16, 15), [("VV", "<f8"), ("VH", "<f8")])), r"of \(16, 15\) pixels"),
        (saved(np.zeros((16, 16), [("VV", "<f8")])), "bands VV of .* and VV, VH of"),
        (saved(np.zeros((16, 16))), "bands without names"),
    ],
)
def test_answers_that_are_not_what_was_asked_for(server, load, answer, sentence):
    server.faults = [answer]
    with pytest.raises(TemporaryError, match=sentence):
        load(radar_image(), RADAR)


def test_a_refusal_is_never_an_empty_patch(server, load):
    server.faults = [403]
    with pytest.raises(ForbiddenError, match="HTTP 403"):
        load(radar_image(), RADAR)
