# SPDX-License-Identifier: GPL-2.0-or-later
"""How large a PNG is, and whether it ends with nothing."""

import struct
import zlib


def look(path):
    """((width, height), lines at the end that are of one colour) of a PNG of 8 bit per channel."""
    with open(path, 'rb') as file:
        data = file.read()
    if data[:8] != b'\x89PNG\r\n\x1a\n':
        raise ValueError(f'{path}: this is no PNG')
    at, pixels = 8, b''
    while at < len(data):
        length, kind = struct.unpack('>I4s', data[at:at + 8])
        if kind == b'IHDR':
            width, height, depth, colour = struct.unpack('>IIBB', data[at + 8:at + 18])
        elif kind == b'IDAT':
            pixels += data[at + 8:at + 8 + length]
        at += 12 + length
    if depth != 8 or colour not in (2, 6):
        raise ValueError(f'{path}: depth {depth}, colour type {colour}')
    pixels = zlib.decompress(pixels)
    stride = 1 + width * (3 if colour == 2 else 4)
    blank = 0
    # Whatever the filter of a line is, one colour makes it the same few bytes over and over.
    while blank < height and len(set(pixels[(height - blank - 1) * stride + 1:(height - blank) * stride])) <= 8:
        blank += 1
    return (width, height), blank
