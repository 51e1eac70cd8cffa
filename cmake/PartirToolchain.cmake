# Compiler, linker and language settings of the whole tree.
#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Kind of build" FORCE)
endif()
# -O3 costs compile time and gains nothing on code that walks pointers.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG -g0")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

# Options of every target of ours. Not directory-wide: nanobind's own sources
# are compiled in this tree as well.
function(partir_target_options target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra
    # Interfaces of MLIR hand over more parameters than most bodies read.
    -Wno-unused-parameter
    -ffunction-sections -fdata-sections)
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(${target} PRIVATE -fno-rtti)
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "STATIC_LIBRARY")
    target_link_options(${target} PRIVATE -Wl,--gc-sections)
    # Debian names the linker ld.lld-22; the compiler looks for ld.lld, which
    # is in LLVM's own folder.
    if(EXISTS "${LLVM_TOOLS_BINARY_DIR}/ld.lld")
      target_link_options(${target} PRIVATE
        "-B${LLVM_TOOLS_BINARY_DIR}" -fuse-ld=lld)
    endif()
  endif()
endfunction()
