//===- Forms.h - What a node is once it is tiled ----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a node needs, leaves and takes on a device follows from its rule, from
// the types of its values and from the axes that it runs over. Nodes that are
// alike are so in many layers of a model, and in many states of a search: what
// follows is worked out once for all of them.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_ENGINE_FORMS_H
#define PARTIR_ENGINE_FORMS_H

#include "compiler/engine/Conversion.h"
#include "compiler/engine/Layouts.h"
#include "compiler/engine/LocalTypes.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"

#include <deque>
#include <memory>

namespace partir::engine {

/// A node that runs over some axes.
struct Form {
  llvm::SmallVector<NodeTile, 2> tiles;
  /// The layouts in which it needs its operands and leaves its results.
  llvm::SmallVector<const Layout *, 3> operands;
  llvm::SmallVector<const Layout *, 1> results;
  /// The axes over which it leaves its results partial, sorted.
  const Partials *pending;
  /// Its results on a device, and what it takes there.
  llvm::SmallVector<const LocalType *, 1> types;
  const LocalCost *cost;
  /// Per operand the windows that it reads of it, or nothing at all.
  llvm::SmallVector<Steps, 0> windows;
};

/// The forms of the nodes of a graph and the conversions between them. Both
/// stay where they are as long as this lives.
class Forms {
public:
  explicit Forms(const Graph &graph);
  Forms(const Forms &) = delete;

  const Graph &graph;
  Layouts layouts;
  std::shared_ptr<LocalTypes> types;

  /// The type of a value on a device that has the whole of it.
  const LocalType *typeOf(ValueId value) const { return valueTypes[value]; }
  /// The same on a device that has the chunk of a layout.
  const LocalType *typeOf(ValueId value, const Layout *layout);
  const Form *formOf(NodeId node, llvm::ArrayRef<NodeTile> tiles);
  /// The layout of a value with these loops whose producer leaves it in
  /// `produced`.
  const Layout *layoutOf(ValueId value, const Layout *produced,
                         llvm::ArrayRef<ValueTile> tiles) {
    return tiles.empty() ? produced : withTiles(value, produced, tiles);
  }
  /// The nodes that only give a value a name, in program order.
  llvm::ArrayRef<NodeId> names() const { return nameNodes; }
  /// Whether a value is handed to a tie before it: the body of a loop yields
  /// it to the next trip, and nothing else uses it.
  bool isOnlyYielded(ValueId value) const { return onlyYielded[value]; }
  const Partials *noPartials() const { return none; }

  const Steps &convert(ValueId value, const Layout *from,
                       const Partials *pending, const Layout *to);

private:
  struct Conversion {
    const LocalType *type;
    const Layout *from, *to;
    const Partials *pending;

    bool operator==(const Conversion &other) const {
      return type == other.type && from == other.from && to == other.to &&
             pending == other.pending;
    }
  };
  struct Hash {
    size_t operator()(const Conversion &one) const {
      return llvm::hash_combine(one.type, one.from, one.to, one.pending);
    }
  };

  /// A layout, and what loops on a value make of it.
  struct Tiled {
    const Layout *from = nullptr, *to = nullptr;
    llvm::SmallVector<ValueTile, 1> tiles;
  };

  const Layout *withTiles(ValueId value, const Layout *produced,
                          llvm::ArrayRef<ValueTile> tiles);
  void findClasses();
  void findNames();
  void findYielded();
  Form make(NodeId node, llvm::ArrayRef<NodeTile> tiles);
  Steps makeWindows(NodeId node, int operand, const Layout &layout) const;

  std::vector<const LocalType *> valueTypes;
  llvm::DenseMap<std::pair<const LocalType *, const Layout *>,
                 const LocalType *>
      chunkTypes;
  const Partials *none;
  /// Per node the number of its class: those of a class are alike.
  std::vector<int> classes;
  /// Per node and value what it had last, which it mostly has again.
  std::vector<const Form *> last;
  std::vector<Tiled> lastTiled;
  std::vector<NodeId> nameNodes;
  llvm::BitVector onlyYielded;
  std::deque<Form> forms;
  /// By class and tiles.
  std::unordered_multimap<size_t, std::pair<int, const Form *>> byHash;
  std::unordered_map<Conversion, Steps, Hash> conversions;
};

} // namespace partir::engine

#endif // PARTIR_ENGINE_FORMS_H
