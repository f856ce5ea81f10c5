"""Verifies mails with dkimpy: `verify_dkim.py KEYS MAIL...`, keys as lines of "name record".

Prints one line a mail: how many signatures it has and how many of them verify.
"""
import sys

import dkim

keys = {}
with open(sys.argv[1]) as lines:
    for line in lines:
        name, record = line.rstrip("\n").split(" ", 1)
        keys[name] = record.encode()


def look_up(name, timeout=5):
    return keys.get(name.decode().rstrip("."))


for path in sys.argv[2:]:
    with open(path, "rb") as file:
        verifier = dkim.DKIM(file.read())
    count = sum(1 for name, _ in verifier.headers if name.lower() == b"dkim-signature")
    good = 0
    for index in range(count):
        try:
            good += verifier.verify(index, dnsfunc=look_up)
        except dkim.DKIMException:
            pass
    print(count, good)
