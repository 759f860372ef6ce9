#!/usr/bin/env python3
"""Generates a client of Pivotal's document with each of several generators, and compares what the clients do.

    tests/peers/run.py                          # everything, as Markdown on standard output
    tests/peers/run.py --only ours,progenitor   # some of the columns
    tests/peers/run.py --skip costs             # without counting instructions and CPU time

A maintainer's check and no part of `cargo test`: it installs the generators at the versions below, from
crates.io and PyPI, and needs Linux, Python 3, Java, and valgrind for the instructions. Everything is written to
`target/peers`, or to the folder `--work`, and what is there is not made again. PIVOTAL and XTASK name the
built programs of this workspace; without them, they are built.
"""

import argparse, json, os, re, shutil, statistics, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "tests/peers/programs"
CORES = os.sched_getaffinity(0)
KEY = "pivotal_test_aB3dE5fG7hJ9kL1m"
COMMON = """serde_json = "1"
tokio = { version = "1", features = ["macros", "rt", "time", "net"] }
"""


def run(*command, cwd=None, **options):
    """Runs a command; its output is in the exception if it fails."""
    options["env"] = options.get("env", os.environ) | {"RUST_BACKTRACE": "0"}
    result = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, **options)
    if result.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{result.stdout[-2000:]}{result.stderr[-6000:]}")
    return result.stdout


# --- Generators: each writes a crate `NAME_client` to the folder `out`.


def cargo_install(work, crate):
    tools = work / "tools"
    if crate not in run("cargo", "install", "--list", "--root", tools).replace(" v", "@"):
        environment = os.environ | {"CARGO_TARGET_DIR": str(work / "target")}
        run("cargo", "install", "--locked", "--debug", "--root", tools, crate, env=environment)
    return tools / "bin" / crate.split("@")[0]


def progenitor(work, document, out):
    tool = cargo_install(work, "cargo-progenitor@0.15.1")
    run(tool, "progenitor", "--include-client", "false", "-i", document, "-o", out, "-n", "progenitor_client_of", "-v", "0.1.0")


def openapi_generator(work, document, out):
    bin = work / "tools/python/bin"
    if not (bin / "openapi-generator-cli").exists():
        run(sys.executable, "-m", "venv", bin.parent)
        run(bin / "pip", "install", "openapi-generator-cli==7.26.0")
    options = "library=reqwest,packageName=openapi_generator_client,reqwestDefaultFeatures="
    run(bin / "openapi-generator-cli", "generate", "-g", "rust", "-i", document, "-o", out, "--additional-properties", options)


def openapi_to_rust(work, document, out):
    tool = cargo_install(work, "openapi-to-rust@0.23.0")
    (out / "src").mkdir(parents=True)
    # Without a configuration its client has no retries.
    (out / "openapi-to-rust.toml").write_text(
        f'[generator]\nspec_path = "{document}"\noutput_dir = "src"\nmodule_name = "client"\n\n'
        "[features]\nenable_async_client = true\n\n[http_client.retry]\nmax_retries = 3\n\n[http_client.tracing]\nenabled = false\n"
    )
    run(tool, "generate", cwd=out)
    (out / "src/mod.rs").rename(out / "src/lib.rs")
    package = '[package]\nname = "openapi-to-rust-client-of"\nversion = "0.0.0"\nedition = "2024"\n\n'
    (out / "Cargo.toml").write_text(package + (out / "src/REQUIRED_DEPS.toml").read_text())


# The columns: name, title, generator, and what a program depends on beside the client. All have TLS, without which
# none could call Pivotal.
TLS = 'reqwest = { version = "0.13.5", default-features = false, features = ["rustls"] }\n'
HAND = """chrono = { version = "0.4", features = ["serde"] }
reqwest = { version = "0.13.5", default-features = false, features = ["json", "query", "rustls"] }
serde = { version = "1", features = ["derive"] }
"""
SDK = f'pivotal-sdk = {{ path = "{ROOT}/crates/pivotal-sdk", features = ["rustls"] }}\n'
PEERS = {
    "by_hand": ("by hand", None, HAND),
    "ours": ("ours", None, SDK),
    "progenitor": ("progenitor 0.15.1", progenitor, TLS),
    "openapi_to_rust": ("openapi-to-rust 0.23.0", openapi_to_rust, ""),
    "openapi_generator": ("openapi-generator 7.26.0", openapi_generator, 'serde = "1"\n' + TLS),
}
DOCUMENTS = ["upstream", "lowered", "contract"]


