# Warnings, sanitizers and the compiler cache: one interface target that every module links.
add_library(patchbay_compiler INTERFACE)
target_compile_options(patchbay_compiler INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Wimplicit-fallthrough -Werror)
# A designated initialiser names what it sets; what it leaves out has its default, which is the point of using one.
target_compile_options(patchbay_compiler INTERFACE -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 reports these inside its own library on correct code; clang and the sanitizers stand guard instead.
    target_compile_options(patchbay_compiler INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
        -Wno-array-bounds -Wno-dangling-reference)
    target_compile_options(patchbay_compiler INTERFACE -fcoroutines)
endif()
target_include_directories(patchbay_compiler INTERFACE ${CMAKE_SOURCE_DIR}/src)

if(PATCHBAY_SANITIZE)
    target_compile_options(patchbay_compiler INTERFACE -fsanitize=${PATCHBAY_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    if(PATCHBAY_SANITIZE MATCHES "thread")
        # The thread sanitizer does not know fences; Asio's loop is synchronised without them.
        target_compile_definitions(patchbay_compiler INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
    endif()
    target_link_options(patchbay_compiler INTERFACE -fsanitize=${PATCHBAY_SANITIZE})
endif()

if(PATCHBAY_FUZZ)
    # Every module tells libFuzzer which branches an input reached; without it the fuzzer would search blindly.
    target_compile_options(patchbay_compiler INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(patchbay_compiler INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(LLD NAMES ld.lld-19 ld.lld)
if(LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_link_options(patchbay_compiler INTERFACE -fuse-ld=lld)
endif()
