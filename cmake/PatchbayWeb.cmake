# pb_embed_web(TARGET SYMBOL FILE): TARGET gets `extern const std::string_view patchbay::app::SYMBOL`, the text of web/FILE.
function(pb_embed_web target symbol file)
    set(source ${CMAKE_SOURCE_DIR}/web/${file})
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    file(READ ${source} text)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/web/${file}.cpp @ONLY CONTENT [=[
#include <string_view>
namespace patchbay::app {
extern const std::string_view @symbol@;
const std::string_view @symbol@ = R"web(@text@)web";
}  // namespace patchbay::app
]=])
    target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/web/${file}.cpp)
endfunction()
