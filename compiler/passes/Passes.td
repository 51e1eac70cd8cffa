//===- Passes.td - The passes of PartIR --------------------*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_PASSES_TD
#define PARTIR_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerCollectivesPass
    : Pass<"partir-lower-collectives", "::mlir::ModuleOp"> {
  let summary = "Lower the collectives of PartIR:HLO to StableHLO";
  let description = [{
    Replaces collectives over named mesh axes by StableHLO's over groups of
    device numbers, and mesh and rules are dropped from the module. A device's number
    is its position in the mesh, row-major. In a mesh of B=4 and M=2

    ```mlir
    %0 = partir_hlo.all_gather [{"B"}, {} ] %w
        : tensor<2x16xf32> -> tensor<8x16xf32>
    ```

    becomes

    ```mlir
    %0 = "stablehlo.all_gather"(%w) <{
        all_gather_dim = 0 : i64,
        channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>,
        replica_groups = dense<[[0, 2, 4, 6], [1, 3, 5, 7]]> : tensor<2x4xi64>,
        use_global_device_ids}> : (tensor<2x16xf32>) -> tensor<8x16xf32>
    ```

    Axes on several dims become one collective per dim, and a collective in
    which no device has another to talk to becomes its operand. Slices and axis
    indices are computed from `partition_id`, once per function.

    The second and each later gather of one value takes it through an
    `optimization_barrier`, so that XLA neither merges it with the first nor
    runs it early: together with a value that meets the gathered one in its
    user, such as the gradient in a backward pass. What an op makes of a value
    counts as that value if the op is linear in it alone and gives as many
    elements, such as a reverse, which XLA drops if the dims have size 1.

    ```mlir
    %2:2 = "stablehlo.optimization_barrier"(%w, %dy) : ...
    %3 = "stablehlo.all_gather"(%2#0) ...
    %4 = "stablehlo.dot_general"(%dy, %3) ...
    ```
  }];
  let dependentDialects = ["::partir::stablehlo::StablehloDialect"];
}

def NormalizePass : Pass<"partir-normalize", "::mlir::ModuleOp"> {
  let summary = "Make a module as JAX prints it ready for partitioning";
  let description = [{
    Leaves one function, `main`, in which every op can be partitioned:

    - calls are inlined, in regions too, and so are composites; functions that
      nothing uses any more go. An op of an inlined function keeps the name and
      the source lines that XLA would give it;
    - a composite `partir.tag` becomes a `partir.tag`;
    - dead code goes;
    - cheap values (constants, iota, broadcasts of scalars) are copied so that
      each use has its own: a shared one would make its uses agree on a tiling;
    - shardings of inputs and results, advice for Shardy, and the numbers of
      devices, go;
    - what speaks of devices and means one goes: a collective among groups of one
      device, the number of the device, a constraint to a mesh of one device.

    ```mlir
    func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %0 = call @f(%x) : (tensor<8xf32>) -> tensor<8xf32> loc("jit(main)/f")
      return %0 : tensor<8xf32>
    }
    func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
      %0 = "stablehlo.composite"(%x) <{name = "partir.tag",
          composite_attributes = {name = "hidden"},
          decomposition = @identity}> : ...
      %1 = "stablehlo.tanh"(%0) : ... loc("tanh")
      return %1 : tensor<8xf32>
    }
    ```

    becomes

    ```mlir
    func.func public @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %0 = partir.tag "hidden" %x : tensor<8xf32>
      %1 = "stablehlo.tanh"(%0) : ... loc("jit(main)/f/tanh")
      return %1 : tensor<8xf32>
    }
    ```

    Refused, each at its op: what has no partition rule; values that are not
    tensors of fixed size; ops that place values on devices; side effects, which
    each device would repeat; recursion.
  }];
  let dependentDialects = ["::partir::PartirDialect"];
}

def SetMeshPass : Pass<"partir-set-mesh", "::mlir::ModuleOp"> {
  let summary = "Give a module its mesh";
  let description = [{
    `--partir-set-mesh=mesh=B=4,M=2` sets the attribute
    `partir.mesh = #partir.mesh<["B"=4, "M"=2]>` of the module.
  }];
  let options = [
    Option<"mesh", "mesh", "std::string", "",
           "the axes with their sizes, major first: B=4,M=2">,
  ];
  let dependentDialects = ["::partir::PartirDialect"];
}

