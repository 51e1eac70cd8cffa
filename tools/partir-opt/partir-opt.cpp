//===- partir-opt.cpp - Every pass of PartIR on a file ----------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Passes.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

static const char overview[] =
    "partir-opt " PARTIR_VERSION ": the passes of PartIR on one MLIR file\n\n"
    "Reads StableHLO as jaxlib prints it (generic form), PartIR:Core or\n"
    "PartIR:HLO from a file or from standard input, runs the passes in the\n"
    "order in which they are named, and prints the module.\n";

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  partir::registerDialects(registry);
  partir::registerPasses();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  mlir::registerSymbolDCEPass();

  llvm::cl::AddExtraVersionPrinter(
      [](llvm::raw_ostream &os) { os << "partir-opt " PARTIR_VERSION "\n"; });
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, overview, registry));
}
