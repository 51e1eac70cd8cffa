//===- Stretches.h - Local forms of ops that move elements ------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where an op reads a dim by a window, and the dim is tiled, its local form
// gets no chunk of the operand but the stretch that its chunk of the result
// needs. Where that reaches beyond the operand there are zeros.
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_RULES_STRETCHES_H
#define PARTIR_RULES_STRETCHES_H

#include "compiler/rules/Rules.h"

namespace partir::rules {

/// Adds the factor of a dim along which an op moves elements: that of the first
/// `count` operands, each read by the same window (see engine::Window), and of
/// all results. Zeros stand where there are no elements, so that a type without
/// one keeps the dim whole.
void addStretch(engine::RuleBuilder &builder, mlir::Operation *op, int count,
                int dim, int64_t scale, int64_t offset, int64_t extent);

/// The window by which a dim of an operand is read, if the local form gets a
/// stretch of the dim; else null.
const engine::Window *findStretch(const LocalForm &form, int operand, int dim);

/// Lets what the whole op has for `outside`, a scalar, stand in a local operand
/// where its stretches reach beyond the whole one.
void fillOutside(mlir::Operation *op, LocalForm &form, int operand,
                 int outside);

} // namespace partir::rules

#endif // PARTIR_RULES_STRETCHES_H
