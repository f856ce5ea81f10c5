#!/usr/bin/env python3
"""Runs the stages of the test run and closes with one line: N passed, N failed, N skipped.

A stage that fails does not hide the others. Logs stand in build/test-logs/. Options:
  --only STAGE [MODULE…]   one stage (lint, build, unit, console, functional, conformance, crash,
                           browser, sanitize, fuzz, asan, tsan); for asan and tsan of these modules
SKIP_SANITIZERS=1 leaves sanitize, fuzz and tsan out. FUZZ_SECONDS is the time of each fuzz target.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test-logs"
CORES = os.cpu_count() or 2
FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "10"))
# The modules with threads of their own; the rest runs single-threaded in its unit tests.
TSAN_MODULES = ["runtime", "http", "storage", "stream", "mail"]


class Result:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []  # (name, detail)
        self.skips = []  # reasons

    def add_pass(self, count=1):
        self.passed += count

    def add_failure(self, name, detail=""):
        self.failed += 1
        self.failures.append((name, detail))

    def add_skip(self, reason, count=1):
        self.skipped += count
        if reason not in self.skips:
            self.skips.append(reason)


def run(command, log, timeout, env=None):
    """Exit code of a command whose output goes to a log; its whole group dies at the timeout."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=ROOT,
            env={**os.environ, **(env or {})}, start_new_session=True)
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            output.write(f"\nended after {timeout} s\n".encode())
            return -1
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def tail(log, lines=40):
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


# --- builds and checks ---------------------------------------------------------------------------

def check(result, name, command, timeout=600, env=None):
    log = LOGS / (re.sub(r"[^a-z0-9]+", "-", name.lower()) + ".log")
    if run(command, log, timeout, env) == 0:
        result.add_pass()
        return True
    result.add_failure(name, tail(log))
    return False


def lint(result):
    check(result, "floors find what they ban", ["scripts/check_floors.py", "--self-test"])
    check(result, "floors", ["scripts/check_floors.py"])
    check(result, "style finds what it bans", ["scripts/check_style.py", "--self-test"])
    check(result, "style", ["scripts/check_style.py"])
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", "src", "bench", "fuzz"],
        cwd=ROOT, capture_output=True, text=True).stdout.split()
    sources = [name for name in listed if name.endswith((".h", ".cc")) and (ROOT / name).exists()]
    check(result, "format", ["clang-format", "--dry-run", "-Werror", *sources])


def configure_and_build(result, preset, targets):
    name = f"build {preset}"
    if not check(result, f"configure {preset}", ["cmake", "--preset", preset]):
        return False
    command = ["cmake", "--build", "--preset", preset, "--", "-k", "0"]
    return check(result, name, command + targets, timeout=2400)


def build(result):
    configure_and_build(result, "release", [])


def console(result):
    if not (ROOT / "console" / "package.json").exists():
        result.add_skip("there is no console")
        return
    check(result, "console build", ["scripts/console.sh", "build"])
    check(result, "console check", ["scripts/console.sh", "check"])


# --- unit tests ----------------------------------------------------------------------------------

def unit_binaries(preset, modules):
    listing = subprocess.run(
        ["ctest", "--test-dir", str(ROOT / "build" / preset), "--show-only=json-v1"],
        capture_output=True, text=True)
    if listing.returncode != 0:
        return []
    found = []
    for test in json.loads(listing.stdout).get("tests", []):
        if "command" in test and (not modules or test["name"] in modules):
            found.append((test["name"], test["command"]))
    return found


def count_gtest(result, label, report, code, log):
    """Adds the cases of one test program; one that died without a report is a failure itself."""
    if not report.exists():
        result.add_failure(label, f"exit code {code}\n{tail(log)}")
        return
    cases_failed = 0
    for suite in json.loads(report.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            name = f"{label}: {suite['name']}.{case['name']}"
            if case.get("failures"):
                cases_failed += 1
                result.add_failure(name, case["failures"][0].get("failure", "")[:2000])
            elif case.get("result") == "SKIPPED" or case.get("status") == "NOTRUN":
                result.add_skip(name)
            else:
                result.add_pass()
    if code != 0 and cases_failed == 0:
        result.add_failure(f"{label}: exit code {code}", tail(log))


def run_units(result, preset, modules=(), env=None, wrapper=()):
    binaries = unit_binaries(preset, modules)
    if not binaries:
        result.add_failure(f"{preset} unit tests", "there are none to run")
        return
    reports = LOGS / f"unit-{preset}"
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)

    def one(entry):
        name, command = entry
        report = reports / f"{name}.json"
        log = reports / f"{name}.log"
        settings = {"GTEST_OUTPUT": f"json:{report}", **(env or {})}
        code = run([*wrapper, *command], log, 600, settings)
        return name, report, code, log

    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        for name, report, code, log in pool.map(one, binaries):
            count_gtest(result, f"{preset} {name}", report, code, log)


