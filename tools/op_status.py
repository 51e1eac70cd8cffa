# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/op-status.md: what is done of each op of StableHLO and chlo.

    python tools/op_status.py

The compiler itself is asked. Its examples are those of the lit tests: each op becomes
a program of its own, every dim of which is tiled. What was executed is read off the
records that a whole `make harness` leaves in `build/harness`; without them that column
stays as it is.
"""

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from partir import _partir

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test/harness"))

from core import carried
from op_examples import FILES, NO_RULE, Example, examples, runnable

PAGE = ROOT / "docs/op-status.md"
RECORDS = ROOT / "build/harness"
PASSES = ROOT / "test/passes"
PRINT_RULES = "-partir-print-rules=costs=true"

HEAD = """\
# Status of the ops

Written by `make op-status`; the last column is that of the last `make harness`.

- **attributes**: how many the mirror has; they are those of jaxlib.
- **rule**: the partition rule of an example of `test/rules`, the one that says most;
  rules are made for each op anew, from its shapes and attributes.
- **cost**: what the op of that example takes: how it is run (*none*: not at all;
  *elements*: in one loop with its neighbours; *move*: likewise, but off memory;
  *reduce*: at the end of such a loop;
  *matrix*: on the unit for products of matrices; *apart*: by code of its own), its
  operations, and which operands it reads in part or overwrites.
- **local lowering**: what runs on a device of an axis that the op carries. *Itself* is
  the op on smaller operands; *own form* adds other ops, such as masks and offsets;
  *whole, then sliced* is the whole op on each device, and its chunk of the result.
