//===- bindings.cpp - The Python module partir._partir --------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Text in, text out: jaxlib has its own copy of MLIR in the same process, so
// no IR object crosses the border.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <string>
#include <vector>

namespace nb = nanobind;

namespace {

/// A failure on the user's input, with the diagnostics that explain it.
struct PartirError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A context in which all of PartIR's dialects are known.
class Session {
public:
  Session()
      : context(makeRegistry(), mlir::MLIRContext::Threading::DISABLED),
        handler(&context, [this](mlir::Diagnostic &diagnostic) {
          llvm::raw_string_ostream os(messages);
          if (auto place = diagnostic.getLocation()
                               ->findInstanceOf<mlir::FileLineColLoc>())
            os << place.getFilename().getValue() << ':' << place.getLine()
               << ':' << place.getColumn() << ": ";
          os << (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error
                     ? "error: "
                     : "note: ")
             << diagnostic << '\n';
          for (mlir::Diagnostic &note : diagnostic.getNotes())
            os << "note: " << note << '\n';
        }) {}

  mlir::MLIRContext &getContext() { return context; }

  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      throw PartirError(messages);
    return module;
  }

private:
  static mlir::DialectRegistry makeRegistry() {
    mlir::DialectRegistry registry;
    partir::registerDialects(registry);
    return registry;
  }

  mlir::MLIRContext context;
  std::string messages;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace

static std::string roundTrip(const std::string &text) {
  Session session;
  mlir::OwningOpRef<mlir::ModuleOp> module = session.parse(text);
  std::string result;
  llvm::raw_string_ostream os(result);
  module->print(
      os, mlir::OpPrintingFlags().printGenericOpForm().enableDebugInfo());
  return result;
}

static std::map<std::string, std::vector<std::string>> mirroredOps() {
  Session session;
  mlir::MLIRContext &context = session.getContext();
  context.loadAllAvailableDialects();
  std::map<std::string, std::vector<std::string>> result;
  for (const char *dialect : {"stablehlo", "chlo"})
    for (mlir::RegisteredOperationName op :
         context.getRegisteredOperationsByDialect(dialect)) {
      std::vector<std::string> &attributes = result[op.getStringRef().str()];
      for (mlir::StringAttr attribute : op.getAttributeNames())
        attributes.push_back(attribute.str());
    }
  return result;
}

NB_MODULE(_partir, m) {
  m.doc() = "The compiler of PartIR. Modules come and go as MLIR text.";
  nb::exception<PartirError>(m, "PartirError");
  m.def("round_trip", &roundTrip, nb::arg("module"),
        "The module in generic form with locations, after parsing it here.");
  m.def("mirrored_ops", &mirroredOps,
        "Each op of StableHLO and chlo that is known, and its attributes.");
}
