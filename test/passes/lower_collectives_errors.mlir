// What partir-lower-collectives refuses.
//
// RUN: partir-opt %s -split-input-file -verify-diagnostics -partir-lower-collectives

// expected-error @+1 {{the module has no mesh; give it the attribute partir.mesh}}
module {
  func.func @no_mesh() {
    return
  }
}

// -----

module attributes {partir.mesh = #partir.mesh<["B"=4]>} {
  func.func @core(%x: tensor<8xf32>) -> tensor<8xf32> {
    // expected-error @+1 {{'partir.loop' op has to be lowered to PartIR:HLO first}}
    %y = partir.loop "B" [#partir.any] (%r: !partir.range<4>) -> tensor<8xf32> {
      partir.yield %x : tensor<8xf32>
    }
    return %y : tensor<8xf32>
  }
}
