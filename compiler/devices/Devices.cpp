//===- Devices.cpp - The devices that PartIR knows ------------------------===//
//
// Part of PartIR, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/devices/Devices.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace partir;

static constexpr DeviceFile files[] = {
#include "compiler/devices/Devices.inc"
};

llvm::ArrayRef<DeviceFile> partir::getDeviceFiles() { return files; }

llvm::Expected<engine::Device> partir::findDevice(llvm::StringRef nameOrPath) {
  std::string names;
  for (const DeviceFile &file : files) {
    if (file.name == nameOrPath)
      return engine::parseDevice(file.json);
    names += (names.empty() ? "" : ", ") + file.name.str();
  }
  auto buffer = llvm::MemoryBuffer::getFile(nameOrPath);
  if (!buffer)
    return llvm::createStringError(
        "\"" + nameOrPath + "\" is no device and no file: " +
        buffer.getError().message() + "; devices are " + names);
  auto device = engine::parseDevice((*buffer)->getBuffer());
  if (!device)
    return llvm::createStringError(nameOrPath + ": " +
                                   llvm::toString(device.takeError()));
  return device;
}
