#!/usr/bin/env python3
"""Checks the style rules that a script can check; see RULES at the bottom of each section.

C++ is looked at with comments and literals blanked, so a word in a comment is not a call.
`--self-test` feeds each rule a sample that it must refuse and one that it must let pass.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_LINES = 600
MAX_COLUMNS = 100
CODE = {".cc", ".h", ".py", ".sh", ".ts", ".tsx", ".js", ".mjs", ".css"}
SKIPPED_FOLDERS = {"node_modules", "dist", "build", "var", "generated", ".git"}


# --- C++ with comments and literals blanked ------------------------------------------------------

TOKEN = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"([^\s()\\]{0,16})\(.*?\)\1"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)


def blank(text):
    """Comments and literals become spaces; the lines stay."""
    return TOKEN.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def without_literals(text):
    """Literals shrink to nothing, comments stay; the lines stay."""
    def shrink(match):
        token = match.group(0)
        return token if token.startswith("/") else "\n" * token.count("\n")
    return TOKEN.sub(shrink, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def balanced(text, start, opening, closing):
    """Position after the bracket that closes text[start], or -1."""
    depth = 0
    for position in range(start, len(text)):
        if text[position] == opening:
            depth += 1
        elif text[position] == closing:
            depth -= 1
            if depth == 0:
                return position + 1
    return -1


def split_parameters(text):
    parts, depth, current = [], 0, ""
    for character in text:
        if character in "<([{":
            depth += 1
        elif character in ">)]}":
            depth -= 1
        if character == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += character
    return parts + [current]


# --- rules for C++ -------------------------------------------------------------------------------

# pattern, what is wrong, modules where it is allowed ("tests": in *_test files of any module)
BANNED = [
    (r"\bdetached\b", "nothing is spawned detached; use a TaskGroup", ()),
    (r"\.\s*detach\s*\(\s*\)", "no detached thread; join it", ()),
    (r"\bstd::(cout|cerr|clog)\b", "log through runtime/log.h", ("app",)),
    (r"(?<![A-Za-z0-9_])(printf|fprintf|puts|putchar)\s*\(", "log through runtime/log.h", ("app",)),
    (r"(?<![A-Za-z0-9_:.>])(?:std::)?(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(",
     "unbounded or unsafe C call", ()),
    (r"(?:^|[;{}(=,!&|]|\breturn)\s*(?:std::|::)?(system|popen)\s*\(", "no shell", ()),
    (r"(?<![A-Za-z0-9_:.>])(?:std::)?(rand|srand)\s*\(", "chance comes from runtime/random.h", ()),
    (r"\bstd::(random_device|mt19937(_64)?)\b", "chance comes from runtime/random.h",
     ("runtime", "tests")),
    (r"\bsleep_(for|until)\s*\(|(?<![A-Za-z0-9_:.>])u?sleep\s*\(",
     "nothing sleeps; use the Clock, a timer or a condition", ("runtime",)),
    (r"\bsystem_clock::now\s*\(", "time comes from runtime/clock.h", ("runtime",)),
    (r"\busing namespace std\s*;", "no using namespace std", ()),
]
HALF_DONE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")

COROUTINE = re.compile(r"\b(?:Task|awaitable)\s*<")
NAME = re.compile(r"\s*[A-Za-z_][A-Za-z0-9_:]*\s*\(")
CALLABLE = re.compile(r"\b(function|move_only_function)\s*<.*>", re.DOTALL)
LAMBDA_RESULT = re.compile(
    r"\s*(mutable\s*)?(noexcept\s*)?->\s*(?:[A-Za-z_]+::)*(Task|awaitable)\s*<")
LAMBDA = re.compile(r"\[([^\[\]\n]*)\]\s*(?=\()")


def check_coroutine_parameters(code):
    """Functions that return Task<…> or awaitable<…> and take a reference or a view."""
    found = []
    for match in COROUTINE.finditer(code):
        after = balanced(code, code.index("<", match.start()), "<", ">")
        if after < 0:
            continue
        name = NAME.match(code, after)
        if not name:
            continue
        end = balanced(code, name.end() - 1, "(", ")")
        if end < 0:
            continue
        for parameter in split_parameters(code[name.end():end - 1]):
            plain = CALLABLE.sub("", parameter)
            if "&" in plain or "string_view" in plain or re.search(r"\bspan\s*<", plain):
                found.append((line_of(code, match.start()),
                              f"coroutine parameter by reference: {' '.join(parameter.split())}"))
    return found


def check_coroutine_lambdas(code):
    """Lambdas that return Task<…> or awaitable<…>: no capture, no parameter by reference."""
    found = []
    for match in LAMBDA.finditer(code):
        end = balanced(code, match.end(), "(", ")")
        if end < 0:
            continue
        if not LAMBDA_RESULT.match(code[end:end + 80]):
            continue
        line = line_of(code, match.start())
        if match.group(1).strip():
            found.append((line, f"capturing lambda as a coroutine: [{match.group(1)}]"))
        for parameter in split_parameters(code[match.end() + 1:end - 1]):
            if "&" in parameter or "string_view" in parameter:
                found.append(
                    (line, f"coroutine parameter by reference: {' '.join(parameter.split())}"))
    return found


TABLE_WITHOUT_ROWID = re.compile(
    r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \(((?:(?!CREATE TABLE).)*?)\) WITHOUT ROWID", re.DOTALL)


def check_key_columns(text):
    """SQLite 3.40 calls such a table damaged unless the columns of its key stand first."""
    found = []
    for match in TABLE_WITHOUT_ROWID.finditer(text):
        key = re.search(r"PRIMARY KEY \(([^)]*)\)", match.group(2))
        if not key:
            continue
        wanted = [column.split()[0] for column in key.group(1).split(",")]
        rows = [row.split("--")[0].split() for row in match.group(2)[:key.start()].splitlines()]
        columns = [row[0] for row in rows if row]
        if columns[:len(wanted)] != wanted:
            found.append((line_of(text, match.start()),
                          f"the columns of the key of {match.group(1)} come first"))
    return found


def check_cpp(path, text):
    parts = pathlib.PurePosixPath(path).parts
    found = check_key_columns(text) if parts[0] == "src" else []
    module = parts[1] if parts[0] == "src" and len(parts) > 2 else ""
    is_test = "_test" in parts[-1]
    code = blank(text)
    if parts[0] == "src":
        for pattern, wrong, allowed in BANNED:
            if module in allowed or ("tests" in allowed and is_test):
                continue
            for match in re.finditer(pattern, code, re.MULTILINE):
                found.append((line_of(code, match.start()),
                              f"{' '.join(match.group(0).split())}: {wrong}"))
        found += check_coroutine_parameters(code)
        found += check_coroutine_lambdas(code)
    if path.endswith(".h") and "#pragma once" not in code:
        found.append((1, "a header says #pragma once"))
    return found


# --- rules for every text file -------------------------------------------------------------------

HOSTS = re.compile(
    r"registry\.(npmjs|yarnpkg)\.|\b(deb|ftp|security)\.debian" r"\.org|\bpypi" r"\.org"
    r"|files\.pythonhosted|\bcrates" r"\.io/|static\.crates|proxy\.golang|repo1?\.maven"
    r"|snapshot\.debian", re.IGNORECASE)
TALK = re.compile(r"\bissue #?\d+\b|\bthis session\b|\bcoding agent\b", re.IGNORECASE)
GENERATED = {"package-lock.json"}


def check_text(path, text):
    found = []
    pure = pathlib.PurePosixPath(path)
    lines = text.splitlines()
    # A literal that cannot be broken may be long; what counts is the code around it.
    bare = without_literals(text).splitlines() if pure.suffix in (".cc", ".h") else lines
    is_code = pure.suffix in CODE or pure.name in ("Makefile", "CMakeLists.txt", "run")
    for number, line in enumerate(lines, 1):
        if HOSTS.search(line):
            found.append((number, "names a package registry's host"))
        if pure.name in GENERATED:
            continue
        if TALK.search(line):
            found.append((number, "speaks of work on the project, not of the project"))
        if is_code and HALF_DONE.search(line):
            found.append((number, "half done"))
        if pure.suffix in CODE and len(bare[number - 1]) > MAX_COLUMNS:
            found.append((number, f"{len(line)} columns, at most {MAX_COLUMNS}"))
        if is_code and line != line.rstrip():
            found.append((number, "blanks at the end of the line"))
    if pure.suffix in CODE and len(lines) > MAX_LINES:
        found.append((len(lines), f"{len(lines)} lines, at most {MAX_LINES}"))
    if text and not text.endswith("\n") and pure.suffix in CODE:
        found.append((len(lines), "no newline at the end"))
    return found


def check_file(path, text):
    found = check_text(path, text)
    if path.endswith((".cc", ".h")):
        found += check_cpp(path, text)
    return sorted(found)


# --- the files -----------------------------------------------------------------------------------

def project_files():
    """Tracked files and new ones that are not ignored; without git, all but what is built."""
    try:
        output = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode()
        names = [name for name in output.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
    for name in sorted(set(names)):
        if SKIPPED_FOLDERS & set(pathlib.PurePosixPath(name).parts[:-1]):
            continue
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            yield name, path


def read_text(path):
    """None when the file is not text."""
    data = path.read_bytes()
    if b"\0" in data[:8192]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


# --- self-test -----------------------------------------------------------------------------------

SELF_TEST = [
    # file, text, must be refused
    ("src/http/a.cc", "CREATE TABLE t (\n  a INT,\n  c INT,\n  b INT,\n"
     "  PRIMARY KEY (a, b)\n) WITHOUT ROWID;\n", True),
    ("src/http/a.cc", "CREATE TABLE t (\n  a INT,\n  b INT,\n  c INT,\n"
     "  PRIMARY KEY (a, b)\n) WITHOUT ROWID;\n", False),
    ("src/http/a.cc", "CREATE TABLE t (\n  a INT,\n  c INT,\n  b INT,\n"
     "  PRIMARY KEY (a, b)\n);\n", False),
    ("src/http/a.cc", "co_spawn(executor, run(), asio::" "detached);\n", True),
    ("src/http/a.cc", "// asio::" "detached is banned\n", False),
    ("src/http/a.cc", 'log("detached");\n', False),
    ("src/http/a.cc", "std::thread(run).detach();\n", True),
    ("src/http/a.cc", "std::cout << 1;\n", True),
    ("src/app/a.cc", "std::cout << 1;\n", False),
    ("bench/a.cc", "std::cout << 1;\n", False),
    ("src/http/a.cc", 'printf("x");\n', True),
    ("src/http/a.cc", 'std::snprintf(buffer, 8, "x");\n', False),
    ("src/http/a.cc", "strcpy(a, b);\n", True),
    ("src/http/a.cc", 'system("ls");\n', True),
    ("src/http/a.cc", "  static Actor system();\n", False),
    ("src/http/a.cc", "int code = std::system(command);\n", True),
    ("src/http/a_test.cc", "std::mt19937 generator(7);\n", False),
    ("src/http/a.cc", "boost::system::error_code e;\n", False),
    ("src/http/a.cc", "int x = rand();\n", True),
    ("src/http/a.cc", "int x = random.rand();\n", False),
    ("src/http/a.cc", "std::mt19937 generator;\n", True),
    ("src/http/a.cc", "std::this_thread::sleep_for(1s);\n", True),
    ("src/runtime/a.cc", "std::this_thread::sleep_for(1s);\n", False),
    ("src/http/a.cc", "auto t = std::chrono::system_clock::now();\n", True),
    ("src/http/a.cc", "Task<void> run(const Request& request);\n", True),
    ("src/http/a.cc", "Task<int> run(int a, std::string_view name) {\n}\n", True),
    ("src/http/a.cc", "Task<void> Server::run(std::span<char> bytes) {\n}\n", True),
    ("src/http/a.cc", "Task<void> run(std::shared_ptr<Request> request, int a);\n", False),
    ("src/http/a.cc", "Task<void> run(std::function<void(const A&)> f);\n", False),
    ("src/http/a.cc", "awaitable<std::vector<int>> run(A* a,\n  std::string& b);\n", True),
    ("src/http/a.cc", "auto f = [this]() -> Task<void> { co_return; };\n", True),
    ("src/http/a.cc", "auto f = [](int a) -> Task<void> { co_return; };\n", False),
    ("src/http/a.cc", "auto f = [](A& a) -> asio::awaitable<void> { co_return; };\n", True),
    ("src/http/a.cc", "auto f = [this](A& a) { return 1; };\n", False),
    ("src/http/a.cc", "// TO" "DO later\n", True),
    ("src/http/a.h", "struct A;\n", True),
    ("src/http/a.h", "#pragma once\nstruct A;\n", False),
    ("src/http/a.cc", "int a;\n" * (MAX_LINES + 1), True),
    ("src/http/a.cc", "int a;\n" * MAX_LINES, False),
    ("src/http/a.cc", "int " + "a" * MAX_COLUMNS + ";\n", True),
    ("src/http/a.cc", "// " + "语" * (MAX_COLUMNS - 3) + "\n", False),
    ("src/http/a.cc", '{R"(' + "a" * MAX_COLUMNS + ')", 1},\n', False),
    ("src/http/a.cc", "// " + "a" * MAX_COLUMNS + "\n", True),
    ("src/http/a.cc", "int a; \n", True),
    ("docs/a.md", "see issue " "#12\n", True),
    ("docs/a.md", "an issue of taste\n", False),
    ("tests/package-lock.json", '"https://registry.' 'npmjs.org/x"\n', True),
    ("scripts/a.sh", "curl https://deb.debian" ".org/debian\n", True),
]


def self_test():
    failed = 0
    for path, text, refused in SELF_TEST:
        found = check_file(path, text)
        if bool(found) != refused:
            failed += 1
            print(f"self-test: {path}: {text[:60]!r}: expected "
                  f"{'a refusal' if refused else 'no refusal'}, got {found}")
    return failed


def main():
    if "--self-test" in sys.argv:
        failed = self_test()
        print(f"check_style self-test: {len(SELF_TEST) - failed} passed, {failed} failed")
        return 1 if failed else 0
    files = broken = 0
    for name, path in project_files():
        text = read_text(path)
        if text is None:
            continue
        files += 1
        for number, wrong in check_file(name, text):
            broken += 1
            print(f"{name}:{number}: {wrong}")
    print(f"style: {files} files, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
