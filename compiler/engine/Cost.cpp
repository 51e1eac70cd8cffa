//===- Cost.cpp - What running an op takes --------------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/engine/Cost.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace partir::engine;

llvm::StringRef partir::engine::stringify(Work work) {
  switch (work) {
  case Work::None:
    return "none";
  case Work::Elements:
    return "elements";
  case Work::Move:
    return "move";
  case Work::Reduce:
    return "reduce";
  case Work::Matrix:
    return "matrix";
  case Work::Apart:
    return "apart";
  }
  return "";
}

std::string Cost::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << stringify(work);
  if (flops > 0)
    os << ", " << llvm::format("%.15g", flops) << " flops";
  if (transcendentals > 0)
    os << ", " << llvm::format("%.15g", transcendentals) << " transcendentals";
  if (!partlyRead.empty()) {
    os << ", partly read [";
    llvm::interleave(partlyRead, os, ",");
    os << ']';
  }
  if (overwritten > 0)
    os << ", overwrites " << overwritten;
  if (updatesPerRow > 1)
    os << ", " << updatesPerRow << " updates a row";
  return text;
}