def ActPass : Pass<"partir-act", "::mlir::ModuleOp"> {
  let summary = "Apply one action of a tactic to an input or a tag";
  let description = [{
    With `value=x action=0 axis=B` the input `x` is tiled on dim 0 by the axis B:
    its uses see

    ```mlir
    %x0 = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<4>)
        -> tensor<256x8xf32> {
      %s = partir.slice 0 %x[%rB] : tensor<256x8xf32> -> tensor<64x8xf32>
      partir.yield %s : tensor<64x8xf32>
    }
    ```

    A negative dim counts from the end. `action=first` tiles the first dim that
    the axis divides, `first>=1` the first from dim 1 on. They pass over a dim
    that every use needs whole, and one that a loop of the program indexes or
    that elementwise ops or ties hold together with such a dim: the layers of
    parameters stacked for a scan. Where no dim is left, a remark says so and
    the value stays as it is. `replicated` keeps the value whole: the loop has
    the action `#partir.any`. Nothing is propagated.
  }];
  let options = [
    Option<"target", "value", "std::string", "",
           "name or number of an input, path above several, or a tag">,
    Option<"action", "action", "std::string", "\"first\"",
           "a dim, first, first>=1 or replicated">,
    Option<"axis", "axis", "std::string", "", "the mesh axis">,
    Option<"tactic", "tactic", "std::string", "", "name of the tactic">,
  ];
  let dependentDialects = ["::partir::PartirDialect",
                           "::partir::hlo::PartirHloDialect"];
}

def PropagatePass : Pass<"partir-propagate", "::mlir::ModuleOp"> {
  let summary = "Propagate the tiles on one axis";
  let description = [{
    Visits the ops in program order and in reverse until nothing changes. An op
    that sees the axis at its operands, or sliced at its uses, in one way goes
    into a loop over it; an op that sees it in several ways is left alone, and a
    remark shows the conflict. At the end of a round, a value that a loop
    reduces and that its uses slice on one dim is tiled there.
  }];
  let options = [
    Option<"axis", "axis", "std::string", "", "the mesh axis">,
    Option<"tactic", "tactic", "std::string", "", "name of the tactic">,
  ];
  let dependentDialects = ["::partir::PartirDialect",
                           "::partir::hlo::PartirHloDialect"];
}

def InferInputsPass : Pass<"partir-infer-inputs", "::mlir::ModuleOp"> {
  let summary = "Tile the inputs that all uses slice alike";
  let description = [{
    The end of a tactic: an input whose uses all slice it over the axis on one
    dim takes that tile as its own.
  }];
  let options = [
    Option<"axis", "axis", "std::string", "", "the mesh axis">,
    Option<"tactic", "tactic", "std::string", "", "name of the tactic">,
  ];
  let dependentDialects = ["::partir::PartirDialect",
                           "::partir::hlo::PartirHloDialect"];
}

def LowerCorePass : Pass<"partir-lower-core", "::mlir::ModuleOp"> {
  let summary = "Lower PartIR:Core to PartIR:HLO";
  let description = [{
    Makes the collective plan of the program and writes it out: shapes become
    those of one device, a slice of a whole value an `all_slice`, a tiled value
    that is needed whole an `all_gather`, a reduction an `all_reduce`, or a
    `reduce_scatter` where only a chunk is needed. Partial sums that are added
    up are reduced once, those of a loop after it. A value that is the same on
    every trip of a loop is moved to other dims (`all_to_all`,
    `collective_permute`, `window`) once, before the loop, unless it has to be
    gathered first; it is gathered where it is used.
  }];
  let dependentDialects = ["::partir::hlo::PartirHloDialect"];
}

def ReportPass : Pass<"partir-report", "::mlir::ModuleOp"> {
  let summary = "Show what a PartIR:Core program costs, and what is in its way";
  let description = [{
    Emits a remark for each collective of the plan, with what a device sends for
    it; for each conflict, with the competing factors and the decisions that led
    to each; and for each tiling that stops at an op and is gathered, with the
    reason. The program stays as it is.
  }];
  let dependentDialects = ["::partir::hlo::PartirHloDialect"];
}

