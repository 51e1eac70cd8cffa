//===- StablehloControlOps.td - Control, calls, devices ----*- tablegen -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DIALECT_STABLEHLO_STABLEHLOCONTROLOPS_TD
#define PARTIR_DIALECT_STABLEHLO_STABLEHLOCONTROLOPS_TD

include "compiler/dialect/stablehlo/StablehloAttrs.td"

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

def Stablehlo_ReturnOp : Stablehlo_PureOp<"return", [Terminator]> {
  let summary = "end of a region";
  let description = [{Hands the operands to the op around the region.}];
  let arguments = (ins Variadic<AnyType>:$results);
}

def Stablehlo_WhileOp : Stablehlo_RegionOp<"while", [SingleBlock]> {
  let summary = "loop";
  let description = [{
    Runs the body on the carried values as long as the condition holds for
    them.
  }];
  let arguments = (ins Variadic<AnyType>:$operand);
  let regions = (region SizedRegion<1>:$cond, SizedRegion<1>:$body);
  let results = (outs Variadic<AnyType>);
  let hasVerifier = 1;
}

def Stablehlo_IfOp : Stablehlo_RegionOp<"if", [SingleBlock]> {
  let summary = "choice of one of two branches";
  let description = [{The branches use values from outside.}];
  let arguments = (ins Stablehlo_PredTensor:$pred);
  let regions = (region
    SizedRegion<1>:$true_branch,
    SizedRegion<1>:$false_branch);
  let results = (outs Variadic<AnyType>);
  let hasVerifier = 1;
}

def Stablehlo_CaseOp : Stablehlo_RegionOp<"case", [SingleBlock]> {
  let summary = "choice of one of several branches";
  let description = [{An index out of range chooses the last branch.}];
  let arguments = (ins Stablehlo_IntScalar:$index);
  let regions = (region VariadicRegion<SizedRegion<1>>:$branches);
  let results = (outs Variadic<AnyType>);
  let hasVerifier = 1;
}

def Stablehlo_OptimizationBarrierOp
    : Stablehlo_DropOnlyOp<"optimization_barrier"> {
  let summary = "identity that no optimisation crosses";
  let description = [{
    All operands are computed before any result is used. Keeps apart what the
    program wants apart, as recomputation does.
  }];
  let arguments = (ins Variadic<AnyType>:$operand);
  let results = (outs Variadic<AnyType>:$result);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

def Stablehlo_CompositeOp : Stablehlo_Op<"composite"> {
  let summary = "op with a name of its own, made of others";
  let description = [{
    Means what the function `decomposition` computes; a compiler that knows
    `name` may do it in another way.
  }];
  let arguments = (ins
    Variadic<AnyType>:$inputs,
    StrAttr:$name,
    OptionalAttr<DictionaryAttr>:$composite_attributes,
    FlatSymbolRefAttr:$decomposition,
    DefaultValuedOptionalAttr<I32Attr, "0">:$version);
  let regions = (region VariadicRegion<AnyRegion>:$composite_regions);
  let results = (outs Variadic<AnyType>);
}

def Stablehlo_CustomCallOp : Stablehlo_Op<"custom_call",
    [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "call of a function of the back end";
  let description = [{
    Free of effects unless `has_side_effect` says otherwise.
  }];
  let arguments = (ins
    Variadic<AnyType>:$inputs,
    StrAttr:$call_target_name,
    Stablehlo_Flag<"false">:$has_side_effect,
    OptionalAttr<AnyAttrOf<[StrAttr, DictionaryAttr]>>:$backend_config,
    DefaultValuedOptionalAttr<Stablehlo_CustomCallApiVersionAttr,
      "::partir::stablehlo::CustomCallApiVersion::API_VERSION_ORIGINAL">
      :$api_version,
    OptionalAttr<Stablehlo_SymbolArrayAttr>:$called_computations,
    OptionalAttr<Stablehlo_LayoutArrayAttr>:$operand_layouts,
    OptionalAttr<Stablehlo_LayoutArrayAttr>:$result_layouts,
    OptionalAttr<Stablehlo_AliasArrayAttr>:$output_operand_aliases);
  let results = (outs Variadic<AnyType>);
}

//===----------------------------------------------------------------------===//
// Devices and collectives
//===----------------------------------------------------------------------===//

def Stablehlo_PartitionIdOp : Stablehlo_PureOp<"partition_id"> {
  let summary = "number of the partition";
  let description = [{Of the device that runs the op.}];
  let results = (outs Stablehlo_IntScalar:$result);
}

def Stablehlo_ReplicaIdOp : Stablehlo_PureOp<"replica_id"> {
  let summary = "number of the replica";
  let description = [{Of the device that runs the op.}];
  let results = (outs Stablehlo_IntScalar:$result);
}

def Stablehlo_AllGatherOp : Stablehlo_DropOnlyOp<"all_gather"> {
  let summary = "concatenation over the devices of a group";
  let description = [{Along `all_gather_dim`; each device gets the whole.}];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$operands,
    I64Attr:$all_gather_dim,
    Stablehlo_ReplicaGroupsAttr:$replica_groups,
    OptionalAttr<Stablehlo_ChannelHandle>:$channel_handle,
    UnitAttr:$use_global_device_ids);
  let results = (outs Variadic<Stablehlo_Tensor>);
  let hasVerifier = 1;
}

