//===- Locations.cpp - Locations that XLA reads ---------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Locations.h"

#include "compiler/dialect/partir/Partir.h"

#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;
using namespace partir;

/// The name of a location, empty if it has none, and what the name is of.
static std::pair<StringRef, Location> split(Location loc) {
  if (auto named = dyn_cast<NameLoc>(loc))
    return {named.getName().getValue(), named.getChildLoc()};
  return {StringRef(), loc};
}

Location partir::getInlinedLoc(Location loc, Location call) {
  auto [name, place] = split(loc);
  auto [callName, callPlace] = split(call);
  if (isa<UnknownLoc>(place))
    place = callPlace;
  else if (!isa<UnknownLoc>(callPlace))
    place = CallSiteLoc::get(place, callPlace);
  if (name.empty() && callName.empty())
    return place;
  StringRef slash = name.empty() || callName.empty() ? "" : "/";
  return NameLoc::get(
      StringAttr::get(loc.getContext(), callName + slash + name), place);
}

void partir::dropCauses(Operation *op) {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](FusedLoc loc) -> std::optional<Attribute> {
    Location plain = loc;
    while (auto fused = dyn_cast<FusedLoc>(plain)) {
      if (!isa_and_nonnull<CauseAttr>(fused.getMetadata()))
        break;
      plain =
          FusedLoc::get(fused.getLocations(), Attribute(), loc.getContext());
    }
    return plain;
  });
  replacer.recursivelyReplaceElementsIn(op, /*replaceAttrs=*/false,
                                        /*replaceLocs=*/true,
                                        /*replaceTypes=*/false);
}
