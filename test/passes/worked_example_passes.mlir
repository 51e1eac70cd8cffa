// The worked example one pass at a time, each reading what the one before
// wrote to a file: the same program, and the same chains, as in one run.
//
// DEFINE: %{opt} = partir-opt --mlir-print-debuginfo
//
// RUN: %{opt} %s --partir-normalize -o %t.0.mlir
// RUN: %{opt} %t.0.mlir --partir-set-mesh='mesh=B=4,M=2' -o %t.1.mlir
// RUN: %{opt} %t.1.mlir --partir-act='tactic=BP axis=B value=x action=0' -o %t.2.mlir
// RUN: %{opt} %t.2.mlir --partir-propagate='tactic=BP axis=B' -o %t.3.mlir
// RUN: %{opt} %t.3.mlir --partir-infer-inputs='tactic=BP axis=B' -o %t.4.mlir
// RUN: %{opt} %t.4.mlir --partir-act='tactic=MP axis=M value=w1 action=1' -o %t.5.mlir
// RUN: %{opt} %t.5.mlir --partir-propagate='tactic=MP axis=M' -o %t.6.mlir
// RUN: %{opt} %t.6.mlir --partir-infer-inputs='tactic=MP axis=M' -o %t.7.mlir
// RUN: %{opt} %t.7.mlir --partir-act='tactic=Z3 axis=B value=w1 action=0' -o %t.8.mlir
// RUN: %{opt} %t.8.mlir --partir-act='tactic=Z3 axis=B value=w2 action=1' -o %t.9.mlir
// RUN: %{opt} %t.9.mlir --partir-propagate='tactic=Z3 axis=B' -o %t.10.mlir
// RUN: %{opt} %t.10.mlir --partir-infer-inputs='tactic=Z3 axis=B' -o %t.core.mlir
// RUN: %{opt} %t.core.mlir --partir-lower-core -o %t.hlo.mlir
// RUN: %{opt} %t.hlo.mlir --partir-lower-collectives -o %t.stablehlo.mlir
//
// DEFINE: %{z3} = mesh=B=4,M=2 schedule="BP(B): x=0; MP(M): w1=1; Z3(B): w1=0, w2=1"
// RUN: %{opt} %s --partir-pipeline='%{z3} to=core' -o %t.core.run.mlir
// RUN: diff %t.core.mlir %t.core.run.mlir
// RUN: %{opt} %s --partir-pipeline='%{z3} to=hlo' -o %t.hlo.run.mlir
// RUN: diff %t.hlo.mlir %t.hlo.run.mlir
// RUN: %{opt} %s --partir-pipeline='%{z3} to=stablehlo' -o %t.stablehlo.run.mlir
// RUN: diff %t.stablehlo.mlir %t.stablehlo.run.mlir
//
// All passes in one run, nothing in files.
// RUN: %{opt} %s --partir-normalize --partir-set-mesh='mesh=B=4,M=2' \
// RUN:   --partir-act='tactic=BP axis=B value=x action=0' --partir-propagate='tactic=BP axis=B' --partir-infer-inputs='tactic=BP axis=B' \
// RUN:   --partir-act='tactic=MP axis=M value=w1 action=1' --partir-propagate='tactic=MP axis=M' --partir-infer-inputs='tactic=MP axis=M' \
// RUN:   --partir-act='tactic=Z3 axis=B value=w1 action=0' --partir-act='tactic=Z3 axis=B value=w2 action=1' --partir-propagate='tactic=Z3 axis=B' --partir-infer-inputs='tactic=Z3 axis=B' \
// RUN:   --partir-lower-core --partir-lower-collectives -o %t.inmemory.mlir
// RUN: diff %t.inmemory.mlir %t.stablehlo.run.mlir
//
// The schedule with all tactics merged: all actions, then axis by axis.
// RUN: %{opt} %t.1.mlir --partir-act='tactic=ALL axis=B value=x action=0' -o %t.m1.mlir
// RUN: %{opt} %t.m1.mlir --partir-act='tactic=ALL axis=M value=w1 action=1' -o %t.m2.mlir
// RUN: %{opt} %t.m2.mlir --partir-act='tactic=ALL axis=B value=w1 action=0' -o %t.m3.mlir
// RUN: %{opt} %t.m3.mlir --partir-act='tactic=ALL axis=B value=w2 action=1' -o %t.m4.mlir
// RUN: %{opt} %t.m4.mlir --partir-propagate='tactic=ALL axis=B' -o %t.m5.mlir
// RUN: %{opt} %t.m5.mlir --partir-propagate='tactic=ALL axis=M' -o %t.m6.mlir
// RUN: %{opt} %t.m6.mlir --partir-infer-inputs='tactic=ALL axis=B' -o %t.m7.mlir
// RUN: %{opt} %t.m7.mlir --partir-infer-inputs='tactic=ALL axis=M' -o %t.mcore.mlir
//
// DEFINE: %{merged} = mesh=B=4,M=2 schedule="BP(B): x=0 & MP(M): w1=1 & Z3(B): w1=0, w2=1"
// RUN: partir-opt %t.mcore.mlir --partir-lower-core --partir-lower-collectives -o %t.mstablehlo.mlir
// RUN: partir-opt %s --partir-pipeline='%{merged}' -o %t.mrun.mlir
// RUN: diff %t.mstablehlo.mlir %t.mrun.mlir
//
// The conflict, told by the run and by the loops in the file.
// RUN: partir-opt %s --partir-pipeline='%{merged} to=core report=true' -o /dev/null 2>&1 | FileCheck %s -DTACTIC="BP&MP&Z3"
// RUN: partir-opt %t.mcore.mlir --partir-report -o /dev/null 2>&1 | FileCheck %s -DTACTIC=ALL

#dims = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>
func.func public @main(%x: tensor<256x8xf32> {partir.name = "x"},
                       %w1: tensor<8x16xf32> {partir.name = "w1"},
                       %w2: tensor<16x8xf32> {partir.name = "w2"}) -> tensor<256x8xf32> {
  %0 = "stablehlo.dot_general"(%x, %w1) <{dot_dimension_numbers = #dims}> : (tensor<256x8xf32>, tensor<8x16xf32>) -> tensor<256x16xf32> loc("model.py":2:8)
  %1 = "stablehlo.dot_general"(%0, %w2) <{dot_dimension_numbers = #dims}> : (tensor<256x16xf32>, tensor<16x8xf32>) -> tensor<256x8xf32> loc("model.py":3:8)
  return %1 : tensor<256x8xf32>
}

// CHECK:      conflict: 'stablehlo.dot_general' at model.py:2:8 could be tiled by axis "B" in 2 ways and is left alone:
// CHECK-NEXT: result dim 0, because of
// CHECK-NEXT:   input "x": dim 0 (tactic "[[TACTIC]]")
// CHECK-NEXT: operand 0 dim 1 (reduced: add), because of
// CHECK-NEXT:   input "w1": dim 0 (tactic "[[TACTIC]]")
// CHECK-NOT:  conflict:
// CHECK:      stop: 'stablehlo.dot_general' at model.py:2:8 needs input "x" in another tiling than dim 0 on "B" (6144 bytes sent): there is a conflict
// CHECK:      stop: 'stablehlo.dot_general' at model.py:2:8 needs input "w1" in another tiling than dim 0 on "B" (192 bytes sent): there is a conflict
// CHECK-NOT:  stop:
