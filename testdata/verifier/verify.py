"""Verifies a journal of irctl from what is written of its format, and nothing else.

    verify.py FOLDER [--pubkey KEY]... [--from-fingerprint "#N CODE"]...
    verify.py PROOF.tlog-proof [--pubkey KEY]... [--from-fingerprint "#N CODE"]...
    verify.py --mutations FOLDER    every way in which one line can be wrong

It needs no more than the standard library. The format is described in the
documentation of irctl's package pkg/journal. What it finds out goes to standard
output as JSON: the kind of the first finding, and the entries among which it is.
"""
import base64, hashlib, json, os, re, sys, zlib

GENESIS, MOST = "0" * 64, 64  # the hash before the first; entries between checkpoints
ENTRY = re.compile(rb'\{"seq":([1-9][0-9]*),.+,"hash":"([0-9a-f]{64})"\}', re.S)
KIND = re.compile(rb'\{"seq":[0-9]+,"time":"[^"]*","type":"(run_started|checkpoint_signed|log_restarted)"')
DIGITS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()

# Ed25519, RFC 8032 section 5.1.7: points are (X, Y, Z, T).
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)

def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y, z, w = f - e, h - g, h + g, f + e
    return x * y % P, z * w % P, y * z % P, x * w % P

def times(n, point):
    out = (0, 1, 1, 0)
    for bit in bin(n)[2:]:
        out = add(out, out)
        out = add(out, point) if bit == "1" else out
    return out

def point(text):
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    if y >= P or x * x % P != square or x == 0 and sign:
        raise ValueError("no point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))

def ed25519(key, message, signature):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(k, a))
    return s < L and not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)

def signed(note, vkey):
    """Whether a note (c2sp.org/signed-note) is signed by a key."""
    name, digest, key = vkey.split("+", 2)
    key, (text, lines) = base64.b64decode(key), note.rsplit("\n\n", 1)
    number = sha(name.encode(), b"\n", key)[:4]
    if key[0] != 1 or number.hex() != digest:
        return False
    for line in lines.splitlines():
        dash, who, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if dash == "\u2014" and who == name and blob[:4] == number:
            try:
                return ed25519(key[1:], (text + "\n").encode(), blob[4:])
            except ValueError:
                return False
    return False

def checkpoint(note):
    origin, size, root = note.split("\n\n", 1)[0].split("\n")[:3]
    return origin, int(size), base64.b64decode(root)

def fingerprint(size, root):
    code = base64.b32encode(root[:10]).translate(DIGITS).decode()
    return f"#{size} {code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}"

def root_of(stack):
    """The root of the tree (RFC 6962) whose complete subtrees these are."""
    out = stack[-1][1] if stack else bytes(32)
    for _, left in reversed(stack[:-1]):
        out = sha(b"\1", left, out)
    return out

def chained(seq, before, line):
    """Whether a line is the entry of this number after the one with this hash."""
    m = ENTRY.fullmatch(line)
    return bool(m) and int(m[1]) == seq and hashlib.sha256(before.encode() + line[:-75]).hexdigest().encode() == m[2]

def foreign(lines, origin):
    """Whether a checkpoint of another journal is chained to the first of these lines."""
    for line, after in zip(lines, lines[1:]):
        m, kind = ENTRY.fullmatch(line), KIND.match(after)
        if not m or not chained(int(m[1]) + 1, m[2].decode(), after):
            return False
        if kind and kind[1] == b"checkpoint_signed" and checkpoint(json.loads(after)["note"])[0] != origin:
            return True
    return False

class Bad(Exception):
    """kind, first and last entry among which it is."""

