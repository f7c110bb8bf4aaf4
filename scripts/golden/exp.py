#!/usr/bin/env python3
"""Writes exp.json: arguments in (-708, 0] and exp and expm1 of them by mpmath (200 bits), each as the nearest double and
the double nearest to what it lacks. The arguments of `f32` are floats. Needs `pip install mpmath`."""

import json
import pathlib
import random
import struct

from mpmath import exp, expm1, mp, mpf

mp.prec = 200


def parts(value):
    high = float(value)
    return [high, float(value - mpf(high))]


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


draw = random.Random(1)


def table(limit, round_to):
    arguments = [-limit * draw.random() for _ in range(400)] + [-(0.8**i) for i in range(100)]
    # near the ends of what a path reduces to: odd multiples of ln 2 / 32 and of ln 2 / 2
    arguments += [-(2 * i + 1) * 0.6931471805599453 / 32 for i in range(40)]
    arguments += [-(2 * i + 1) * 0.6931471805599453 / 2 for i in range(int(limit))]
    arguments = [round_to(x) for x in arguments]
    arguments = [x for x in arguments if x > -limit]
    return [[x, *parts(exp(mpf(x))), *parts(expm1(mpf(x)))] for x in arguments]


out = {
    "columns": ["x", "exp", "exp, rest", "expm1", "expm1, rest"],
    "f64": table(708, float),
    "f32": table(87, single),
}
path = pathlib.Path(__file__).with_name("exp.json")
path.write_text(json.dumps(out) + "\n")
