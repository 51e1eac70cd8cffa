// PartIR:Core that no pass of ours wrote, and that is not a tiled program.
//
// RUN: partir-opt %s -split-input-file -verify-diagnostics --partir-lower-core -o /dev/null
// RUN: partir-opt %s -split-input-file -verify-diagnostics --partir-report -o /dev/null

// A sum is not reduced by max.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // expected-error@+1 {{the loop over "B" is not a tiling of 'stablehlo.dot_general'}}
    %0 = partir.loop "B" [#partir.reduce<max>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %y[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      // expected-note@+1 {{its rule is}}
      %1 = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]>}> : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<8x8xf32>
      partir.yield %1 : tensor<8x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// Partial sums are not equal.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // expected-error@+1 {{the loop over "B" is not a tiling of 'stablehlo.dot_general'}}
    %0 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %y[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      // expected-note@+1 {{its rule is}}
      %1 = "stablehlo.dot_general"(%s, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]>}> : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<8x8xf32>
      partir.yield %1 : tensor<8x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// The chunks are joined on another dim than the one that is sliced.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<2x32xf32> {
    // expected-error@+1 {{the loop over "B" is not a tiling of 'stablehlo.tanh'}}
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<2x32xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      // expected-note@+1 {{its rule is}}
      %1 = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      partir.yield %1 : tensor<2x8xf32>
    }
    return %0 : tensor<2x32xf32>
  }
}

// -----

// The first chunk is not the whole.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<2x8xf32> {
    // expected-error@+1 {{is not a tiling of}}
    %0 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<2x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      // expected-note@+1 {{its rule is}}
      %1 = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      partir.yield %1 : tensor<2x8xf32>
    }
    return %0 : tensor<2x8xf32>
  }
}

// -----

