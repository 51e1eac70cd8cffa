// Text that the mirror does not read.
//
// RUN: partir-opt %s -split-input-file -verify-diagnostics

//===----------------------------------------------------------------------===//
// Ops and their attributes
//===----------------------------------------------------------------------===//

func.func @unknown_op(%x: tensor<4xf32>) {
  // expected-error @+1 {{unregistered operation 'stablehlo.frobnicate' found in dialect ('stablehlo') that does not allow unknown operations}}
  "stablehlo.frobnicate"(%x) : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @unknown_chlo_op(%x: tensor<4xf32>) {
  // expected-error @+1 {{unregistered operation 'chlo.frobnicate' found in dialect ('chlo') that does not allow unknown operations}}
  "chlo.frobnicate"(%x) : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @unknown_attribute() {
  // expected-error @+1 {{'stablehlo.iota' has no attribute 'iota_direction'}}
  %0 = "stablehlo.iota"() <{iota_dimension = 0 : i64, iota_direction = 1 : i64}> : () -> tensor<4xf32>
  return
}

// -----

func.func @op_without_attributes(%x: tensor<4xf32>) {
  // expected-error @+1 {{invalid properties {accuracy = 1 : i64} for op stablehlo.abs}}
  %0 = "stablehlo.abs"(%x) <{accuracy = 1 : i64}> : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @attribute_of_other_kind() {
  // expected-error @+1 {{Invalid attribute `iota_dimension` in property conversion: "0"}}
  %0 = "stablehlo.iota"() <{iota_dimension = "0"}> : () -> tensor<4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Attributes and types
//===----------------------------------------------------------------------===//

// expected-error @+1 {{unknown attribute `bogus` in dialect `stablehlo`}}
module attributes {test.a = #stablehlo.bogus<>} {}

// -----

// expected-error @+1 {{unknown attribute `bogus` in dialect `chlo`}}
module attributes {test.a = #chlo<bogus X>} {}

// -----

// expected-error @+1 {{unknown  type `bogus` in dialect `stablehlo`}}
func.func private @type(!stablehlo.bogus)

// -----

// expected-error @+2 {{to be one of: DEFAULT, HIGH, HIGHEST}}
// expected-error @+1 {{failed to parse Stablehlo_PrecisionAttr parameter 'value'}}
module attributes {test.a = #stablehlo<precision LOW>} {}

// -----

// expected-error @+1 {{unknown field 'lhs_dimensions', expected one of 'lhs_batching_dimensions', 'rhs_batching_dimensions', 'lhs_contracting_dimensions', 'rhs_contracting_dimensions'}}
module attributes {test.a = #stablehlo.dot<lhs_dimensions = [0]>} {}

// -----

// expected-error @+1 {{field 'offset_dims' occurs twice}}
module attributes {test.a = #stablehlo.gather<offset_dims = [0], offset_dims = [1]>} {}

// -----

// expected-error @+1 {{missing field 'type'}}
module attributes {test.a = #stablehlo.channel_handle<handle = 1>} {}

// -----

// expected-error @+1 {{missing field 'mode'}}
module attributes {test.a = #stablehlo.result_accuracy<ulps = 1>} {}

// -----

// expected-error @+1 {{dimension 'b' occurs twice}}
module attributes {test.a = #stablehlo.conv<[b, b, 0, f]x[i, o, 0]->[b, 0, f]>} {}

// -----

// expected-error @+1 {{unknown dimension 'i'}}
module attributes {test.a = #stablehlo.conv<[b, i, 0]x[i, o, 0]->[b, 0, f]>} {}

// -----

// expected-error @+1 {{expected 'b', 'f' or the number of a spatial dimension}}
module attributes {test.a = #stablehlo.conv<[b, ?, f]x[i, o, 0]->[b, 0, f]>} {}

// -----

// expected-error @+1 {{missing dimension 'o'}}
module attributes {test.a = #stablehlo.conv<[b, 0, f]x[i, 0]->[b, 0, f]>} {}

// -----

// expected-error @+1 {{spatial dimensions are not numbered from 0, each once}}
module attributes {test.a = #stablehlo.conv<[b, 0, 2, f]x[i, o, 0, 1]->[b, 0, 1, f]>} {}

// -----

// expected-error @+1 {{input, kernel and output must have the same number of spatial dimensions, got 2, 1 and 2}}
module attributes {test.a = #stablehlo.conv<[b, 0, 1, f]x[i, o, 0]->[b, 0, 1, f]>} {}

// -----

// expected-error @+1 {{1 bounds for a tensor of rank 2}}
func.func private @bounds(tensor<?x?xf32, #stablehlo.bounds<4>>)