def SimulatePass : Pass<"partir-simulate", "::mlir::ModuleOp"> {
  let summary = "Estimate time and memory of a step on a device";
  let description = [{
    Emits a remark with the time of a step on one device and what it is made of,
    the most memory that is in use at once, and the largest arrays there are then.
    The program is PartIR:Core, of which the plan is estimated, or PartIR:HLO, of
    which each op is. Both give the same collectives and bytes.

    A device is one that PartIR knows, by its name, or a file of JSON. An
    argument whose memory a result takes has the attribute `tf.aliasing_output`,
    the number of the result.
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"",
           "the name of a device, or the path of a file">,
    Option<"overlap", "overlap", "bool", "false",
           "collectives run beside kernels that do not need them">,
  ];
  let dependentDialects = ["::partir::hlo::PartirHloDialect"];
}

def AutomaticPass : Pass<"partir-automatic", "::mlir::ModuleOp"> {
  let summary = "Find and apply the tactics after which a step takes least";
  let description = [{
    Searches on the state of a PartIR:Core program for tiles and atomic marks, of
    inputs, tags and values at which propagation stopped at a conflict; applies
    what it found, and says so in remarks: each tactic as `partir-pipeline` takes
    it, and the estimated step and peak after it. What earlier tactics decided
    stays.

    The budget is counted in states, as many as the seconds are worth on two
    cores: the same seed gives the same tactics.
  }];
  let options = [
    Option<"axes", "axes", "std::string", "\"\"",
           "the mesh axes to decide on: B,M">,
    Option<"device", "device", "std::string", "\"\"",
           "the name of a device, or the path of a file">,
    Option<"memory", "memory", "int64_t", "0",
           "bytes of a device that the program may take; 0: no limit">,
    Option<"seconds", "seconds", "double", "10",
           "what the search may take, on two cores">,
    Option<"seed", "seed", "uint64_t", "0", "of what is tried at random">,
    Option<"tactic", "tactic", "std::string", "\"automatic\"",
           "the name of the tactic, for reports">,
  ];
}

def PipelinePass : Pass<"partir-pipeline", "::mlir::ModuleOp"> {
  let summary = "From StableHLO and a schedule to the local program";
  let description = [{
    All stages in one: normalises, applies the tactics one after another, and
    lowers. What `partir-opt` does pass by pass gives the same program.

        partir-opt in.mlir --partir-pipeline='mesh=B=4,M=2
          schedule="BP(B): x=0; MP(M): w1=1; Z3(B): w1=0, w2=1"'

    A tactic is `name(axis): target=value, ...`. A target is the name of an input
    (the attribute `partir.name` of the argument, else the name of its location,
    else its number), a dotted path
    above several, a tag, or the result of an op inside the program
    (`stablehlo.dot_general@model.py:12:9#0`: the op, its place in the source,
    and which of those that have both); a value is a dim (from the end where it is
    negative), `first`, `first>=1` or `replicated`. Where two actions meet at an
    input, the longer path wins. Tactics joined by `&` are merged: all actions
    first, then propagation axis by axis.
  }];
  let options = [
    Option<"mesh", "mesh", "std::string", "",
           "the axes with their sizes, major first: B=4,M=2">,
    Option<"schedule", "schedule", "std::string", "", "the tactics">,
    Option<"to", "to", "std::string", "\"stablehlo\"",
           "the last stage: input, core, hlo or stablehlo">,
    Option<"report", "report", "bool", "false",
           "print what each tactic did, and what the program costs after it">,
  ];
  let dependentDialects = ["::partir::PartirDialect",
                           "::partir::hlo::PartirHloDialect",
                           "::partir::stablehlo::StablehloDialect"];
}

def PrintRulesPass : Pass<"partir-print-rules", "::mlir::ModuleOp"> {
  let summary = "Show the partition rule of each op as a remark";
  let description = [{
    Emits a remark at each op that has a partition rule: the factors of its
    operands and results, which of them are reduced or blocked and why, the
    operands in which the op is linear, and whether it is a sum, pointwise, or
    cheap enough to exist once per use. For

    ```mlir
    %0 = "stablehlo.dot_general"(%x, %w) ...
        : (tensor<256x8xf32>, tensor<8x16xf32>) -> tensor<256x16xf32>
    ```

    it says

    ```
    ([i, k], [k, j]) -> ([i, j]) {i=256, j=16, k=8} reduction={k:add} linear=[0,1]
    ```

    Ops that only hand values on (loops, branches, barriers) have ties in place
    of a rule: `(sources) -> (targets)` for each of the values, and how often
    their regions run.

    With `costs`, a second remark says what the op takes: how it is run, its
    operations, and what it reads in part or overwrites.
  }];
  let options = [
    Option<"costs", "costs", "bool", /*default=*/"false",
           "Show what each op takes as well">,
  ];
}

def UnrollLoopsPass : Pass<"partir-unroll-loops", "::mlir::ModuleOp"> {
  let summary = "Run the iterations of loops over axes one after another";
  let description = [{
    The reference semantics of PartIR:Core: what is left is StableHLO that XLA
    runs on one device. The body of a `partir.loop` is cloned for each
    iteration, a slice becomes that of a chunk, and the iterations' values are
    concatenated (tile), combined in the order of the iterations (reduce), or
    the first is taken (any). With B=2

    ```mlir
    %y = partir.loop "B" [#partir.tile<0>] (%rB: !partir.range<2>)
        -> tensor<8xf32> {
      %xs = partir.slice 0 %x[%rB] : tensor<8xf32> -> tensor<4xf32>
      %ys = "stablehlo.tanh"(%xs) : (tensor<4xf32>) -> tensor<4xf32>
      partir.yield %ys : tensor<4xf32>
    }
    ```

    becomes

    ```mlir
    %0 = "stablehlo.slice"(%x) ... : (tensor<8xf32>) -> tensor<4xf32>
    %1 = "stablehlo.tanh"(%0) : (tensor<4xf32>) -> tensor<4xf32>
    %2 = "stablehlo.slice"(%x) ... : (tensor<8xf32>) -> tensor<4xf32>
    %3 = "stablehlo.tanh"(%2) : (tensor<4xf32>) -> tensor<4xf32>
    %y = "stablehlo.concatenate"(%1, %3) <{dimension = 0 : i64}> ...
    ```

    In a loop `partir_hlo.axis_index` and `partir_hlo.all_slice` mean the
    current iterations. A tag becomes its operand, and mesh, rules and causes go.
  }];
  let dependentDialects = ["::partir::stablehlo::StablehloDialect"];
}

#endif // PARTIR_PASSES_PASSES_TD