def verify(data, head, keys, fingerprints, ratchet=0):
    seq, before, stack, announced, vouched = 0, GENESIS, [], None, 0
    origin, pending, good, proven, count, used, begins = "", 0, 0, 0, 0, {}, []
    whole, tail = data[: data.rfind(b"\n") + 1], data[data.rfind(b"\n") + 1 :]
    wanted = {int(f.split(" ")[0][1:]): f for f in fingerprints}
    try:
        lines = whole.split(b"\n")[:-1]
        for line in lines:
            if not chained(seq + 1, before, line):
                raise Bad("spliced" if seq and foreign(lines[seq:], origin) else "altered", seq + 1, seq + 1)
            seq, before = seq + 1, line[-66:-2].decode()
            if head and head[0] == seq and head[1] != before:
                raise Bad("altered", seq, seq)
            m = KIND.match(line)
            kind, pending = m and m[1].decode(), pending + 1
            body = json.loads(line) if m else {}
            if kind == "run_started" and seq == 1 and "log_keys" in body or kind == "log_restarted" and announced:
                origin, announced = origin or "irctl/" + body["run"], body["log_keys"]
                pending, begins, count = 1, begins + [seq], 0
            elif kind == "checkpoint_signed":
                who, size, root = checkpoint(body["note"])
                if not announced or who != origin:
                    raise Bad("spliced", good + 1 if announced else seq, seq)
                if (size, root) != (seq - 1, root_of(stack)):
                    raise Bad("altered", good + 1, seq - 1)
                if not signed(body["note"], announced[0]):
                    raise Bad("resealed", good + 1, seq)
                used.setdefault(len(begins), {})[announced[0]] = size
                announced, good, pending, count = [announced[1], body["next_key"]], size, 0, count + 1
            elif announced and pending > MOST:
                raise Bad("stripped", good + 1, seq)
            h, height = sha(b"\0", line), 0
            while stack and stack[-1][0] == height:
                h, height = sha(b"\1", stack.pop()[1], h), height + 1
            stack.append((height, h))
            if seq in wanted:
                if fingerprint(seq, root_of(stack)) != wanted[seq]:
                    raise Bad("resealed", proven + 1, seq)
                proven = seq
        for part in sorted(used, reverse=True):
            if set(keys) & set(used[part]):
                vouched = max(used[part].values())
                if part < len(begins):
                    raise Bad("resealed", begins[part], begins[part])
                break
        if keys and not vouched:
            other = origin and keys[0].split("+")[0] != origin
            raise Bad("copied" if other else "resealed" if origin else "stripped", 1, seq)
        if head is None or head[0] > seq:
            raise Bad("truncated", seq + 1, seq + 1)
        if ratchet > count + 1 or wanted and max(wanted) > seq:
            raise Bad("older" if head[0] == seq else "truncated", seq + 1, seq + 1)
        if tail:
            end = tail.rfind(b',"hash":"') + 75  # an entry whose newline was changed was whole
            more = end > 75 and end < len(tail) and chained(seq + 1, before, tail[:end])
            raise Bad("altered" if more else "torn", seq + 1, seq + 1)
    except Bad as bad:
        kind, first, last = bad.args
        by = [sizes for part, sizes in used.items() if set(keys) & set(sizes)]
        vouched = max(by[-1].values()) if by else 0
        return {"kind": kind, "first": first, "last": last, "vouched": min(max(vouched, proven), first - 1)}
    return {"kind": "", "first": 0, "last": 0, "vouched": max(vouched, proven), "checkpoints": sum(map(len, used.values())),
            "fingerprint": fingerprint(seq, root_of(stack)) if stack else ""}

def prove(text, keys, fingerprints):
    """Whether a proof (c2sp.org/tlog-proof) that a line was logged is good."""
    top, note = text.split("\n\n", 1)
    lines = top.split("\n")
    line, index = base64.b64decode(lines[1].removeprefix("extra ")), int(lines[2].removeprefix("index "))
    _, size, root = checkpoint(note)
    path, h, at, last = [base64.b64decode(x) for x in lines[3:]], sha(b"\0", line), index, size - 1
    for other in path:  # RFC 9162, section 2.1.3.2
        if last == 0:
            return {"kind": "altered"}
        if at & 1 or at == last:
            h = sha(b"\1", other, h)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            h = sha(b"\1", h, other)
        at, last = at >> 1, last >> 1
    if lines[0] != "c2sp.org/tlog-proof@v1" or index >= size or last or h != root:
        return {"kind": "altered"}
    by = any(signed(note, k) for k in keys) or fingerprint(size, root) in fingerprints
    return {"kind": "" if by or not keys + fingerprints else "resealed", "vouched": index + 1 if by else 0}

def record(folder, name, offset):
    """A record of a head file, or of a ratchet."""
    path = os.path.join(folder, name)
    data = open(path, "rb").read()[offset : offset + 91] if os.path.exists(path) else b""
    good = re.fullmatch(rb"[0-9]{16} [0-9a-f]{64} [0-9a-f]{8}\n", data) and zlib.crc32(data[:82]) == int(data[82:90], 16)
    return (int(data[:16]), data[17:81].decode()) if good else None

def mutations(data):
    """How many mutations were tried, and those that were not found in their place."""
    lines, tried, missed = data.split(b"\n")[:-1], 0, []
    before = [GENESIS] + [line[-66:-2].decode() for line in lines]
    def found(i, text):  # text is what stands from line i on
        nonlocal tried
        tried += 1
        if chained(i + 1, before[i], text.split(b"\n", 1)[0]):
            missed.append(i + 1)
    for i, line in enumerate(lines):
        after = lines[i + 1] if i + 1 < len(lines) else b""
        changed = bytearray(line + b"\n" + after)
        for at in range(len(line) + 1):
            for bit in range(8):
                changed[at] ^= 1 << bit
                found(i, bytes(changed[: len(line)] if at < len(line) else changed))
                changed[at] ^= 1 << bit
            found(i, line[:at]) if at < len(line) else None
        found(i, after)  # removed, and swapped with the next
        found(i + 1, line)  # doubled
    return {"tried": tried, "missed": missed[:10]}

def main(args):
    keys, prints, path = [], [], None
    while args:
        arg = args.pop(0)
        if arg in ("--pubkey", "--from-fingerprint"):
            (keys if arg == "--pubkey" else prints).append(args.pop(0))
        elif arg == "--mutations":
            return mutations(open(os.path.join(args.pop(0), "journal.jsonl"), "rb").read())
        else:
            path = arg
    if os.path.isfile(path):
        return prove(open(path, encoding="utf-8").read(), keys, prints)
    heads = [r for r in (record(path, "head", 0), record(path, "head", 512)) if r]
    ratchet = record(path, "ratchet", 0)
    data = open(os.path.join(path, "journal.jsonl"), "rb").read()
    return verify(data, max(heads, default=None), keys, prints, ratchet[0] if ratchet else 0)

print(json.dumps(main(sys.argv[1:])))
