# Target `headers` (not part of `all`): compiles every header of the tree alone, so that each includes what it needs.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/src/*.hpp)
set(units "")
foreach(header IN LISTS headers)
    string(REPLACE ".hpp" ".cpp" unit ${CMAKE_BINARY_DIR}/headers/${header})
    file(GENERATE OUTPUT ${unit} CONTENT "#include \"${header}\"\n")
    list(APPEND units ${unit})
endforeach()

add_library(headers OBJECT EXCLUDE_FROM_ALL ${units})
target_compile_options(headers PRIVATE -fsyntax-only)
set_property(TARGET headers PROPERTY CXX_COMPILER_LAUNCHER "")  # ccache has nothing to keep: no object is written
target_link_libraries(headers PRIVATE patchbay_compiler)
foreach(module IN LISTS PATCHBAY_MODULES)
    if(TARGET patchbay_${module})
        target_include_directories(headers PRIVATE
            $<TARGET_PROPERTY:patchbay_${module},INTERFACE_INCLUDE_DIRECTORIES>)
    endif()
endforeach()
