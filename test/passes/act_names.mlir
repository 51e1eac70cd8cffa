// A name must be that of one thing.
//
// RUN: partir-opt %s -split-input-file -verify-diagnostics --partir-act='tactic=T axis=B value=a action=-1' -o /dev/null

module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  // expected-error@+1 {{"a" is both an input and a tag; rename the tag}}
  func.func public @main(%x: tensor<8xf32> {partir.name = "a"}) -> tensor<8xf32> {
    %0 = partir.tag "a" %x : tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  // expected-error@+1 {{several inputs are named "a"; say which by its number}}
  func.func public @main(%x: tensor<8xf32> {partir.name = "a"}, %y: tensor<8xf32> {partir.name = "a"}) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}

// -----

// Nor has a dim from the end one meaning where the ranks differ.
module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  func.func public @main(%x: tensor<8xf32>, %y: tensor<8x8xf32>) -> (tensor<8xf32>, tensor<8x8xf32>) {
    // expected-error@+1 {{tactic "T", "a": dim -1 is out of range for shape [8]; valid dims: 0 to 0}}
    %0 = partir.tag "a" %x : tensor<8xf32>
    %1 = partir.tag "a" %y : tensor<8x8xf32>
    return %0, %1 : tensor<8xf32>, tensor<8x8xf32>
  }
}
