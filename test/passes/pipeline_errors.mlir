// What a user can get wrong on the command line.
//
// DEFINE: %{mesh} = B=4,M=2
// DEFINE: %{schedule} = BP(B): x=0
// DEFINE: %{to} = hlo
// DEFINE: %{check} = MESH
// DEFINE: %{test} = not partir-opt %s --partir-pipeline='mesh=%{mesh} schedule="%{schedule}" to=%{to}' 2>&1 | FileCheck %s --implicit-check-not=error: --check-prefix=%{check}
//
// REDEFINE: %{mesh} =
// RUN: %{test} -DITEM=
// REDEFINE: %{mesh} = B
// RUN: %{test} -DITEM=B
// REDEFINE: %{mesh} = B=
// RUN: %{test} -DITEM=B=
// REDEFINE: %{mesh} = =4
// RUN: %{test} -DITEM==4
// REDEFINE: %{mesh} = B=four
// RUN: %{test} -DITEM=B=four
// REDEFINE: %{mesh} = B=4,
// RUN: %{test} -DITEM=
// REDEFINE: %{mesh} = B=99999999999999999999
// RUN: %{test} -DITEM=B=99999999999999999999
// REDEFINE: %{check} = SIZE
// REDEFINE: %{mesh} = B=0
// RUN: %{test} -DSIZE=0
// REDEFINE: %{mesh} = B=-4
// RUN: %{test} -DSIZE=-4
// REDEFINE: %{mesh} = B=4,B=2
// REDEFINE: %{check} = TWICE
// RUN: %{test}
// REDEFINE: %{mesh} = B=4,M=9000000000000000000
// REDEFINE: %{check} = MANY
// RUN: %{test}
//
// REDEFINE: %{mesh} = B=4,M=2
// REDEFINE: %{check} = TACTIC
// REDEFINE: %{schedule} = BP
// RUN: %{test} -DITEM=BP
// REDEFINE: %{schedule} = BP(B: x=0
// RUN: %{test} -DITEM="BP(B: x=0"
// REDEFINE: %{schedule} = BP(): x=0
// RUN: %{test} -DITEM="BP(): x=0"
// REDEFINE: %{schedule} = (B): x=0
// RUN: %{test} -DITEM="(B): x=0"
// REDEFINE: %{schedule} = BP(B): x=0 &
// RUN: %{test} -DITEM=
// REDEFINE: %{schedule} = BP(B): x=0 & & MP(M): x=1
// RUN: %{test} -DITEM=
//
// REDEFINE: %{check} = ACTION
// REDEFINE: %{schedule} = BP(B): x
// RUN: %{test} -DITEM=x
// REDEFINE: %{schedule} = BP(B): x=
// RUN: %{test} -DITEM=x=
// REDEFINE: %{schedule} = BP(B): =0
// RUN: %{test} -DITEM==0
// REDEFINE: %{schedule} = BP(B): x=one
// RUN: %{test} -DITEM=x=one
// REDEFINE: %{schedule} = BP(B): x=first>=
// RUN: %{test} -DITEM="x=first>="
// REDEFINE: %{schedule} = BP(B): x=0 y=1
// RUN: %{test} -DITEM="x=0 y=1"
//
// REDEFINE: %{schedule} = BP(B): y=0
// REDEFINE: %{check} = NAME
// RUN: %{test}
// REDEFINE: %{schedule} = BP(N): x=0
// REDEFINE: %{check} = AXIS
// RUN: %{test}
// The error is at the second tactic: the first has given x the axis.
// REDEFINE: %{schedule} = BP(B): x=0; Z3(B): x=1
// REDEFINE: %{check} = USED
// RUN: %{test}
// A tactic without actions propagates and infers; its axis is checked.
// REDEFINE: %{schedule} = BP(N):
// REDEFINE: %{check} = NO-ACTIONS
// RUN: %{test}
//
// REDEFINE: %{schedule} = BP(B): x=0
// REDEFINE: %{to} = llvm
// REDEFINE: %{check} = STAGE
// RUN: %{test}
//
// The pass that sets a mesh reads it in the same way.
// RUN: not partir-opt %s --partir-set-mesh='mesh=B=0' 2>&1 | FileCheck %s --check-prefix=SIZE -DSIZE=0
//
// Nothing of these is an error.
// RUN: partir-opt %s --partir-pipeline='mesh=B=4,M=2 schedule="" to=hlo' | FileCheck %s --check-prefix=EMPTY
// RUN: partir-opt %s --partir-pipeline='mesh=B=4,M=2 schedule=" ; ;" to=hlo' | FileCheck %s --check-prefix=EMPTY
// RUN: partir-opt %s --partir-pipeline='mesh=B=4,M=2 schedule=" BP(B):x=0 ,x=first; " to=hlo' | FileCheck %s --check-prefix=SPACES

func.func public @main(%x: tensor<8x8xf32> {partir.name = "x"} loc("model.py":1:7)) -> tensor<8x8xf32> {
  return %x : tensor<8x8xf32>
}

// MESH: error: "[[ITEM]]" is not an axis of a mesh; write "B=4,M=2"
// SIZE: error: axis "B" of the mesh must have a positive size, not [[SIZE]]
// TWICE: error: the mesh has two axes named "B"
// MANY: error: the mesh has too many devices
// TACTIC: error: "[[ITEM]]" is not a tactic; write "BP(B): x=0, y=first"
// ACTION: error: tactic "BP": "[[ITEM]]" is not an action; write "x=0", "x=first", "x=first>=1" or "x=replicated"
// NAME: error: no input or tag is named "y"; inputs are "x"
// AXIS: error: tactic "BP": the mesh has no axis "N"; its axes are "B", "M"
// NO-ACTIONS: error: tactic "BP": the mesh has no axis "N"
// USED: model.py:1:7: error: tactic "Z3", "x": axis "B" is on dim 0 of it already (tactic "BP")
// STAGE: error: there is no stage "llvm"; stages are input, core, hlo and stablehlo
// EMPTY: @main({{.*}}: tensor<8x8xf32> {{.*}}) -> tensor<8x8xf32>
// SPACES: @main({{.*}}: tensor<2x8xf32> {{.*}}) -> tensor<2x8xf32>
