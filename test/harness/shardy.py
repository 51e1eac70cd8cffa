# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares our partition rules with Shardy's, op by op, without running anything.

    python test/harness/shardy.py [--only GROUP] [--every N]

Lowers the cases of JAX's primitive harness. Where Shardy lets a factor pass from an
operand to a result, or reduces it, and our rule does neither, there is a difference.
With JAX_ENABLE_X64=1 the cases are those that ask for 64-bit types.
"""

import argparse
import collections
import dataclasses
import functools
import itertools
import json
import math
import re
import subprocess
import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
from cases import Case, all_harnesses, case_of
from jaxlib.mlir import ir, passmanager
from jaxlib.mlir.dialects import sdy

#: Kinds of differences: tilings that Shardy has without communication, or with a
#: reduction only, and we do not.
FAULTS = ("pass", "reduction")
#: Tilings for which Shardy communicates inside the op. A halo belongs to a reduction
#: over a window whose factors do not make up the dim, or whose dim is padded.
INFORMATION = ("halo", "permutation", "replication")

#: The dims of a value, and the factors of each, major first.
Dims = tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule of either side.

    Attributes:
      text: as printed.
      operands: the factors of each dim of each operand.
      results: likewise.
      sizes: of the factors.
      kinds: of the factors that are not parallel: ``"blocked"`` and ``"reduction"``
        (ours), or of ``FAULTS``, ``INFORMATION`` and ``"blocked"`` (Shardy's).
      reasons: of the factors that are blocked (ours).
    """

    text: str
    operands: tuple[Dims, ...]
    results: tuple[Dims, ...]
    sizes: Mapping[str, int]
    kinds: Mapping[str, str]
    reasons: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Difference:
    """A factor of a Shardy rule that ours does not have.

    Attributes:
      op: its name; of a custom call with the target.
      kind: one of ``FAULTS`` or ``INFORMATION``.
      operand: number of the operand that has the factor.
      operand_dim: the dim of the operand.
      result: number of the result that has the factor; of a reduction, None.
      result_dim: the dim of the result, or None.
      shardy: Shardy's rule.
      ours: our rule.
      reason: what our rule has on these dims instead.
    """

    op: str
    kind: str
    operand: int
    operand_dim: int
    result: int | None
    result_dim: int | None
    shardy: str
    ours: str
    reason: str


@dataclasses.dataclass
class Comparison:
    """What came out of a module.

    Attributes:
      differences: at most one for each factor of each op, in the order of the ops.
      compared: how many ops have a rule on both sides.
      skipped: names of the other ops, with the side that has no rule. Those in the
        bodies of reductions are left out: they are never partitioned.
      refused: why our side does not read the module, or empty.
    """

    differences: list[Difference] = dataclasses.field(default_factory=list)
    compared: int = 0
    skipped: collections.Counter[str] = dataclasses.field(
        default_factory=collections.Counter
    )
    refused: str = ""


# ---------------------------------------------------------------------------
# Rules of Shardy
# ---------------------------------------------------------------------------

_PIPELINE = "builtin.module(func.func(sdy-populate-op-sharding-rules))"
_ATTRIBUTE = "sdy.sharding_rule"


def shardy_rule(attribute: ir.Attribute) -> Rule:
    """A Shardy rule from its attribute, ``#sdy.op_sharding_rule<...>``."""
    rule = sdy.OpShardingRuleAttr(attribute)
    kinds: dict[str, str] = {}
    for kind, factors in (
        ("permutation", rule.permutation_factors),
        ("replication", rule.need_replication_factors),
        ("blocked", rule.blocked_propagation_factors),
        ("reduction", rule.reduction_factors),
    ):
        for factor in factors:
            kinds.setdefault(str(factor), kind)
    return Rule(
        str(attribute),
        _shardy_values(rule.operand_mappings),
        _shardy_values(rule.result_mappings),
        {str(i): size for i, size in enumerate(rule.factor_sizes)},
        kinds,
    )


def _shardy_values(mappings: Iterable[ir.Attribute]) -> tuple[Dims, ...]:
    return tuple(
        tuple(
            tuple(str(factor) for factor in sdy.DimMappingAttr(dim).factor_indices)
            for dim in sdy.TensorMappingAttr(value).dim_mappings
        )
        for value in mappings
    )


def _shardy_rules(module: ir.Module) -> list[tuple[str, Rule | None]]:
    """Name and rule of each op of a module, in the order in which they are printed."""
    found: list[tuple[str, Rule | None]] = []

    def visit(op: Any) -> ir.WalkResult:
        attributes = op.attributes
        has_rule = _ATTRIBUTE in attributes
        rule = shardy_rule(attributes[_ATTRIBUTE]) if has_rule else None
        found.append((op.name, rule))
        return ir.WalkResult.ADVANCE

    with module.context, module.operation.location:
        copy = module.operation.clone()
        passmanager.PassManager.parse(_PIPELINE).run(copy.operation)
        copy.operation.walk(visit, ir.WalkOrder.PRE_ORDER)
    return found


