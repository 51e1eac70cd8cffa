# Finds MLIR 22 and makes its static libraries linkable without libLLVM.so.
#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

list(APPEND CMAKE_PREFIX_PATH /usr/lib/llvm-22)
find_package(MLIR REQUIRED CONFIG)
# Not asked of find_package: LLVM's version file accepts one minor version only.
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "PartIR needs MLIR 22; ${MLIR_DIR} is ${LLVM_VERSION}.")
endif()

list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
add_definitions(${definitions})

# Debian's exports let each static MLIR archive link the shared target LLVM.
# They get the static components instead: LLVMSupport for all, LLVMRemarks for
# the one that streams remarks. LLVMSupport by itself would bring in z3, which
# nothing here uses, and shared compression libraries.
function(partir_link_mlir_statically)
  get_property(libs GLOBAL PROPERTY MLIR_ALL_LIBS)
  foreach(lib IN LISTS libs)
    if(NOT TARGET ${lib})
      continue()
    endif()
    get_target_property(type ${lib} TYPE)
    get_target_property(links ${lib} INTERFACE_LINK_LIBRARIES)
    if(type STREQUAL "STATIC_LIBRARY" AND links)
      list(TRANSFORM links REPLACE "^LLVM$" "LLVMSupport")
      set_target_properties(${lib} PROPERTIES
        INTERFACE_LINK_LIBRARIES "${links}")
    endif()
  endforeach()

  set_property(TARGET MLIRRemarkStreamer APPEND PROPERTY
    INTERFACE_LINK_LIBRARIES LLVMRemarks)

  find_library(PARTIR_ZLIB libz.a REQUIRED)
  find_library(PARTIR_ZSTD libzstd.a REQUIRED)
  set_target_properties(LLVMSupport PROPERTIES
    INTERFACE_LINK_LIBRARIES
      "LLVMDemangle;${PARTIR_ZLIB};${PARTIR_ZSTD};rt;dl;m")
endfunction()
partir_link_mlir_statically()
