# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``partir.tag``: an identity that names an internal value for tactics.

It lowers to a composite with an identity body, at every call: a switch read at
lowering time would be frozen by JAX's caches. The tangent of a tagged value is
carried by a primitive of its own, so that only its transpose, the cotangent, is
tagged in turn.
"""

import functools
from typing import Any

import jax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from partir._partir import PartirError

COMPOSITE = "partir.tag"


def tag(x: Any, name: str) -> jax.Array:
    """Names ``x`` so that a tactic can address it: ``inputs={name: dim}``.

    The result equals ``x``; outside :func:`partir.jit` nothing else happens. Under
    ``jax.vmap`` the name stays and the batch dim comes first, so that dims count the
    batched array. The cotangent of ``x`` is tagged ``name + ".grad"``. A name may be
    used several times; a tactic then addresses every occurrence.

    Args:
      x: an array (no pytree) of any shape and type.
      name: the name, a non-empty string.

    Returns:
      An array of the shape and type of ``x``.

    Raises:
      PartirError: ``x`` is not an array, or ``name`` no non-empty string.
    """
    if not isinstance(name, str) or not name:
        raise PartirError(f"tag: name is {name!r}; it must be a non-empty string")
    try:
        jax.typeof(x)
    except TypeError:
        raise PartirError(
            f"tag: the value named {name!r} is of type {type(x).__name__}; it must be "
            "an array (tag the leaves of a pytree one by one)"
        ) from None
    return _tag_p.bind(x, name=name)


def _identity(x: Any, *, name: str) -> Any:
    return x


def _composite(x: Any, *, name: str) -> Any:
    return jax.lax.composite(_identity, name=COMPOSITE)(x, name=name)


def _primitive(name: str) -> Primitive:
    primitive = Primitive(name)
    primitive.def_impl(lambda x, *, name: jax.numpy.asarray(x))
    primitive.def_abstract_eval(_identity)
    batching.primitive_batchers[primitive] = functools.partial(_batch, primitive)
    return primitive


def _batch(primitive: Primitive, args: Any, dims: Any, *, name: str) -> Any:
    return primitive.bind(jax.numpy.moveaxis(args[0], dims[0], 0), name=name), 0


_tag_p = _primitive("partir_tag")
_tangent_p = _primitive("partir_tag_tangent")


def _jvp(primals: Any, tangents: Any, *, name: str) -> Any:
    (x,), (t,) = primals, tangents
    out = _tag_p.bind(x, name=name)
    if isinstance(t, ad.Zero):
        return out, t
    return out, _tangent_p.bind(t, name=name)


def _transpose(cotangent: Any, x: Any, *, name: str) -> Any:
    if isinstance(cotangent, ad.Zero):
        return (cotangent,)
    return (_tag_p.bind(cotangent, name=name + ".grad"),)


ad.primitive_jvps[_tag_p] = _jvp
ad.deflinear2(_tangent_p, _transpose)
# Not cached: what JAX keeps of a lowering is located where it was made first.
mlir.register_lowering(
    _tag_p, mlir.lower_fun(_composite, multiple_results=False), cacheable=False
)
mlir.register_lowering(_tangent_p, lambda ctx, x, *, name: [x])
