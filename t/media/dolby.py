#!/usr/bin/env python3
"""dolby.py IN OUT PROFILE BASE: says that the picture of an MP4 is Dolby Vision.

PROFILE as in "Dolby Vision Streams Within the ISO Base Media File Format"; BASE
says which players show it right without Dolby Vision (0: none).  The first track
must be the picture, and the index the last box of the file.
"""
import struct
import sys

HEADERS = {b"stsd": 16, b"hvc1": 86}  # bytes before the boxes within


def insert(data, path, extra):
    """The boxes of data, with extra at the end of the one to which the path leads."""
    out = b""
    found = False
    while data:
        size, kind = struct.unpack(">I4s", data[:8])
        box, data = data[:size], data[size:]
        if kind == path[0] and not found:
            head = HEADERS.get(kind, 8)
            body = box[head:] + extra if len(path) == 1 else insert(box[head:], path[1:], extra)
            box = struct.pack(">I", head + len(body)) + box[4:head] + body
            found = True
        out += box
    assert found, path
    return out


def main(source, target, profile, base):
    bits = int(profile) << 9 | 6 << 3 | 0b101  # level 6, metadata and base layer present
    record = struct.pack(">BBHB19x", 1, 0, bits, int(base) << 4)
    path = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hvc1"]
    data = open(source, "rb").read()
    open(target, "wb").write(insert(data, path, struct.pack(">I4s", 32, b"dvcC") + record))


main(*sys.argv[1:])
