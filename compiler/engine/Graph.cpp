//===- Graph.cpp - The program as a plain graph ---------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Graph.h"

#include "llvm/ADT/STLExtras.h"

#include <tuple>

using namespace partir::engine;

bool AxisRef::operator<(const AxisRef &other) const {
  return std::tie(axis, major, size) <
         std::tie(other.axis, other.major, other.size);
}

bool AxisRef::overlaps(const AxisRef &other) const {
  return axis == other.axis && major < other.major * other.size &&
         other.major < major * size;
}

int Mesh::find(llvm::StringRef name) const {
  for (size_t i = 0; i < axes.size(); ++i)
    if (axes[i].name == name)
      return static_cast<int>(i);
  return kNone;
}

std::string Mesh::str(const AxisRef &ref) const {
  std::string text = "\"" + axes[ref.axis].name + "\"";
  if (!isWhole(ref))
    text += ":(" + std::to_string(ref.major) + ")" + std::to_string(ref.size);
  return text;
}

ValueId Graph::addValue(llvm::ArrayRef<int64_t> shape, int64_t elementBytes) {
  Value value;
  value.shape.assign(shape.begin(), shape.end());
  value.elementBytes = elementBytes;
  values.push_back(std::move(value));
  return static_cast<ValueId>(values.size()) - 1;
}

void Graph::addOutput(ValueId value, ValueId input) {
  outputs.push_back(value);
  becomes.push_back(input);
  values[value].isOutput = true;
}

const Rule &Graph::addRule(Rule rule) {
  auto &alike = rulesByHash[hash_value(rule)];
  for (const Rule *other : alike)
    if (*other == rule)
      return *other;
  alike.push_back(&rules.emplace_back(std::move(rule)));
  return *alike.back();
}

NodeId Graph::addNode(Node node) {
  NodeId id = static_cast<NodeId>(nodes.size());
  for (auto [index, operand] : llvm::enumerate(node.operands))
    values[operand].uses.push_back({id, static_cast<int>(index)});
  for (auto [index, result] : llvm::enumerate(node.results)) {
    values[result].producer = id;
    values[result].result = static_cast<int>(index);
  }
  nodes.push_back(std::move(node));
  return id;
}

void Graph::addOperand(NodeId tie, ValueId value, RegionId region) {
  int index = static_cast<int>(nodes[tie].operands.size());
  nodes[tie].operands.push_back(value);
  nodes[tie].operandRegions.push_back(region);
  values[value].uses.push_back({tie, index});
}

int64_t Graph::tripsOf(RegionId region) const {
  int64_t trips = 1;
  for (; region != kNone; region = regions[region].parent)
    trips *= regions[region].trips;
  return trips;
}

bool Graph::isCounted(RegionId region) const {
  for (; region != kNone; region = regions[region].parent)
    if (!regions[region].isCounted)
      return false;
  return true;
}

bool Graph::isInLoop(RegionId region) const {
  for (; region != kNone; region = regions[region].parent)
    if (regions[region].isLoop)
      return true;
  return false;
}
