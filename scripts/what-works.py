#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""README's table of what works in the lab, from what the lab has seen.

usage: what-works.py                  write the table into README.md
       what-works.py --check          say if it is not what README.md has
       what-works.py --update FILE    take the legs of FILE, a run's
                                      build/lab/results.json, and write it

docs/lab-results.json keeps the last result of each leg. A leg that a run
skipped stays as it was seen before: a skip says something about the machine
it was run on. One that failed is not in the table until it works again.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- from docs/lab-results.json by scripts/what-works.py -->\n"
END = "<!-- end -->\n"
HEAD = (
    "| hypervisor | booted by | processors | verified there |\n"
    "|---|---|---|---|\n"
)
SCHEMA = "zirvium.lab/1"
KEPT = ("hypervisor", "version", "path", "note", "result", "cpus", "verified")


def key(leg: dict) -> tuple[str, str]:
    return leg["hypervisor"], leg["path"]


def read(path: Path) -> dict:
    document = json.loads(path.read_text())
    if document["schema"] != SCHEMA:
        sys.exit(f"{path}: schema {document['schema']}, not {SCHEMA}")
    return document


def merged(old: list[dict], new: list[dict]) -> list[dict]:
    """@old with what @new has seen of the same legs, and its others."""
    legs = {key(leg): leg for leg in old}
    for leg in new:
        if leg["result"] != "skipped":
            legs[key(leg)] = {name: leg[name] for name in KEPT}
    return [legs[name] for name in sorted(legs)]


def verified(leg: dict) -> str:
    """Features by hypervisor: "xen: clock, timer; hyperv: ..."."""
    features: dict[str, list[str]] = {}
    for text in leg["verified"]:
        owner, name = text.split(": ", maxsplit=1)
        features.setdefault(owner, []).append(name)
    words = [f"{owner}: {', '.join(n)}" for owner, n in features.items()]
    return "; ".join([*([leg["note"]] if leg["note"] else []), *words])


def table(legs: list[dict]) -> str:
    rows = ""
    for leg in legs:
        if leg["result"] != "works":
            continue
        name = f"{leg['hypervisor']} {leg['version']}".strip()
        cpus = ", ".join(map(str, leg["cpus"]))
        rows += f"| {name} | {leg['path']} | {cpus} | {verified(leg)} |\n"
    return HEAD + rows


def with_table(text: str, new: str) -> str:
    begin = text.index(BEGIN) + len(BEGIN)
    return text[:begin] + new + text[text.index(END, begin) :]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--update", type=Path)
    parser.add_argument("--root", type=Path, default=ROOT)
    words = parser.parse_args()
    results = words.root / "docs" / "lab-results.json"
    readme = words.root / "README.md"
    document = read(results)
    if words.update:
        new = read(words.update)["legs"]
        document["legs"] = merged(document["legs"], new)
        results.write_text(json.dumps(document, indent="\t") + "\n")
    text = readme.read_text()
    wanted = with_table(text, table(document["legs"]))
    if not words.check:
        readme.write_text(wanted)
    elif text != wanted:
        sys.exit("README.md: the lab's table is not that of "
                 "docs/lab-results.json: run scripts/what-works.py")


if __name__ == "__main__":
    main()
