# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How an array inside a pytree is called: the dotted paths of ``inputs=`` and reports.

They are those of ``jax.tree_util.keystr(path, simple=True, separator=".")``, without
boxes: where a node holds nothing but an attribute ``value`` (``flax.nnx.Variable``,
``flax.linen.Partitioned``), ``.value`` is left out. In ``inputs=`` it may be written.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
from jax.tree_util import GetAttrKey

_VALUE = GetAttrKey("value")


def map_with_path(fun: Callable[[str, Any], Any], name: str, tree: Any) -> Any:
    """The pytree with ``fun(path, leaf)`` for each leaf.

    Args:
      fun: takes a path that begins with ``name``, and the leaf.
      name: the name of the argument.
      tree: any pytree.
    """
    pairs, structure = jax.tree_util.tree_flatten_with_path(tree)
    paths = _without_boxes([path for path, _ in pairs])
    below = map(_dotted, paths)
    return structure.unflatten(
        fun(f"{name}.{path}" if path else name, leaf)
        for path, (_, leaf) in zip(below, pairs, strict=True)
    )


def leaf_paths(names: Iterable[str], trees: Iterable[Any]) -> list[str]:
    """The path of each leaf of these arguments, in their order."""
    paths: list[str] = []
    for name, tree in zip(names, trees, strict=True):
        map_with_path(lambda path, _: paths.append(path), name, tree)
    return paths


def descend(tree: Any, path: str) -> Any:
    """The subtree at a dotted path below ``tree``, or None."""
    named = list(_children(tree))
    for key, child in named:
        name = _dotted((key,))
        if path == name:
            return child
        # A key of a dict may hold dots itself, so every child is tried.
        if path.startswith(name + "."):
            found = descend(child, path[len(name) + 1 :])
            if found is not None:
                return found
    if [key for key, _ in named] == [_VALUE]:
        return descend(named[0][1], path)
    return None


def child_names(tree: Any) -> list[str]:
    """What may follow the path of ``tree`` in a longer one."""
    return [_dotted((key,)) for key, _ in _children(tree)]


def _children(tree: Any) -> Iterator[tuple[Any, Any]]:
    pairs, _ = jax.tree_util.tree_flatten_with_path(
        tree, is_leaf=lambda node: node is not tree
    )
    return ((path[0], child) for path, child in pairs if path)


def _without_boxes(paths: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The paths of all leaves of a pytree, without the keys that lead into boxes."""
    if not any(_VALUE in path for path in paths):
        return paths
    below = Counter(path[:depth] for path in paths for depth in range(len(path) + 1))
    return [
        tuple(
            key
            for depth, key in enumerate(path)
            if key != _VALUE or below[path[:depth]] != below[path[: depth + 1]]
        )
        for path in paths
    ]


def _dotted(path: tuple[Any, ...]) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".")
