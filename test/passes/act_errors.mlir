// Actions that are not valid. An error is at the value that it is about.
//
// DEFINE: %{value} = x
// DEFINE: %{action} = 0
// DEFINE: %{axis} = B
// DEFINE: %{before} =
// DEFINE: %{check} = X
// DEFINE: %{test} = not partir-opt %s %{before} --partir-act='tactic=T axis=%{axis} value=%{value} action=%{action}' 2>&1 | FileCheck %s --check-prefix=%{check} --implicit-check-not=error:
//
// REDEFINE: %{value} = wrong
// REDEFINE: %{check} = UNKNOWN
// RUN: %{test}
// A part of a name is not a path.
// REDEFINE: %{value} = p.
// REDEFINE: %{check} = PREFIX
// RUN: %{test}
// There are four inputs.
// REDEFINE: %{value} = 4
// REDEFINE: %{check} = NUMBER
// RUN: %{test}
// REDEFINE: %{value} = x
// REDEFINE: %{action} = 2
// REDEFINE: %{check} = RANGE
// RUN: %{test}
// REDEFINE: %{action} = -3
// REDEFINE: %{check} = NEGATIVE
// RUN: %{test}
// REDEFINE: %{value} = p.s
// REDEFINE: %{action} = 0
// REDEFINE: %{check} = SCALAR
// RUN: %{test}
// REDEFINE: %{value} = p.w
// REDEFINE: %{check} = DIVIDE
// RUN: %{test}
// REDEFINE: %{value} = p.v
// REDEFINE: %{check} = NOTHING-DIVIDES
// RUN: %{test}
// REDEFINE: %{value} = x
// REDEFINE: %{action} = middle
// REDEFINE: %{check} = ACTION
// RUN: %{test}
// REDEFINE: %{action} = first>=-1
// REDEFINE: %{check} = FIRST
// RUN: %{test}
// REDEFINE: %{action} = 0
// REDEFINE: %{axis} = N
// REDEFINE: %{check} = AXIS
// RUN: %{test}
//
// REDEFINE: %{axis} = B
// REDEFINE: %{action} = 1
// REDEFINE: %{before} = --partir-act='tactic=S axis=B value=x action=0'
// REDEFINE: %{check} = USED
// RUN: %{test}
// REDEFINE: %{action} = replicated
// RUN: %{test}
// What is left of dim 0 is 2.
// REDEFINE: %{before} = --partir-act='tactic=S axis=M value=x action=0'
// REDEFINE: %{action} = 0
// REDEFINE: %{check} = LEFT
// RUN: %{test}
// REDEFINE: %{before} = --partir-act='tactic=S axis=B value=x action=replicated'
// REDEFINE: %{check} = REPLICATED
// RUN: %{test}

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<4x8xf32> {partir.name = "x"} loc("model.py":1:7),
                         %w: tensor<6x8x12xf32> {partir.name = "p.w"} loc("model.py":2:7),
                         %v: tensor<6x2xf32> {partir.name = "p.v"} loc("model.py":3:7),
                         %s: tensor<f32> {partir.name = "p.s"} loc("model.py":4:7)) -> tensor<4x8xf32> {
    %0 = partir.tag "hidden" %x : tensor<4x8xf32>
    %1 = partir.tag "logits" %0 : tensor<4x8xf32>
    %2 = partir.tag "hidden" %1 : tensor<4x8xf32>
    return %2 : tensor<4x8xf32>
  }
}

// UNKNOWN: error: no input or tag is named "wrong"; inputs are "x", "p.w", "p.v", "p.s"; tags are "hidden", "logits"{{$}}
// PREFIX: error: no input or tag is named "p."; inputs are
// NUMBER: error: no input or tag is named "4"; inputs are
// RANGE: model.py:1:7: error: tactic "T", "x": dim 2 is out of range for shape [4, 8]; valid dims: 0 to 1
// NEGATIVE: model.py:1:7: error: tactic "T", "x": dim -3 is out of range for shape [4, 8]; valid dims: 0 to 1
// SCALAR: model.py:4:7: error: tactic "T", "p.s": dim 0 is out of range for shape []; valid dims: none: it is a scalar
// DIVIDE: model.py:2:7: error: tactic "T", "p.w": dim 0 of shape [6, 8, 12] has size 6, which axis "B" of size 4 does not divide; dims that it divides: 1, 2{{$}}
// NOTHING-DIVIDES: model.py:3:7: error: tactic "T", "p.v": dim 0 of shape [6, 2] has size 6, which axis "B" of size 4 does not divide; dims that it divides: none
// ACTION: error: "middle" is not an action; valid are a dim, "first", "first>=1" and "replicated"
// FIRST: error: "first>=-1" is not an action;
// AXIS: error: tactic "T": the mesh has no axis "N"; its axes are "B", "M"
// USED: model.py:1:7: error: tactic "T", "x": axis "B" is on dim 0 of it already (tactic "S")
// LEFT: model.py:1:7: error: tactic "T", "x": dim 0 of shape [4, 8] has size 4, of which earlier tiles leave 2, which axis "B" of size 4 does not divide; dims that it divides: 1{{$}}
// REPLICATED: model.py:1:7: error: tactic "T", "x": it is kept whole on axis "B" (tactic "S")
