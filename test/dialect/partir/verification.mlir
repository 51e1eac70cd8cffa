// What PartIR:Core refuses.
//
// RUN: partir-opt %s -split-input-file -verify-diagnostics

//===----------------------------------------------------------------------===//
// Attributes and types
//===----------------------------------------------------------------------===//

// expected-error @+1 {{the mesh has two axes named "B"}}
module attributes {partir.mesh = #partir.mesh<["B"=4, "B"=2]>} {}

// -----

// expected-error @+1 {{axis "B" of the mesh must have a positive size, not 0}}
module attributes {partir.mesh = #partir.mesh<["B"=0]>} {}

// -----

// expected-error @+1 {{an axis of a mesh must have a name}}
module attributes {partir.mesh = #partir.mesh<[""=2]>} {}

// -----

// expected-error @+1 {{the mesh has too many devices, the most are 2147483647}}
module attributes {partir.mesh = #partir.mesh<["A"=9223372036854775807, "B"=2]>} {}

// -----

// expected-error @+1 {{the mesh has too many devices, the most are 2147483647}}
module attributes {partir.mesh = #partir.mesh<["A"=65536, "B"=32768]>} {}

// -----

// expected-error @+1 {{attribute 'partir.mesh' must be a #partir.mesh}}
module attributes {partir.mesh = 4} {}

// -----

// expected-error @+1 {{only a module has a mesh}}
func.func private @mesh_on_func() attributes {partir.mesh = #partir.mesh<["B"=4]>}

// -----

// expected-error @+1 {{an axis must have a name}}
func.func private @axis() attributes {a = #partir.axis<"">}

// -----

// expected-error @+1 {{must have a major size of at least 1 and a size of at least 2, not (0)2}}
func.func private @axis() attributes {a = #partir.axis<"B":(0)2>}

// -----

// expected-error @+1 {{a part of an axis cannot have size 0}}
func.func private @axis() attributes {a = #partir.axis<"B":(1)0>}

// -----

// expected-error @+1 {{a tiled dim cannot be negative, like -1}}
func.func private @tile() attributes {a = #partir.tile<-1>}

// -----

// expected-error @+2 {{expected one of [add, max, min, mul, and, or, joint]}}
// expected-error @+1 {{failed to parse Partir_ReduceAttr parameter 'kind'}}
func.func private @reduce() attributes {a = #partir.reduce<mean>}

// -----

// expected-error @+1 {{decision 2 cannot come from decision 2: it is -1 or an earlier one}}
func.func private @cause() attributes {a = #partir.cause<"BP", 2, 2>}

// -----

// expected-error @+1 {{the size of a range must be positive, not 0}}
func.func private @range() attributes {a = !partir.range<0>}

// -----

//===----------------------------------------------------------------------===//
// partir.loop and partir.yield
//===----------------------------------------------------------------------===//

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @unknown_axis(%x: tensor<8xf32>) -> tensor<8xf32> {
    // expected-error @+1 {{axis "Z" is not in the mesh #partir.mesh<["B"=4, "M"=2]>}}
    %y = partir.loop "Z" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
      partir.yield %x : tensor<8xf32>
    }
    return %y : tensor<8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @range_size(%x: tensor<8xf32>) -> tensor<8xf32> {
    // expected-error @+1 {{has a range of 2, but axis "B" has size 4}}
    %y = partir.loop "B" [#partir.any] (%r: !partir.range<2>) -> tensor<8xf32> {
      partir.yield %x : tensor<8xf32>
    }
    return %y : tensor<8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @no_such_part(%x: tensor<8xf32>) -> tensor<8xf32> {
    // expected-error @+1 {{axis "B" of size 4 has no part (1)3}}
    %y = partir.loop "B":(1)3 [#partir.any] (%r: !partir.range<3>) -> tensor<8xf32> {
      partir.yield %x : tensor<8xf32>
    }
    return %y : tensor<8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @part_is_whole(%x: tensor<8xf32>) -> tensor<8xf32> {
    // expected-error @+1 {{the part "M":(1)2 is the whole axis and must be written so}}
    %y = partir.loop "M":(1)2 [#partir.any] (%r: !partir.range<2>) -> tensor<8xf32> {
      partir.yield %x : tensor<8xf32>
    }
    return %y : tensor<8xf32>
  }
}

// -----

func.func @nested_in_itself(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-note @+1 {{the outer loop}}
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{is inside another loop over its axis "B":(2)2}}
    %z = partir.loop "B":(2)2 [#partir.any] (%s: !partir.range<2>) -> tensor<8xf32> {
      partir.yield %x : tensor<8xf32>
    }
    partir.yield %z : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @action_per_result(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{must have one action per result, but has 2 actions and 1 results}}
  %y = partir.loop "B" [#partir.any, #partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @no_results() {
  // expected-error @+1 {{must have at least one result}}
  partir.loop "B" [] (%r: !partir.range<4>) -> () {
    partir.yield
  }
  return
}

// -----

func.func @not_an_action(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{expected a list of actions (#partir.tile, #partir.reduce or #partir.any)}}
  %y = partir.loop "B" [#partir.axis<"B">] (%r: !partir.range<4>) -> tensor<8xf32> {
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @tile_out_of_range(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{result #0 of type 'tensor<8xf32>' has no dim 1 to tile}}
  %y = partir.loop "B" [#partir.tile<1>] (%r: !partir.range<4>) -> tensor<8xf32> {
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @tile_does_not_divide(%x: tensor<10xf32>) -> tensor<10xf32> {
  // expected-error @+1 {{dim 0 does not divide by 4, the size of axis "B"}}
  %y = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<10xf32> {
    partir.yield %x : tensor<10xf32>
  }
  return %y : tensor<10xf32>
}

// -----

func.func @reduce_floats_by_and(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{cannot be reduced by 'and', which is for booleans}}
  %y = partir.loop "B" [#partir.reduce<and>] (%r: !partir.range<4>) -> tensor<8xf32> {
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @dynamic_shape(%x: tensor<?xf32>) {
  // expected-error @+1 {{result #0 must be variadic of statically shaped tensor}}
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<?xf32> {
    partir.yield %x : tensor<?xf32>
  }
  return
}

// -----

func.func @no_range(%x: tensor<8xf32>) {
  // expected-error @+1 {{must have one block argument, of type !partir.range}}
  %y = partir.loop "B" [#partir.any] (%r: tensor<8xf32>) -> tensor<8xf32> {
    partir.yield %x : tensor<8xf32>
  }
  return
}

// -----

func.func @empty_body() {
  // expected-error @+1 {{expects a non-empty block}}
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
  }
  return
}

// -----

func.func @yield_count(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{has 2 values for the 1 results of the loop}}
    partir.yield %x, %x : tensor<8xf32>, tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @yield_tile(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.tile<0>] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{value #0 has type 'tensor<8xf32>', but #partir.tile<0> with 4 iterations makes 'tensor<8xf32>' from 'tensor<2xf32>'}}
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @yield_reduce(%x: tensor<8xf32>) -> tensor<8xf64> {
  %y = partir.loop "B" [#partir.reduce<add>] (%r: !partir.range<4>) -> tensor<8xf64> {
    // expected-error @+1 {{value #0 has type 'tensor<8xf32>', but #partir.reduce<add> with 4 iterations makes 'tensor<8xf64>' from 'tensor<8xf64>'}}
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf64>
}

// -----

func.func @yield_outside() {
  // expected-error @+1 {{expects parent op 'partir.loop'}}
  partir.yield
}

// -----

//===----------------------------------------------------------------------===//
// partir.slice
//===----------------------------------------------------------------------===//

func.func @slice_dim(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{'tensor<8xf32>' has no dim 1}}
    %xs = partir.slice 1 %x[%r] : tensor<8xf32> -> tensor<2xf32>
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @slice_rank(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{a slice goes from a ranked tensor to one of the same rank}}
    %xs = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2x1xf32>
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @slice_chunks(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{dim 0 of 'tensor<8xf32>' has no equal chunks as in 'tensor<3xf32>'}}
    %xs = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<3xf32>
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @slice_index(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-note @+1 {{prior use here}}
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{expects different type than prior uses: '!partir.range<2>' vs '!partir.range<4>'}}
    %xs = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<4xf32>
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @slice_does_not_divide(%x: tensor<10xf32>) -> tensor<10xf32> {
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<10xf32> {
    // expected-error @+1 {{dim 0 of 'tensor<10xf32>' does not divide by 4}}
    %xs = "partir.slice"(%x, %r) <{dim = 0 : i64}> : (tensor<10xf32>, !partir.range<4>) -> tensor<2xf32>
    partir.yield %x : tensor<10xf32>
  }
  return %y : tensor<10xf32>
}

// -----

func.func @slice_type(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8x8xf32> {
    // expected-error @+1 {{must have result type 'tensor<2x8xf32>', not 'tensor<2x4xf32>'}}
    %xs = partir.slice 0 %x[%r] : tensor<8x8xf32> -> tensor<2x4xf32>
    partir.yield %x : tensor<8x8xf32>
  }
  return %y : tensor<8x8xf32>
}

// -----

func.func @slice_outside(%x: tensor<8xf32>, %r: !partir.range<4>) {
  // expected-error @+1 {{index must be the block argument of a partir.loop}}
  %xs = partir.slice 0 %x[%r] : tensor<8xf32> -> tensor<2xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// partir.place
//===----------------------------------------------------------------------===//

func.func @place_dim(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{operand of type 'tensor<8xf32>' has no dim 1}}
    %xp = partir.place 1 %x[%r] : tensor<8xf32>, !partir.range<4> -> tensor<32xf32>
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @place_type(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{must have result type 'tensor<32xf32>', not 'tensor<16xf32>'}}
    %xp = partir.place 0 %x[%r] : tensor<8xf32>, !partir.range<4> -> tensor<16xf32>
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

func.func @place_without_index(%x: tensor<8xf32>) {
  // expected-error @+1 {{must have an index}}
  %xp = "partir.place"(%x) <{dim = 0 : i64}> : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @place_outside(%x: tensor<8xf32>, %r: !partir.range<4>) {
  // expected-error @+1 {{index must be the block argument of a partir.loop}}
  %xp = partir.place 0 %x[%r] : tensor<8xf32>, !partir.range<4> -> tensor<32xf32>
  return
}

// -----

func.func @place_twice(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.any] (%r: !partir.range<2>) -> tensor<8xf32> {
    // expected-error @+1 {{has an index twice}}
    %xp = partir.place 0 %x[%r, %r] : tensor<8xf32>, !partir.range<2>, !partir.range<2> -> tensor<32xf32>
    partir.yield %x : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// -----

//===----------------------------------------------------------------------===//
// partir.tag
//===----------------------------------------------------------------------===//

func.func @tag_name(%x: tensor<8xf32>) {
  // expected-error @+1 {{must have a name that is not empty}}
  %y = partir.tag "" %x : tensor<8xf32>
  return
}

// -----

func.func @tag_type(%x: tensor<8xf32>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "partir.tag"(%x) <{name = "t"}> : (tensor<8xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @tag_dynamic(%x: tensor<?xf32>) {
  // expected-error @+1 {{operand #0 must be statically shaped tensor}}
  %y = partir.tag "t" %x : tensor<?xf32>
  return
}

// -----

func.func @reduce_some_jointly(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  // expected-error @+1 {{reduces some results jointly and others not}}
  %y:2 = partir.loop "B" [#partir.reduce<joint>, #partir.reduce<add>] (%r: !partir.range<4>) -> (tensor<8xf32>, tensor<8xf32>) {
    partir.yield %x, %x : tensor<8xf32>, tensor<8xf32>
  }
  return %y#0, %y#1 : tensor<8xf32>, tensor<8xf32>
}

// -----

func.func @once_in_a_joint_reduction(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = partir.loop "B" [#partir.reduce<joint>] (%r: !partir.range<4>) -> tensor<8xf32> {
    // expected-error @+1 {{must name a monoid: what enters a joint reduction may enter it any number of times}}
    %o = partir.once <joint> %x[%r] : tensor<8xf32>, !partir.range<4>
    partir.yield %o : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}
