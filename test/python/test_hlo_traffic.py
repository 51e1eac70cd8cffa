# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The collectives and bytes that ``benchmarks/hlo_traffic.py`` reads off HLO."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec as P

import partir
from benchmarks import ahead_of_time
from benchmarks.hlo import shape_bytes
from benchmarks.hlo_traffic import KINDS, gathers, group_size, traffic
from partir import Total

#: Each spelling, and the devices in one of its groups, of 12 that there are.
SPELLINGS = {
    "{{0,1},{2,3}}": 2,
    "{{0,2,4,6},{1,3,5,7}}": 4,
    "{{5}}": 1,
    "{}": 12,
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
    "{1}",
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


def program(*lines, computations="", header=""):
    body = "\n".join(f"  {line}" for line in lines)
    return (
        f"HloModule m{header}\n\n{computations}\n"
        "ENTRY %main (x: f32[8]) -> f32[8] {\n"
        + (f"  %x = f32[8,16]{{1,0:T(8,128)}} parameter(0)\n{body}\n}}\n")
    )


def nonzero(text):
    return {kind: total for kind, total in traffic(text).items() if total.count}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_group_size(spelling):
    attributes = f", channel_id=1, replica_groups={spelling}, dimensions={{0}}"
    assert group_size(attributes, 12) == SPELLINGS[spelling]
    assert group_size(f"replica_groups={spelling}", 12) == SPELLINGS[spelling]


@pytest.mark.parametrize("spelling", UNKNOWN)
def test_other_spellings_are_refused(spelling):
    with pytest.raises(ValueError, match="replica groups of an unknown spelling"):
        group_size(f", replica_groups={spelling}, dimensions={{0}}", 12)
    with pytest.raises(ValueError, match="replica groups of an unknown spelling"):
        group_size(", channel_id=1", 12)


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
        ("f32[8,16]{1,0} collective-permute(%x), P", "collective_permute", 1, 512),
        (
            "(f32[8,16]{1,0}, f32[8,16]{1,0}) all-reduce(%x, /*index=1*/%x), G",
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


def test_operands_of_all_to_all_are_chunks():
    def run(operands):
        return nonzero(
            program(
                f"ROOT %y = (f32[8,16]{{1,0}}) all-to-all({operands}), "
                "replica_groups=[2,4]<=[8]"
            )
        )

    assert run("%x, %x, %x, %x") == {"all_to_all": Total(1, 1536)}
    assert run(", ".join(["%x"] * 8)) == {"all_to_all": Total(2, 3072)}
    with pytest.raises(ValueError, match="%y: 6 chunks for 4 devices"):
        run("%x, %x, %x, %x, %x, %x")


def test_pairs_of_collective_permute():
    def run(attributes):
        return nonzero(
            program(f"ROOT %y = f32[8,16]{{1,0}} collective-permute(%x), {attributes}")
        )

    moved = {"collective_permute": Total(1, 512)}
    assert run("channel_id=1, source_target_pairs={{0,0},{1,2}}") == moved
    unmoved = {"collective_permute": Total(1, 0)}
    assert run("source_target_pairs={{0,0},{1,1}}") == unmoved
    assert run("source_target_pairs={}") == unmoved
    with pytest.raises(ValueError, match="%y: source_target_pairs of an unknown"):
        run("source_target_pairs=[4]<=[4]")


@pytest.mark.parametrize(
    ("opcode", "attributes", "devices"),
    [
        ("all-reduce", "replica_groups={}", 3),
        ("all-reduce", "replica_groups={{0,2}}", 2),
        ("all-reduce", "channel_id=1, replica_groups={}", 12),
        ("all-reduce", "channel_id=1, replica_groups={{0,2}}", 8),
        (
            "all-reduce",
            "channel_id=1, replica_groups={}, use_global_device_ids=true",
            12,
        ),
        (
            "all-reduce",
            "channel_id=1, replica_groups={{0,2}}, use_global_device_ids=true",
            2,
        ),
        ("all-to-all", "channel_id=1, replica_groups={}, dimensions={0}", 4),
    ],
)
def test_groups_are_of_replicas_or_partitions_or_devices(opcode, attributes, devices):
    line = f"ROOT %y = f32[8,16]{{1,0}} {opcode}(%x), {attributes}"
    header = ", is_scheduled=true, num_partitions=4, replica_count=3"
    kind = KINDS[opcode]
    sent = 512 * (devices - 1) * (2 if kind == "all_reduce" else 1) // devices
    assert nonzero(program(line, header=header)) == {kind: Total(1, sent)}


def test_the_end_of_what_was_started_does_not_count():
    text = program(
        "%s = f32[8,16]{1,0} all-reduce-start(%x), replica_groups={{0,1}}",
        "ROOT %d = f32[8,16]{1,0} all-reduce-done(%s)",
    )
    assert nonzero(text) == {"all_reduce": Total(1, 512)}
    text = program(
        "%s = ((f32[8,16]), f32[8,16], u32[]) async-start(%x), calls=%body",
        "%u = ((f32[8,16]), f32[8,16], u32[]) async-update(%s), calls=%body",
        "ROOT %d = f32[8,16]{1,0} async-done(%u), calls=%body",
        computations=BODY,
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
    assert run(f"condition=%body, body=%add, {trips}") == {"all_reduce": Total(6, 3072)}
    assert run("kind=kLoop, calls=%body") == {"all_reduce": Total(1, 512)}
    assert run("to_apply=%body") == {"all_reduce": Total(1, 512)}
    assert run("branch_computations={%add, %add}, calls=%body")
    with pytest.raises(ValueError, match="%y: a loop whose trip count is not known"):
        run("condition=%add, body=%body")
    with pytest.raises(ValueError, match="%y: collectives in a branch"):
        run("branch_computations={%add, %body}")


def test_what_nothing_runs_is_not_passed_over():
    text = program(
        'ROOT %y = f32[8,16] add(%x), metadata={op_name="a \\" }, calls=%body"}',
        computations=BODY,
    )
    with pytest.raises(ValueError, match="collectives in %body, which nothing runs"):
        traffic(text)


def test_loops_in_loops_and_gathers():
    inner = """%inner (p: f32[8,16]) -> f32[8,16] {
  %p = f32[8,16]{1,0} parameter(0)
  ROOT %w = f32[8,16] while(%p), condition=%add, body=%body, TWICE
}
""".replace("TWICE", 'backend_config={"known_trip_count":{"n":"2"}}')
    body = BODY.replace("f32[8,16]{1,0} all-reduce", "f32[16,16]{1,0} all-gather")
    text = program(
        'ROOT %y = f32[8,16] while(%x), condition=%add, body=%inner, backend_config={"'
        'known_trip_count":{"n":"3"}}',
        "%z = (f32[16,16], f32[16,16]) all-gather(%x, %x), replica_groups={{0,1}}",
        computations=body + inner,
    )
    assert nonzero(text) == {"all_gather": Total(8, 8 * 512)}
    assert gathers(text) == {256: 8}


SCATTER = """%all-reduce-scatter.1 (p: f32[8,16]) -> f32[4,16] {
  %p = f32[8,16]{1,0:T(8,128)} parameter(0)
  %r = f32[8,16]{1,0} all-reduce(%p), replica_groups={{0,1}}, to_apply=%add
  %i = u32[] partition-id()
  %z = u32[] constant(0)
  ROOT %d = f32[4,16]{1,0} dynamic-slice(%r, %i, %z), dynamic_slice_sizes={4,16}
}
%add (a: f32[], b: f32[]) -> f32[] {
  ROOT %c = f32[] parameter(0)
}
"""


def test_all_reduce_scatter_of_tpu():
    def run(computations):
        called = computations[: computations.index(" ")]
        line = f"ROOT %y = f32[4,16]{{1,0}} fusion(%x), kind=kCustom, calls={called}"
        return nonzero(program(line, computations=computations))

    assert run(SCATTER) == {"reduce_scatter": Total(1, 256)}
    other = SCATTER.replace("all-reduce-scatter.1", "fused_computation")
    assert run(other) == {"all_reduce": Total(1, 512)}
    for found, other in {
        "partition-id()": "parameter(1)",
        "dynamic-slice(%r": "dynamic-slice(%p",
        "dynamic-slice(": "slice(",
        "f32[4,16]": "f32[2,16]",
    }.items():
        with pytest.raises(ValueError, match="%y: %r: an all-reduce whose result is"):
            run(SCATTER.replace(found, other))


CHAINED = """%PART (p: f32[8,16]) -> f32[8,16] {
  %p = f32[8,16]{1,0} parameter(0)
  %r = f32[16,16]{1,0} all-gather(%p), replica_groups={{0,1}}, \
frontend_attributes={chain_id="0"}
  ROOT %t = (f32[8,16], u32[]) custom-call(%r), custom_call_target="TARGET"
}
"""


def test_chains_of_fusions_of_tpu():
    def run(target):
        parts = {"start": target, "beside": "Other", "done": "AsyncCollectiveDone"}
        return nonzero(
            program(
                "%s = f32[8,16]{1,0} fusion(%x), calls=%start",
                "%b = f32[8,16]{1,0} fusion(%s), calls=%beside",
                "ROOT %y = f32[8,16]{1,0} fusion(%b), calls=%done",
                computations="".join(
                    CHAINED.replace("PART", part).replace("TARGET", name)
                    for part, name in parts.items()
                ),
            )
        )

    assert run("AsyncCollectiveStart") == {"all_gather": Total(1, 512)}
    with pytest.raises(ValueError, match="%s: %r: chain 0 does not start"):
        run("AsyncCollectiveUpdate")


def test_what_is_not_understood_is_refused():
    with pytest.raises(
        ValueError, match="%y: an unknown collective: collective-broadcast"
    ):
        traffic(program("ROOT %y = f32[8]{0} collective-broadcast(%x)"))
    with pytest.raises(ValueError, match="%y: replica groups of an unknown spelling"):
        traffic(program("ROOT %y = f32[8]{0} all-reduce(%x), replica_groups=@mesh"))
    with pytest.raises(ValueError, match="not an instruction:   a line"):
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


def test_a_compiled_program_has_the_collectives_of_the_report(mesh):
    def f(w, x):
        return jnp.sin(x @ w) @ w.T

    lowered = partir.jit(
        f,
        mesh=mesh,
        schedule=[
            partir.ManualPartition(inputs={"x": 0}, axis="B"),
            partir.ManualPartition(inputs={"w": 1}, axis="M"),
            partir.ManualPartition(inputs={"w": 0}, axis="B"),
        ],
    ).lower(np.ones((8, 16), np.float32), np.ones((4, 8), np.float32))
    text = lowered.compile().as_text()
    report = lowered.reports[-1].collectives
    assert {kind: one.count for kind, one in report.items() if one.count} == {
        "all_gather": 2,
        "all_reduce": 1,
    }
    assert traffic(text) == dict(report)
    assert gathers(text) == ahead_of_time.planned_gathers(lowered) == {64: 2}