- **executed**: {executed}
"""
EXECUTED = """\
in how many cases of JAX's primitive harness ({cases} in all) the op
  carried an axis on 8 devices and the numbers were right. *example*: in none of them,
  but `test/python/test_op_examples.py` runs an example of `test/rules` in that way."""
COLUMNS = ("op", "attributes", "rule", "cost", "local lowering", "executed")

#: What is neither partitioned nor refused under its own name.
OTHERS = {
    "stablehlo.async_done": "refused with its operand, a future",
    "stablehlo.composite": "inlined",
    "stablehlo.get_tuple_element": "refused with its operand, a tuple",
    "stablehlo.return": "ends a region",
    "stablehlo.uniform_dequantize": "refused with its operand, of a quantized type",
}

_OP = re.compile(r'"((?:stablehlo|chlo)\.[\w-]+)"\(')
#: Ops of a function in PartIR:HLO, not those in regions, and chunks of whole values.
_LOCAL_OP = re.compile(
    r'^    (?:%.* = )?"?((?:stablehlo|chlo)\.[\w-]+|partir_hlo\.all_slice)\b', re.M
)


def main() -> None:
    """Writes the page."""
    executed, cases = executed_cases() or cases_of_page()
    run = runnable()
    lines = [HEAD.format(executed=EXECUTED.format(cases=cases))]
    lines += [_row(COLUMNS), _row(["---"] * len(COLUMNS))]
    for row in compiled_rows():
        name = row[0].strip("`")
        count = executed[name] or ("example" if name in run else "-")
        lines.append(_row([*row, str(count)]))
    PAGE.write_text("\n".join(lines) + "\n")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def compiled_rows() -> list[tuple[str, ...]]:
    """The columns that the compiler alone knows, a row an op."""
    rules, errors, forms = printed_rules(), refusals(), local_forms()
    return [
        (
            f"`{name}`",
            str(len(attributes)),
            f"`{rule}`" if rule else "-",
            cost or "-",
            _local(name, rule, forms.get(name), errors.get(name)),
        )
        for name, attributes in _partir.mirrored_ops().items()
        for rule, cost in [rules.get(name, ("", ""))]
    ]


def _local(name: str, rule: str, forms: set[str] | None, error: str | None) -> str:
    if name in OTHERS:
        return OTHERS[name]
    if not rule and not error:
        sys.exit(f"{name}: no file of test/rules has an example of it")
    if not rule:
        return f"refused: {error}"
    if rule.startswith("ties"):
        return "tie"
    return "; ".join(sorted(forms)) if forms else "carries no axis"


# --- What partir-opt says of the lit tests


def _partir_opt(path: Path, option: str) -> subprocess.CompletedProcess[str]:
    folders = (Path(sys.executable).parent, ROOT / "build/bin")
    tool = next(f / "partir-opt" for f in folders if (f / "partir-opt").exists())
    return subprocess.run(
        [tool, path, option, "-split-input-file"], capture_output=True, text=True
    )


def _diagnostics(path: Path, option: str, kind: str) -> Iterator[tuple[str, str]]:
    """Messages of one kind at ops, each with the name of the op."""
    lines = path.read_text().splitlines()
    found = re.findall(rf":(\d+):\d+: {kind}: (.*)", _partir_opt(path, option).stderr)
    for line, message in found:
        if op := _OP.search(lines[int(line) - 1]):
            yield op[1], message


def printed_rules() -> dict[str, tuple[str, str]]:
    """By op the rule of its examples that says most, and what that example costs.

    Ties have no cost.
    """
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in FILES:
        for name, text in _diagnostics(path, PRINT_RULES, "remark"):
            if text.startswith("cost: "):
                rule, _ = found[name].pop()
                found[name].append((rule, text.removeprefix("cost: ")))
            else:
                found[name].append((text, ""))
    return {name: max(rows, key=_mapped) for name, rows in found.items()}


def _mapped(row: tuple[str, str]) -> int:
    """How much the rule says, apart from why dims are blocked."""
    return len(re.sub("blocked={.*?}", "", row[0]))


def refusals() -> dict[str, str]:
    """By op the first message that refuses it."""
    errors: dict[str, str] = {}
    for path in (NO_RULE, PASSES / "normalize_errors.mlir"):
        for name, error in _diagnostics(path, "-partir-normalize", "error"):
            errors.setdefault(name, error.removeprefix(f"'{name}' op "))
    replaced = _replaced_on_one_device()
    return {
        name: error + "; on one device replaced" * (name in replaced)
        for name, error in errors.items()
    }


def _replaced_on_one_device() -> set[str]:
    path = PASSES / "normalize_one_device.mlir"
    code = re.sub("//.*", "", path.read_text())
    kept = _partir_opt(path, "-partir-normalize").stdout
    return set(_OP.findall(code)) - set(_OP.findall(kept))


# --- Programs of one op


def local_forms() -> dict[str, set[str]]:
    """By op the local forms that come out of the tilings of its examples."""
    forms: dict[str, set[str]] = defaultdict(set)
    for example in examples():
        forms[example.name].update(_forms_of(example))
    return forms


def _forms_of(example: Example) -> Iterator[str]:
    names = [f"x{number}" for number in range(len(example.arguments))]
    results = [(f"out{number}", type_) for number, type_ in enumerate(example.results)]
    for target, (shape, _) in [*enumerate(example.arguments), *results]:
        for dim, size in enumerate(shape):
            if size == 0 or size % 2:
                continue
            program = _partir.Program(example.tagged, [("a", 2)], names)
            program.apply("t", [("", "a", [(target, "tile", dim)])])
            if example.name in carried(program.text("core")).get("a", ()):
                yield _form(example.name, _LOCAL_OP.findall(program.text("hlo")))


def _form(name: str, ops: list[str]) -> str:
    whole = ops[-2:] == [name, "partir_hlo.all_slice"]
    ops = [op for op in ops if op != "partir_hlo.all_slice"]
    if ops != [name]:
        return "own form"
    return "whole, then sliced" if whole else "itself"


# --- The harness


def executed_cases() -> tuple[Counter[str], int] | None:
    """By op the cases in which it carried an axis to the right numbers; all cases.

    None without the records of a whole run.
    """
    executed: Counter[str] = Counter()
    paths = [RECORDS / f"{mode}.jsonl" for mode in ("x32", "x64")]
    if not all(path.exists() for path in paths):
        return None
    lines = [line for path in paths for line in path.read_text().splitlines()]
    records = [json.loads(line) for line in lines]
    for record in records:
        right = [one["ops"] for one in record["outcomes"] if not one["failure"]]
        executed.update(set().union(*right))
    return executed, len(records)


def cases_of_page() -> tuple[Counter[str], int]:
    """The same, as the page has it."""
    page = PAGE.read_text()
    rows = re.findall(r"^\| `(\S+)` .* (\d+) \|$", page, re.M)
    cases = re.search(r"\((\d+) in all\)", page)
    return Counter({name: int(count) for name, count in rows}), int(cases[1])


if __name__ == "__main__":
    main()
