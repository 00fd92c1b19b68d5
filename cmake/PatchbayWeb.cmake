# pb_embed_web(TARGET [URL=FILE ...]): TARGET gets patchbay::app::web_files() (app/server/web_files.hpp), with the text of each FILE of
# the source tree under its URL. The files stay as they are written: no bundler stands between them and the browser.
function(pb_embed_web target)
    set(table "")
    set(count 0)
    foreach(pair IN LISTS ARGN)
        string(REGEX MATCH "^([^=]+)=(.+)$" parsed ${pair})
        set(url ${CMAKE_MATCH_1})
        set(source ${CMAKE_SOURCE_DIR}/${CMAKE_MATCH_2})
        set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
        file(READ ${source} text)
        math(EXPR count "${count} + 1")
        set(symbol kFile${count})
        file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/web/${symbol}.cpp @ONLY CONTENT [=[
// @url@
#include <string_view>
namespace patchbay::app::web {
extern const std::string_view @symbol@;
const std::string_view @symbol@ = R"web(@text@)web";
}  // namespace patchbay::app::web
]=])
        target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/web/${symbol}.cpp)
        # A compiler need not take more than 64 kB in one literal; GCC and clang do.
        set_source_files_properties(${CMAKE_BINARY_DIR}/web/${symbol}.cpp PROPERTIES
            COMPILE_OPTIONS -Wno-overlength-strings)
        string(APPEND declarations "extern const std::string_view ${symbol};\n")
        string(APPEND table "        {\"${url}\", web::${symbol}},\n")
    endforeach()
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/web/table.cpp @ONLY CONTENT [=[
#include "app/server/web_files.hpp"
namespace patchbay::app {
namespace web {
@declarations@}  // namespace web
std::span<const WebFile> web_files() {
    static const WebFile files[] = {
@table@    };
    return files;
}
}  // namespace patchbay::app
]=])
    target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/web/table.cpp)
endfunction()
