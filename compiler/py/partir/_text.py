# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A program from the StableHLO text that JAX or ``Lowered.as_text`` prints."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import jax
from jax.extend.mlir import ir

from partir._booleans import to_bits, to_bytes
from partir._exchange import Exchanged
from partir._inputs import Input, numpy_dtype
from partir._mlir import parse_module
from partir._partir import PartirError, round_trip
from partir._signature import Slot
from partir._source import Source

#: Attributes of arguments that JAX gives those that are donated.
_DONATED = ("jax.buffer_donor", "tf.aliasing_output")

#: A key in a path as JAX writes it: ``['x']``, ``["x"]`` or ``[0]``.
_KEY = re.compile(r"""\[(?:'([^']*)'|"([^"]*)"|([^\]'"]*))\]""")


def text_source(text: str, file: str) -> Source:
    """Reads a module of StableHLO, in generic or in pretty form.

    Its inputs are called by their attribute ``partir.name``, or as JAX names their
    location, or by their number.

    Args:
      text: the module.
      file: its name, the place of ops that have none.

    Raises:
      PartirError: the text is no module, or its function ``main`` cannot be read.
    """
    text = _generic(text, file)
    # The module keeps the context alive in which its types are.
    module = parse_module(to_bytes(text))
    main = _main(module)
    avals = tuple(
        _aval(f"{file}: input {number} of 'main'", type_)
        for number, type_ in enumerate(main.type.inputs)
    )
    names = _unique(_input_names(main))
    attributes = _argument_attributes(main)
    slots = tuple(
        Slot(name, number, any(key in attributes[number] for key in _DONATED))
        for number, name in enumerate(names)
    )
    outputs = tuple(
        _aval(f"{file}: result {number} of 'main'", type_)
        for number, type_ in enumerate(main.type.results)
    )
    tree = jax.tree_util.tree_structure(outputs[0] if len(outputs) == 1 else outputs)
    name = _text(module.operation, "sym_name").removeprefix("jit_") or file
    return Source(
        Exchanged(text, name, (), outputs, tree, {}),
        slots,
        avals,
        _by_path(map(Input, names, avals, range(len(names)))),
        tuple(names),
        (-1,) * len(outputs),
    )


def _generic(text: str, file: str) -> str:
    """The text in generic form, with the places of its ops."""
    try:
        text = round_trip(to_bits(text))
    except PartirError as error:
        # StableHLO's own forms only jaxlib reads.
        try:
            module = parse_module(text)
        except ir.MLIRError as other:
            # The one that came further says what is wrong.
            said = max(str(error), str(other), key=_place)
            line, column = _place(said)
            why = said.partition("error: ")[2].partition("\n")[0]
            why = re.sub(r'^"-":\d+:\d+: ', "", why)
            raise PartirError(
                f"{file}:{line}:{column}: this is no module of StableHLO: {why}"
            ) from None
        text = to_bits(
            module.operation.get_asm(print_generic_op_form=True, enable_debug_info=True)
        )
    return text.replace('loc("-":', f'loc("{file}":')


def _place(error: str) -> tuple[int, int]:
    """The line and column of an error of either parser."""
    found = re.search(r":(\d+):(\d+): ", error)
    return (int(found[1]), int(found[2])) if found else (1, 1)


def _main(module: ir.Module) -> Any:
    functions = [
        op for op in module.body.operations if op.operation.name == "func.func"
    ]
    for function in functions:
        if _text(function, "sym_name") == "main":
            return function
    names = ", ".join(repr(_text(one, "sym_name")) for one in functions)
    raise PartirError(
        f"the module needs a function 'main'; its functions are {names or 'none'}"
    )


def _text(op: Any, attribute: str) -> str:
    found = op.attributes
    return found[attribute].value if attribute in found else ""


def _aval(what: str, type_: Any) -> jax.ShapeDtypeStruct:
    try:
        dims = [*type_.shape]
        dtype = numpy_dtype(str(type_.element_type))
    except (AttributeError, TypeError):
        raise PartirError(
            f"{what} is of type {type_}; it must be an array of numbers or booleans"
        ) from None
    if not type_.has_static_shape:
        raise PartirError(f"{what} is of type {type_}; every dim needs a fixed size")
    return jax.ShapeDtypeStruct(tuple(dims), dtype)


def _argument_attributes(main: Any) -> list[Any]:
    if "arg_attrs" in main.attributes:
        return [*main.attributes["arg_attrs"]]
    return [{}] * len(main.type.inputs)


def _input_names(main: Any) -> Iterator[str]:
    arguments = main.regions[0].blocks[0].arguments if main.regions[0].blocks else ()
    attributes = _argument_attributes(main)
    for number, argument in enumerate(arguments):
        if "partir.name" in attributes[number]:
            yield attributes[number]["partir.name"].value
        else:
            named = getattr(argument.location, "name_str", "")
            yield _KEY.sub(lambda key: f".{key[key.lastindex]}", named) or str(number)


def _unique(names: Iterable[str]) -> list[str]:
    """The names; of those that several inputs have, their numbers instead."""
    names = list(names)
    count = Counter(names)
    return [
        name if count[name] == 1 else str(number) for number, name in enumerate(names)
    ]


def _by_path(inputs: Iterable[Input]) -> dict[str, Any]:
    """The inputs as nested dicts, by the parts of their paths.

    One whose path is above or below that of an input before it keeps its whole path.
    """
    trees: dict[str, Any] = {}
    for one in inputs:
        *above, last = one.path.split(".")
        node: Any = trees
        for part in above:
            node = node.setdefault(part, {}) if isinstance(node, dict) else None
        if isinstance(node, dict) and last not in node:
            node[last] = one
        else:
            trees[one.path] = one
    return trees
