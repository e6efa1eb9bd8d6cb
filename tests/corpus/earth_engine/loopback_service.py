"""What Earth Engine's REST API answers, on loopback: shapes as its reference has them.

The fields of the images are those that Earth Engine tells of a real image of COPERNICUS/S1_GRD
and COPERNICUS/S2_SR_HARMONIZED; its grid of Sentinel-1 does not lie on whole 10 m. Pixels
are linear in the image's own x and y, which bilinear interpolation keeps exactly, so that the
truth at the centres of a patch is known; what was asked without interpolation is the nearest.
"""

import asyncio
import io
import json
from urllib.parse import parse_qs

import numpy as np
from pyproj import Transformer

TOKEN, PROJECT = "ya29.a-door-that-opens", "my-project"
GRD, SR, SR_OLD = "COPERNICUS/S1_GRD", "COPERNICUS/S2_SR_HARMONIZED", "COPERNICUS/S2_SR"
PUBLIC = "projects/earthengine-public/assets/"
EPSG = 32634
PLACE = (19.0, 49.2)
S1_ID = "S1A_IW_GRDH_1SDV_20191202T163455_20191202T163520_030172_0372A4_67BA"
S2_ID = "20191203T094349_20191203T094350_T34UCV"
NAMES = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B11", "B12", "SCL")
SIZES = dict.fromkeys(NAMES, 20) | dict.fromkeys(("B1", "B9"), 60)
SIZES |= dict.fromkeys(("B2", "B3", "B4", "B8"), 10) | {"VV": 10, "VH": 10}
ORIGINS = {"S1": (190615.1700898306, 5568907.024637105), "S2": (300000, 5500020)}


def provider_at(server, **changes):
    """Settings of a provider that stands on loopback."""
    return {"name": "earth-engine", "url": server.url, "sentinel_1": None, "sentinel_2": None,
            "attempts": 2, **changes}  # fmt: skip


