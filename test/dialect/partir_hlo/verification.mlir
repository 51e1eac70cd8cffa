// What PartIR:HLO refuses.
//
// RUN: partir-opt %s -split-input-file -verify-diagnostics

//===----------------------------------------------------------------------===//
// Axes
//===----------------------------------------------------------------------===//

func.func @no_mesh(%x: tensor<8xf32>) {
  // expected-error @+1 {{needs a mesh: the module has no attribute 'partir.mesh'}}
  %y = partir_hlo.all_reduce add {"B"} %x : tensor<8xf32>
  return
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @unknown_axis(%x: tensor<8xf32>) {
    // expected-error @+1 {{axis "Z" is not in the mesh #partir.mesh<["B"=4, "M"=2]>}}
    %y = partir_hlo.all_slice [{"Z"}] %x : tensor<8xf32> -> tensor<2xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @no_such_part(%x: tensor<8xf32>) {
    // expected-error @+1 {{axis "B" of size 4 has no part (2)4}}
    %y = partir_hlo.all_slice [{"B":(2)4}] %x : tensor<8xf32> -> tensor<2xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @axis_twice(%x: tensor<8x8xf32>) {
    // expected-error @+1 {{has axis "B":(1)2, or a part of it, twice}}
    %y = partir_hlo.all_slice [{"B"}, {"B":(1)2}] %x : tensor<8x8xf32> -> tensor<2x4xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @list_per_dim(%x: tensor<8x8xf32>) {
    // expected-error @+1 {{must have one list of axes per dim of 'tensor<8x8xf32>', but has 1}}
    %y = partir_hlo.all_gather [{"B"}] %x : tensor<8x8xf32> -> tensor<32x8xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @not_an_axis(%x: tensor<8xf32>) {
    // expected-error @+1 {{expected string}}
    %y = partir_hlo.all_gather [{B}] %x : tensor<8xf32> -> tensor<32xf32>
    return
  }
}

// -----

//===----------------------------------------------------------------------===//
// all_slice, all_gather
//===----------------------------------------------------------------------===//

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @slice_does_not_divide(%x: tensor<10xf32>) {
    // expected-error @+1 {{dim 0 of 'tensor<10xf32>' does not divide by 8, the size of its axes}}
    %y = partir_hlo.all_slice [{"B", "M"}] %x : tensor<10xf32> -> tensor<2xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @slice_type(%x: tensor<8xf32>) {
    // expected-error @+1 {{must have result type 'tensor<2xf32>', not 'tensor<4xf32>'}}
    %y = partir_hlo.all_slice [{"B"}] %x : tensor<8xf32> -> tensor<4xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @gather_type(%x: tensor<8xf32>) {
    // expected-error @+1 {{must have result type 'tensor<32xf32>', not 'tensor<16xf32>'}}
    %y = partir_hlo.all_gather [{"B"}] %x : tensor<8xf32> -> tensor<16xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @gather_dynamic(%x: tensor<?xf32>) {
    // expected-error @+1 {{operand #0 must be statically shaped tensor}}
    %y = partir_hlo.all_gather [{"B"}] %x : tensor<?xf32> -> tensor<?xf32>
    return
  }
}

// -----

//===----------------------------------------------------------------------===//
// all_reduce, reduce_scatter
//===----------------------------------------------------------------------===//

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @unknown_reduction(%x: tensor<8xf32>) {
    // expected-error @+1 {{expected a reduction (add, max, min, mul, and, or), not 'mean'}}
    %y = partir_hlo.all_reduce mean {"B"} %x : tensor<8xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @reduce_floats_by_or(%x: tensor<8xf32>) {
    // expected-error @+1 {{cannot reduce 'tensor<8xf32>' by 'or', which is for booleans}}
    %y = partir_hlo.all_reduce or {"B"} %x : tensor<8xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @reduce_type(%x: tensor<8xf32>) {
    // expected-error @+1 {{requires the same type for all operands and results}}
    %y = "partir_hlo.all_reduce"(%x) <{axes = #partir_hlo.axes<{"B"}>, reduction = #partir.reduce<add>}> : (tensor<8xf32>) -> tensor<4xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @scatter_does_not_divide(%x: tensor<10xf32>) {
    // expected-error @+1 {{dim 0 of 'tensor<10xf32>' does not divide by 4, the size of its axes}}
    %y = partir_hlo.reduce_scatter add [{"B"}] %x : tensor<10xf32> -> tensor<2xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @scatter_type(%x: tensor<8xf32>) {
    // expected-error @+1 {{must have result type 'tensor<2xf32>', not 'tensor<8xf32>'}}
    %y = partir_hlo.reduce_scatter add [{"B"}] %x : tensor<8xf32> -> tensor<8xf32>
    return
  }
}

// -----

//===----------------------------------------------------------------------===//
// all_to_all, collective_permute
//===----------------------------------------------------------------------===//

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @all_to_all_dim(%x: tensor<8x8xf32>) {
    // expected-error @+1 {{operand of type 'tensor<8x8xf32>' has no dim 2}}
    %y = partir_hlo.all_to_all {"B"} dim 0 to 2 %x : tensor<8x8xf32> -> tensor<32x2xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @all_to_all_same_dim(%x: tensor<8x8xf32>) {
    // expected-error @+1 {{must go from one dim to another}}
    %y = partir_hlo.all_to_all {"B"} dim 1 to 1 %x : tensor<8x8xf32> -> tensor<8x8xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @all_to_all_does_not_divide(%x: tensor<8x10xf32>) {
    // expected-error @+1 {{dim 1 of 'tensor<8x10xf32>' does not divide by 4, the size of the axes}}
    %y = partir_hlo.all_to_all {"B"} dim 0 to 1 %x : tensor<8x10xf32> -> tensor<32x2xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @all_to_all_type(%x: tensor<8x8xf32>) {
    // expected-error @+1 {{must have result type 'tensor<32x2xf32>', not 'tensor<2x32xf32>'}}
    %y = partir_hlo.all_to_all {"B"} dim 0 to 1 %x : tensor<8x8xf32> -> tensor<2x32xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @permute_chunks(%x: tensor<8x8xf32>) {
    // expected-error @+1 {{dim 0 is in 4 chunks before and in 2 after}}
    %y = partir_hlo.collective_permute [{"B"}, {"M"}] to [{"M"}, {"B"}] %x : tensor<8x8xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=4]>} {
  func.func @permute_axes(%x: tensor<8x8xf32>) {
    // expected-error @+1 {{must have the same axes before and after}}
    %y = partir_hlo.collective_permute [{"B"}, {}] to [{"M"}, {}] %x : tensor<8x8xf32>
    return
  }
}

// -----

//===----------------------------------------------------------------------===//
// window
//===----------------------------------------------------------------------===//

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @window_dim(%x: tensor<2x8xf32>) {
    // expected-error @+1 {{operand of type 'tensor<2x8xf32>' has no dim 2}}
    %y = partir_hlo.window {"B"} dim 2 starts [0, 0, 0, 0] %x : tensor<2x8xf32> -> tensor<2x8xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @window_axis(%x: tensor<2x8xf32>) {
    // expected-error @+1 {{axis "Z" is not in the mesh}}
    %y = partir_hlo.window {"Z"} dim 0 starts [0, 0, 0, 0] %x : tensor<2x8xf32> -> tensor<2x8xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @window_starts(%x: tensor<2x8xf32>) {
    // expected-error @+1 {{must have one start per position along its axes, 8, but has 4}}
    %y = partir_hlo.window {"B", "M"} dim 0 starts [0, 0, 0, 0] %x : tensor<2x8xf32> -> tensor<2x8xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @window_rank(%x: tensor<2x8xf32>) {
    // expected-error @+1 {{must have a result of rank 2, not 'tensor<2xf32>'}}
    %y = partir_hlo.window {"M"} dim 0 starts [0, 0] %x : tensor<2x8xf32> -> tensor<2xf32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @window_type(%x: tensor<2x8xf32>) {
    // expected-error @+1 {{must have result type 'tensor<5x8xf32>', not 'tensor<5x9xf32>'}}
    %y = partir_hlo.window {"M"} dim 0 starts [0, 0] %x : tensor<2x8xf32> -> tensor<5x9xf32>
    return
  }
}

// -----

//===----------------------------------------------------------------------===//
// axis_index
//===----------------------------------------------------------------------===//

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @axis_index_axis() {
    // expected-error @+1 {{axis "Z" is not in the mesh}}
    %i = partir_hlo.axis_index {"Z"} : tensor<i32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @axis_index_type() {
    // expected-error @+1 {{must be 0D tensor of 32-bit signless integer values}}
    %i = partir_hlo.axis_index {"B"} : tensor<1xi32>
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4, "M"=2]>} {
  func.func @all_reduce_jointly(%x: tensor<8xi32>) {
    // expected-error @+1 {{cannot reduce by 'joint', which is for partir.loop}}
    %y = partir_hlo.all_reduce joint {"B"} %x : tensor<8xi32>
    return
  }
}
