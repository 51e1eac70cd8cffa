# partir_add_library(NAME source... [DEPENDS target...] [LINK_LIBS lib...])
#
# A static library of the compiler. DEPENDS names the tablegen targets whose
# headers its sources include; libraries that link NAME wait for them as well.
#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

function(partir_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  partir_target_options(${name})
  target_compile_options(${name} PRIVATE -fno-exceptions)
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()
