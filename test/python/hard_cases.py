# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs that partitioners get wrong, refuse, or answer by gathering everything.

A row tiles the dim that makes its program hard.
"""

import jax
import jax.numpy as jnp
import numpy as np
from checks import Case
from hard_programs import (
    GROUPED_QKV,
    QKV,
    affine_scan,
    attention,
    attention_gradient,
    batch_norm,
    batched_while,
    beam,
    causal_attention,
    checkpointed_loss,
    checkpointed_scan_loss,
    clipped,
    collatz,
    cond_gradient,
    cond_of_a_sum,
    embed,
    embed_loss,
    linear_recurrence_loss,
    loops_in_branches,
    mixture_of_experts,
    nested,
    newton,
    next_token_loss,
    one_hot_loss,
    picking_loss,
    recurrence,
    recurrence_loss,
    scatter_gradients,
    swap_scan,
    switch,
    transposed_stencil_loss,
    turning_scan,
    two_concatenates_of_cut_parts,
    written_scan,
)
from jax import lax
from values import floats, ids, ints, positive

X = ints(16, 8)
XF = floats(16, 8)
#: Of products whose rounding errors do not grow.
TAME = floats(8, 8) / 4
WIDE = ints(8, 16)
WIDEF = floats(8, 16)
TABLE = ints(96, 8)
TABLEF = floats(96, 8)
REDUCE = "all_reduce"
CASES = [
    # Along the tiled dim: cumulative ops, sorts, selections, shifts.
    Case("cumsum", lambda x: jnp.cumsum(x, 0), (X,), {"x": 0}),
    Case("cumsum reversed", lambda x: lax.cumsum(x, 0, reverse=True), (X,), {"x": 0}),
    Case("cummax", lambda x: lax.cummax(x, 1), (WIDE,), {"x": 1}, 1),
    Case("cumprod", lambda x: jnp.cumprod(x, 0), (X,), {"x": 0}),
    Case("cumlogsumexp", lambda x: lax.cumlogsumexp(x, 0), (XF,), {"x": 0}),
    Case("cumsum of a row", lambda x: jnp.cumsum(x, 1), (X,), {"x": 0}, 0, ""),
    Case(
        "cumsum gradient",
        lambda x: jax.grad(lambda x: jnp.sum(jnp.cumsum(x, 0) ** 2))(x),
        (XF,),
        {"x": 0},
    ),
    Case("top_k", lambda x: lax.top_k(x, 4), (WIDE,), {"x": 1}),
    Case("top_k of rows", lambda x: lax.top_k(x, 4), (WIDE,), {"x": 0}, 0, ""),
    Case("sort", lambda x: jnp.sort(x, 0), (X,), {"x": 0}),
    Case("argsort", lambda x: jnp.argsort(x, 0), (X,), {"x": 0}),
    Case("sort of rows", lambda x: jnp.sort(x, 1), (WIDE,), {"x": 0}, 0, ""),
    Case(
        "sort two by one",
        lambda x, w: lax.sort((x, w), dimension=1, num_keys=1),
        (WIDE, ints(8, 16, seed=1)),
        {"x": 0},
        0,
        "",
    ),
    Case("median", lambda x: jnp.median(x, 0), (XF,), {"x": 0}),
    Case("roll", lambda x: jnp.roll(x, 5, 0), (X,), {"x": 0}),
    Case("roll back", lambda x: jnp.roll(x, -1, 0), (X,), {"x": 0}),
    Case("roll of both dims", lambda x: jnp.roll(x, (3, 2), (0, 1)), (X,), {"x": 0}),
    Case(
        "roll by an argument",
        lambda x, i: jnp.roll(x, i[0], 0),
        (X, np.array([-21], np.int32)),
        {"x": 0},
    ),
    Case(
        "roll of another dim", lambda x: jnp.roll(x, 3, 1), (X,), {"x": 0}, 0, only=""
    ),
    Case(
        "linear transpose of two rolls, gradient",
        jax.grad(transposed_stencil_loss),
        (floats(8),),
        {"x": 0},
    ),
    Case("cut and joined", two_concatenates_of_cut_parts, (ints(8),), {"x": 0}),
    Case("flip", lambda x: jnp.flip(x, 0), (X,), {"x": 0}),
    Case("strided", lambda x: x[1::3], (ints(24, 8),), {"x": 0}),
    Case("difference", lambda x: jnp.diff(x, axis=0), (X,), {"x": 0}, None),
    Case("repeat", lambda x: jnp.repeat(x, 3, 0), (X,), {"x": 0}, only=""),
    Case("tile", lambda x: jnp.tile(x, (3, 1)), (X,), {"x": 0}),
    Case(
        "merge dims", lambda x: x.reshape(8, 4, 4).reshape(-1), (X,), {"x": 0}, only=""
    ),
    Case("merge minor dim", lambda x: x.reshape(-1) * 2, (WIDE,), {"x": 1}),
    Case("transpose and merge", lambda x: x.T.reshape(-1), (X,), {"x": 0}),
    Case("concatenate", lambda x, w: jnp.concatenate([x, w]), (X, X), {"x": 0}),
    Case("pad", lambda x: jnp.pad(x, ((3, 5), (0, 0)), "edge"), (X,), {"x": 0}),
    Case("reflect", lambda x: jnp.pad(x, ((4, 4), (0, 0)), "reflect"), (X,), {"x": 0}),
    Case("triangle", lambda x: jnp.tril(x @ x.T), (X,), {"x": 0}),
    Case("diagonal", lambda x: jnp.diagonal(x @ x.T), (X,), {"x": 0}),
    # Reductions over the tiled dim.
    Case("argmax", lambda x: jnp.argmax(x, 1), (WIDE,), {"x": 1}),
    Case(
        "logsumexp", lambda x: jax.nn.logsumexp(x, 1), (WIDEF,), {"x": 1}, only=REDUCE
    ),
    Case(
        "softmax gradient",
        jax.grad(lambda x: jnp.sum(jax.nn.softmax(x)[:, 0])),
        (WIDEF,),
        {"x": 1},
        1,
        only=REDUCE,
    ),
    Case("batch norm", batch_norm, (floats(8, 4, 8),), {"x": 0}, only=REDUCE),
    Case(
        "any and all",
        lambda x: (jnp.any(x > 7, 0), jnp.all(x, 0)),
        (X,),
        {"x": 0},
        only=REDUCE,
    ),
    Case("standard deviation", lambda x: jnp.std(x, 0), (XF,), {"x": 0}, only=REDUCE),
    # Indexed on the tiled dim.
    Case(
        "dynamic_slice",
        lambda x, i: lax.dynamic_slice(x, (i[0], 1), (7, 3)),
        (X, np.array([6], np.int32)),
        {"x": 0},
        None,
        only=REDUCE,
    ),
    Case(
        "dynamic_slice beyond the end",
        lambda x, i: lax.dynamic_slice_in_dim(x, i[0], 8),
        (X, np.array([13], np.int32)),
        {"x": 0},
    ),
    Case(
        "dynamic_update_slice",
        lambda x, w, i: lax.dynamic_update_slice(x, w, (i[0], 1)),
        (X, ints(3, 4, seed=1), np.array([7], np.int32)),
        {"x": 0},
        only="",
    ),
    # Where there are more rows than lookups; of a smaller table, all rows are cheaper.
    Case("table", lambda x, i: x[i], (TABLE, ids(24, size=96)), {"x": 0}, only=REDUCE),
    Case("small table", lambda x, i: x[i], (X, ids(24, size=16)), {"x": 0}),
    Case("embedding", embed, (TABLEF, ids(8, 4, size=96)), {"x": 0}, only=REDUCE),
    Case(
        "embedding gradient",
        jax.grad(embed_loss),
        (TABLEF, ids(8, 4, size=96)),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "scatter-add",
        lambda x, w, i: x.at[i].add(w),
        (X, ints(24, 8), ids(24, size=16)),
        {"x": 0},
        only="",
    ),
    Case(
        "scatter-add of tiled updates",
        lambda x, w, i: x.at[i].add(w),
        (X, ints(24, 8), ids(24, size=16)),
        {"y": 0, "z": 0},
        only=REDUCE,
    ),
    Case(
        "segment sum",
        lambda x, i: jax.ops.segment_sum(x, i, 8),
        (X, ids(16, size=8)),
        {"x": 0, "y": 0},
        only=REDUCE,
    ),
    Case(
        "histogram",
        lambda x: jnp.bincount(x, length=8),
        (ids(32, size=8),),
        {"x": 0},
        only=REDUCE,
    ),
    Case("mixture of experts", mixture_of_experts, (XF, floats(4, 8, 8)), {"x": 0}),
    Case(
        "scatter gradients",
        scatter_gradients,
        (XF, floats(4, 8), np.array([3, 0, 9, 15], np.int32)),
        {"x": 0},
        only=REDUCE,
    ),
    *(
        Case(
            f"scatter-{name}",
            lambda x, y, i, name=name: getattr(x.at[i], name)(y),
            (X, ints(24, 8), ids(24, size=16)),
            {"x": 0},
            only="",
        )
        for name in ("min", "max", "mul")
    ),
    *(
        Case(
            f"scatter-{name} of tiled updates",
            lambda x, y, i, name=name: getattr(x.at[i], name)(y),
            (X, ints(24, 8), ids(24, size=16)),
            {"y": 0, "z": 0},
            only=REDUCE,
        )
        for name in ("min", "max", "mul")
    ),
    Case(
        "one slice a row",
        jax.vmap(lambda x, i: lax.dynamic_slice(x, (i,), (5,))),
        (WIDE, ids(8, size=16)),
        {"x": 1},
    ),
    Case(
        "one slice a row, batch",
        jax.vmap(lambda x, i: lax.dynamic_slice(x, (i,), (5,))),
        (WIDE, ids(8, size=16)),
        {"x": 0, "y": 0},
        0,
        "",
    ),
    Case(
        "one update a row",
        jax.vmap(lambda x, y, i: lax.dynamic_update_slice(x, y, (i,))),
        (WIDE, ints(8, 3), ids(8, size=16)),
        {"x": 1},
        1,
    ),
    Case(
        "interpolation",
        jnp.interp,
        (floats(16), np.arange(8, dtype=np.float32), floats(8)),
        {"y": 0, "z": 0},
    ),
    # Sizes that depend on values, given as arguments.
    Case("unique", lambda x: jnp.unique(x, size=12), (ints(32),), {"x": 0}, None),
    Case("nonzero", lambda x: jnp.nonzero(x > 3, size=8), (ints(32),), {"x": 0}),
    Case(
        "searchsorted",
        lambda x, w: jnp.searchsorted(x, w),
        (np.sort(ints(32)), ints(8, seed=1)),
        {"x": 0},
        only=REDUCE,
    ),
    # Losses.
    Case(
        "next token",
        next_token_loss,
        (floats(4, 16, 8), ids(4, 16, size=8)),
        {"x": 1, "y": 1},
        None,
    ),
    Case(
        "next token gradient",
        jax.grad(next_token_loss),
        (floats(4, 16, 8), ids(4, 16, size=8)),
        {"x": 1, "y": 1},
        1,
    ),
    Case(
        "one-hot loss",
        jax.value_and_grad(one_hot_loss),
        (floats(4, 4, 16), ids(4, 4, size=16)),
        {"x": 2},
        None,
        REDUCE,
    ),
    Case(
        "picking loss",
        jax.value_and_grad(picking_loss),
        (floats(4, 4, 16), ids(4, 4, size=16)),
        {"x": 2},
        None,
        REDUCE,
    ),
    # Transforms.
    Case("fft of rows", lambda x: jnp.fft.fft(x), (WIDEF,), {"x": 0}, 0, ""),
    Case("fft", lambda x: jnp.fft.fft(x), (WIDEF,), {"x": 1}, 1),
    Case(
        "rfft2 of a batch",
        lambda x: jnp.fft.irfft2(jnp.fft.rfft2(x) * 2),
        (floats(8, 4, 6),),
        {"x": 0},
        only="",
    ),
    Case(
        "fft gradient",
        jax.grad(lambda x: jnp.sum(jnp.abs(jnp.fft.rfft(x)) ** 2)),
        (WIDEF,),
        {"x": 0},
        only="",
    ),
    # Linear algebra on a batch, and on a tiled matrix dim.
    Case("cholesky", jnp.linalg.cholesky, (positive(8, 4),), {"x": 0}, 0, ""),
    Case("cholesky, rows", jnp.linalg.cholesky, (positive(2, 8),), {"x": 1}, None),
    Case("qr", jnp.linalg.qr, (floats(8, 6, 4),), {"x": 0}, 0, ""),
    Case("qr, rows", jnp.linalg.qr, (floats(2, 8, 4),), {"x": 1}, None),
    Case("eigh", jnp.linalg.eigh, (positive(8, 4),), {"x": 0}, 0, ""),
    Case("svd", jnp.linalg.svd, (floats(8, 4, 4),), {"x": 0}, 0, ""),
    Case("inverse", jnp.linalg.inv, (positive(8, 4),), {"x": 0}, 0, ""),
    Case("determinant", jnp.linalg.det, (positive(8, 4),), {"x": 0}, 0, ""),
    Case(
        "solve",
        jnp.linalg.solve,
        (positive(8, 4), floats(8, 4, 2)),
        {"x": 0, "y": 0},
        0,
        "",
    ),
    Case(
        "triangular solve",
        lambda x, y: jax.scipy.linalg.solve_triangular(x, y, lower=True),
        (positive(1, 8)[0], floats(8, 16)),
        {"y": 1},
        1,
        "",
    ),
    Case(
        "tridiagonal solve",
        lambda x, y: lax.linalg.tridiagonal_solve(x * 0.1, x + 4, x * 0.1, y),
        (floats(8, 8), floats(8, 8, 4)),
        {"x": 0, "y": 0},
        only="",
    ),
    Case("expm", jax.scipy.linalg.expm, (floats(8, 4, 4) / 4,), {"x": 0}, only=""),
    Case(
        "cholesky gradient",
        jax.grad(lambda x: jnp.sum(jnp.linalg.cholesky(x) ** 2)),
        (positive(8, 4),),
        {"x": 0},
        0,
        "",
    ),
    Case(
        "eigh gradient",
        jax.grad(lambda x: jnp.sum(jnp.linalg.eigh(x)[0] ** 2)),
        (positive(8, 4),),
        {"x": 0},
        0,
        "",
    ),
    # Control flow.
    Case("while", newton, (np.abs(XF) + 1,), {"x": 0}, only=REDUCE),
    Case(
        "while with a trip for each",
        collatz,
        (ids(32, size=30),),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "fori_loop",
        lambda x: lax.fori_loop(0, 5, lambda n, y: jnp.roll(y, 1, 0) + n, x),
        (X,),
        {"x": 0},
    ),
    Case("scan over rows", recurrence, (XF, floats(8, 8)), {"x": 0}, None, only=REDUCE),
    Case("scan of columns", recurrence, (XF, floats(8, 8)), {"x": 1, "y": 1}),
    Case(
        "scan gradient",
        jax.grad(recurrence_loss, (0, 1)),
        (XF, floats(8, 8)),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "scan gradient of columns",
        jax.grad(recurrence_loss, (0, 1)),
        (XF, floats(8, 8)),
        {"y": 1},
        1,
    ),
    Case(
        "scan of a batch, gradient",
        jax.grad(recurrence_loss, (0, 1)),
        (floats(5, 8, 4), floats(4, 4)),
        {"x": 1},
        1,
        only=REDUCE,
    ),
    Case(
        "map",
        lambda x: lax.map(lambda r: jnp.cumsum(r) * 2, x),
        (X,),
        {"x": 0},
        only=REDUCE,
    ),
    Case("associative_scan", affine_scan, (X | 1, X), {"x": 0, "y": 0}),
    Case(
        "associative_scan gradient",
        jax.grad(linear_recurrence_loss, (0, 1)),
        (XF, floats(16, 8, seed=1)),
        {"x": 0, "y": 0},
    ),
    Case("cond", cond_of_a_sum, (ints(16),), {"x": 0}),
    Case("cond gradient", cond_gradient, (XF, np.array([1], np.int32)), {"x": 0}),
    Case("switch", switch, (X, np.arange(4, dtype=np.int32)), {"x": 0}),
    Case("nested jit", nested, (X,), {"x": 0}),
    Case("checkpoint", jax.grad(checkpointed_loss), (XF, TAME), {"x": 0}, only=""),
    Case(
        "checkpoint, features",
        jax.grad(checkpointed_loss),
        (XF, TAME),
        {"y": 1},
        only=REDUCE,
    ),
    Case(
        "checkpointed scan",
        jax.grad(checkpointed_scan_loss, (0, 1)),
        (XF, floats(8, 8)),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "custom gradient",
        jax.grad(lambda x: jnp.sum(clipped(jnp.sin(x)) ** 2)),
        (XF,),
        {"x": 0},
        only=REDUCE,
    ),
    Case(
        "hessian", jax.hessian(lambda x: jnp.prod(jnp.sin(x))), (floats(8),), {"x": 0}
    ),
    Case(
        "jacobian",
        jax.jacrev(lambda x: jnp.cumsum(x**2)),
        (floats(8),),
        {"x": 0},
        only="collective_permute",
    ),
    Case("forward mode", jax.jacfwd(lambda x: jnp.sort(x)), (floats(8),), {"x": 0}),
    Case("state that changes places", swap_scan, (X, X + 1), {"x": 0}),
    Case("state that turns", turning_scan, (ints(8, 8),), {"x": 0}),
    Case("state that is indexed", written_scan, (X,), {"x": 0}, only=REDUCE),
    Case(
        "reversed scan",
        lambda x: lax.scan(
            lambda c, r: (c * 3 + r, c), 0 * x[0], x, reverse=True, unroll=3
        ),
        (X,),
        {"x": 0},
        None,
    ),
    Case("loops in branches", loops_in_branches, (X, ints(6, 16, 8)), {"x": 0}),
    Case("while of a batch", batched_while, (np.abs(WIDE),), {"x": 1}),
    Case(
        "while of a tiled batch", batched_while, (np.abs(WIDE),), {"x": 0}, only=REDUCE
    ),
    Case("beam search", beam, (ints(8, 4, 8, high=999), ints(8, 4, 16)), {"x": 2}),
    Case(
        "beam search of a batch",
        beam,
        (ints(8, 4, 8, high=999), ints(8, 4, 16)),
        {"x": 0, "y": 0},
        0,
        "",
    ),
    # Attention.
    *(
        Case(f"{name}, {what}", fun, args, tile, back, only)
        for name, fun, args in [
            ("attention", attention, QKV),
            ("causal attention", causal_attention, QKV),
            ("grouped attention", causal_attention, GROUPED_QKV),
            ("attention gradient", attention_gradient, QKV),
        ]
        for what, tile, back, only in [
            ("batch", {"x": 0, "y": 0, "z": 0}, 0, ""),
            ("queries", {"x": 1}, 1, REDUCE),
            ("keys", {"y": 1, "z": 1}, None, REDUCE),
            ("heads", {"x": 2}, 2, ""),
            ("width", {"x": 3}, 3, REDUCE),
        ]
    ),
    # Not only numbers, and not only one way through.
    Case(
        "not a number",
        lambda x: (lax.cummax(x, 0), jnp.argmin(x, 0), jnp.sort(x, 0)),
        (np.where(X == 3, np.nan, XF),),
        {"x": 0},
    ),
    Case(
        "complex",
        lambda x: jnp.cumsum(x * (1 + 2j), 0) @ jnp.conj(x).T,
        (XF,),
        {"x": 0},
    ),
    Case(
        "parity",
        lambda x: lax.reduce(x, np.int32(0), lax.bitwise_xor, (0,)),
        (X,),
        {"x": 0},
    ),
    Case(
        "bytes",
        lambda x: lax.bitcast_convert_type(x, jnp.int8).reshape(16, -1),
        (X,),
        {"x": 1},
        only="",
    ),
    Case(
        "percentiles",
        lambda x: jnp.percentile(x, jnp.array([25.0, 80.0]), 0),
        (XF,),
        {"x": 0},
        None,
    ),
    Case("covariance", jnp.cov, (WIDEF,), {"x": 1}, 0, only=REDUCE),
    Case("product of tensors", jnp.kron, (ints(8, 2), ints(2, 8)), {"x": 0}, only=""),
    Case(
        "polynomial",
        lambda x, y: jnp.polyval(x, y),
        (ints(8, high=3), ints(16)),
        {"x": 0},
    ),
    Case("resize", lambda x: jax.image.resize(x, (32, 8), "linear"), (XF,), {"x": 0}),
    Case(
        "convolve", lambda x, y: jnp.convolve(x, y), (ints(16), ints(5)), {"x": 0}, None
    ),
    Case(
        "gradient gather-sort",
        jax.grad(lambda x: jnp.sum(jnp.sort(x, 0)[3:7] ** 2)),
        (XF,),
        {"x": 0},
    ),
    Case(
        "ragged product",
        lambda x, y: lax.ragged_dot(x, y, jnp.array([5, 0, 8, 3], np.int32)),
        (XF, floats(4, 8, 8)),
        {"x": 0},
        only="",
    ),
    # Windows over the tiled dim.
    Case(
        "max pool",
        lambda x: lax.reduce_window(x, np.int32(-99), lax.max, (3, 1), (1, 1), "SAME"),
        (X,),
        {"x": 0},
    ),
    Case(
        "max pool gradient",
        jax.grad(
            lambda x: jnp.sum(
                lax.reduce_window(x, -jnp.inf, lax.max, (2, 1), (2, 1), "VALID") ** 2
            )
        ),
        (XF,),
        {"x": 0},
    ),
    Case(
        "convolution over the tiled dim",
        lambda x, w: lax.conv_general_dilated(x, w, (1,), "SAME"),
        (floats(2, 4, 16), floats(8, 4, 3)),
        {"x": 2},
        2,
    ),
]
