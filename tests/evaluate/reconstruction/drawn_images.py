"""Images with land in them, and files of them."""

import numpy as np
from scipy.ndimage import gaussian_filter

from speckle2vec.products.reconstructions import Images, write_reconstructions

FEATURES = ("vv_mean", "vh_mean", "sobel_std")
UNITS = {"vv_mean": "dB", "vh_mean": "dB", "sobel_std": "grey level"}


def land(samples=1, features=3, side=64, seed=0):
    """Smooth fields with speckle, of mean 0 and deviation 1, (sample, feature, side, side)."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=(samples, features, side, side))
    smooth = gaussian_filter(noise, (0, 0, 4, 4))
    smooth /= smooth.std(axis=(2, 3), keepdims=True)
    return (0.9 * smooth + 0.4 * noise).astype(np.float32)


def write_images(path, samples=6, deviations=(4.0, 5.0, 30.0), sizes=None, side=64):
    """A file of two codes; one of them is decoded with twice the error of the other."""
    original = land(samples, side=side)
    noise = np.random.default_rng(9).normal(size=original.shape).astype(np.float32)
    decoded = {"float32": original + 0.2 * noise, "int8": original + 0.4 * noise}
    about = {
        "features": list(FEATURES), "units": UNITS, "deviations": list(deviations),
        "numbers": 256, "starts_from": "embedding", "codes": ["float32", "int8"],
        "bytes": sizes or {"float32": 1024, "int8": 256}, "method": "vae",
    }  # fmt: skip
    ids = [f"sample_{number}" for number in range(samples)]
    blocks = [f"{number // 2}_0" for number in range(samples)]
    images = (
        Images(original[part], {name: one[part] for name, one in decoded.items()})
        for part in (slice(0, 4), slice(4, samples))
    )
    write_reconstructions(path, images, ids, blocks, original.shape[1:], about)
    return original, decoded
