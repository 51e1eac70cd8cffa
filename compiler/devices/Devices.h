//===- Devices.h - The devices that PartIR knows ----------------*- C++ -*-===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARTIR_DEVICES_DEVICES_H
#define PARTIR_DEVICES_DEVICES_H

#include "compiler/engine/Device.h"

#include "llvm/ADT/ArrayRef.h"

namespace partir {

struct DeviceFile {
  llvm::StringRef name, json;
};

/// The files of this directory, sorted by name.
llvm::ArrayRef<DeviceFile> getDeviceFiles();

/// The device of that name, or the one in the file of that path. The error
/// lists the names that there are.
llvm::Expected<engine::Device> findDevice(llvm::StringRef nameOrPath);

} // namespace partir

#endif // PARTIR_DEVICES_DEVICES_H
