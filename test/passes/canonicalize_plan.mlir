// The patterns on PartIR:HLO find nothing to do in what the plan makes, here of
// the worked example and of each conversion that there is.
//
// DEFINE: %{in} = %S/worked_example.mlir
// DEFINE: %{passes} =
// DEFINE: %{test} = partir-opt -split-input-file %{in} %{passes} -o %t.plan.mlir && partir-opt -split-input-file %t.plan.mlir --canonicalize -o %t.canonical.mlir && diff %t.plan.mlir %t.canonical.mlir
//
// REDEFINE: %{passes} = --partir-pipeline='mesh=B=4,M=2 schedule="BP(B): x=0; MP(M): w1=1; Z3(B): w1=0, w2=1" to=hlo'
// RUN: %{test}
// REDEFINE: %{passes} = --partir-pipeline='mesh=B=4,M=2 schedule="BP(B): x=0 & MP(M): w1=1 & Z3(B): w1=0, w2=1" to=hlo'
// RUN: %{test}
// REDEFINE: %{passes} = --partir-pipeline='mesh=B=4,M=2 schedule="MP(M): w2=1; FSDP(B): x=0, w1=first, w2=first" to=hlo'
// RUN: %{test}
// REDEFINE: %{passes} = --partir-lower-core
// REDEFINE: %{in} = %S/lower_core.mlir
// RUN: %{test}
// REDEFINE: %{in} = %S/lower_core_sums.mlir
// RUN: %{test}
//
// The test can fail: a gather that is sliced again goes.
// RUN: partir-opt %s --canonicalize | FileCheck %s

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  // CHECK: @main(%[[X:.*]]: tensor<2xf32>)
  func.func public @main(%x: tensor<2xf32>) -> tensor<2xf32> {
    // CHECK-NEXT: return %[[X]]
    %0 = partir_hlo.all_gather [{"B"}] %x : tensor<2xf32> -> tensor<8xf32>
    %1 = partir_hlo.all_slice [{"B"}] %0 : tensor<8xf32> -> tensor<2xf32>
    return %1 : tensor<2xf32>
  }
}
