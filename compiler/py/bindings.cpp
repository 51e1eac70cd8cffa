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

#include "compiler/devices/Devices.h"
#include "compiler/engine/Estimator.h"
#include "compiler/passes/Passes.h"
#include "compiler/passes/Program.h"
#include "compiler/py/Reports.h"
#include "compiler/rules/RuleText.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
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
        }) {
    context.loadAllAvailableDialects();
    context.printOpOnDiagnostic(false);
  }

  mlir::MLIRContext &getContext() { return context; }

  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text) {
    return check(mlir::parseSourceString<mlir::ModuleOp>(text, &context));
  }

  void check(mlir::LogicalResult result) {
    if (failed(result))
      throw PartirError(std::exchange(messages, {}));
    messages.clear();
  }
  /// The value, or the diagnostics that say why there is none.
  template <typename T> T check(llvm::FailureOr<T> result) {
    if (failed(result))
      throw PartirError(std::exchange(messages, {}));
    messages.clear();
    return std::move(*result);
  }
  mlir::OwningOpRef<mlir::ModuleOp>
  check(mlir::OwningOpRef<mlir::ModuleOp> module) {
    if (!module)
      throw PartirError(std::exchange(messages, {}));
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

static partir::engine::Device parseDevice(const std::string &json) {
  auto device = partir::engine::parseDevice(json);
  if (!device)
    throw PartirError(llvm::toString(device.takeError()));
  return *device;
}

static std::string printed(mlir::ModuleOp module,
                           mlir::OpPrintingFlags flags = {}) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os, flags);
  return text;
}

static std::string roundTrip(const std::string &text) {
  Session session;
  mlir::OwningOpRef<mlir::ModuleOp> module = session.parse(text);
  return printed(
      *module, mlir::OpPrintingFlags().printGenericOpForm().enableDebugInfo());
}

static void checkRule(const std::string &rule) {
  std::string error;
  if (failed(partir::parseRuleText(rule, error)))
    throw PartirError(error);
}