class Build:
    """A workspace for the program of one peer, with the versions of this workspace where it has them."""

    def __init__(self, work, name, documents):
        self.work, self.name, self.documents = work, name, documents
        self.folder = work / "programs" / name
        self.client = self.folder / "client"
        self.takes = self.folder / "takes.json"

    def cargo(self, *arguments):
        environment = os.environ | {"CARGO_TARGET_DIR": str(self.work / "target")}
        return run("cargo", *arguments, cwd=self.folder, env=environment)

    def manifest(self):
        _, generate, dependencies = PEERS[self.name]
        client = ""
        if generate:
            package = re.search(r'^name = "(.+)"', (self.client / "Cargo.toml").read_text(), re.M)[1]
            client = f'{self.name}_client = {{ path = "client", package = "{package}" }}\n'
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "Cargo.lock", self.folder / "Cargo.lock")
        (self.folder / "Cargo.toml").write_text(
            f'[package]\nname = "peer-{self.name}"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n'
            f'[[bin]]\nname = "{self.name}"\npath = "{PROGRAMS}/{self.name}.rs"\n\n[dependencies]\n{COMMON}{dependencies}{client}'
        )

    def generate(self, document):
        """Generates and compiles the client; returns what came of it."""
        shutil.rmtree(self.client, ignore_errors=True)
        try:
            PEERS[self.name][1](self.work, self.documents[document], self.client)
        except RuntimeError as error:
            lines = str(error).splitlines()
            return "refused: " + next((line for line in lines[1:] if re.search("fail|error|panic|nvalid", line)), lines[-1]).strip()
        self.manifest()
        try:
            self.cargo("build", "--quiet", "-p", re.search(r'package = "(.+)"', (self.folder / "Cargo.toml").read_text())[1])
        except RuntimeError as error:
            count = re.search(r"due to (?:(\d+) )?previous error", str(error))
            return f"{count and (count[1] or 1) or '?'} compile errors"
        return "yes"

    def run(self):
        """Builds the program, on the best form of the document that the generator takes."""
        takes = json.loads(self.takes.read_text()) if self.takes.exists() else {}
        if PEERS[self.name][1] and not takes:
            for document in DOCUMENTS:
                takes[document] = self.generate(document)
                print(f"{self.name}: {document}: {takes[document]}", file=sys.stderr)
            best = [document for document in DOCUMENTS if takes[document] == "yes"]
            if not best:
                raise RuntimeError(f"{self.name} takes no form of the document: {takes}")
            if takes[DOCUMENTS[-1]] != "yes":
                self.generate(best[-1])
            takes["used"] = best[-1]
            self.takes.write_text(json.dumps(takes))
        self.manifest()
        self.cargo("build", "--quiet")
        return takes

    def program(self, profile="debug"):
        return self.work / "target" / profile / self.name

    def crates(self):
        tree = self.cargo("tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}")
        return len({line.split(" (")[0] for line in tree.splitlines()} - {""}) - 1

    def size(self):
        stripped = self.work / "stripped"
        run("strip", "-o", stripped, self.program("release"))
        return stripped.stat().st_size


