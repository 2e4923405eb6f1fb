#!/usr/bin/env python3
"""Verifies a memwarden audit log without memwarden: Python's standard library, no code shared.

    verify-audit.py FOLDER [--checkpoint FILE] [--json]

FOLDER holds the JSON lines of the file sink or of `memwarden audit dump`. With a checkpoint that was kept elsewhere its
keys are trusted and nothing before it may be missing; without one the first key that the registry names is trusted, and
the log is complete only up to what it claims. Exit code: 0 verified, 1 not, 2 wrong usage. The format is in docs/audit.md.
"""
import argparse
import base64
import hashlib
import json
import pathlib
import re
import sys

# Ed25519 (RFC 8032): the curve -x^2 + y^2 = 1 + d x^2 y^2 over GF(P), its base point of order L.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def double(p):
    a, b, c = p[0] * p[0] % P, p[1] * p[1] % P, 2 * p[2] * p[2] % P
    h = a + b
    e, g = h - (p[0] + p[1]) * (p[0] + p[1]), a - b
    f = c + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def decode_point(data):
    """The point of 32 bytes, or None where they encode none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def encode_point(p):
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
NEUTRAL = (0, 1, 1, 0)


def combine(s, p, t, q):
    """s*p + t*q, by joint doubling."""
    both, result = add(p, q), NEUTRAL
    for bit in range(max(s.bit_length(), t.bit_length()) - 1, -1, -1):
        result = double(result)
        pick = (s >> bit & 1, t >> bit & 1)
        if pick != (0, 0):
            result = add(result, {(1, 0): p, (0, 1): q, (1, 1): both}[pick])
    return result


def signature_is_valid(key, message, signature):
    """Whether an Ed25519 signature holds: encode(S*B - k*A) equals R, with S below L."""
    point = decode_point(key) if len(key) == 32 else None
    s = int.from_bytes(signature[32:], "little")
    if point is None or len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    minus = (P - point[0], point[1], 1, P - point[3])
    return encode_point(combine(s, BASE, k, minus)) == signature[:32]


def canonical(value):
    """RFC 8785 for what heads and checkpoints hold: ASCII keys, strings and whole numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    """The bytes of base64url in its one canonical form, or nothing."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, TypeError):
        return b""
    return data if b64(data) == text else b""


def sha256(text):
    return b64(hashlib.sha256(text.encode()).digest())


class Fault(Exception):
    """What is wrong, at the first place where something is."""

    def __init__(self, stream, group, seq, fault):
        super().__init__(fault)
        self.at = {"stream": stream, "group": group, "seq": seq, "fault": fault}


class Stream:
    """Where a stream stands."""

    def __init__(self, name):
        self.name, self.group, self.seq = name, 0, 0
        self.hash = self.head = sha256("memwarden audit stream 1\n" + name)


def check_group(stream, lines, keys):
    """Takes a stream over one group; returns the records. Raises Fault."""
    *record_lines, head_line = lines
    records = []
    value, seq = stream.hash, stream.seq
    for line in record_lines:
        seq += 1
        end = f',"seq":{seq},"stream":"{stream.name}"}}'
        begin, middle = '{"hash":"', '","record":'
        at = len(begin) + 43 + len(middle)
        record = line[at : -len(end)]
        value = sha256(f"{value}\n{record}")
        if line != f"{begin}{value}{middle}{record}{end}":
            raise Fault(stream.name, stream.group + 1, seq, "record_changed")
        records.append(record)
    try:
        claimed = json.loads(head_line)
        head = {
            "at": str(claimed["head"]["at"]), "group": stream.group + 1, "hash": value,
            "key": str(claimed["head"]["key"]), "prev": stream.head, "seq": seq, "stream": stream.name, "v": 1,
        }
        is_head = canonical({"head": head, "sig": claimed["sig"]}) == head_line and records
    except (ValueError, KeyError, TypeError):
        is_head = False
    if not is_head:
        raise Fault(stream.name, stream.group + 1, seq, "head_changed")
    if stream.name == "registry":
        introduce(keys, records)
    if head["key"] not in keys:
        raise Fault(stream.name, stream.group + 1, seq, "key_unknown")
    signed = ("memwarden audit head 1\n" + canonical(head)).encode()
    if not signature_is_valid(keys[head["key"]], signed, unb64(claimed["sig"])):
        raise Fault(stream.name, stream.group + 1, stream.seq + 1, "signature_invalid")
    stream.group, stream.seq, stream.hash, stream.head = stream.group + 1, seq, value, sha256(head_line)
    if stream.name == "registry":
        introduce(keys, records, signed_by_known=True)
    return records


def introduce(keys, records, signed_by_known=False):
    """The first key names itself; every later one is named under a key that is known."""
    for record in map(json.loads, records):
        if record["kind"] == "key" and (signed_by_known or not keys):
            keys.setdefault(record["key"]["id"], unb64(record["key"]["x"]))


def read_groups(folder):
    """The groups of each stream as lists of lines, numbered by the order in which they must come."""
    streams = {}
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        name = re.sub(r"(\.\d+)?\.jsonl$", "", path.name)
        name = "registry" if name.startswith("registry") else name
        try:
            lines = path.read_bytes().decode("utf-8").split("\n")
        except UnicodeDecodeError:
            lines = path.read_bytes().decode("latin-1").split("\n")
        if lines.pop() != "":
            lines.append("")
        groups, group = streams.setdefault(name, []), []
        for line in lines:
            group.append(line)
            if line.startswith('{"head":'):
                groups.append(group)
                group = []
        if group:
            groups.append(group)
    # Every process keeps a part of the registry; its groups say where they belong.
    streams.get("registry", []).sort(key=lambda group: number_of(group[-1]))
    return streams


def number_of(line):
    try:
        return json.loads(line)["head"]["group"]
    except (ValueError, KeyError, TypeError):
        return 2**53


def read_checkpoint(path):
    text = pathlib.Path(path).read_text("utf-8")
    whole = json.loads(text)
    checkpoint = whole["checkpoint"]
    keys = {key["id"]: unb64(key["x"]) for key in checkpoint["keys"]}
    signed = ("memwarden audit checkpoint 1\n" + canonical(checkpoint)).encode()
    if canonical(whole) != text.rstrip("\n") or not signature_is_valid(keys[checkpoint["key"]], signed, unb64(whole["sig"])):
        sys.exit("the checkpoint is not what its key has signed")
    heads = [checkpoint["registry"], *checkpoint["open"]]
    return keys, {(one["stream"], one["group"]): one for one in heads if one["group"] > 0}


def verify(folder, checkpoint):
    keys, awaited = read_checkpoint(checkpoint) if checkpoint else ({}, {})
    streams = read_groups(folder)
    states, count = {}, {"records": 0, "heads": 0}

    def take(name):
        stream = Stream(name)
        for lines in streams.get(name, []):
            records = check_group(stream, lines, keys)
            count["heads"] += 1
            if name != "registry":
                count["records"] += len(records)
            for record in map(json.loads, records) if name == "registry" else ():
                if record["kind"] == "open":
                    states[record["stream"]] = {}
                elif record.get("stream") in states:
                    states[record["stream"]].setdefault(record["kind"], record)
            promised = awaited.pop((name, stream.group), None)
            if promised and promised["head"] != stream.head:
                raise Fault(name, stream.group, stream.seq, "fork")
        return stream

    take("registry")
    for name, state in states.items():
        if "pruned" in state:
            for place in [place for place in awaited if place[0] == name]:
                del awaited[place]
            continue
        stream, end = take(name), state.get("close")
        if end and (end["group"], end["seq"], end["head"]) != (stream.group, stream.seq, stream.head):
            cut = "stream_missing" if stream.group == 0 else "tail_cut"
            raise Fault(name, end["group"], stream.seq + 1, cut if stream.group < end["group"] else "fork")
    for name in streams:
        if name != "registry" and name not in states:
            raise Fault(name, 0, 0, "stream_not_opened")
    for (name, group), promised in awaited.items():
        raise Fault(name, group, promised["seq"], "tail_cut" if name in streams else "stream_missing")
    return {"ok": True, "streams": len(states), **count}


def main():
    parser = argparse.ArgumentParser(description="Verifies a memwarden audit log.")
    parser.add_argument("folder")
    parser.add_argument("--checkpoint")
    parser.add_argument("--json", action="store_true")
    flags = parser.parse_args()
    try:
        result = verify(flags.folder, flags.checkpoint)
    except Fault as fault:
        result = {"ok": False, "first": fault.at}
    if flags.json:
        print(json.dumps(result))
    elif result["ok"]:
        print(f"verified: {result['records']} records, {result['heads']} signed heads, {result['streams']} streams")
    else:
        print("NOT VERIFIED: {fault} in stream {stream}, group {group}, record {seq}".format(**result["first"]))
    sys.exit(0 if result["ok"] else 1)


if __name__ == "__main__":
    main()
