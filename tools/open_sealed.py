#!/usr/bin/env python3
"""Opens sealed memwarden records without memwarden.

    open_sealed.py [--key-file FILE] [--kind memory|history|deleted] FILE...
    open_sealed.py --check-gcm < cases.json

Written from docs/format.md alone, in Python's standard library alone: AES and GHASH are written out below. Slow, and
not safe against an attacker who can time it; it is for checking the format and for getting records back.

FILE holds one JSON object, or one on each line. It is a record, as `mongoexport` writes it (dates as {"$date": ...},
bytes as {"$binary": {"base64": ...}}), or a golden file, {"key", "kind", "record"}. The key file holds the user's
unwrapped key of the record's key version: 32 bytes, or 64 hexadecimal digits.

Prints one line of JSON a record: id, kind and the opened fields. Ends with 1 where a record is not what was sealed,
and then prints nothing of it; with 2 where it was called wrongly.
"""

import argparse
import base64
import datetime
import hashlib
import hmac
import json
import struct
import sys

FORMAT_VERSION = 1
FORMAT_NAME = b"memwarden sealed format 1"
MAC_LABEL = b"memwarden record"
# The bit of each sealed field in a seal, and what its bytes are.
SEALED = [("content", 0, "text"), ("metadata", 1, "json"), ("speaker", 2, "text"), ("vector", 3, "vector")]
NOT_AUTHENTICATED = {name for name, _, _ in SEALED} | {"seal", "bare"}


class Unauthentic(Exception):
    """What is stored is not what was sealed."""


# What malformed rows bring about on the way: they were not sealed either.
MALFORMED = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError, struct.error)


# --- AES-256, FIPS 197; of the cipher only the forward direction, for GCM needs no other ---


def _make_sbox():
    # The multiplicative inverse in GF(2^8) through powers of the generator 3, then the affine map.
    powers, logs, x = [0] * 256, [0] * 256, 1
    for i in range(255):
        powers[i], logs[x] = x, i
        x ^= (x << 1) ^ (0x11B if x & 0x80 else 0)
    box = []
    for value in range(256):
        inverse = powers[(255 - logs[value]) % 255] if value else 0
        out = 0x63
        for shift in range(5):
            out ^= ((inverse << shift) | (inverse >> (8 - shift))) & 0xFF
        box.append(out)
    return box


SBOX = _make_sbox()


def _double(x):
    return ((x << 1) ^ (0x11B if x & 0x80 else 0)) & 0xFF


def aes_expand(key):
    """The 15 round keys of a key of 32 bytes."""
    if len(key) != 32:
        raise ValueError("a key has 32 bytes")
    words = [list(key[i : i + 4]) for i in range(0, 32, 4)]
    rcon = 1
    for i in range(8, 60):
        word = list(words[i - 1])
        if i % 8 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = _double(rcon)
        elif i % 8 == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[i - 8], word)])
    return [sum(words[i : i + 4], []) for i in range(0, 60, 4)]