def Stablehlo_AllReduceOp : Stablehlo_DropOnlyOp<"all_reduce",
    [SingleBlock]> {
  let summary = "reduction over the devices of a group";
  let description = [{Each device gets the reduced tensors.}];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$operands,
    Stablehlo_ReplicaGroupsAttr:$replica_groups,
    OptionalAttr<Stablehlo_ChannelHandle>:$channel_handle,
    UnitAttr:$use_global_device_ids);
  let regions = (region SizedRegion<1>:$computation);
  let results = (outs Variadic<Stablehlo_Tensor>);
  let hasVerifier = 1;
}

def Stablehlo_ReduceScatterOp : Stablehlo_DropOnlyOp<"reduce_scatter",
    [SingleBlock]> {
  let summary = "reduction of which each device gets one chunk";
  let description = [{The reduced tensor is cut along `scatter_dimension`.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    I64Attr:$scatter_dimension,
    Stablehlo_ReplicaGroupsAttr:$replica_groups,
    OptionalAttr<Stablehlo_ChannelHandle>:$channel_handle,
    UnitAttr:$use_global_device_ids);
  let regions = (region SizedRegion<1>:$computation);
  let results = (outs Stablehlo_Tensor:$result);
  let hasVerifier = 1;
}

def Stablehlo_AllToAllOp : Stablehlo_DropOnlyOp<"all_to_all"> {
  let summary = "exchange of chunks within a group";
  let description = [{
    Cuts along `split_dimension`, sends the i-th chunk to the i-th device, and
    concatenates what arrives along `concat_dimension`.
  }];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$operands,
    I64Attr:$split_dimension,
    I64Attr:$concat_dimension,
    I64Attr:$split_count,
    Stablehlo_ReplicaGroupsAttr:$replica_groups,
    OptionalAttr<Stablehlo_ChannelHandle>:$channel_handle);
  let results = (outs Variadic<Stablehlo_Tensor>);
  let hasVerifier = 1;
}