# ---------------------------------------------------------------------------
# Our rules
# ---------------------------------------------------------------------------

_FACTOR = r"[a-z]\d*"
_SIDE = r"\((.*?)\)"
_RULE = re.compile(
    rf"{_SIDE} -> {_SIDE}"
    r"(?: \{(?P<sizes>[^{}]*)\})?"
    r"(?: reduction=\{(?P<reduction>[^{}]*)\})?"
    r"(?: blocked=\{(?P<blocked>.*?)\})?"
    r"(?: indexed=\{[^{}]*\})?"
    r"(?: window=\{[^}]*\})?"
    r"(?: linear=\[[\d,]*\])?(?: once=\[[\d,]*\])?"
    r"(?: unread=\[[\d,]*\])?"
    r"(?: sum)?(?: pointwise)?(?: identity)?(?: cheap)?(?: zero)?"
)
_OP = re.compile(r'\s*(?:%[^"]* = )?"([\w.]+)"\(')
_CONVOLUTION = re.compile(r"dimension_numbers = #stablehlo\.conv<\[([\w, ]*)\]x")
_PADDING = re.compile(r"padding = dense<([-\d, \[\]]*)> :")
_TARGET = re.compile(r'call_target_name = "([^"]*)"')
_DIAGNOSTIC = re.compile(r"<stdin>:(\d+):\d+: (remark|error): (.*)")
_SPLIT = "// -----"
#: Modules in one process.
_BATCH = 256


def our_rule(text: str) -> Rule:
    """A rule as `partir-opt -partir-print-rules` prints it.

    Raises:
      ValueError: the text is not a rule.
    """
    match = _RULE.fullmatch(text)
    if not match:
        raise ValueError(f"not a rule: {text}")
    sizes = dict(_entries(match["sizes"], "="))
    reduced = dict(_entries(match["reduction"], ":"))
    reasons = dict(_entries(match["blocked"], ": "))
    rule = Rule(
        text,
        _our_values(match[1]),
        _our_values(match[2]),
        {name: int(size) for name, size in sizes.items()},
        dict.fromkeys(reduced, "reduction") | dict.fromkeys(reasons, "blocked"),
        reasons,
    )
    used = {f for value in rule.operands + rule.results for dim in value for f in dim}
    if unknown := (used | reduced.keys() | reasons.keys()) - sizes.keys():
        raise ValueError(f"{', '.join(sorted(unknown))} has no size: {text}")
    return rule


def _entries(text: str | None, sign: str) -> Iterator[tuple[str, str]]:
    """The pairs of `i=8, j=4`, `k:add`, or `k: is sorted, and more, l: is sorted`."""
    if not text:
        return
    for entry in re.split(rf", (?={_FACTOR}{sign})", text):
        name, found, value = entry.partition(sign)
        if not found or not re.fullmatch(_FACTOR, name):
            raise ValueError(f"not an entry of a rule: {entry}")
        yield name, value


def _our_values(text: str) -> tuple[Dims, ...]:
    values = re.findall(r"\[(.*?)\]", text)
    if ", ".join(f"[{value}]" for value in values) != text:
        raise ValueError(f"not values of a rule: {text}")
    return tuple(
        tuple(_our_factors(dim) for dim in value.split(", ")) if value else ()
        for value in values
    )


def _our_factors(text: str) -> tuple[str, ...]:
    """The factors of a dim; a dim of size 1 has none, and is printed as 1."""
    if text == "1":
        return ()
    factors = tuple(re.findall(_FACTOR, text))
    if not factors or "".join(factors) != text:
        raise ValueError(f"not the factors of a dim: {text}")
    return factors


@functools.cache
def _tool() -> Path:
    folders = (
        Path(sys.executable).parent,
        Path(__file__).resolve().parents[2] / "build/bin",
    )
    for folder in folders:
        if (folder / "partir-opt").exists():
            return folder / "partir-opt"
    raise FileNotFoundError(f"no partir-opt in {', '.join(map(str, folders))}")


