"""The report's own functions, word for word, as the baseline of the benchmarks.

Section numbers are those of the report. What it leaves open is settled as in FACTS:
CLAHE reads the denoised VV, Sobel the CLAHE image, and the dates are stacked as float32.
"""

import cv2
import numpy as np
from skimage.transform import resize


def bilateral_denoise(image):
    """Section 3.1."""
    return cv2.bilateralFilter(image.astype(np.float32), d=9, sigmaColor=75, sigmaSpace=75)


def apply_clahe(image):
    """Section 3.2."""
    norm = cv2.normalize(image, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    clahe = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8))
    return clahe.apply(norm)


def sobel_edges(image):
    """Section 3.3."""
    grad_x = cv2.Sobel(image, cv2.CV_32F, 1, 0, ksize=3)
    grad_y = cv2.Sobel(image, cv2.CV_32F, 0, 1, ksize=3)
    return cv2.magnitude(grad_x, grad_y)


def downsample(image, target_shape=(64, 64)):
    """Section 3.5."""
    return resize(image, target_shape, mode="reflect", preserve_range=True, anti_aliasing=True)


def features_of_denoised(denoised):
    """Sections 3.2 to 3.5 of (date, VV and VH, y, x), to (12, 64, 64)."""
    frames = []
    for vv, vh in denoised:
        clahe = apply_clahe(vv)
        frames.append(np.stack([vv, vh, clahe, sobel_edges(clahe)]))
    stack = np.stack(frames)
    mean, std = np.mean(stack, axis=0), np.std(stack, axis=0)
    difference = stack[-1] - stack[0]
    return np.stack([downsample(image) for image in np.concatenate([mean, std, difference])])


def denoise_all(sample):
    """Section 3.1 of every date and polarisation."""
    return np.stack([[bilateral_denoise(image) for image in date] for date in sample])


def features(sample):
    """Section 3 of one sample (date, VV and VH, y, x) in dB, to (12, 64, 64)."""
    return features_of_denoised(denoise_all(sample))
