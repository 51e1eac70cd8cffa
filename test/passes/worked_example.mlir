// (x @ w1) @ w2 on a mesh of B=4 and M=2, after each tactic and at each stage.
//
// DEFINE: %{bp} = mesh=B=4,M=2 schedule="BP(B): x=0"
// DEFINE: %{mp} = mesh=B=4,M=2 schedule="BP(B): x=0; MP(M): w1=1"
// DEFINE: %{z3} = mesh=B=4,M=2 schedule="BP(B): x=0; MP(M): w1=1; Z3(B): w1=0, w2=1"
// DEFINE: %{merged} = mesh=B=4,M=2 schedule="BP(B): x=0 & MP(M): w1=1 & Z3(B): w1=0, w2=1"
//
// RUN: partir-opt %s --partir-pipeline='%{bp} to=core' | FileCheck %s --check-prefix=BP-CORE
// RUN: partir-opt %s --partir-pipeline='%{bp} to=hlo' | FileCheck %s --check-prefix=BP-HLO --implicit-check-not=partir_hlo.
// RUN: partir-opt %s --partir-pipeline='%{bp}' | FileCheck %s --check-prefix=BP --implicit-check-not=partir
//
// RUN: partir-opt %s --partir-pipeline='%{mp} to=core' | FileCheck %s --check-prefix=MP-CORE
// RUN: partir-opt %s --partir-pipeline='%{mp} to=hlo' | FileCheck %s --check-prefix=MP-HLO --implicit-check-not=partir_hlo.
// RUN: partir-opt %s --partir-pipeline='%{mp}' | FileCheck %s --check-prefix=MP --implicit-check-not=partir
//
// RUN: partir-opt %s --partir-pipeline='%{z3} to=core' | FileCheck %s --check-prefix=Z3-CORE
// RUN: partir-opt %s --partir-pipeline='%{z3} to=hlo' | FileCheck %s --check-prefix=Z3-HLO --implicit-check-not=partir_hlo.
// RUN: partir-opt %s --partir-pipeline='%{z3}' | FileCheck %s --check-prefix=Z3 --implicit-check-not=partir
//
// RUN: partir-opt %s --partir-pipeline='%{merged} to=core' | FileCheck %s --check-prefix=MERGED-CORE
// RUN: partir-opt %s --partir-pipeline='%{merged} to=hlo' | FileCheck %s --check-prefix=MERGED-HLO --implicit-check-not=partir_hlo.
// RUN: partir-opt %s --partir-pipeline='%{merged}' | FileCheck %s --check-prefix=MERGED --implicit-check-not=partir

