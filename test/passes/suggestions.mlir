// How the pipeline's report says that a conflict can be settled: a change for each
// way that the op can go, tried before it is told.
//
// DEFINE: %{opt} = partir-opt -o /dev/null

// A part of a merged tactic first. Not Z3: x would be sliced on dim 1 then, which
// its action contradicts.
// RUN: %{opt} %s --partir-pipeline='mesh=B=4,M=2 schedule="BP(B): x=0 & Z3(B): w=0" to=core report=true' 2>&1 | FileCheck %s --check-prefix=PART --implicit-check-not=suggestion:
// PART: conflict: 'stablehlo.dot_general'
// PART: suggestion: result dim 0 is taken if "BP" becomes a tactic of its own, before the rest of "BP&Z3"

// An action first.
// RUN: %{opt} %s --partir-pipeline='mesh=B=4,M=2 schedule="T(B): x=0, w=1" to=core report=true' 2>&1 | FileCheck %s --check-prefix=ACTION --implicit-check-not=suggestion:
// ACTION: conflict: 'stablehlo.dot_general' at model.py:1:1
// ACTION: suggestion: result dim 0 is taken if "x" dim 0 on B becomes a tactic of its own, before the rest of "T"
// ACTION: suggestion: result dim 1 is taken if "w" dim 1 on B becomes a tactic of its own, before the rest of "T"

// Both ways go back to one action. An input that has none of them is kept whole.
// RUN: %{opt} %s --partir-pipeline='mesh=B=4,M=2 schedule="T(B): y=0" to=core report=true' 2>&1 | FileCheck %s --check-prefix=WHOLE --implicit-check-not=suggestion:
// WHOLE: conflict: 'stablehlo.dot_general' at model.py:1:1
// WHOLE: suggestion: result dim 0 is taken if a tactic before "T" keeps "w" whole on B
// WHOLE: suggestion: result dim 1 is taken if a tactic before "T" keeps "x" whole on B

// Where there is no such input, a value is tiled: by a tag that it has, or that it
// gets; the one of JAX's own (the cosine) has no name.
// RUN: %{opt} %s --partir-pipeline='mesh=B=4,M=2 schedule="T(B): z=0" to=core report=true' 2>&1 | FileCheck %s --check-prefix=TILE --implicit-check-not=suggestion:
// TILE: conflict: 'stablehlo.add' at model.py:2:2
// TILE: suggestion: result dim 0 is taken if a tactic before "T" tiles "sum" dim 0 on B
// TILE: suggestion: result dim 1 is taken if a tactic before "T" tiles "sum" dim 1 on B
// TILE: conflict: 'stablehlo.multiply' at model.py:2:4
// TILE: suggestion: result dim 0 is taken if the result of 'stablehlo.multiply' at model.py:2:4 gets a tag, and a tactic before "T" tiles its dim 0 on B
// TILE: suggestion: result dim 1 is taken if the result of 'stablehlo.multiply' at model.py:2:4 gets a tag, and a tactic before "T" tiles its dim 1 on B
// TILE: conflict: 'stablehlo.subtract' at model.py:2:5

#dims = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>
func.func public @main(%x: tensor<8x8xf32> {partir.name = "x"},
                       %w: tensor<8x8xf32> {partir.name = "w"},
                       %v: tensor<8x8xf32> {partir.name = "v"},
                       %y: tensor<8x8xf32> {partir.name = "y"},
                       %z: tensor<8x8xf32> {partir.name = "z"})
    -> (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) {
  %h = "stablehlo.dot_general"(%x, %w) <{dot_dimension_numbers = #dims}> : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":1:1)
  %o = "stablehlo.dot_general"(%h, %v) <{dot_dimension_numbers = #dims}> : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":1:2)
  %yt = "stablehlo.transpose"(%y) <{permutation = array<i64: 1, 0>}> : (tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":1:3)
  %a = "stablehlo.multiply"(%h, %y) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":1:4)
  %b = "stablehlo.multiply"(%h, %yt) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":1:5)

  %zt = "stablehlo.transpose"(%z) <{permutation = array<i64: 1, 0>}> : (tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":2:1)
  %c = "stablehlo.add"(%z, %zt) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":2:2)
  %t = partir.tag "sum" %c : tensor<8x8xf32> loc("model.py":2:3)
  %p = "stablehlo.multiply"(%z, %zt) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":2:4)
  %q = "stablehlo.subtract"(%z, %zt) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":2:5)
  %r = "stablehlo.cosine"(%q) : (tensor<8x8xf32>) -> tensor<8x8xf32> loc("model.py":2:5)
  return %o, %a, %b, %t, %p, %r : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
}
