# rapport_module(NAME LIBS...): the library rapport_NAME from src/NAME/**.cc and, when there are
# *_test.cc files, the test program NAME_test.
function(rapport_module name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_library(rapport_${name} STATIC ${sources})
    target_link_libraries(rapport_${name} PUBLIC rapport_options ${ARGN})
  else()
    add_library(rapport_${name} INTERFACE)
    target_link_libraries(rapport_${name} INTERFACE rapport_options ${ARGN})
  endif()
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE rapport_${name} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE
      RAPPORT_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
      RAPPORT_SHARED_DATA="${CMAKE_SOURCE_DIR}/../shared/data")
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
endfunction()