def band(name, precision="INTEGER", sensor="S2", side=109800):
    left, top = ORIGINS[sensor]
    size = SIZES[name]
    return {
        "id": name, "dataType": {"precision": precision},
        "grid": {
            "crsCode": f"EPSG:{EPSG}",
            "dimensions": {"width": side // size, "height": side // size},
            "affineTransform": {"scaleX": size, "scaleY": -size, "translateX": left,
                                "translateY": top},
        },
        "pyramidingPolicy": "MEAN",
    }  # fmt: skip


def radar_image(**changes):
    fields = {
        "instrumentMode": "IW", "orbitProperties_pass": "ASCENDING", "platform_number": "A",
        "relativeOrbitNumber_start": 175, "resolution_meters": 10, "productType": "GRD",
        "GRD_Post_Processing_start": 1575312426960, "system:asset_size": 4063225529,
        "transmitterReceiverPolarisation": ["VV", "VH"],
    }  # fmt: skip
    ring = [[20.65, 48.68], [20.35, 50.19], [16.9, 49.8], [17.35, 48.3], [20.65, 48.68]]
    image = {
        "type": "IMAGE", "name": f"{PUBLIC}{GRD}/{S1_ID}", "id": f"{GRD}/{S1_ID}",
        "updateTime": "2020-11-19T07:18:22.269949Z", "startTime": "2019-12-02T16:34:55Z",
        "endTime": "2019-12-02T16:34:55Z", "properties": fields,
        "geometry": {"type": "LinearRing", "coordinates": ring},
        "bands": [band("VV", "DOUBLE", "S1", 250000), band("VH", "DOUBLE", "S1", 250000)],
        "sizeBytes": "4063225529",
    }  # fmt: skip
    return changed(image, changes)


def optical_image(collection=SR, baseline="05.09", **changes):
    fields = {
        "SPACECRAFT_NAME": "Sentinel-2A", "PROCESSING_BASELINE": baseline, "MGRS_TILE": "34UCV",
        "CLOUDY_PIXEL_PERCENTAGE": 12.5, "SENSING_ORBIT_NUMBER": 36,
        "SENSING_ORBIT_DIRECTION": "DESCENDING", "GENERATION_TIME": 1575374400000,
    }  # fmt: skip
    ring = [[18.3, 48.7], [19.7, 48.7], [19.7, 49.6], [18.3, 49.6], [18.3, 48.7]]
    image = {
        "type": "IMAGE", "name": f"{PUBLIC}{collection}/{S2_ID}", "id": f"{collection}/{S2_ID}",
        "startTime": "2019-12-03T09:45:12.340Z", "properties": fields,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bands": [band(name) for name in NAMES],
    }  # fmt: skip
    return changed(image, changes)


def changed(image, changes):
    properties = image["properties"] | changes.pop("properties", {})
    return image | {"properties": properties} | changes


def truth(name, x, y):
    """Of a band at places in metres of the image's grid; 0 of classes beyond the middle."""
    slope = 1e-4 * (x - 354_000) + 2e-4 * (y - 5_451_000)
    if name in ("VV", "VH"):
        return {"VV": -12.0, "VH": -19.0}[name] + slope
    if name == "SCL":
        return 4 + (np.floor((x - 300_000) / 20) % 7)
    return 2000 + 100 * NAMES.index(name) + 100 * slope


class EarthEngineService:
    """Answers for the images given, to who shows the token.

    `faults`: what the next requests get instead, a status or bytes; `...` before one repeats
    it. `page`: most images of one answer; `ignoring`: whether filters are thrown away; `cut`:
    whether answers end in the middle; `dark`: which pixels are masked.
    """

    def __init__(self, images=()):
        self.images, self.faults, self.page, self.ignoring = list(images), [], 1, False
        self.cut, self.delay_s, self.at_once, self.most_at_once = False, 0.0, 0, 0
        self.requests, self.bodies, self.dark, self.port = [], [], None, 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    async def __call__(self, scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        query = {key: one[0] for key, one in parse_qs(scope["query_string"].decode()).items()}
        self.requests.append((scope["method"], scope["path"], query, headers))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.delay_s)
        self.at_once -= 1
        status, content, more = self.answer(scope["method"], scope["path"], query, headers, body)
        sizes = [(b"content-length", str(len(content)).encode()), *more]
        if self.cut:
            await send({"type": "http.response.start", "status": status, "headers": sizes})
            half = content[: len(content) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            raise ConnectionError("cut on demand")
        await send({"type": "http.response.start", "status": status, "headers": sizes})
        await send({"type": "http.response.body", "body": content})

    def answer(self, method, path, query, headers, body):
        fault = self._fault()
        if isinstance(fault, tuple):
            return fault
        if isinstance(fault, int):
            return fault, error(f"told to say {fault} to {headers.get('authorization')}"), []
        if fault is not None:
            return 200, fault, []
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, error("Request had invalid authentication credentials."), []
        if method == "GET" and path.endswith(":listImages"):
            return self._listed(path, query)
        if method == "POST" and path == f"/v1/projects/{PROJECT}/image:computePixels":
            return self._computed(json.loads(body))
        return 404, error("nothing here"), []

    def _fault(self):
        if not self.faults:
            return None
        return self.faults[1] if self.faults[0] is ... else self.faults.pop(0)

    def _listed(self, path, query):
        parent = path.removeprefix("/v1/").removesuffix(":listImages")
        known = [one for one in self.images if one["name"].startswith(f"{parent}/")]
        if not known:
            return 404, error(f"Collection asset '{parent}' not found."), []
        if not self.ignoring:
            start, end = query["startTime"], query["endTime"]
            known = [one for one in known if start <= one["startTime"] < end]
        first = int(query.get("pageToken", "t0")[1:])
        told = {"images": known[first : first + self.page]}
        if first + self.page < len(known):
            told["nextPageToken"] = f"t{first + self.page}"
        return 200, json.dumps(told).encode(), []

    def _computed(self, body):
        self.bodies.append(body)
        values, grid = body["expression"]["values"], body["grid"]
        known = {one["id"]: one for one in self.images}
        try:
            asked = evaluate(values, body["expression"]["result"], known)
        except KeyError as missing:
            return 400, error(f"Image.load: Image asset {missing} not found."), []
        made = np.zeros((grid["dimensions"]["height"], grid["dimensions"]["width"]),
                        [(one, *asked[one][:1]) for one in body["bandIds"]])  # fmt: skip
        x, y = centres(grid)
        for one in body["bandIds"]:
            made[one] = pixels(one, asked[one][1], x, y)
            if self.dark is not None:
                made[one][self.dark] = 0
        file = io.BytesIO()
        np.save(file, made)
        return 200, file.getvalue(), []


def error(message):
    return json.dumps({"error": {"code": 0, "message": message}}).encode()


def evaluate(values, name, known):
    """Bands of an expression: their type, and whether they are interpolated."""
    call = values[name]["functionInvocationValue"]
    function, given = call["functionName"], call["arguments"]
    arguments = {
        key: value["constantValue"] if "constantValue" in value
        else evaluate(values, value["valueReference"], known)
        for key, value in given.items()
    }  # fmt: skip
    if function == "Image.load":
        bands = known[arguments["id"]]["bands"]
        kinds = {"DOUBLE": "<f8", "INTEGER": "<u2"}
        return {one["id"]: (kinds[one["dataType"]["precision"]], False) for one in bands}
    if function == "Image.select":
        return {one: arguments["input"][one] for one in arguments["bandSelectors"]}
    if function == "Image.resample":
        assert arguments["mode"] == "bilinear"
        return dict.fromkeys(arguments["image"], ("<f8", True))
    assert function == "Image.addBands"
    return arguments["dstImg"] | arguments["srcImg"]


def centres(grid):
    """Of the pixels of a grid, in metres of the images' grid, (y, x) each."""
    affine, size = grid["affineTransform"], grid["dimensions"]
    columns, rows = np.meshgrid(np.arange(size["width"]) + 0.5, np.arange(size["height"]) + 0.5)
    x = affine["translateX"] + affine["scaleX"] * columns + affine["shearX"] * rows
    y = affine["translateY"] + affine["shearY"] * columns + affine["scaleY"] * rows
    return Transformer.from_crs(grid["crsCode"], EPSG, always_xy=True).transform(x, y)


def pixels(name, smooth, x, y):
    if not smooth:
        left, top = ORIGINS["S1" if name in ("VV", "VH") else "S2"]
        x = left + (np.floor((x - left) / SIZES[name]) + 0.5) * SIZES[name]
        y = top - (np.floor((top - y) / SIZES[name]) + 0.5) * SIZES[name]
    return truth(name, x, y)