#dims = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>
func.func public @main(%x: tensor<256x8xf32> {partir.name = "x"},
                       %w1: tensor<8x16xf32> {partir.name = "w1"},
                       %w2: tensor<16x8xf32> {partir.name = "w2"}) -> tensor<256x8xf32> {
  %0 = "stablehlo.dot_general"(%x, %w1) <{dot_dimension_numbers = #dims}> : (tensor<256x8xf32>, tensor<8x16xf32>) -> tensor<256x16xf32>
  %1 = "stablehlo.dot_general"(%0, %w2) <{dot_dimension_numbers = #dims}> : (tensor<256x16xf32>, tensor<16x8xf32>) -> tensor<256x8xf32>
  return %1 : tensor<256x8xf32>
}

//===----------------------------------------------------------------------===//
// After BP, with x dim 0 on B
//===----------------------------------------------------------------------===//

// Shapes stay global outside the loops.
// BP-CORE: module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>}
// BP-CORE: @main(%[[X:.*]]: tensor<256x8xf32> {{.*}}, %[[W1:.*]]: tensor<8x16xf32> {{.*}}, %[[W2:.*]]: tensor<16x8xf32> {{.*}}) -> tensor<256x8xf32>
// BP-CORE-NEXT: %[[XT:.*]] = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<256x8xf32>
// BP-CORE-NEXT:   %[[S:.*]] = partir.slice 0 %[[X]][%rB] : tensor<256x8xf32> -> tensor<64x8xf32>
// BP-CORE-NEXT:   partir.yield %[[S]]
// BP-CORE:      %[[H:.*]] = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<256x16xf32>
// BP-CORE-NEXT:   %[[S:.*]] = partir.slice 0 %[[XT]][%rB]
// BP-CORE-NEXT:   %[[D:.*]] = "stablehlo.dot_general"(%[[S]], %[[W1]]) {{.*}} -> tensor<64x16xf32>
// BP-CORE-NEXT:   partir.yield %[[D]]
// BP-CORE:      %[[Y:.*]] = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>) -> tensor<256x8xf32>
// BP-CORE-NEXT:   %[[S:.*]] = partir.slice 0 %[[H]][%rB]
// BP-CORE-NEXT:   %[[D:.*]] = "stablehlo.dot_general"(%[[S]], %[[W2]]) {{.*}} -> tensor<64x8xf32>
// BP-CORE-NEXT:   partir.yield %[[D]]
// BP-CORE:      return %[[Y]]

// BP-HLO: module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>}
// BP-HLO: @main(%[[X:.*]]: tensor<64x8xf32> {{.*}}, %[[W1:.*]]: tensor<8x16xf32> {{.*}}, %[[W2:.*]]: tensor<16x8xf32> {{.*}}) -> tensor<64x8xf32>
// BP-HLO-NEXT: %[[H:.*]] = "stablehlo.dot_general"(%[[X]], %[[W1]]) {{.*}} -> tensor<64x16xf32>
// BP-HLO-NEXT: %[[Y:.*]] = "stablehlo.dot_general"(%[[H]], %[[W2]]) {{.*}} -> tensor<64x8xf32>
// BP-HLO-NEXT: return %[[Y]]

// BP: module {
// BP: @main(%[[X:.*]]: tensor<64x8xf32>, %[[W1:.*]]: tensor<8x16xf32>, %[[W2:.*]]: tensor<16x8xf32>) -> tensor<64x8xf32>
// BP-NEXT: %[[H:.*]] = "stablehlo.dot_general"(%[[X]], %[[W1]])
// BP-NEXT: %[[Y:.*]] = "stablehlo.dot_general"(%[[H]], %[[W2]])
// BP-NEXT: return %[[Y]]

//===----------------------------------------------------------------------===//
// After MP, with w1 dim 1 on M; w2 dim 0 is inferred
//===----------------------------------------------------------------------===//

// The later axis is inside.
// MP-CORE: @main(%[[X:.*]]: tensor<256x8xf32> {{.*}}, %[[W1:.*]]: tensor<8x16xf32> {{.*}}, %[[W2:.*]]: tensor<16x8xf32> {{.*}}) -> tensor<256x8xf32>
// MP-CORE:      %[[XT:.*]] = partir.loop "B" [#partir.tile<0>]
// MP-CORE-NEXT:   partir.slice 0 %[[X]][%rB]
// MP-CORE:      %[[W1T:.*]] = partir.loop "M" [#partir.tile<1>]
// MP-CORE-NEXT:   partir.slice 1 %[[W1]][%rM] : tensor<8x16xf32> -> tensor<8x8xf32>
// MP-CORE:      %[[W2T:.*]] = partir.loop "M" [#partir.tile<0>]
// MP-CORE-NEXT:   partir.slice 0 %[[W2]][%rM] : tensor<16x8xf32> -> tensor<8x8xf32>
// MP-CORE:      %[[H:.*]] = partir.loop "B" [#partir.tile<0>] {{.*}} -> tensor<256x16xf32>
// MP-CORE-NEXT:   %[[SX:.*]] = partir.slice 0 %[[XT]][%rB]
// MP-CORE-NEXT:   %[[M:.*]] = partir.loop "M" [#partir.tile<1>] {{.*}} -> tensor<64x16xf32>
// MP-CORE-NEXT:     %[[SW:.*]] = partir.slice 1 %[[W1T]][%rM]
// MP-CORE-NEXT:     %[[D:.*]] = "stablehlo.dot_general"(%[[SX]], %[[SW]]) {{.*}} -> tensor<64x8xf32>
// MP-CORE-NEXT:     partir.yield %[[D]]
// MP-CORE:        partir.yield %[[M]]
// MP-CORE:      %[[Y:.*]] = partir.loop "B" [#partir.tile<0>] {{.*}} -> tensor<256x8xf32>
// MP-CORE-NEXT:   %[[SH:.*]] = partir.slice 0 %[[H]][%rB]
// MP-CORE-NEXT:   %[[M:.*]] = partir.loop "M" [#partir.reduce<add>] {{.*}} -> tensor<64x8xf32>
// MP-CORE-NEXT:     %[[SSH:.*]] = partir.slice 1 %[[SH]][%rM] : tensor<64x16xf32> -> tensor<64x8xf32>
// MP-CORE-NEXT:     %[[SW:.*]] = partir.slice 0 %[[W2T]][%rM]
// MP-CORE-NEXT:     %[[D:.*]] = "stablehlo.dot_general"(%[[SSH]], %[[SW]]) {{.*}} -> tensor<64x8xf32>
// MP-CORE-NEXT:     partir.yield %[[D]]
// MP-CORE:        partir.yield %[[M]]
// MP-CORE:      return %[[Y]]

// MP-HLO: @main(%[[X:.*]]: tensor<64x8xf32> {{.*}}, %[[W1:.*]]: tensor<8x8xf32> {{.*}}, %[[W2:.*]]: tensor<8x8xf32> {{.*}}) -> tensor<64x8xf32>
// MP-HLO-NEXT: %[[H:.*]] = "stablehlo.dot_general"(%[[X]], %[[W1]]) {{.*}} -> tensor<64x8xf32>
// MP-HLO-NEXT: %[[P:.*]] = "stablehlo.dot_general"(%[[H]], %[[W2]]) {{.*}} -> tensor<64x8xf32>
// MP-HLO-NEXT: %[[Y:.*]] = partir_hlo.all_reduce add {"M"} %[[P]] : tensor<64x8xf32>
// MP-HLO-NEXT: return %[[Y]]

// Devices are numbered row-major: those of one M lie side by side.
// MP: @main(%[[X:.*]]: tensor<64x8xf32>, %[[W1:.*]]: tensor<8x8xf32>, %[[W2:.*]]: tensor<8x8xf32>) -> tensor<64x8xf32>
// MP: %[[P:.*]] = "stablehlo.dot_general"(%{{.*}}, %[[W2]])
// MP-NEXT: %[[Y:.*]] = "stablehlo.all_reduce"(%[[P]]) {{.*}}dense<{{\[\[}}0, 1], [2, 3], [4, 5], [6, 7]]>
// MP: return %[[Y]]

//===----------------------------------------------------------------------===//
// After Z3, with w1 dim 0 and w2 dim 1 on B
//===----------------------------------------------------------------------===//

// B nests in M on the weights, and the matmuls keep what they have.
// Z3-CORE: @main(%[[X:.*]]: tensor<256x8xf32> {{.*}}, %[[W1:.*]]: tensor<8x16xf32> {{.*}}, %[[W2:.*]]: tensor<16x8xf32> {{.*}})
// Z3-CORE:      %[[W1T:.*]] = partir.loop "M" [#partir.tile<1>]
// Z3-CORE-NEXT:   %[[S:.*]] = partir.slice 1 %[[W1]][%rM] : tensor<8x16xf32> -> tensor<8x8xf32>
// Z3-CORE-NEXT:   partir.loop "B" [#partir.tile<0>]
// Z3-CORE-NEXT:     partir.slice 0 %[[S]][%rB] : tensor<8x8xf32> -> tensor<2x8xf32>
// Z3-CORE:      %[[W2T:.*]] = partir.loop "M" [#partir.tile<0>]
// Z3-CORE-NEXT:   %[[S:.*]] = partir.slice 0 %[[W2]][%rM] : tensor<16x8xf32> -> tensor<8x8xf32>
// Z3-CORE-NEXT:   partir.loop "B" [#partir.tile<1>]
// Z3-CORE-NEXT:     partir.slice 1 %[[S]][%rB] : tensor<8x8xf32> -> tensor<8x2xf32>
// Z3-CORE:      partir.loop "B" [#partir.tile<0>]
// Z3-CORE:        partir.loop "M" [#partir.tile<1>]
// Z3-CORE-NEXT:     partir.slice 1 %[[W1T]][%rM]
// Z3-CORE-NEXT:     "stablehlo.dot_general"{{.*}} (tensor<64x8xf32>, tensor<8x8xf32>) -> tensor<64x8xf32>
// Z3-CORE:      partir.loop "B" [#partir.tile<0>]
// Z3-CORE:        partir.loop "M" [#partir.reduce<add>]
// Z3-CORE:          partir.slice 0 %[[W2T]][%rM]
// Z3-CORE-NEXT:     "stablehlo.dot_general"{{.*}} (tensor<64x8xf32>, tensor<8x8xf32>) -> tensor<64x8xf32>

// Z3-HLO: @main(%[[X:.*]]: tensor<64x8xf32> {{.*}}, %[[W1:.*]]: tensor<2x8xf32> {{.*}}, %[[W2:.*]]: tensor<8x2xf32> {{.*}}) -> tensor<64x8xf32>
// Z3-HLO-NEXT: %[[G1:.*]] = partir_hlo.all_gather [{"B"}, {}] %[[W1]] : tensor<2x8xf32> -> tensor<8x8xf32>
// Z3-HLO-NEXT: %[[H:.*]] = "stablehlo.dot_general"(%[[X]], %[[G1]]) {{.*}} -> tensor<64x8xf32>
// Z3-HLO-NEXT: %[[G2:.*]] = partir_hlo.all_gather [{}, {"B"}] %[[W2]] : tensor<8x2xf32> -> tensor<8x8xf32>
// Z3-HLO-NEXT: %[[P:.*]] = "stablehlo.dot_general"(%[[H]], %[[G2]]) {{.*}} -> tensor<64x8xf32>
// Z3-HLO-NEXT: %[[Y:.*]] = partir_hlo.all_reduce add {"M"} %[[P]] : tensor<64x8xf32>
// Z3-HLO-NEXT: return %[[Y]]

// Z3: @main(%[[X:.*]]: tensor<64x8xf32>, %[[W1:.*]]: tensor<2x8xf32>, %[[W2:.*]]: tensor<8x2xf32>) -> tensor<64x8xf32>
// Z3-NEXT: %[[G1:.*]] = "stablehlo.all_gather"(%[[W1]]) <{all_gather_dim = 0{{.*}}dense<{{\[\[}}0, 2, 4, 6], [1, 3, 5, 7]]>
// Z3-NEXT: "stablehlo.dot_general"(%[[X]], %[[G1]])
// Z3-NEXT: %[[G2:.*]] = "stablehlo.all_gather"(%[[W2]]) <{all_gather_dim = 1{{.*}}dense<{{\[\[}}0, 2, 4, 6], [1, 3, 5, 7]]>
// Z3-NEXT: %[[P:.*]] = "stablehlo.dot_general"(%{{.*}}, %[[G2]])
// Z3-NEXT: "stablehlo.all_reduce"(%[[P]]) {{.*}}dense<{{\[\[}}0, 1], [2, 3], [4, 5], [6, 7]]>

//===----------------------------------------------------------------------===//
// All three merged: B conflicts on the first matmul (see worked_example_passes.mlir), the
// second takes the columns of w2
//===----------------------------------------------------------------------===//

// B is the axis that was propagated first: w2 had it when M was inferred.
// MERGED-CORE: @main(%[[X:.*]]: tensor<256x8xf32> {{.*}}, %[[W1:.*]]: tensor<8x16xf32> {{.*}}, %[[W2:.*]]: tensor<16x8xf32> {{.*}})
// MERGED-CORE:      %[[XT:.*]] = partir.loop "B" [#partir.tile<0>]
// MERGED-CORE-NEXT:   partir.slice 0 %[[X]][%rB]
// MERGED-CORE:      %[[W1T:.*]] = partir.loop "M" [#partir.tile<1>]
// MERGED-CORE:        partir.loop "B" [#partir.tile<0>]
// MERGED-CORE:      %[[W2T:.*]] = partir.loop "B" [#partir.tile<1>]
// MERGED-CORE:        partir.loop "M" [#partir.tile<0>]
// MERGED-CORE:      %[[H:.*]] = partir.loop "M" [#partir.tile<1>] {{.*}} -> tensor<256x16xf32>
// MERGED-CORE-NEXT:   %[[S:.*]] = partir.slice 1 %[[W1T]][%rM]
// MERGED-CORE-NEXT:   %[[D:.*]] = "stablehlo.dot_general"(%[[XT]], %[[S]]) {{.*}} -> tensor<256x8xf32>
// MERGED-CORE-NEXT:   partir.yield %[[D]]
// MERGED-CORE:      partir.loop "B" [#partir.tile<1>] {{.*}} -> tensor<256x8xf32>
// MERGED-CORE-NEXT:   %[[S:.*]] = partir.slice 1 %[[W2T]][%rB] : tensor<16x8xf32> -> tensor<16x2xf32>
// MERGED-CORE-NEXT:   partir.loop "M" [#partir.reduce<add>] {{.*}} -> tensor<256x2xf32>
// MERGED-CORE-NEXT:     partir.slice 1 %[[H]][%rM] : tensor<256x16xf32> -> tensor<256x8xf32>
// MERGED-CORE-NEXT:     partir.slice 0 %[[S]][%rM] : tensor<16x2xf32> -> tensor<8x2xf32>
// MERGED-CORE-NEXT:     "stablehlo.dot_general"{{.*}} -> tensor<256x2xf32>

// MERGED-HLO: @main(%[[X:.*]]: tensor<64x8xf32> {{.*}}, %[[W1:.*]]: tensor<2x8xf32> {{.*}}, %[[W2:.*]]: tensor<8x2xf32> {{.*}}) -> tensor<256x2xf32>
// MERGED-HLO-NEXT: %[[GX:.*]] = partir_hlo.all_gather [{"B"}, {}] %[[X]] : tensor<64x8xf32> -> tensor<256x8xf32>
// MERGED-HLO-NEXT: %[[G1:.*]] = partir_hlo.all_gather [{"B"}, {}] %[[W1]] : tensor<2x8xf32> -> tensor<8x8xf32>
// MERGED-HLO-NEXT: %[[H:.*]] = "stablehlo.dot_general"(%[[GX]], %[[G1]]) {{.*}} -> tensor<256x8xf32>
// MERGED-HLO-NEXT: %[[P:.*]] = "stablehlo.dot_general"(%[[H]], %[[W2]]) {{.*}} -> tensor<256x2xf32>
// MERGED-HLO-NEXT: %[[Y:.*]] = partir_hlo.all_reduce add {"M"} %[[P]] : tensor<256x2xf32>
// MERGED-HLO-NEXT: return %[[Y]]

// MERGED: @main({{.*}}) -> tensor<256x2xf32>
// MERGED-COUNT-2: "stablehlo.all_gather"{{.*}}dense<{{\[\[}}0, 2, 4, 6], [1, 3, 5, 7]]>
// MERGED: "stablehlo.all_reduce"{{.*}}dense<{{\[\[}}0, 1], [2, 3], [4, 5], [6, 7]]>
