# pb_module(NAME [LIBRARIES ...]): the folder that calls it becomes the library patchbay_NAME.
#
# Every *.cpp of the folder is built; *_test.cpp become one test program NAME_test. What a module may link is read from
# tools/layers.txt, so the table, the link lines and the include check cannot drift apart.
file(STRINGS ${CMAKE_SOURCE_DIR}/tools/layers.txt PATCHBAY_LAYERS REGEX "^(engine|edge) ")
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/layers.txt)

function(pb_layer_dependencies module result)
    set(dependencies "")
    foreach(line IN LISTS PATCHBAY_LAYERS)
        if(line MATCHES "^(engine|edge) +${module}:(.*)$")
            string(REGEX MATCHALL "[a-z]+" dependencies "${CMAKE_MATCH_2}")
        endif()
    endforeach()
    set(${result} "${dependencies}" PARENT_SCOPE)
endfunction()

function(pb_module name)
    cmake_parse_arguments(arg "" "" "LIBRARIES;TEST_LIBRARIES" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

    set(target patchbay_${name})
    if(sources)
        add_library(${target} STATIC ${sources})
        set(scope PUBLIC)
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_link_libraries(${target} ${scope} patchbay_compiler ${arg_LIBRARIES})
    pb_layer_dependencies(${name} dependencies)
    foreach(dependency IN LISTS dependencies)
        if(TARGET patchbay_${dependency})
            target_link_libraries(${target} ${scope} patchbay_${dependency})
        endif()
    endforeach()

    if(PATCHBAY_TESTS AND tests)
        add_executable(${name}_test ${tests})
        target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
        # gtest's main first: libwebrtc_audio_processing exports one as well, and the linker takes the first.
        target_link_libraries(${name}_test PRIVATE patchbay_test_main ${target} ${arg_TEST_LIBRARIES})
        set_property(GLOBAL APPEND PROPERTY PATCHBAY_TEST_PROGRAMS ${name}_test)
    endif()
endfunction()
