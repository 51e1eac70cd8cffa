//===- Classes.cpp - Which values play the same part ----------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Colours are refined step by step (Weisfeiler and Leman, 1968): the colour of
// a value takes in that of its neighbours, so that after n steps it tells all
// that is at most n ops away.
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Classes.h"

using namespace partir::engine;

static uint64_t mix(uint64_t hash, uint64_t next) {
  hash ^= next + 0x9e3779b97f4a7c15 + (hash << 6) + (hash >> 2);
  hash *= 0xff51afd7ed558ccd;
  return hash ^ (hash >> 33);
}

std::vector<uint64_t> partir::engine::classify(const Graph &graph, int steps) {
  std::vector<uint64_t> rules, colours;
  for (const Node &node : graph.nodes)
    rules.push_back(mix(hash_value(node.rule), node.isTie));
  for (const Value &value : graph.values) {
    uint64_t colour = mix(value.elementBytes, value.producer == kNone);
    for (int64_t size : value.shape)
      colour = mix(colour, size);
    colours.push_back(colour);
  }
  std::vector<uint64_t> ofNodes(graph.nodes.size());
  for (int step = 0; step < steps; ++step) {
    for (auto [node, colour] : llvm::zip_equal(graph.nodes, ofNodes)) {
      colour = rules[&node - graph.nodes.data()];
      for (ValueId operand : node.operands)
        colour = mix(colour, colours[operand]);
      for (ValueId result : node.results)
        colour = mix(colour, colours[result]);
    }
    for (auto [value, colour] : llvm::zip_equal(graph.values, colours)) {
      // In whatever order the uses come.
      uint64_t users = 0;
      for (const Use &use : value.uses)
        users += mix(ofNodes[use.node], use.operand);
      colour = mix(colour, users);
      if (value.producer != kNone)
        colour = mix(mix(colour, ofNodes[value.producer]), value.result);
    }
  }
  return colours;
}
