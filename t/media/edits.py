#!/usr/bin/env python3
"""edits.py IN OUT LENGTH:START[,...]: gives every track of an MP4 this edit list.

This is how QuickTime trims without encoding: the samples stay, the index says
what is shown.  START is in seconds of the media, -1 for an empty edit.  The
index must be the last box of the file.  ISO/IEC 14496-12, 8.6.6.
"""
import struct
import sys


def boxes(data, begin, end):
    while begin < end:
        size, kind = struct.unpack(">I4s", data[begin : begin + 8])
        yield kind, begin, begin + size
        begin += size


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def find(data, begin, end, *path):
    for kind, a, b in boxes(data, begin, end):
        if kind == path[0]:
            return (a, b) if len(path) == 1 else find(data, a + 8, b, *path[1:])
    return None


def number(data, at):
    return struct.unpack(">i", data[at : at + 4])[0]


def edit_list(data, track, edits, movie_scale):
    media_scale = number(data, find(data, *track, b"mdia", b"mdhd")[0] + 20)
    old = find(data, *track, b"edts", b"elst")
    delay = max(0, number(data, old[0] + 20)) if old else 0
    rows = [
        struct.pack(">iiHH", round(length * movie_scale), -1 if start < 0 else round(start * media_scale) + delay, 1, 0)
        for length, start in edits
    ]
    return box(b"edts", box(b"elst", struct.pack(">II", 0, len(rows)), *rows))


def main(source, target, words):
    data = open(source, "rb").read()
    edits = [tuple(float(n) for n in word.split(":")) for word in words.split(",")]
    moov = find(data, 0, len(data), b"moov")
    assert moov[1] == len(data), "the index is not the last box"
    scale = number(data, find(data, moov[0] + 8, moov[1], b"mvhd")[0] + 20)
    length = struct.pack(">I", round(sum(n for n, _ in edits) * scale))
    parts = []
    for kind, a, b in boxes(data, moov[0] + 8, moov[1]):
        part = data[a:b]
        if kind == b"mvhd":
            part = part[:24] + length + part[28:]
        elif kind == b"trak":
            inner = []
            for name, c, d in boxes(data, a + 8, b):
                if name == b"tkhd":
                    inner += [data[c : c + 28], length, data[c + 32 : d], edit_list(data, (a + 8, b), edits, scale)]
                elif name != b"edts":
                    inner.append(data[c:d])
            part = box(b"trak", *inner)
        parts.append(part)
    open(target, "wb").write(data[: moov[0]] + box(b"moov", *parts))


main(*sys.argv[1:])
