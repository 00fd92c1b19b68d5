// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/page/command.hpp"
#include "bridge/page/notice.hpp"
#include "bridge/settings.hpp"
#include "wire/decode_error.hpp"

#include <string>
#include <string_view>

// What web/page/bridge.js and we say to each other, as JSON and as expressions of JavaScript.
namespace patchbay::api::bridge {

wire::Decoded<patchbay::bridge::page::Notice> read_page_notice(std::string_view json);
// patchbay.run(...)
std::string write_page_command(const patchbay::bridge::page::Command& command);
std::string write_open_frames();
// patchbay.play(...)
std::string write_page_frames(ByteView samples);
patchbay::bridge::page::CommandAnswer read_page_answer(std::string_view json);

struct PageScriptSettings {
    std::string binding;
    std::string origin;
    std::string socket;  // empty: none
    patchbay::bridge::PageElements elements;
};
// bridge.js with its settings.
std::string with_settings(std::string_view script, const PageScriptSettings& settings);

}  // namespace patchbay::api::bridge