def unit(result):
    run_units(result, "release")


# --- black-box suites in Node --------------------------------------------------------------------

def node_suite(result, folder, timeout, concurrency):
    found = (ROOT / "tests" / folder).glob("*.test.js")
    files = sorted(str(path.relative_to(ROOT)) for path in found)
    if not files:
        result.add_skip(f"tests/{folder} is empty")
        return
    if not (ROOT / "build" / "release" / "rapport").exists():
        result.add_failure(f"tests/{folder}", "build/release/rapport is not there")
        return
    log = LOGS / f"{folder}.log"
    tap = LOGS / f"{folder}.tap"
    code = run(
        ["node", "--test", "--test-force-exit", f"--test-concurrency={concurrency}",
         "--test-reporter=tap", f"--test-reporter-destination={tap}",
         "--test-reporter=spec", "--test-reporter-destination=stdout", *files], log, timeout)
    text = tap.read_text(errors="replace") if tap.exists() else ""
    count_tap(result, folder, text, code, log)


def count_tap(result, folder, text, code, log):
    # A forced exit may cut the file short; what the runner printed ends with the same totals.
    printed = log.read_text(errors="replace") if log.exists() else ""
    totals = dict(re.findall(r"^[#ℹ] (pass|fail|cancelled|skipped|todo) (\d+)$",
                             printed + "\n" + text, re.MULTILINE))
    if "pass" not in totals:
        result.add_failure(f"tests/{folder}", f"exit code {code}\n{tail(log)}")
        return
    result.add_pass(int(totals["pass"]))
    failed = int(totals["fail"]) + int(totals["cancelled"])
    details = failed_tap(text)
    for index in range(failed):
        name, detail = details[index] if index < len(details) else ("more", "see the log")
        result.add_failure(f"{folder}: {name}", detail)
    for reason in re.findall(r"^\s*ok \d+ - .*# SKIP (.*)$", text, re.MULTILINE):
        result.add_skip(f"{folder}: {reason}", 0)
    result.skipped += int(totals["skipped"]) + int(totals["todo"])
    if code != 0 and failed == 0:
        result.add_failure(f"tests/{folder}", f"exit code {code}\n{tail(log)}")


def failed_tap(text):
    """(name, first lines of the diagnosis) of each failed case that is not a mere parent."""
    found = []
    lines = text.splitlines()
    for index, line in enumerate(lines):
        match = re.match(r"^(\s*)not ok \d+ - (.*)$", line)
        if not match:
            continue
        block = []
        for following in lines[index + 1:index + 60]:
            block.append(following.strip())
            if following.strip() == "...":
                break
        if any("subtestsFailed" in entry for entry in block):
            continue
        found.append((match.group(2), "\n".join(block[:30])))
    return found


def functional(result):
    node_suite(result, "functional", 900, CORES)


def conformance(result):
    node_suite(result, "conformance", 400, 1)


def crash(result):
    node_suite(result, "crash", 400, 1)


def browser(result):
    node_suite(result, "browser", 400, 1)


# --- sanitizers and fuzzing ----------------------------------------------------------------------

SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/scripts/lsan.supp:print_suppressions=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    # Unoptimised and watched, a world takes ten times as long; the unit stage plays more.
    "RAPPORT_SEGMENT_WORLDS": "5",
    # DuckDB and RocksDB are not built with the sanitizer; what happens inside them is not judged.
    "TSAN_OPTIONS": f"suppressions={ROOT}/scripts/tsan.supp:history_size=4:"
                    "ignore_noninstrumented_modules=1",
}


def asan(result, modules=()):
    if configure_and_build(result, "asan", [f"{module}_test" for module in modules]):
        run_units(result, "asan", modules, SANITIZER_ENV)


def tsan(result, modules=(), preset="tsan"):
    targets = [f"{module}_test" for module in modules]
    if not configure_and_build(result, preset, targets):
        return
    # The thread sanitizer of this compiler cannot live with the widest address randomisation.
    wrapper = ["setarch", "-R"] if shutil.which("setarch") else []
    env = dict(SANITIZER_ENV)
    if preset == "tsan-check":
        # Unoptimised, DuckDB locks through our std::mutex, and no suppression tells its lock orders
        # from ours: they are left to `make tsan`, which is optimised.
        env["TSAN_OPTIONS"] += ":detect_deadlocks=0"
    run_units(result, preset, modules, env, wrapper)


