# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The collectives and bytes that ``benchmarks/hlo_traffic.py`` reads off HLO."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec as P

from benchmarks.hlo_traffic import KINDS, group_size, shape_bytes, traffic
from partir import Total

#: Each spelling, and the devices in one of its groups.
SPELLINGS = {
    "{{0,1},{2,3}}": 2,
    "{{0,2,4,6},{1,3,5,7}}": 4,
    "{{5}}": 1,
    "[2,4]<=[8]": 4,
    "[4,2]<=[2,2,2]T(2,1,0)": 2,
    "mesh['a'=4,'b'=2] {'a'}": 4,
    "mesh['a'=4,'b'=2] {'a','b'}": 8,
    "mesh['a'=8,'b'=2] {'a':(2)4}": 4,
    "mesh['a'=8,'b'=2] {'a':(1)2,'b'}": 4,
    "mesh['a'=8,'b'=2], device_ids=([2,8]T(1,0)) {'b'}": 2,
}
UNKNOWN = (
    "",
    "{}",
    "{{0,1},{2}}",
    "{0,1}",
    "[2,4]",
    "[2,4]<=[8]R(1)",
    "mesh['a'=4] {}",
    "mesh['a'=4] {'b'}",
    "mesh['a'=4] {'a':2}",
    "mesh['a'=4] <=[4] {'a'}",
    "@mesh{'a'}",
)


def program(*lines, computations=""):
    body = "\n".join(f"  {line}" for line in lines)
    return (
        f"HloModule m\n\n{computations}\nENTRY %main (x: f32[8]) -> f32[8] {{\n  "
        + (f"%x = f32[8,16]{{1,0:T(8,128)}} parameter(0)\n{body}\n}}\n")
    )


def nonzero(text):
    return {kind: total for kind, total in traffic(text).items() if total.count}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_group_size(spelling):
    attributes = f", channel_id=1, replica_groups={spelling}, dimensions={{0}}"
    assert group_size(attributes) == SPELLINGS[spelling]
    assert group_size(f"replica_groups={spelling}") == SPELLINGS[spelling]


@pytest.mark.parametrize("spelling", UNKNOWN)
def test_other_spellings_are_refused(spelling):
    with pytest.raises(ValueError, match="replica groups of an unknown spelling"):
        group_size(f", replica_groups={spelling}, dimensions={{0}}")
    with pytest.raises(ValueError, match="replica groups of an unknown spelling"):
        group_size(", channel_id=1")


def test_shape_bytes():
    assert shape_bytes("f32[8,16]{1,0:T(8,128)S(1)}") == 512
    assert shape_bytes("bf16[]") == 2
    assert shape_bytes("pred[3]{0}") == 3
    assert shape_bytes("s4[3]{0:E(4)}") == 2
    assert shape_bytes("f8e4m3fn[10]") == 10
    assert shape_bytes("(f32[2]{0}, /*index=1*/(u8[4]{0}, c64[1]))") == 20
    with pytest.raises(ValueError, match="unknown size"):
        shape_bytes("token[]")


@pytest.mark.parametrize(
    ("line", "kind", "arrays", "sent"),
    [
        ("f32[8,16]{1,0} all-reduce(%x), G", "all_reduce", 1, 768),
        ("f32[32,16]{1,0} all-gather(%x), G", "all_gather", 1, 1536),
        ("f32[2,16]{1,0} reduce-scatter(%x), G", "reduce_scatter", 1, 384),
        ("f32[8,16]{1,0} all-to-all(%x), G, dimensions={0}", "all_to_all", 1, 384),
        ("(f32[8,16]{1,0}) all-to-all(%x, %x, %x, %x), G", "all_to_all", 1, 1536),
        ("f32[8,16]{1,0} collective-permute(%x), P", "collective_permute", 1, 512),
        (
            "(f32[8,16]{1,0}, f32[8,16]{1,0}) all-reduce(%x, %x), G",
            "all_reduce",
            2,
            1536,
        ),
        (
            "((f32[8,16]{1,0}), f32[2,16]) all-gather-start(%x), G",
            "all_gather",
            1,
            1536,
        ),
    ],
)
def test_bytes_of_a_ring(line, kind, arrays, sent):
    line = line.replace("G", "replica_groups=[2,4]<=[8]")
    line = line.replace("P", "source_target_pairs={{0,1},{1,0}}")
    assert nonzero(program(f"ROOT %y = {line}")) == {kind: Total(arrays, sent)}