def aes_block(round_keys, block):
    """One block of 16 bytes through the cipher."""
    state = [a ^ b for a, b in zip(block, round_keys[0])]
    for number, round_key in enumerate(round_keys[1:], 1):
        # SubBytes and ShiftRows: the state stands column by column.
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < 14:
            mixed = []
            for column in range(0, 16, 4):
                a = state[column : column + 4]
                every = a[0] ^ a[1] ^ a[2] ^ a[3]
                mixed += [a[i] ^ every ^ _double(a[i] ^ a[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, round_key)]
    return bytes(state)


# --- GCM, NIST SP 800-38D, for 96-bit IVs and 128-bit tags ---


def _times(x, y):
    # Algorithm 1: bit 0 is the leftmost.
    product = 0
    for i in range(127, -1, -1):
        if (x >> i) & 1:
            product ^= y
        y = (y >> 1) ^ (0xE1 << 120 if y & 1 else 0)
    return product


def ghash(h, associated, text):
    """GHASH over the padded associated data, the padded ciphertext and their lengths in bits."""
    padded = b"".join(part + bytes(-len(part) % 16) for part in (associated, text))
    padded += struct.pack(">QQ", len(associated) * 8, len(text) * 8)
    y = 0
    for i in range(0, len(padded), 16):
        y = _times(y ^ int.from_bytes(padded[i : i + 16], "big"), h)
    return y.to_bytes(16, "big")


def gcm_open(key, iv, associated, text, tag):
    """The plaintext; nothing is decrypted before the tag was found right."""
    if len(iv) != 12 or len(tag) != 16:
        raise Unauthentic
    round_keys = aes_expand(key)
    h = int.from_bytes(aes_block(round_keys, bytes(16)), "big")
    mask = aes_block(round_keys, iv + struct.pack(">I", 1))
    expected = bytes(a ^ b for a, b in zip(ghash(h, associated, text), mask))
    if not hmac.compare_digest(expected, tag):
        raise Unauthentic
    plain = bytearray()
    for i in range(0, len(text), 16):
        stream = aes_block(round_keys, iv + struct.pack(">I", 2 + i // 16))
        plain += bytes(a ^ b for a, b in zip(text[i : i + 16], stream))
    return bytes(plain)


# --- the format ---


def prefixed(data):
    return struct.pack(">I", len(data)) + data


def hkdf_sha256(key, info, length):
    """RFC 5869 without salt."""
    secret = hmac.new(bytes(32), key, hashlib.sha256).digest()
    out, block = b"", b""
    while len(out) < length:
        block = hmac.new(secret, block + info + bytes([len(out) // 32 + 1]), hashlib.sha256).digest()
        out += block
    return out[:length]


class Keys:
    def __init__(self, key, key_id):
        self.key_id = bytes.fromhex(key_id)
        if len(key) != 32 or len(self.key_id) != 16:
            raise Unauthentic
        material = hkdf_sha256(key, prefixed(FORMAT_NAME) + prefixed(self.key_id), 96)
        self.encryption, self.mac, self.commitment = material[:32], material[32:64], material[64:]


def open_value(keys, record, kind, field, sealed):
    if len(sealed) < 77 or sealed[0] != FORMAT_VERSION:
        raise Unauthentic
    if sealed[1:17] != keys.key_id or not hmac.compare_digest(sealed[17:49], keys.commitment):
        raise Unauthentic
    associated = b"".join(
        prefixed(part)
        for part in (
            bytes([FORMAT_VERSION]),
            record["tenant"].encode(),
            record["user_id"].encode(),
            record["id"].encode(),
            kind.encode(),
            field.encode(),
            struct.pack(">Q", record["version"]),
            keys.key_id,
        )
    )
    return gcm_open(keys.encryption, sealed[49:61], associated, sealed[61:-16], sealed[-16:])


def clear_fields(record):
    """The canonical encoding of the fields in clear: ordered by name, each with its type."""
    parts = []
    for name in sorted((name for name in record if name not in NOT_AUTHENTICATED), key=str.encode):
        value = record[name]
        if isinstance(value, str):
            mark, data = b"s", value.encode()
        elif isinstance(value, Moment):
            mark, data = b"d", struct.pack(">q", value.milliseconds)
        elif isinstance(value, int) and not isinstance(value, bool):
            mark, data = b"i", struct.pack(">q", value)
        else:
            raise Unauthentic
        parts.append(prefixed(name.encode()) + mark + prefixed(data))
    return b"".join(parts)


def record_mac(keys, kind, record, deleted_at, tail):
    message = prefixed(MAC_LABEL) + bytes([FORMAT_VERSION]) + prefixed(kind.encode()) + clear_fields(record)
    if deleted_at is not None:
        message += prefixed(b"deleted_at") + b"d" + prefixed(struct.pack(">q", deleted_at.milliseconds))
    return hmac.new(keys.mac, message + prefixed(b"") + tail, hashlib.sha256).digest()


def verify(keys, record, kind, deleted_at):
    """Raises Unauthentic unless every field is what was sealed."""
    there = [(name, bit) for name, bit, _ in SEALED if name in record]
    if kind == "memory":
        if "seal" not in record or "bare" in record:
            raise Unauthentic
    else:
        expected = bytes([FORMAT_VERSION])
        expected += record_mac(keys, "deleted" if kind == "deleted" else "bare", record, deleted_at, b"\0")
        if not hmac.compare_digest(expected, bytes_of(record, "bare")):
            raise Unauthentic
        if "seal" not in record:
            if there:
                raise Unauthentic
            return
        if kind == "deleted":
            raise Unauthentic
    tail = bytes([sum(1 << bit for _, bit in there)])
    for name, _ in sorted(there, key=lambda one: one[1]):
        tail += hashlib.sha256(bytes_of(record, name)).digest()
    expected = bytes([FORMAT_VERSION]) + tail + record_mac(keys, kind, record, None, tail)
    if not hmac.compare_digest(expected, bytes_of(record, "seal")):
        raise Unauthentic


def open_record(key, record, kind, deleted_at=None):
    """The sealed fields of a record, once all of it was found authentic."""
    keys = Keys(key, record["key_id"])
    verify(keys, record, kind, deleted_at)
    opened = {}
    for name, _, form in SEALED:
        if name in record:
            plain = open_value(keys, record, kind, name, bytes_of(record, name))
            opened[name] = embedding(plain) if form == "vector" else plain.decode()
            if form == "json":
                opened[name] = json.loads(opened[name])
    return opened


def embedding(plain):
    """The model id and the numbers of a vector; little-endian, unlike everything else."""
    form, zero, id_length, dimension = struct.unpack_from("<BBHI", plain)
    if (form, zero) != (1, 0) or len(plain) != 8 + id_length + 4 * dimension:
        raise Unauthentic
    model_id = plain[8 : 8 + id_length].decode()
    return {"modelId": model_id, "values": list(struct.unpack_from(f"<{dimension}f", plain, 8 + id_length))}


# --- JSON ---

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Moment:
    """A date, in milliseconds since 1970 UTC."""

    def __init__(self, milliseconds):
        self.milliseconds = milliseconds


def bytes_of(record, name):
    value = record.get(name)
    if not isinstance(value, bytes):
        raise Unauthentic
    return value


def from_extended(value):
    """A value of MongoDB's Extended JSON (v2)."""
    if not isinstance(value, dict):
        return value
    if "$binary" in value:
        return base64.b64decode(value["$binary"]["base64"], validate=True)
    if "$date" in value:
        date = value["$date"]
        if isinstance(date, dict):
            return Moment(int(date["$numberLong"]))
        since = datetime.datetime.fromisoformat(date.replace("Z", "+00:00")) - EPOCH
        return Moment(since // datetime.timedelta(milliseconds=1))
    for number in ("$numberInt", "$numberLong"):
        if number in value:
            return int(value[number])
    return value


def to_record(row):
    """A record, its kind and the time of its deletion, of a row of `memories` or of `history`."""
    record = {name: from_extended(value) for name, value in row.items()}
    record.pop("act", None)
    row_id = record.pop("_id", None)
    if "memory_id" not in record:
        if row_id is not None:
            record["id"] = row_id
        return record, "memory", None
    record["id"] = record.pop("memory_id")
    deleted_at = record.pop("deleted_at", None)
    return record, "history" if deleted_at is None else "deleted", deleted_at


def open_row(row, key, kind):
    """What is printed of a row, or of a golden file."""
    try:
        golden = "record" in row
        record, found, deleted_at = to_record(row["record"] if golden else row)
        if golden:
            found, deleted_at = row["kind"], from_extended(row.get("deleted_at"))
        kind = kind or found
        opened = open_record(key or bytes.fromhex(row["key"]), record, kind, deleted_at)
        return {"id": record["id"], "kind": kind, "open": opened}
    except MALFORMED as error:
        raise Unauthentic from error


def rows_of(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def read_key(path):
    with open(path, "rb") as file:
        data = file.read()
    return data if len(data) == 32 else bytes.fromhex(data.decode("ascii").strip())


def check_gcm():
    """Opens each {key, iv, aad, ct, tag}, all hexadecimal; prints the list of plaintexts, null for what is refused."""
    results = []
    for case in json.load(sys.stdin):
        parts = [bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "ct", "tag")]
        try:
            results.append(gcm_open(*parts).hex())
        except Unauthentic:
            results.append(None)
    print(json.dumps(results))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key-file")
    parser.add_argument("--kind", choices=["memory", "history", "deleted"])
    parser.add_argument("--check-gcm", action="store_true")
    parser.add_argument("files", nargs="*", metavar="FILE")
    args = parser.parse_args()
    if args.check_gcm:
        check_gcm()
        return 0
    if not args.files:
        parser.error("name a file")
    key = None
    if args.key_file is not None:
        try:
            key = read_key(args.key_file)
        except (OSError, ValueError):
            parser.error("the key is neither 32 bytes nor 64 hexadecimal digits in a file that can be read")
    failed = 0
    for path in args.files:
        for row in rows_of(path):
            if key is None and "key" not in row:
                parser.error("name the file of the key: --key-file")
            try:
                print(json.dumps(open_row(row, key, args.kind)))
            except Unauthentic:
                print(f"{path}: a record is not what was sealed", file=sys.stderr)
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
