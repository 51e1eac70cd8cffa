// Texts that are no rules: where they are wrong, and what would have been valid.
//
// RUN: partir-opt %s -partir-normalize -verify-diagnostics -split-input-file

// expected-error@+1 {{attribute 'partir.rules' of the module, target "f": the rule "b i, b j" is wrong at its end: expected a dim (a name, "_" or names in parentheses), "," or "->"}}
module attributes {partir.rules = {f = "b i, b j"}} {
}

// -----

// expected-error@+1 {{the rule "b i; b j -> b" is wrong at character 4, ";": expected a dim (a name, "_" or names in parentheses), "," or "->"}}
module attributes {partir.rules = {f = "b i; b j -> b"}} {
}

// -----

// expected-error@+1 {{wrong at character 8, "->": expected a dim (a name, "_" or names in parentheses), ",", "|" or the end}}
module attributes {partir.rules = {f = "b -> b -> b"}} {
}

// -----

// expected-error@+1 {{wrong at character 3, "1": expected a dim}}
module attributes {partir.rules = {f = "b 1 -> b"}} {
}

// -----

// expected-error@+1 {{wrong at character 3, "...": "..." can only be the first of a value's dims}}
module attributes {partir.rules = {f = "b ... -> b"}} {
}

// -----

// expected-error@+1 {{wrong at character 5, "i": a value has this name already; each of its dims needs a name of its own}}
module attributes {partir.rules = {f = "i j i -> i"}} {
}

// -----

// expected-error@+1 {{wrong at character 2, ")": expected a name}}
module attributes {partir.rules = {f = "() -> i"}} {
}

// -----

// expected-error@+1 {{wrong at character 4, "_": expected a name or ")"}}
module attributes {partir.rules = {f = "(i _) -> i"}} {
}

// -----

// expected-error@+1 {{wrong at character 8, "->": expected a name or ")"}}
module attributes {partir.rules = {f = "b (i j -> i"}} {
}

// -----

// expected-error@+1 {{wrong at its end: expected the name of a dim that is reduced}}
module attributes {partir.rules = {f = "i k -> i |"}} {
}

// -----

// expected-error@+1 {{wrong at character 14, "add": expected ":"}}
module attributes {partir.rules = {f = "i k -> i | k add"}} {
}

// -----

// expected-error@+1 {{wrong at character 16, "sum": expected one of add, max, min, mul, and, or}}
module attributes {partir.rules = {f = "i k -> i | k : sum"}} {
}

// -----

// expected-error@+1 {{wrong at character 12, "i": a dim that is reduced must be one of an operand, and of no result}}
module attributes {partir.rules = {f = "i k -> i | i: add"}} {
}

// -----

// expected-error@+1 {{wrong at character 12, "q": a dim that is reduced must be one of an operand, and of no result}}
module attributes {partir.rules = {f = "i k -> i | q: add"}} {
}

// -----

// expected-error@+1 {{wrong at character 20, "k": it is reduced already}}
module attributes {partir.rules = {f = "i k -> i | k: add, k: max"}} {
}

// -----

// expected-error@+1 {{wrong at character 18, "|": expected "," or the end}}
module attributes {partir.rules = {f = "i k -> i | k:add | k: max"}} {
}
