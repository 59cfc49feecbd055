"""Make PNG pictures small: flat drawings need few colours."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


def palette_png(pixels: Bytes, *, keep: Sequence[str] = (), count: int = 96) -> bytes:
    """Write pixels `(height, width, 3)` as a PNG with a palette, about a third of the usual size.

    The palette holds the commonest colours; others, which are the soft edges of lines, take the
    nearest of these. Colours in `keep`, such as "#0072B2", come through unchanged, however thin
    the line that has them.

    >>> palette_png(np.zeros((2, 3, 3), dtype=np.uint8), keep=["#ffffff"])[1:4]
    b'PNG'
    """
    kept = np.frombuffer(bytes.fromhex("".join(keep).replace("#", "")), dtype=np.uint8)
    return _encode(*reduce_colours(pixels, kept.reshape(-1, 3), count))


def reduce_colours(pixels: Bytes, keep: Bytes, count: int) -> tuple[Bytes, Bytes]:
    """Choose a palette `(count or fewer, 3)` and the index of each pixel in it, `(height, width)`.

    >>> row = np.array([[[0, 0, 0], [0, 0, 0], [250, 250, 250], [9, 9, 9]]], dtype=np.uint8)
    >>> palette, indices = reduce_colours(row, keep=np.array([[9, 9, 9]], dtype=np.uint8), count=2)
    >>> palette.tolist(), indices.tolist()
    ([[9, 9, 9], [0, 0, 0]], [[1, 1, 0, 0]])
    """
    packed = pixels.astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    codes, places, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=-1).astype(np.uint8)
    common = colours[np.argsort(-counts, kind="stable")]
    new = ~(common[:, None] == keep).all(axis=-1).any(axis=-1)
    palette = np.concatenate([keep, common[new]])[:count]
    gaps = colours[:, None].astype(np.float32) - palette
    nearest = np.einsum("ijk,ijk->ij", gaps, gaps).argmin(axis=1).astype(np.uint8)
    return palette, nearest[places].reshape(pixels.shape[:2])


def _encode(palette: Bytes, indices: Bytes) -> bytes:
    """Write an indexed PNG: header, palette, rows that each begin with filter type 0."""
    height, width = indices.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    rows = np.concatenate([np.zeros((height, 1), dtype=np.uint8), indices], axis=1)
    chunks = [
        _chunk(b"IHDR", header),
        _chunk(b"PLTE", palette.tobytes()),
        _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)