def _print_rules(lines: Sequence[str]) -> tuple[dict[int, Rule], dict[int, str]]:
    """The rules of the ops, and the errors, by the line on which they stand."""
    command = [_tool(), "-partir-print-rules", "-split-input-file", "-o", "/dev/null"]
    done = subprocess.run(
        [*command, "-mlir-print-op-on-diagnostic=false"],
        input="\n".join(lines),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    rules: dict[int, Rule] = {}
    errors: dict[int, str] = {}
    for line, severity, text in _DIAGNOSTIC.findall(done.stderr):
        if severity == "error":
            errors.setdefault(int(line), text)
        # Ops that only hand values on have ties.
        elif not text.startswith("ties, "):
            rules[int(line)] = _parse(text)
    if done.returncode and not errors:
        raise RuntimeError(f"partir-opt fails: {done.stderr[-2000:]}")
    return rules, errors


_parse = functools.lru_cache(maxsize=4096)(our_rule)


# ---------------------------------------------------------------------------
# The comparison
# ---------------------------------------------------------------------------


def compare(modules: Sequence[ir.Module]) -> list[Comparison]:
    """Compares the rules of all ops of StableHLO modules; the modules stay as they are.

    Raises:
      RuntimeError: the two sides do not have the same ops.
      ValueError: a rule has a form that is not known here.
    """
    found = []
    for start in range(0, len(modules), _BATCH):
        found += _compare_batch(modules[start : start + _BATCH])
    return found


def _compare_batch(modules: Sequence[ir.Module]) -> Iterator[Comparison]:
    lines: list[str] = []
    spans = []
    for module in modules:
        start = len(lines)
        # Without locations an op is where it stands in this text.
        text = module.operation.get_asm(
            print_generic_op_form=True, assume_verified=True
        )
        lines += text.rstrip("\n").split("\n")
        spans.append(range(start, len(lines)))
        lines.append(_SPLIT)
    rules, errors = _print_rules(lines)
    for module, span in zip(modules, spans, strict=True):
        refused = next((errors[i + 1] for i in span if i + 1 in errors), "")
        if refused:
            yield Comparison(refused=refused)
            continue
        ours = [
            (match[1], lines[i], rules.get(i + 1))
            for i in span
            if (match := _OP.match(lines[i]))
        ]
        yield _compare_ops(_shardy_rules(module), ours)


def _compare_ops(
    theirs: Sequence[tuple[str, Rule | None]],
    ours: Sequence[tuple[str, str, Rule | None]],
) -> Comparison:
    """Compares op by op; ours have the line of their text too."""
    if [name for name, _ in theirs] != [name for name, _, _ in ours]:
        raise RuntimeError("the two sides differ in their ops")
    found = Comparison()
    for (name, shardy), (_, line, rule) in zip(theirs, ours, strict=True):
        target = _TARGET.search(line) if name == "stablehlo.custom_call" else None
        op = f"{name} @{target[1]}" if target else name
        if shardy and rule:
            found.compared += 1
            found.differences += differences(op, shardy, rule, _padded_dims(line))
        elif rule:
            found.skipped[f"{op}: Shardy has no rule"] += 1
        elif not shardy:
            found.skipped[f"{op}: neither side has a rule"] += 1
        elif shardy.sizes:
            found.skipped[f"{op}: we have no rule"] += 1
    return found


def _padded_dims(line: str) -> frozenset[int]:
    """The dims of the first operand of a convolution that it pads."""
    dims = _CONVOLUTION.search(line)
    padding = _PADDING.search(line)
    if not dims or not padding:
        return frozenset()
    value = json.loads(padding[1])
    return frozenset(
        dim
        for dim, name in enumerate(dims[1].split(", "))
        # One number is that of all dims.
        if name.isdigit()
        and any(value[int(name)] if isinstance(value, list) else [value])
    )


def differences(
    op: str, shardy: Rule, ours: Rule, padded: Container[int] = ()
) -> list[Difference]:
    """What Shardy's rule of an op has and ours has not, at most one for each factor.

    Args:
      op: its name.
      shardy: Shardy's rule.
      ours: our rule.
      padded: dims of the first operand that the op pads before it reduces windows.

    Raises:
      RuntimeError: the rules are of different numbers of values or dims.
    """
    if _ranks(shardy) != _ranks(ours):
        raise RuntimeError(f"{op}: {shardy.text} and {ours.text} differ in their dims")
    found = (
        _difference(op, factor, _kind(factor, shardy, ours, padded), shardy, ours)
        for factor in shardy.sizes
    )
    return [one for one in found if one]


def _ranks(rule: Rule) -> tuple[list[int], list[int]]:
    return [len(value) for value in rule.operands], [len(v) for v in rule.results]


def _difference(
    op: str, factor: str, kind: str, shardy: Rule, ours: Rule
) -> Difference | None:
    if shardy.sizes[factor] <= 1 or kind == "blocked":
        return None
    operands = list(_dims_of(factor, shardy.operands))
    results: list[Any] = list(_dims_of(factor, shardy.results))
    if kind in ("halo", "reduction"):
        results = [(None, None)]
    for (operand, dim), (result, result_dim) in itertools.product(operands, results):
        source = ours.operands[operand][dim]
        target = None if result is None else ours.results[result][result_dim]
        if _has(ours, source, target):
            continue
        return Difference(
            op,
            kind,
            operand,
            dim,
            result,
            result_dim,
            shardy.text,
            ours.text,
            _instead(ours, source, target),
        )
    return None


def _kind(factor: str, shardy: Rule, ours: Rule, padded: Container[int]) -> str:
    kind = shardy.kinds.get(factor, "pass")
    if kind == "reduction" and any(
        (operand == 0 and dim in padded)
        or _size(shardy, shardy.operands[operand][dim])
        != _size(ours, ours.operands[operand][dim])
        for operand, dim in _dims_of(factor, shardy.operands)
    ):
        return "halo"
    return kind


def _size(rule: Rule, factors: tuple[str, ...]) -> int:
    """The size of a dim with these factors; in our rules it is the dim's own."""
    return math.prod(rule.sizes[factor] for factor in factors)


def _dims_of(factor: str, values: Sequence[Dims]) -> Iterator[tuple[int, int]]:
    """The values, and their dims, that have a factor."""
    for i, value in enumerate(values):
        for dim, factors in enumerate(value):
            if factor in factors:
                yield i, dim


def _has(rule: Rule, source: tuple[str, ...], target: tuple[str, ...] | None) -> bool:
    """Whether a factor goes from the operand's dim to the result's, or is reduced."""
    if target is None:
        return not source or any(rule.kinds.get(f) == "reduction" for f in source)
    # A dim without factors has size 1, or 0: there is nothing to tile.
    if not source or not target:
        return True
    return any(rule.kinds.get(f) != "blocked" for f in set(source) & set(target))


def _instead(
    rule: Rule, source: tuple[str, ...], target: tuple[str, ...] | None
) -> str:
    def describe(factors: tuple[str, ...]) -> str:
        return " x ".join(
            rule.reasons.get(f) or rule.kinds.get(f, "parallel") for f in factors
        )

    if target is None or describe(source) == describe(target):
        return describe(source)
    return f"{describe(source)} -> {describe(target)}"


# ---------------------------------------------------------------------------
# JAX's harness
# ---------------------------------------------------------------------------


def main() -> int:
    """Compares the cases that the command line asks for; the exit code."""
    parser = argparse.ArgumentParser(description="Our partition rules and Shardy's")
    parser.add_argument("--only", help="a group of the harness, most often a primitive")
    parser.add_argument("--every", type=int, default=1, metavar="N")
    options = parser.parse_args()
    cases = [
        case_of(harness)
        for harness in all_harnesses()
        if options.only in (None, harness.group_name)
    ][:: options.every]
    found: dict[str, Comparison] = {}
    for start in range(0, len(cases), _BATCH):
        lowered = {
            case.name: module
            for case in cases[start : start + _BATCH]
            if (module := _lower(case))
        }
        found |= zip(lowered, compare(list(lowered.values())), strict=True)
    faults = _print_report(found)
    print(f"{len(found)} of {len(cases)} cases lowered, {faults} differences")
    return int(bool(faults))


def _lower(case: Case) -> ir.Module | None:
    """The module of a case, or none where JAX does not lower it."""
    try:
        return jax.jit(case.fun).lower(*case.args()).compiler_ir()
    except Exception:
        return None


def _print_report(found: Mapping[str, Comparison]) -> int:
    """Prints the differences in groups; how many are faults."""
    groups: dict[Any, list[tuple[str, Difference]]] = collections.defaultdict(list)
    skipped: collections.Counter[str] = collections.Counter()
    for case, comparison in found.items():
        skipped += comparison.skipped
        if comparison.refused:
            print(f"refused: {case}: {comparison.refused}")
        for one in comparison.differences:
            groups[one.kind, one.op, one.reason].append((case, one))
    order = (*FAULTS, *INFORMATION)
    for (kind, op, reason), members in sorted(
        groups.items(), key=lambda group: (order.index(group[0][0]), group[0])
    ):
        case, example = members[0]
        print(f"{kind}: {op}: {reason}: {len(members)} times")
        print(f"  {case}\n  Shardy {example.shardy}\n  ours   {example.ours}")
    for name, count in sorted(skipped.items()):
        print(f"skipped: {name}: {count} times")
    print(f"{sum(one.compared for one in found.values())} ops compared")
    return sum(len(members) for group, members in groups.items() if group[0] in FAULTS)


if __name__ == "__main__":
    sys.exit(main())