// Nothing is sliced.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // expected-error@+1 {{is not a tiling of}}
    %0 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      // expected-note@+1 {{its rule is}}
      %1 = "stablehlo.tanh"(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
      partir.yield %1 : tensor<8x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// Four times the value is not the value.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // expected-error@+1 {{is not a tiling of}}
    %0 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      // expected-note@+1 {{its rule is}}
      %1 = "stablehlo.tanh"(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
      partir.yield %1 : tensor<8x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// A dim that the rule blocks.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // expected-error@+1 {{is not a tiling of}}
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      // expected-note@+1 {{its rule is}}
      %1 = "stablehlo.cholesky"(%x) <{lower = true}> : (tensor<8x8xf32>) -> tensor<8x8xf32>
      %s = partir.slice 0 %1[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// Sliced twice by one loop.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<4x8xf32> {
    %0 = partir.loop "M" [#partir.tile<0>] (%r: !partir.range<2>) -> tensor<4x8xf32> {
      // expected-error@+1 {{the value is sliced over this range twice}}
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<4x8xf32>
      %t = partir.slice 0 %s[%r] : tensor<4x8xf32> -> tensor<2x8xf32>
      %3 = "stablehlo.tanh"(%t) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      partir.yield %3 : tensor<2x8xf32>
    }
    return %0 : tensor<4x8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %1 = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      // expected-error@+1 {{this loop holds several ops; a loop nest holds one op, the slices of its operands and the slices of its results}}
      %2 = "stablehlo.sine"(%1) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      partir.yield %2 : tensor<2x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %1 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<2x8xf32> {
        %t = partir.slice 0 %s[%q] : tensor<2x8xf32> -> tensor<1x8xf32>
        %3 = "stablehlo.tanh"(%t) : (tensor<1x8xf32>) -> tensor<1x8xf32>
        partir.yield %3 : tensor<1x8xf32>
      }
      // expected-error@+1 {{this loop holds several ops}}
      %2 = partir.loop "M" [#partir.tile<0>] (%q: !partir.range<2>) -> tensor<2x8xf32> {
        %t = partir.slice 0 %1[%q] : tensor<2x8xf32> -> tensor<1x8xf32>
        %3 = "stablehlo.tanh"(%t) : (tensor<1x8xf32>) -> tensor<1x8xf32>
        partir.yield %3 : tensor<1x8xf32>
      }
      partir.yield %2 : tensor<2x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// Yields a value twice.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // expected-error@+1 {{this loop does not yield what is in it}}
    %0:2 = partir.loop "B" [#partir.tile<0>, #partir.tile<0>] (%r: !partir.range<4>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %1 = "stablehlo.tanh"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      partir.yield %1, %1 : tensor<2x8xf32>, tensor<2x8xf32>
    }
    return %0#0 : tensor<8x8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // expected-error@+1 {{this loop nest holds no op, and its results are not one value that is yielded as it came}}
    %0:2 = partir.loop "B" [#partir.tile<0>, #partir.tile<0>] (%r: !partir.range<4>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      %t = partir.slice 0 %y[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s, %t : tensor<2x8xf32>, tensor<2x8xf32>
    }
    return %0#0 : tensor<8x8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<2x32xf32> {
    // expected-error@+1 {{this loop nest holds no op}}
    %0 = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<2x32xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    return %0 : tensor<2x32xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<2x8xf32> {
    // expected-error@+1 {{this loop nest holds no op}}
    %0 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<2x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    return %0 : tensor<2x8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    // expected-error@+1 {{this loop nest holds no op}}
    %0 = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      partir.yield %x : tensor<8x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// What ties stands in no loop.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      // expected-error@+1 {{'stablehlo.optimization_barrier' cannot be in a loop: it has no partition rule}}
      %1 = "stablehlo.optimization_barrier"(%s) : (tensor<2x8xf32>) -> tensor<2x8xf32>
      partir.yield %1 : tensor<2x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// The body has its carried value on another dim than the condition.
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%p: tensor<i1>, %x: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %a = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    %1 = "stablehlo.while"(%a) ({
    ^bb0(%c: tensor<8x8xf32>):
      %ct = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
        %s = partir.slice 0 %c[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
        partir.yield %s : tensor<2x8xf32>
      }
      "stablehlo.return"(%p) : (tensor<i1>) -> ()
    }, {
    // expected-error@+1 {{the values that this op ties are tiled differently}}
    ^bb0(%c: tensor<8x8xf32>):
      %ct = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
        %s = partir.slice 1 %c[%r] : tensor<8x8xf32> -> tensor<8x2xf32>
        partir.yield %s : tensor<8x2xf32>
      }
      "stablehlo.return"(%ct) : (tensor<8x8xf32>) -> ()
    }) : (tensor<8x8xf32>) -> tensor<8x8xf32>
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %s = partir.slice 0 %1[%r] : tensor<8x8xf32> -> tensor<2x8xf32>
      partir.yield %s : tensor<2x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// expected-error@+1 {{the module has no mesh; give it the attribute partir.mesh = #partir.mesh<["B"=4, "M"=2]>}}
module {
  func.func public @main(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8x8xf32> {
      %1 = "stablehlo.tanh"(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
      partir.yield %1 : tensor<8x8xf32>
    }
    return %0 : tensor<8x8xf32>
  }
}

// -----

// expected-error@+1 {{needs a function 'main' with a body of one block, and has the functions 'f'}}
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @f(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}

// -----

// expected-error@+1 {{and has one with 2 block(s)}}
module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  ^bb1:
    return %x : tensor<8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    // expected-error@+1 {{'func.call' has no partition rule; run partir-normalize first}}
    %0 = call @f(%x) : (tensor<8xf32>) -> tensor<8xf32>
    return %0 : tensor<8xf32>
  }
  func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
      %s = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
      // expected-error@+1 {{this loop yields a value as it came, and holds an op beside it}}
      %t = "stablehlo.tanh"(%s) : (tensor<2xf32>) -> tensor<2xf32>
      partir.yield %s : tensor<2xf32>
    }
    return %0 : tensor<8xf32>
  }
}