static std::map<std::string, std::vector<std::string>> mirroredOps() {
  Session session;
  mlir::MLIRContext &context = session.getContext();
  std::map<std::string, std::vector<std::string>> result;
  for (mlir::RegisteredOperationName op : context.getRegisteredOperations()) {
    llvm::StringRef dialect = op.getDialectNamespace();
    if (dialect != "stablehlo" && dialect != "chlo")
      continue;
    std::vector<std::string> &attributes = result[op.getStringRef().str()];
    for (mlir::StringAttr attribute : op.getAttributeNames())
      attributes.push_back(attribute.str());
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Program
//===----------------------------------------------------------------------===//

namespace {

/// (input number or tag, kind, dim).
using PyAction = std::tuple<std::variant<int, std::string>, std::string, int>;
/// (name, axis, actions).
using PyPart = std::tuple<std::string, std::string, std::vector<PyAction>>;
/// ("input" or "result", number) or ("tag", name).
using PyTarget = std::pair<std::string, std::variant<int, std::string>>;
/// (shape, element type).
using PyType = std::pair<std::vector<int64_t>, std::string>;
/// Lets other Python threads run while the compiler does.
using ReleaseGil = nb::gil_scoped_release;

class PyProgram {
public:
  PyProgram(const std::string &text,
            const std::vector<std::pair<std::string, int64_t>> &axes,
            const std::vector<std::string> &names,
            const std::map<std::string, std::string> &rules,
            const std::vector<int> &becomes)
      : module(session.parse(text)) {
    partir::MeshAttr mesh = makeMesh(axes);
    setRules(rules);
    mlir::func::FuncOp func = session.check(partir::getProgram(*module));
    nameInputs(func, names);
    setCarry(func, becomes);
    program = session.check(partir::Program::create(*module, mesh));
  }

  std::vector<PyType> inputTypes() {
    std::lock_guard<std::mutex> lock(mutex);
    std::vector<PyType> types;
    for (mlir::Type type : program->getGraph().getFunc().getArgumentTypes())
      types.push_back(toPyType(type));
    return types;
  }

  std::vector<std::tuple<std::string, std::vector<int64_t>, std::string>>
  tags() {
    std::lock_guard<std::mutex> lock(mutex);
    std::vector<std::tuple<std::string, std::vector<int64_t>, std::string>>
        found;
    const partir::ProgramGraph &graph = program->getGraph();
    for (const auto &[name, values] : graph.getTags())
      for (partir::engine::ValueId value : values) {
        PyType type = toPyType(graph.valueOf(value).getType());
        found.push_back({name.str(), type.first, type.second});
      }
    return found;
  }

  nb::dict apply(const std::string &name, const std::vector<PyPart> &pyParts,
                 bool inTurn) {
    std::vector<partir::ActionReport> actions;
    partir::ProgramReport report;
    {
      ReleaseGil release;
      std::lock_guard<std::mutex> lock(mutex);
      std::vector<partir::TacticPart> parts = toParts(pyParts);
      actions = session.check(inTurn ? program->applyInTurn(name, parts)
                                     : program->apply(name, parts));
      report = program->report(name, parts);
    }
    nb::dict result;
    result["actions"] = partir::toPython(actions);
    result["collectives"] = partir::toPython(report.collectives);
    result["conflicts"] = partir::toPython(report.conflicts);
    result["stops"] = partir::toPython(report.stops);
    result["in_specs"] = report.inputs;
    result["out_specs"] = report.outputs;
    return result;
  }

  nb::dict search(const std::string &name, const std::vector<std::string> &axes,
                  const std::string &device, std::optional<int64_t> memory,
                  double seconds, uint64_t seed, const std::vector<int> &inputs,
                  const std::vector<int> &aliases, const nb::callable &observe,
                  int threads) {
    partir::SearchReport report;
    // What the observer throws waits until the search has ended.
    std::exception_ptr thrown;
    auto goOn = [&](const partir::engine::SearchProgress &progress) {
      nb::gil_scoped_acquire acquire;
      try {
        return nb::cast<bool>(observe(progress.tried, progress.best.seconds,
                                      progress.best.peakBytes));
      } catch (...) {
        thrown = std::current_exception();
        return false;
      }
    };
    {
      ReleaseGil release;
      std::lock_guard<std::mutex> lock(mutex);
      report = session.check(program->search(
          name, parseDevice(device),
          {axes, inputs, memory, seconds, seed, threads, aliases}, goOn));
    }
    if (thrown)
      std::rethrow_exception(thrown);
    return partir::toPython(report);
  }

  nb::dict strategies(const std::vector<std::string> &axes,
                      const std::string &device) {
    partir::engine::Strategies found;
    {
      ReleaseGil release;
      std::lock_guard<std::mutex> lock(mutex);
      found = session.check(program->findStrategies(axes, parseDevice(device)));
    }
    return partir::toPython(found, program->getGraph());
  }

  void choose(const std::string &name, const std::vector<std::string> &axes,
              const std::vector<int> &choice, const std::string &device) {
    std::lock_guard<std::mutex> lock(mutex);
    session.check(program->choose(name, axes, choice, parseDevice(device)));
  }

  nb::list explain(const std::vector<PyTarget> &targets) {
    std::vector<std::vector<partir::ValueReport>> found;
    {
      ReleaseGil release;
      std::lock_guard<std::mutex> lock(mutex);
      // In one call: the plan is walked once for all values.
      std::vector<partir::ValueRef> values;
      for (const auto &[kind, name] : targets)
        llvm::append_range(values, findValues(kind, name));
      auto reports = program->explain(values);
      auto next = std::make_move_iterator(reports.begin());
      for (const auto &[kind, name] : targets) {
        size_t count = findValues(kind, name).size();
        found.emplace_back(next, next + count);
        next += count;
      }
    }
    nb::list result;
    for (const auto &reports : found)
      result.append(partir::toPython(reports));
    return result;
  }

  nb::dict estimate(const std::string &device, const std::vector<int> &aliases,
                    bool overlap, bool withEvents) {
    partir::EstimateReport report;
    {
      ReleaseGil release;
      std::lock_guard<std::mutex> lock(mutex);
      report = program->estimate(parseDevice(device),
                                 {aliases, overlap, withEvents});
    }
    return partir::toPython(report);
  }

  std::pair<double, int64_t> cost(const std::string &device) {
    std::lock_guard<std::mutex> lock(mutex);
    if (!estimator || device != estimatorDevice) {
      estimator.emplace(program->getGraph().graph, parseDevice(device));
      estimatorDevice = device;
    }
    partir::engine::StateCost cost = estimator->costOf(program->getState());
    return {cost.seconds, cost.peakBytes};
  }

  std::string text(const std::string &stage) {
    std::lock_guard<std::mutex> lock(mutex);
    auto parsed = partir::parseStage(stage);
    if (!parsed)
      throw PartirError("there is no stage '" + stage +
                        "'; stages are input, core, hlo and stablehlo");
    return printed(*session.check(program->materialize(*parsed)));
  }

  std::string localModule() {
    std::lock_guard<std::mutex> lock(mutex);
    return printed(
        *session.check(program->materialize(partir::Stage::Stablehlo)),
        mlir::OpPrintingFlags().printGenericOpForm().enableDebugInfo());
  }

private:
  static PyType toPyType(mlir::Type type) {
    auto tensor = llvm::cast<mlir::RankedTensorType>(type);
    std::string element;
    llvm::raw_string_ostream os(element);
    os << tensor.getElementType();
    return {tensor.getShape().vec(), element};
  }

  /// The values that a target names: several where a tag occurs repeatedly.
  std::vector<partir::ValueRef>
  findValues(const std::string &kind,
             const std::variant<int, std::string> &name) const {
    const partir::ProgramGraph &graph = program->getGraph();
    std::vector<partir::ValueRef> values;
    if (const auto *tag = std::get_if<std::string>(&name)) {
      auto found = graph.getTags().find(*tag);
      if (kind == "tag" && found != graph.getTags().end())
        for (partir::engine::ValueId value : found->second)
          values.push_back({value});
    } else {
      int number = std::get<int>(name);
      const auto &all =
          kind == "result" ? graph.graph.outputs : graph.graph.inputs;
      if (number >= 0 && number < static_cast<int>(all.size()))
        values.push_back(
            {all[number], kind == "result" ? number : partir::engine::kNone});
    }
    if (values.empty())
      throw PartirError("the program has no such " + kind);
    return values;
  }

  static partir::Action::Kind toKind(const std::string &kind) {
    if (kind == "tile")
      return partir::Action::Tile;
    if (kind == "first_divisible")
      return partir::Action::FirstDivisible;
    if (kind == "replicated")
      return partir::Action::Replicated;
    throw PartirError("there is no action '" + kind +
                      "'; actions are tile, first_divisible and replicated");
  }

  static std::vector<partir::TacticPart>
  toParts(const std::vector<PyPart> &pyParts) {
    std::vector<partir::TacticPart> parts;
    for (const auto &[name, axis, actions] : pyParts) {
      parts.push_back({axis, {}, name});
      for (const auto &[target, kind, dim] : actions)
        parts.back().actions.push_back({target, toKind(kind), dim});
    }
    return parts;
  }

  partir::MeshAttr
  makeMesh(const std::vector<std::pair<std::string, int64_t>> &axes) {
    mlir::MLIRContext *context = &session.getContext();
    llvm::SmallVector<std::pair<llvm::StringRef, int64_t>> meshAxes;
    for (const auto &[name, size] : axes)
      meshAxes.push_back({name, size});
    auto emitError = [&] {
      return mlir::emitError(mlir::UnknownLoc::get(context));
    };
    mlir::FailureOr<partir::MeshAttr> mesh = partir::MeshAttr::getChecked(
        emitError, context, llvm::ArrayRef(meshAxes));
    if (!*mesh)
      mesh = mlir::failure();
    return session.check(mesh);
  }

  void setRules(const std::map<std::string, std::string> &rules) {
    if (rules.empty())
      return;
    mlir::Builder builder(&session.getContext());
    mlir::NamedAttrList attributes;
    for (const auto &[target, rule] : rules)
      attributes.set(target, builder.getStringAttr(rule));
    (*module)->setAttr(partir::PartirDialect::getRulesAttrName(),
                       attributes.getDictionary(&session.getContext()));
  }

  void nameInputs(mlir::func::FuncOp func,
                  const std::vector<std::string> &names) {
    if (names.size() != func.getNumArguments())
      throw PartirError("the program has " +
                        std::to_string(func.getNumArguments()) +
                        " inputs, and there are " +
                        std::to_string(names.size()) + " names for them");
    mlir::Builder builder(&session.getContext());
    for (auto [number, name] : llvm::enumerate(names))
      func.setArgAttr(number, partir::PartirDialect::getNameAttrName(),
                      builder.getStringAttr(name));
  }

  void setCarry(mlir::func::FuncOp func, const std::vector<int> &becomes) {
    mlir::Builder builder(&session.getContext());
    for (auto [result, input] : llvm::enumerate(becomes))
      if (input >= 0)
        func.setResultAttr(result, partir::PartirDialect::getCarryAttrName(),
                           builder.getI64IntegerAttr(input));
  }

  /// The session is for one thread at a time. Taken without the GIL only: with
  /// it, two threads could wait for each other.
  std::mutex mutex;
  Session session;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<partir::Program> program;
  /// Of the device that was asked for last.
  std::optional<partir::engine::Estimator> estimator;
  std::string estimatorDevice;
};

} // namespace

NB_MODULE(_partir, m) {
  m.doc() = "The compiler of PartIR. Modules come and go as MLIR text.";
  nb::exception<PartirError>(m, "PartirError");
  nb::class_<PyProgram>(m, "Program",
                        "A program to which tactics are applied in order.")
      .def(
          nb::init<const std::string &,
                   const std::vector<std::pair<std::string, int64_t>> &,
                   const std::vector<std::string> &,
                   const std::map<std::string, std::string> &,
                   const std::vector<int> &>(),
          nb::arg("module"), nb::arg("mesh"), nb::arg("names"),
          nb::arg("rules") = std::map<std::string, std::string>(),
          nb::arg("becomes") = std::vector<int>(), nb::call_guard<ReleaseGil>(),
          "From StableHLO as text, the mesh as (axis, size) pairs, a name for "
          "each input, the rules of custom calls by target, and per result the "
          "number of the input that it becomes in the next step, or -1.")
      .def_prop_ro("input_types", &PyProgram::inputTypes,
                   nb::call_guard<ReleaseGil>(),
                   "Per input its shape and its element type.")
      .def_prop_ro("tags", &PyProgram::tags, nb::call_guard<ReleaseGil>(),
                   "Per tag its name, shape and element type.")
      .def(
          "apply", &PyProgram::apply, nb::arg("name"), nb::arg("parts"),
          nb::arg("in_turn") = false,
          "Applies a tactic, given as parts (name, axis, actions) with actions "
          "(input number or tag, kind, dim), and reports on the program. Parts "
          "are propagated together, or each before the next is applied.")
      .def("search", &PyProgram::search, nb::arg("name"), nb::arg("axes"),
           nb::arg("device"), nb::arg("memory"), nb::arg("seconds"),
           nb::arg("seed"), nb::arg("inputs"), nb::arg("aliases"),
           nb::arg("observe"), nb::arg("threads") = 0,
           "Finds parts to apply in turn, on the axes, for these inputs and "
           "tags "
           "and a device as JSON, with a peak of so many bytes if possible. "
           "`observe(states, seconds, peak bytes)` is told of the best so far; "
           "it returns whether to go on.")
      .def("strategies", &PyProgram::strategies, nb::arg("axes"),
           nb::arg("device"),
           "What each input and op can do with the axes, as sets of which one "
           "strategy each is chosen, with its layouts and seconds; and per "
           "pair of neighbours the seconds between layouts.")
      .def("choose", &PyProgram::choose, nb::arg("name"), nb::arg("axes"),
           nb::arg("choice"), nb::arg("device"), nb::call_guard<ReleaseGil>(),
           "Gives each set of `strategies` the strategy of that number, under "
           "the name of a tactic.")
      .def("explain", &PyProgram::explain, nb::arg("targets"),
           "For each target, (\"input\" or \"result\", number) or (\"tag\", "
           "name), how its values are laid out and why.")
      .def("estimate", &PyProgram::estimate, nb::arg("device"),
           nb::arg("aliases") = std::vector<int>(), nb::arg("overlap") = false,
           nb::arg("events") = false,
           "Time and memory of a step on a device, given as JSON. Per result "
           "the "
           "number of the input whose memory it takes, or -1. With what runs "
           "one "
           "after another, if asked for.")
      .def("cost", &PyProgram::cost, nb::arg("device"),
           nb::call_guard<ReleaseGil>(),
           "Seconds and bytes of a step on a device, given as JSON, without "
           "what "
           "they are made of; no argument is donated.")
      .def("text", &PyProgram::text, nb::arg("stage"),
           nb::call_guard<ReleaseGil>(),
           "The program at a stage: input, core, hlo or stablehlo.")
      .def("local_module", &PyProgram::localModule,
           nb::call_guard<ReleaseGil>(),
           "The device-local program, generic StableHLO with locations.");
  m.def(
      "devices",
      [] {
        std::map<std::string, std::string> files;
        for (const partir::DeviceFile &file : partir::getDeviceFiles())
          files[file.name.str()] = file.json.str();
        return files;
      },
      "The devices that are known: their names, and their files of JSON.");
  m.def(
      "check_device", [](const std::string &json) { parseDevice(json); },
      nb::arg("json"), "Raises PartirError where the text is no device.");
  m.def("check_rule", &checkRule, nb::arg("rule"),
        "Raises PartirError where the text is no rule of a custom call.");
  m.def("round_trip", &roundTrip, nb::arg("module"),
        nb::call_guard<ReleaseGil>(),
        "The module in generic form with locations, after parsing it here.");
  m.def("mirrored_ops", &mirroredOps,
        "Each op of StableHLO and chlo that is known, and its attributes.");
}
