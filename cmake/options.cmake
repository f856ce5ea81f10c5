# Compiler and linker options that every target shares.

find_program(RAPPORT_CCACHE ccache)
if(RAPPORT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${RAPPORT_CCACHE})
endif()

add_library(rapport_options INTERFACE)
target_include_directories(rapport_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(rapport_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -fno-omit-frame-pointer)
target_compile_definitions(rapport_options INTERFACE RAPPORT_VERSION="${PROJECT_VERSION}")
# For all modules alike: some libraries' headers (simdjson's) lay their classes out by this flag,
# which the pkg-config files of others bring along.
target_compile_options(rapport_options INTERFACE -pthread)
target_link_options(rapport_options INTERFACE -pthread)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside the standard library and Boost for correct code.
  target_compile_options(rapport_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
    -Wno-stringop-overread -Wno-dangling-pointer -Wno-missing-field-initializers)
else()
  target_compile_options(rapport_options INTERFACE -Wno-missing-field-initializers)
endif()

find_program(RAPPORT_MOLD mold)
if(RAPPORT_MOLD)
  target_link_options(rapport_options INTERFACE -fuse-ld=mold)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(rapport_options INTERFACE _GLIBCXX_ASSERTIONS)
  target_compile_options(rapport_options INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection)
  target_link_options(rapport_options INTERFACE -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()

if(RAPPORT_SANITIZE)
  target_compile_options(rapport_options INTERFACE
    -fsanitize=${RAPPORT_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(rapport_options INTERFACE -fsanitize=${RAPPORT_SANITIZE})
  if(RAPPORT_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # clang 14 cannot emit the check of function types for coroutines.
    target_compile_options(rapport_options INTERFACE -fno-sanitize=function)
  endif()
  if(RAPPORT_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio's fences, which the sanitizer does not model; Asio orders by mutexes as well.
    target_compile_options(rapport_options INTERFACE -Wno-tsan)
  endif()
endif()
if(RAPPORT_FUZZ)
  target_compile_options(rapport_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
