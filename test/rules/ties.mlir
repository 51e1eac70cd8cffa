// RUN: partir-opt %s -partir-print-rules -verify-diagnostics -split-input-file -o /dev/null

func.func @barrier(%a: tensor<8xf32>, %b: tensor<4xf32>) {
  // expected-remark@+1 {{ties, trips=1; (operand 0) -> (result 0); (operand 1) -> (result 1)}}
  "stablehlo.optimization_barrier"(%a, %b) : (tensor<8xf32>, tensor<4xf32>) -> (tensor<8xf32>, tensor<4xf32>)
  return
}

// -----

func.func @branches(%p: tensor<i1>, %a: tensor<8xf32>, %b: tensor<8xf32>) {
  // expected-remark@+1 {{ties, trips=1; (region 0 yield 0, region 1 yield 0) -> (result 0)}}
  "stablehlo.if"(%p) ({
    "stablehlo.return"(%a) : (tensor<8xf32>) -> ()
  }, {
    "stablehlo.return"(%b) : (tensor<8xf32>) -> ()
  }) : (tensor<i1>) -> tensor<8xf32>
  return
}

// -----

func.func @case(%n: tensor<i32>, %a: tensor<8xf32>) {
  // expected-remark@+1 {{ties, trips=1; (region 0 yield 0) -> (result 0)}}
  "stablehlo.case"(%n) ({
    "stablehlo.return"(%a) : (tensor<8xf32>) -> ()
  }) : (tensor<i32>) -> tensor<8xf32>
  return
}

// -----

// A scan: the counter runs from 0 to 5 in steps of 1.
func.func @scan(%x: tensor<8xf32>) {
  // expected-remark@+1 {{() -> ([]) cheap}}
  %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
  // expected-remark@+1 {{ties, trips=5; (operand 0, region 1 yield 0) -> (region 0 argument 0, region 1 argument 0, result 0); (operand 1, region 1 yield 1) -> (region 0 argument 1, region 1 argument 1, result 1)}}
  "stablehlo.while"(%zero, %x) ({
  ^bb0(%i: tensor<i32>, %a: tensor<8xf32>):
    // expected-remark@+1 {{() -> ([]) cheap}}
    %n = "stablehlo.constant"() <{value = dense<5> : tensor<i32>}> : () -> tensor<i32>
    // expected-remark@+1 {{([], []) -> ([]) pointwise}}
    %0 = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%0) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %a: tensor<8xf32>):
    // expected-remark@+1 {{() -> ([]) cheap}}
    %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
    // expected-remark@+1 {{([], []) -> ([]) sum pointwise}}
    %0 = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%0, %a) : (tensor<i32>, tensor<8xf32>) -> ()
  }) : (tensor<i32>, tensor<8xf32>) -> (tensor<i32>, tensor<8xf32>)
  return
}

// -----

// The limit is carried, start and step come from outside: 2, 5, 8.
func.func @carried_limit() {
  // expected-remark@+1 {{() -> ([]) cheap}}
  %start = "stablehlo.constant"() <{value = dense<2> : tensor<i32>}> : () -> tensor<i32>
  // expected-remark@+1 {{() -> ([]) cheap}}
  %limit = "stablehlo.constant"() <{value = dense<10> : tensor<i32>}> : () -> tensor<i32>
  // expected-remark@+1 {{() -> ([]) cheap}}
  %step = "stablehlo.constant"() <{value = dense<3> : tensor<i32>}> : () -> tensor<i32>
  // expected-remark@+1 {{ties, trips=3;}}
  "stablehlo.while"(%start, %limit) ({
  ^bb0(%i: tensor<i32>, %n: tensor<i32>):
    // expected-remark@+1 {{([], []) -> ([]) pointwise}}
    %0 = "stablehlo.compare"(%n, %i) <{comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    "stablehlo.return"(%0) : (tensor<i1>) -> ()
  }, {
  ^bb0(%i: tensor<i32>, %n: tensor<i32>):
    // expected-remark@+1 {{([], []) -> ([]) sum pointwise}}
    %0 = "stablehlo.add"(%step, %i) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    "stablehlo.return"(%0, %n) : (tensor<i32>, tensor<i32>) -> ()
  }) : (tensor<i32>, tensor<i32>) -> (tensor<i32>, tensor<i32>)
  return
}

// -----

// How often the loop runs is known at run time.
func.func @until(%p: tensor<i1>) {
  // expected-remark@+1 {{ties, trips=unknown;}}
  "stablehlo.while"(%p) ({
  ^bb0(%q: tensor<i1>):
    "stablehlo.return"(%q) : (tensor<i1>) -> ()
  }, {
  ^bb0(%q: tensor<i1>):
    "stablehlo.return"(%q) : (tensor<i1>) -> ()
  }) : (tensor<i1>) -> tensor<i1>
  return
}