def test_the_end_of_what_was_started_does_not_count():
    text = program(
        "%s = f32[8,16]{1,0} all-reduce-start(%x), replica_groups={{0,1}}",
        "ROOT %d = f32[8,16]{1,0} all-reduce-done(%s)",
    )
    assert nonzero(text) == {"all_reduce": Total(1, 512)}


BODY = """%body (p: f32[8,16]) -> f32[8,16] {
  %p = f32[8,16]{1,0} parameter(0)
  ROOT %r = f32[8,16]{1,0} all-reduce(%p), replica_groups={{0,1}}, to_apply=%add
}

%add (a: f32[], b: f32[]) -> f32[] {
  %a = f32[] parameter(0)
  %b = f32[] parameter(1)
  ROOT %c = f32[] add(%a, %b)
}
"""


def test_loops_calls_and_branches():
    def run(attributes):
        line = f"ROOT %y = f32[8,16]{{1,0}} op(%x), {attributes}"
        return nonzero(program(line, computations=BODY))

    trips = 'backend_config={"known_trip_count":{"n":"5"}}'
    assert run(f"condition=%add, body=%body, {trips}") == {"all_reduce": Total(5, 2560)}
    assert run("kind=kLoop, calls=%body") == {"all_reduce": Total(1, 512)}
    assert run("branch_computations={%add, %add}") == {}
    assert run('metadata={op_name="a \\" }, calls=%body"}') == {}
    with pytest.raises(ValueError, match="trip count is not known"):
        run("condition=%add, body=%body")
    with pytest.raises(ValueError, match="in a branch"):
        run("branch_computations={%add, %body}")


def test_fusions_of_tpu():
    reduction = BODY.replace("%body (", "%all-reduce-scatter.1 (")
    line = "ROOT %y = f32[4,16]{1,0} fusion(%x), kind=kCustom, calls="
    text = program(f"{line}%all-reduce-scatter.1", computations=reduction)
    assert nonzero(text) == {"reduce_scatter": Total(1, 256)}

    chained = BODY.replace(
        "to_apply", 'frontend_attributes={chain_id="0"}, to_apply'
    ).replace("%add", "%plus")
    start = chained.replace("%body", "%start").replace("%plus", "%add")
    start = start.replace(
        "  ROOT %r",
        '  %t = u32[] custom-call(%p), custom_call_target="AsyncCollectiveStart"\n'
        "  ROOT %r",
    )
    text = program(
        "%s = f32[8,16]{1,0} fusion(%x), calls=%start",
        "ROOT %y = f32[8,16]{1,0} fusion(%s), calls=%body",
        computations=start + chained,
    )
    assert nonzero(text) == {"all_reduce": Total(1, 512)}


def test_what_is_not_understood_is_refused():
    with pytest.raises(ValueError, match="an unknown collective: collective-broadcast"):
        traffic(program("ROOT %y = f32[8]{0} collective-broadcast(%x)"))
    with pytest.raises(ValueError, match="not an instruction"):
        traffic(program("a line"))
    with pytest.raises(ValueError, match="no entry"):
        traffic("HloModule m")


def test_a_compiled_program(mesh):
    def step(x):
        def body(carry, _):
            total = jax.lax.psum(carry, "M")
            whole = jax.lax.all_gather(total, "B", tiled=True)
            mine = jax.lax.psum_scatter(jnp.sin(whole), "B", tiled=True)
            turned = jax.lax.all_to_all(mine, "B", 1, 0, tiled=True)
            back = jnp.cos(turned).reshape(mine.shape)
            return jax.lax.ppermute(back, "M", [(0, 1), (1, 0)]), None

        return jax.lax.scan(body, x, length=3)[0]

    local = jax.shard_map(
        step, mesh=mesh, in_specs=P("B"), out_specs=P("B"), check_vma=False
    )
    x = jax.ShapeDtypeStruct((32, 16), np.float32)
    text = jax.jit(local).lower(x).compile().as_text()
    # The 512 bytes that a device has of x, three times.
    assert traffic(text) == {
        "all_reduce": Total(3, 3 * 512),
        "all_gather": Total(3, 3 * 3 * 512),
        "reduce_scatter": Total(3, 3 * 3 * 512),
        "all_to_all": Total(3, 3 * 3 * 128),
        "collective_permute": Total(3, 3 * 512),
    }
    assert set(traffic(text)) == set(KINDS.values())
