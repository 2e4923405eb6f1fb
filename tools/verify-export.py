#!/usr/bin/env python3
"""Verifies a memwarden export without memwarden: Python's standard library, no code shared.

    verify-export.py MANIFEST --keys JWKS [--json]

MANIFEST is FILE.manifest.json with the other files of the export beside it; JWKS holds the public keys as `memwarden
keys public` prints them. Checks the signature, the SHA-256 and size of each file, and that the counts are those of the
users. Exit code: 0 verified, 1 not, 2 wrong usage. The format is in docs/export.md.
"""
import argparse
import base64
import collections
import hashlib
import importlib.util
import json
import pathlib
import sys

# Ed25519 stands in the verifier of the audit log beside this file.
AUDIT = pathlib.Path(__file__).resolve().with_name("verify-audit.py")
spec = importlib.util.spec_from_file_location("verify_audit", AUDIT)
sys.dont_write_bytecode = True
ed25519 = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ed25519)


class Fault(Exception):
    """What is wrong."""


def unb64(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise Fault("manifest: not base64url in its one form")
    return data


def no_duplicates(pairs):
    """An object of JSON, whose keys each stand once."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def canonical(value):
    """RFC 8785 for what a manifest holds: keys below U+D800, strings, booleans and whole numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_signature(manifest, jwks):
    keys = {key["kid"]: unb64(key["x"]) for key in jwks["keys"]}
    key = keys.get(manifest.get("signedBy"))
    if key is None:
        raise Fault("manifest: no known key signed it")
    signed = {name: value for name, value in manifest.items() if name != "signature"}
    if not ed25519.signature_is_valid(key, canonical(signed), unb64(manifest["signature"])):
        raise Fault("manifest: the signature does not hold")


def check_file(folder, named):
    name = named["name"]
    if name in ("", ".", "..") or "/" in name or "\\" in name:
        raise Fault("manifest: a file has a path")
    digest, size = hashlib.sha256(), 0
    try:
        with open(folder / name, "rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
    except OSError:
        raise Fault(f"{name}: cannot be read") from None
    if size != named["bytes"] or digest.hexdigest() != named["sha256"]:
        raise Fault(f"{name}: changed")


MOST_SPACES = 1000


def check_counts(path, counts):
    users, memories, levels, spaces, withheld = 0, 0, collections.Counter(), {}, []
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            user = json.loads(line)
            memories += user["count"]
            levels.update(user["levels"])
            if "space" not in user:
                users += 1
                continue
            if user.get("withheld"):
                withheld.append((user.get("user_id"), user["space"]))
            space = spaces.setdefault(user["space"], [0, collections.Counter()])
            space[0] += user["count"]
            space[1].update(user["levels"])
    # A manifest names no more than so many one by one.
    if len(spaces) > MOST_SPACES:
        spaces = {}
    told = {space["space"]: [space["memories"], +collections.Counter(space["levels"])] for space in counts.get("spaces", [])}
    if told != {name: [count, +of] for name, (count, of) in spaces.items()} or len(told) != len(counts.get("spaces", [])):
        raise Fault(f"{path.name}: the counts of spaces differ")
    if (users, memories) != (counts["users"], counts["memories"]) or +levels != +collections.Counter(counts["levels"]):
        raise Fault(f"{path.name}: the counts differ")
    # A manifest of before says nothing of what is withheld.
    if counts.get("withheld", len(withheld)) != len(withheld):
        raise Fault(f"{path.name}: the counts of what is withheld differ")
    return withheld


def amount(count, one, many):
    return f"{count} {one if count == 1 else many}"


def verify(path, keys):
    try:
        text = path.read_bytes().decode()
        manifest = json.loads(text, object_pairs_hook=no_duplicates)
        if manifest["format"] != "memwarden export manifest 1" or len(manifest["files"]) != 2:
            raise Fault("manifest: not one")
        check_signature(manifest, json.loads(keys.read_text()))
        if path.name != manifest["files"][0]["name"] + ".manifest.json":
            raise Fault("manifest: it has another name than its export")
        for named in manifest["files"]:
            check_file(path.parent, named)
        return manifest, check_counts(path.parent / manifest["files"][1]["name"], manifest["counts"])
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise Fault(f"manifest: not one ({type(error).__name__})") from None


def main():
    parser = argparse.ArgumentParser(description="Verify a memwarden export.")
    parser.add_argument("manifest", type=pathlib.Path)
    parser.add_argument("--keys", type=pathlib.Path, required=True)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    try:
        manifest, withheld = verify(given.manifest, given.keys)
        result = {"ok": True, "export": manifest["exportId"], **manifest["counts"], "withheld": len(withheld)}
        text = f"verified: {amount(result['memories'], 'memory', 'memories')} of {amount(result['users'], 'user', 'users')}"
        # Written as JSON: a name may hold what a terminal obeys.
        for user, space in withheld:
            text += f"\nwhat {json.dumps(user)} wrote in the space {json.dumps(space)} is withheld"
    except Fault as fault:
        result, text = {"ok": False, "fault": str(fault)}, f"NOT VERIFIED: {fault}"
    print(json.dumps(result) if given.json else text)
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
