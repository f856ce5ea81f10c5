#!/usr/bin/env python3
"""Checks the floors: a module includes itself and lower floors, never its neighbours, never upward.

Reads every quoted #include under src/. The list below is the only one; there are no exceptions.
`--self-test` proves that a broken floor is found.
"""

import pathlib
import re
import sys
import tempfile

LEVELS = {
    "base": 0,
    "runtime": 1,
    "crypto": 1,
    "http": 2,
    "storage": 2,
    "liquid": 2,
    "mail": 2,
    "stream": 3,
    "access": 4,
    "customers": 5,
    "segments": 6,
    "messaging": 7,
    "journeys": 8,
    "feedback": 8,
    "support": 8,
    "loyalty": 8,
    "community": 8,
    "insights": 9,
    "privacy": 9,
    "app": 10,
}

# Folders of storage/ with adapters of its ports: only storage/ itself, app/ and tests name them.
ADAPTERS = {"sqlite", "duckdb", "rocksdb", "postgres", "clickhouse", "kafka"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def check_include(module, is_test, target):
    """The complaint about one include, or None."""
    parts = target.split("/")
    if len(parts) < 2:
        return f'"{target}" must name its module: "{module}/{target}"'
    to = parts[0]
    if to not in LEVELS:
        return f'"{target}" is of no known module'
    if to == module:
        return None
    if LEVELS[to] == LEVELS[module]:
        return f'"{target}": {to} is a neighbour of {module} (floor {LEVELS[to]})'
    if LEVELS[to] > LEVELS[module]:
        return f'"{target}": {to} (floor {LEVELS[to]}) is above {module} (floor {LEVELS[module]})'
    if to == "storage" and parts[1] in ADAPTERS and module != "app" and not is_test:
        return f'"{target}": only app/ names adapters'
    return None


def check_tree(source):
    """(complaints, includes looked at) of a src/ folder."""
    complaints = []
    looked_at = 0
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        relative = path.relative_to(source)
        if len(relative.parts) < 2:
            complaints.append(f"{relative}: stands in no module")
            continue
        module = relative.parts[0]
        if module not in LEVELS:
            complaints.append(f"{relative}: module {module} has no floor")
            continue
        is_test = path.stem.endswith("_test")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            looked_at += 1
            complaint = check_include(module, is_test, match.group(1))
            if complaint:
                complaints.append(f"{relative}:{number}: {complaint}")
    return complaints, looked_at


SELF_TEST = [
    # file, include, must be refused
    ("customers/a.cc", "base/time.h", False),
    ("customers/a.cc", "customers/b.h", False),
    ("customers/a.cc", "segments/b.h", True),  # upward
    ("http/a.h", "storage/b.h", True),  # neighbour
    ("base/a.h", "runtime/b.h", True),  # upward from the ground
    ("app/a.cc", "storage/sqlite/b.h", False),
    ("customers/a.cc", "storage/sqlite/b.h", True),  # adapters are for app/
    ("customers/a_test.cc", "storage/sqlite/b.h", False),
    ("customers/a.cc", "b.h", True),  # names no module
    ("customers/a.cc", "unknown/b.h", True),
    ("cellar/a.cc", "base/time.h", True),  # a module without a floor
]


def self_test():
    failed = 0
    for file, include, refused in SELF_TEST:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, file)
            path.parent.mkdir(parents=True)
            path.write_text(f'#include <vector>\n#include "{include}"\n', encoding="utf-8")
            complaints, _ = check_tree(pathlib.Path(folder))
            if bool(complaints) != refused:
                failed += 1
                print(f"self-test: {file} including {include}: expected "
                      f"{'a refusal' if refused else 'no refusal'}, got {complaints}")
    return failed


def main():
    if "--self-test" in sys.argv:
        failed = self_test()
        print(f"check_floors self-test: {len(SELF_TEST) - failed} passed, {failed} failed")
        return 1 if failed else 0
    source = pathlib.Path(__file__).resolve().parent.parent / "src"
    complaints, looked_at = check_tree(source)
    for complaint in complaints:
        print(f"src/{complaint}")
    print(f"floors: {looked_at} includes, {len(complaints)} broken")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