class Sandbox:
    """`pivotal sandbox`, with 48 customers, and what the programs do on it."""

    def __init__(self, pivotal):
        self.folder = tempfile.TemporaryDirectory()
        address = Path(self.folder.name, "address")
        options = ["--listen", "127.0.0.1:0", "--seed", "7", "--admin", "--no-ui", "--api-key", KEY, "--address-file", address]
        self.process = subprocess.Popen([pivotal, "sandbox", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not address.exists() or not address.read_text().strip():
            time.sleep(0.02)
        self.url = address.read_text().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def request(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data, headers, method=method)) as response:
            return json.loads(response.read() or "null")

    def environment(self):
        return os.environ | {"PIVOTAL_BASE_URL": self.url, "PIVOTAL_API_KEY": KEY}

    def call(self, program, *arguments, fault=None, same_time=0, timeout=60):
        """Runs a program on the rows of the start, with a fault or with more rows that were created at the
        same time; returns its report and the journal."""
        self.request("POST", "/_sandbox/reset")
        if same_time:
            self.request("POST", "/_sandbox/clock/freeze")
            for number in range(same_time):
                self.request("POST", "/api/v1/customers", {"name": f"Customer {number}"})
            self.request("DELETE", "/_sandbox/requests")
        if fault:
            self.request("POST", "/_sandbox/faults", fault)
        try:
            output = subprocess.run([program, *arguments], env=self.environment(), capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return None, []
        if output.returncode:
            raise RuntimeError(f"{program} {arguments}: {output.stderr}")
        return json.loads(output.stdout), self.request("GET", "/_sandbox/requests")["requests"]


# --- Behaviours: each a row of the table; a function of the sandbox and a program that returns a cell.


def fault(operation, fault, **options):
    return {"operation": operation, "fault": fault} | options


def known(report):
    """What an error says beside its text."""
    facts = [f"status {report['status']}" if report["status"] else "", f"code `{report['code']}`" if report["code"] else ""]
    return "error, " + (" and ".join(filter(None, facts)) or "no status")


def unknown_enum_value(sandbox, program):
    report, _ = sandbox.call(program, "phase", "1", fault=fault("get-onboarding", "unknown-enum-value"))
    return f"kept: `{report['shown']}`" if report["ok"] else known(report)


def missing_key(sandbox, program):
    report, _ = sandbox.call(program, "get", "1", fault=fault("get-customer", "missing-key=name"))
    return "accepted" if report["ok"] else known(report)


def patch_null(sandbox, program):
    report, journal = sandbox.call(program, "update", "1")
    body = journal[-1]["body"]
    body = json.loads(body) if isinstance(body, str) else body
    return ("both" if body == {"plan": "Scale", "domain": None} else f"sends `{json.dumps(body)}`") + ("" if report["ok"] else "; " + known(report))


def not_found(sandbox, program):
    return known(sandbox.call(program, "get", "999999")[0])


def unavailable(sandbox, program):
    return known(sandbox.call(program, "get", "1", fault=fault("get-customer", "status=503"))[0])


def not_json(sandbox, program):
    return known(sandbox.call(program, "get", "1", fault=fault("get-customer", "malformed-json"))[0])


def retried(report, journal):
    if not report["ok"]:
        return known(report)
    return f"success after {report['seconds']:.1f} s, requests {len(journal)}"


def unavailable_once(sandbox, program):
    return retried(*sandbox.call(program, "get", "1", fault=fault("get-customer", "status=503", count=1)))


def rate_limited(sandbox, program):
    return retried(*sandbox.call(program, "get", "1", fault=fault("get-customer", "rate-limited=2", count=1)))


def created_then_reset(sandbox, program):
    name = "Created Once"
    report, journal = sandbox.call(program, "create", name, fault=fault("create-customer", "reset-after-processing", count=1))
    rows, cursor = [], ""
    while cursor is not None:
        page = sandbox.request("GET", f"/api/v1/customers?limit=100{cursor and '&cursor=' + cursor}")
        rows += [row for row in page["data"] if row["name"] == name]
        cursor = page["next_cursor"] if page["has_more"] else None
    keys = {value for request in journal for header, value in request["headers"] if header.lower() == "idempotency-key"}
    key = "one key" if len(keys) == 1 else "no key"
    return f"{'success' if report['ok'] else known(report)}; requests {len(journal)}, {key}, rows {len(rows)}"


def pages(sandbox, program, same_time=0):
    report, journal = sandbox.call(program, "ids", same_time=same_time)
    if not report["ok"]:
        return f"{known(report)}, at page {len(journal)}"
    return f"{len(set(report['shown'].split()))} rows"


def pages_of_one_time(sandbox, program):
    return pages(sandbox, program, same_time=15)


def key_in_debug(sandbox, program):
    return "shown" if KEY in sandbox.call(program, "debug")[0]["shown"] else "not shown"


def parent_path(sandbox, program):
    report, journal = sandbox.call(program, "get", "../contacts")
    return f"sends `{journal[-1]['path']}`" if journal else "refused before sending"


def stalled(sandbox, program, limit=150):
    report, _ = sandbox.call(program, "get", "1", fault=fault("get-customer", "stall-before-processing"), timeout=limit)
    return f"error after {report['seconds']:.0f} s" if report else f"none after {limit} s"


BEHAVIOURS = [
    ("unknown value of an enum", unknown_enum_value),
    ("required key missing", missing_key),
    ("PATCH: a value and a null", patch_null),
    ("404, documented", not_found),
    ("503, not documented", unavailable),
    ("200 that is not JSON", not_json),
    ("503 once", unavailable_once),
    ("429 once, `Retry-After: 2`", rate_limited),
    ("create processed, then TCP reset", created_then_reset),
    ("48 rows in pages of 10", pages),
    ("63 rows, 15 of them created at one time", pages_of_one_time),
    ("key in `Debug` of the client", key_in_debug),
    ("ID `../contacts`", parent_path),
]


# --- Costs of a GET: the difference of 4,000 and 2,000, so without the start of the program.


def instructions(sandbox, program):
    def count(calls):
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "loop", str(calls)]
        output = subprocess.run(command, env=sandbox.environment(), capture_output=True, text=True, check=True)
        return int(re.search(r"Collected : (\d+)", output.stderr)[1])

    return (count(4000) - count(2000)) / 2000


def cpu_seconds(sandbox, program, calls):
    process = subprocess.Popen([program, "loop", str(calls)], env=sandbox.environment(), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, f"{program} failed"
    return usage.ru_utime + usage.ru_stime


def cpu_ratios(sandbox, builds, rounds):
    """Microseconds of the first, and the median ratio to it: all programs take turns, in another order each round."""
    times = {build.name: [] for build in builds}
    for turn in range(rounds):
        for build in builds[turn % len(builds):] + builds[:turn % len(builds)]:
            program = build.program("release")
            times[build.name].append((cpu_seconds(sandbox, program, 4000) - cpu_seconds(sandbox, program, 2000)) / 2000)
    base = times[builds[0].name]
    ratios = {name: statistics.median(a / b for a, b in zip(times[name], base)) for name in times}
    return statistics.median(base) * 1e6, ratios


def on_one_core(is_one):
    """Keeps what is started from now on on one core, or on all."""
    os.sched_setaffinity(0, {min(CORES)} if is_one else CORES)


def table(rows, builds):
    print("| |", " | ".join(PEERS[build.name][0] for build in builds), "|")
    print("|---" * (len(builds) + 1) + "|")
    for title, cells in rows:
        print(f"| {title} |", " | ".join(str(cell).replace("|", "\\|") for cell in cells), "|")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=ROOT / "target/peers")
    parser.add_argument("--only", default=",".join(PEERS), help="columns, separated by commas")
    parser.add_argument("--skip", default="", help="behaviours, stalls, costs; separated by commas")
    parser.add_argument("--rounds", type=int, default=11, help="rounds of the CPU time")
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)

    def built(variable, package, program):
        if variable in os.environ:
            return os.environ[variable]
        run("cargo", "build", "--quiet", "-p", package, cwd=ROOT)
        return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / program

    pivotal, xtask = built("PIVOTAL", "pivotal-cli", "pivotal"), built("XTASK", "xtask", "xtask")
    documents = {"upstream": ROOT / "openapi/upstream.json", "contract": ROOT / "openapi/pivotal.json", "lowered": work / "lowered.json"}
    documents["lowered"].write_text(run(xtask, "lower", documents["contract"], cwd=ROOT))

    builds, takes = [], []
    for name in arguments.only.split(","):
        build = Build(work, name, documents)
        try:
            takes.append(build.run())
            builds.append(build)
        except RuntimeError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    table([(document, [taken.get(document, "") for taken in takes]) for document in [*DOCUMENTS, "used"]], builds)

    skipped = arguments.skip.split(",")
    if "behaviours" not in skipped:
        with Sandbox(pivotal) as sandbox:
            table([(title, [behaviour(sandbox, build.program()) for build in builds]) for title, behaviour in BEHAVIOURS], builds)
    if "stalls" not in skipped:
        def stall(build):
            with Sandbox(pivotal) as sandbox:
                return stalled(sandbox, build.program())
        with ThreadPoolExecutor(len(builds)) as threads:
            table([("server that never answers", threads.map(stall, builds))], builds)
    if "costs" not in skipped:
        for build in builds:
            build.cargo("build", "--quiet", "--release")
        rows = [("crates", [build.crates() for build in builds])]
        rows.append(("program, stripped, MB", [f"{build.size() / 1e6:.2f}" for build in builds]))
        with Sandbox(pivotal) as sandbox:
            if shutil.which("valgrind"):
                counts = [instructions(sandbox, build.program("release")) for build in builds]
                rows.append(("instructions of a GET", [f"{count:,.0f}" for count in counts]))
        # With a core each, every wait is an idle core, and to wake it takes more processor time than a small call.
        for is_one, where in [(True, "on the server's core"), (False, "on any core")]:
            on_one_core(is_one)
            with Sandbox(pivotal) as sandbox:
                base, ratios = cpu_ratios(sandbox, builds, arguments.rounds)
                title = f"CPU of a GET {where} ÷ {builds[0].name.replace('_', ' ')} ({base:.0f} µs)"
                rows.append((title, [f"{ratios[build.name]:.3f}" for build in builds]))
        table(rows, builds)


if __name__ == "__main__":
    main()
