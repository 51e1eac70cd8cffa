//===- ProgramGraph.h - A function as the engine sees it --------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_PASSES_PROGRAMGRAPH_H
#define PARTIR_PASSES_PROGRAMGRAPH_H

#include "compiler/dialect/partir/Partir.h"
#include "compiler/engine/State.h"
#include "compiler/rules/RuleInterfaces.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

#include <memory>

namespace partir {

/// The engine's graph of a function without loops, and the way back from its
/// numbers to the IR. It holds as long as the function does not change.
class ProgramGraph {
public:
  /// Fails, with a diagnostic, where an op has no partition rule.
  static mlir::FailureOr<std::unique_ptr<ProgramGraph>>
  build(mlir::func::FuncOp func, MeshAttr mesh);

  MeshAttr mesh;
  engine::Graph graph;

  mlir::func::FuncOp getFunc() const { return func; }
  engine::ValueId idOf(mlir::Value value) const { return ids.lookup(value); }
  mlir::Value valueOf(engine::ValueId id) const { return values[id]; }
  /// The op of a node; of a tie, the op that ties.
  mlir::Operation *opOf(engine::NodeId node) const { return ops[node]; }
  /// The node of an op that has a partition rule.
  engine::NodeId nodeOf(mlir::Operation *op) const { return nodes.lookup(op); }
  /// Where the graph has an operand of an op that ties, or of a terminator in
  /// its regions.
  engine::Use useOf(mlir::OpOperand &operand) const {
    return tiedUses.lookup(&operand);
  }

  engine::AxisRef axisRef(AxisAttr axis) const;
  AxisAttr axisAttr(const engine::AxisRef &axis) const;

  /// The values that each tag names, in program order.
  const llvm::MapVector<llvm::StringRef,
                        llvm::SmallVector<engine::ValueId, 1>> &
  getTags() const {
    return tags;
  }

  /// What a user calls an input: its `partir.name`, else the name that its
  /// location has, else its number.
  llvm::StringRef inputName(unsigned number) const {
    return inputNames[number];
  }
  /// The inputs of that name, or of names below it: `params` has `params.w1`.
  llvm::ArrayRef<int> inputsNamed(llvm::StringRef path) const;

private:
  friend class GraphBuilder;
  void nameInputs();

  std::vector<std::string> inputNames;
  llvm::StringMap<llvm::SmallVector<int, 1>> inputsByPath;

  mlir::func::FuncOp func;
  llvm::DenseMap<mlir::Value, engine::ValueId> ids;
  std::vector<mlir::Value> values;
  std::vector<mlir::Operation *> ops;
  llvm::DenseMap<mlir::Operation *, engine::NodeId> nodes;
  llvm::DenseMap<mlir::OpOperand *, engine::Use> tiedUses;
  llvm::MapVector<llvm::StringRef, llvm::SmallVector<engine::ValueId, 1>> tags;
};

/// What a user calls an argument of a function: by its attribute, or as JAX
/// names its location, else its number.
std::string getInputName(mlir::func::FuncOp func, unsigned number);

/// The bytes of an element of a tensor; 0 for what is no number.
int64_t getElementBytes(mlir::RankedTensorType type);

/// The regions of an op that ties, in a region, by their numbers.
llvm::SmallVector<engine::Region> makeRegions(TieInterface op,
                                              engine::RegionId parent);

/// The function `main` of a module, which is the program. Fails, with a
/// diagnostic, where there is none with a body of one block.
mlir::FailureOr<mlir::func::FuncOp> getProgram(mlir::ModuleOp module);

/// The mesh of a module; a diagnostic where there is none.
mlir::FailureOr<MeshAttr> getProgramMesh(mlir::ModuleOp module);

} // namespace partir

#endif // PARTIR_PASSES_PROGRAMGRAPH_H
