// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/page/command.hpp"
#include "wire/decode_error.hpp"

#include <string>
#include <string_view>
#include <vector>

// The contract with a Node helper, helper/README.md.
namespace patchbay::api::bridge {

// POST /browser/start
std::string write_browser_start(std::string_view bridge);
// The browser's ws: URL.
wire::Decoded<std::string> read_browser_started(std::string_view json);

// POST /signal: what a page adapter said.
std::string write_signal(std::string_view bridge, std::string_view notice);
// What the page is to do about it: reject, hangUp and sendKeys. Others are left out: who places and
// who answers calls is the PBX.
wire::Decoded<std::vector<patchbay::bridge::page::Command>> read_signal_answer(
    std::string_view json);

}  // namespace patchbay::api::bridge