def Stablehlo_CollectiveBroadcastOp
    : Stablehlo_DropOnlyOp<"collective_broadcast",
        [SameOperandsAndResultShape]> {
  let summary = "copy from the first device of a group";
  let description = [{Devices in no group get zeros.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    Stablehlo_ReplicaGroupsAttr:$replica_groups,
    OptionalAttr<Stablehlo_ChannelHandle>:$channel_handle);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_CollectivePermuteOp : Stablehlo_DropOnlyOp<"collective_permute",
    [SameOperandsAndResultShape]> {
  let summary = "copies from device to device";
  let description = [{
    Along pairs of source and target; who is no target gets zeros.
  }];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    I64ElementsAttr:$source_target_pairs,
    OptionalAttr<Stablehlo_ChannelHandle>:$channel_handle);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_CrossReplicaSumOp : Stablehlo_DropOnlyOp<"cross-replica-sum",
    [SameOperandsAndResultShape]> {
  let summary = "sum over replicas";
  let description = [{An older form of `all_reduce`.}];
  let arguments = (ins
    Stablehlo_Tensor:$operand,
    I64ElementsAttr:$replica_groups);
  let results = (outs Stablehlo_Tensor:$result);
}

//===----------------------------------------------------------------------===//
// Tokens, hosts, asynchronous ops
//===----------------------------------------------------------------------===//

def Stablehlo_CreateTokenOp : Stablehlo_PureOp<"create_token"> {
  let summary = "a fresh token";
  let description = [{Orders nothing by itself.}];
  let results = (outs Stablehlo_Token:$output);
}

def Stablehlo_AfterAllOp : Stablehlo_PureOp<"after_all"> {
  let summary = "joins tokens";
  let description = [{What takes the result runs after all of the inputs.}];
  let arguments = (ins Variadic<Stablehlo_Token>:$inputs);
  let results = (outs Stablehlo_Token:$result);
}

def Stablehlo_InfeedOp : Stablehlo_Op<"infeed"> {
  let summary = "reads from the host's queue";
  let description = [{Returns what it read, and a token.}];
  let arguments = (ins
    Stablehlo_Token:$token,
    DefaultValuedOptionalAttr<StrAttr, "\"\"">:$infeed_config,
    OptionalAttr<ArrayAttr>:$layout);
  let results = (outs Variadic<AnyType>);
}

def Stablehlo_OutfeedOp : Stablehlo_Op<"outfeed"> {
  let summary = "writes to the host's queue";
  let description = [{Returns a token.}];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$inputs,
    Stablehlo_Token:$token,
    DefaultValuedOptionalAttr<StrAttr, "\"\"">:$outfeed_config);
  let results = (outs Stablehlo_Token:$result);
}

def Stablehlo_SendOp : Stablehlo_Op<"send"> {
  let summary = "sends to a channel";
  let description = [{To the host or to another device; returns a token.}];
  let arguments = (ins
    Variadic<Stablehlo_Tensor>:$inputs,
    Stablehlo_Token:$token,
    Stablehlo_ChannelHandle:$channel_handle,
    Stablehlo_Flag<"false">:$is_host_transfer,
    OptionalAttr<I64ElementsAttr>:$source_target_pairs);
  let results = (outs Stablehlo_Token:$result);
}

def Stablehlo_RecvOp : Stablehlo_Op<"recv"> {
  let summary = "receives from a channel";
  let description = [{Returns what came, and a token.}];
  let arguments = (ins
    Stablehlo_Token:$token,
    Stablehlo_ChannelHandle:$channel_handle,
    Stablehlo_Flag<"false">:$is_host_transfer,
    OptionalAttr<I64ElementsAttr>:$source_target_pairs);
  let results = (outs Variadic<AnyType>);
}

def Stablehlo_AsyncStartOp : Stablehlo_Op<"async_start", [SingleBlock]> {
  let summary = "starts an op";
  let description = [{The body holds the op; its results come by a future.}];
  let arguments = (ins Variadic<Stablehlo_Tensor>:$operands);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Stablehlo_Future:$result);
}

def Stablehlo_AsyncDoneOp : Stablehlo_Op<"async_done"> {
  let summary = "waits for an op";
  let description = [{Returns the results that the future stands for.}];
  let arguments = (ins Stablehlo_Future:$operand);
  let results = (outs Variadic<AnyType>);
}

//===----------------------------------------------------------------------===//
// Tuples
//===----------------------------------------------------------------------===//

def Stablehlo_TupleOp : Stablehlo_PureOp<"tuple"> {
  let summary = "packs values";
  let description = [{Into one value of tuple type.}];
  let arguments = (ins Variadic<AnyType>:$val);
  let results = (outs AnyTuple:$result);
}

def Stablehlo_GetTupleElementOp : Stablehlo_PureOp<"get_tuple_element"> {
  let summary = "unpacks a value";
  let description = [{The element at a fixed position.}];
  let arguments = (ins AnyTuple:$operand, I32Attr:$index);
  let results = (outs AnyType:$result);
}

#endif // PARTIR_DIALECT_STABLEHLO_STABLEHLOCONTROLOPS_TD
