// A rule that does not fit its call, at the call.
//
// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file

module attributes {partir.rules = {f = "b -> b"}} {
  func.func @operands(%a: tensor<8xf32>) {
    // expected-error@+1 {{'stablehlo.custom_call' op to @f does not fit its rule: the rule has 1 operand(s), and the op 2, "b -> b"}}
    "stablehlo.custom_call"(%a, %a) <{call_target_name = "f"}> : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = "b -> b"}} {
  func.func @results(%a: tensor<8xf32>) {
    // expected-error@+1 {{the rule has 1 result(s), and the op 0}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<8xf32>) -> ()
    return
  }
}

// -----

module attributes {partir.rules = {f = "b i -> b"}} {
  func.func @rank(%a: tensor<8xf32>) {
    // expected-error@+1 {{operand 0 has 1 dim(s), and the rule gives it 2}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<8xf32>) -> tensor<8xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = "... a b -> ..."}} {
  func.func @rank_with_leading(%a: tensor<8xf32>) {
    // expected-error@+1 {{operand 0 has 1 dim(s), and the rule gives it at least 2}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<8xf32>) -> tensor<8xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = "... a -> ..."}} {
  func.func @leading(%a: tensor<8x4x2xf32>) {
    // expected-error@+1 {{"..." stands for 2 dim(s) of operand 0 and for 1 of result 0; it must be the same number everywhere}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<8x4x2xf32>) -> tensor<8xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = "b i, b -> i"}} {
  func.func @sizes(%a: tensor<8x4xf32>, %b: tensor<6xf32>) {
    // expected-error@+1 {{"b" is of size 8 in dim 0 of operand 0 and of size 6 in dim 0 of operand 1; dims of one name must be of one size, "b i, b -> i"}}
    "stablehlo.custom_call"(%a, %b) <{call_target_name = "f"}> : (tensor<8x4xf32>, tensor<6xf32>) -> tensor<4xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = "... -> ..."}} {
  func.func @leading_sizes(%a: tensor<8x4xf32>) {
    // expected-error@+1 {{"...[1]" is of size 4 in dim 1 of operand 0 and of size 2 in dim 1 of result 0}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<8x4xf32>) -> tensor<8x2xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = "(h d) -> h, d"}} {
  func.func @product(%a: tensor<12xf32>) {
    // expected-error@+1 {{dim 0 of operand 0 is of size 12, and its names multiply to 8}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<12xf32>) -> (tensor<4xf32>, tensor<2xf32>)
    return
  }
}

// -----

module attributes {partir.rules = {f = "(h d) -> h"}} {
  func.func @quotient(%a: tensor<12xf32>) {
    // expected-error@+1 {{dim 0 of operand 0 is of size 12, which 5, the size of its other names, does not divide}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<12xf32>) -> tensor<5xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = "(h d) -> (h d)"}} {
  func.func @unknown(%a: tensor<12xf32>) {
    // expected-error@+1 {{nothing tells the size of "h" in dim 0 of operand 0; it must be that of a dim, or what the other names of a dim leave}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<12xf32>) -> tensor<12xf32>
    return
  }
}

// -----

module attributes {partir.rules = {f = "i k -> i | k: and"}} {
  func.func @logical(%a: tensor<8x4xf32>) {
    // expected-error@+1 {{"k" is reduced by "and", and result 0 is not of booleans}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<8x4xf32>) -> tensor<8xf32>
    return
  }
}

// -----

// Where the rules are read as the program is: in every pass on it.
module attributes {partir.rules = {f = "b -> b", unused = "b"}} {
  func.func @syntax(%a: tensor<8xf32>) {
    // expected-remark@+1 {{([i]) -> ([i]) {i=8}}}
    "stablehlo.custom_call"(%a) <{call_target_name = "f"}> : (tensor<8xf32>) -> tensor<8xf32>
    // expected-error@+1 {{to @unused does not fit its rule: the rule "b" is wrong at its end: expected a dim}}
    "stablehlo.custom_call"(%a) <{call_target_name = "unused"}> : (tensor<8xf32>) -> tensor<8xf32>
    return
  }
}

// -----

// expected-error@+1 {{attribute 'partir.rules' must hold a string for each target of a custom call, such as {my_kernel = "b i, b j -> b k"}}}
module attributes {partir.rules = {f = 1}} {
}

// -----

// expected-error@+1 {{attribute 'partir.rules' must hold a string for each target}}
module attributes {partir.rules = "b -> b"} {
}

// -----

// expected-error@+1 {{cannot have the attribute 'partir.rules': only a module has rules for its custom calls}}
func.func @function() attributes {partir.rules = {f = "b -> b"}} {
  return
}