def sanitize(result):
    """Unit tests with the address and undefined sanitizers, by the other compiler.

    One clang build serves this stage and the fuzzing, and shows that clang takes the source.
    """
    if configure_and_build(result, "check", []):
        run_units(result, "check", (), SANITIZER_ENV)


def fuzz(result, preset="fuzz"):
    folder = ROOT / "build" / preset
    targets = [path.stem for path in (ROOT / "fuzz").glob("*_fuzz.cc")]
    if not configure_and_build(result, preset, targets):
        return
    artifacts = LOGS / "fuzz"
    shutil.rmtree(artifacts, ignore_errors=True)
    artifacts.mkdir(parents=True)

    def one(target):
        name = target.name
        corpus = folder / "corpus" / name
        corpus.mkdir(parents=True, exist_ok=True)
        log = artifacts / f"{name}.log"
        seeds = ROOT / "fuzz" / "seeds" / name
        command = [str(target), f"-max_total_time={FUZZ_SECONDS}", "-timeout=10",
                   "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=1",
                   f"-artifact_prefix={artifacts}/{name}-", str(corpus)]
        if seeds.is_dir():
            command.append(str(seeds))
        return name, run(command, log, FUZZ_SECONDS + 120, SANITIZER_ENV), log

    targets = sorted(path for path in folder.glob("fuzz/*_fuzz") if path.is_file())
    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        for name, code, log in pool.map(one, targets):
            # The canary has a planted fault: a fuzzing run that does not find it proves nothing.
            if (code != 0) == (name == "canary_fuzz"):
                result.add_pass()
            elif name == "canary_fuzz":
                result.add_failure("fuzz canary", "the planted fault was not found")
            else:
                result.add_failure(f"fuzz {name}", tail(log))


# --- the run -------------------------------------------------------------------------------------

STAGES = {
    "lint": lint,
    "build": build,
    "unit": unit,
    "console": console,
    "functional": functional,
    "conformance": conformance,
    "crash": crash,
    "browser": browser,
    "sanitize": sanitize,
    "fuzz": lambda result: fuzz(result, "check"),
    "tsan": lambda result: tsan(result, TSAN_MODULES, "tsan-check"),
}
SANITIZER_STAGES = ("sanitize", "fuzz", "tsan")


def run_stage(name, function):
    result = Result()
    started = time.monotonic()
    print(f"{name:<12} …", end="\r" if sys.stdout.isatty() else "", flush=True)
    if not sys.stdout.isatty():
        print()
    try:
        function(result)
    except Exception as error:  # A stage that breaks is a failure of that stage, not of the run.
        result.add_failure(name, repr(error))
    seconds = time.monotonic() - started
    print(f"{name:<12} {result.passed} ok, {result.failed} failed, {result.skipped} skipped"
          f"  ({seconds:.1f} s)", flush=True)
    for reason in result.skips:
        print(f"    skipped: {reason}", flush=True)
    for failure, detail in result.failures[:25]:
        print(f"    FAILED: {failure}", flush=True)
        for line in detail.splitlines()[-40:]:
            print(f"        {line}", flush=True)
    return result, seconds


def chosen_stages(arguments):
    if arguments[:1] == ["--only"]:
        name, modules = arguments[1], arguments[2:]
        if name == "asan":
            return {"asan": lambda result: asan(result, modules)}
        if name == "fuzz":
            return {"fuzz": fuzz}
        if name == "tsan":
            return {"tsan": lambda result: tsan(result, modules)}
        return {name: STAGES[name]}
    return STAGES


def main():
    os.chdir(ROOT)
    stages = chosen_stages(sys.argv[1:])
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    total = Result()
    times = []
    if "SETUP_SECONDS" in os.environ:
        times.append(("setup", float(os.environ["SETUP_SECONDS"])))
    for name, function in stages.items():
        skip_sanitizers = len(stages) > 1 and os.environ.get("SKIP_SANITIZERS") == "1"
        if name in SANITIZER_STAGES and skip_sanitizers:
            print(f"{name:<12} skipped: SKIP_SANITIZERS=1", flush=True)
            total.add_skip(name)
            continue
        result, seconds = run_stage(name, function)
        times.append((name, seconds))
        total.passed += result.passed
        total.failed += result.failed
        total.skipped += result.skipped
        total.failures += result.failures
    print("\nTime: " + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in times)
          + f"; together {sum(seconds for _, seconds in times) / 60:.1f} min")
    for failure, _ in total.failures:
        print(f"FAILED: {failure}")
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return 1 if total.failed or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
