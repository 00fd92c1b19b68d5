// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/page/devtools.hpp"
#include "wire/decode_error.hpp"

#include <string>
#include <string_view>

// The DevTools protocol of Chrome, as far as bridge/page needs it.
namespace patchbay::api::bridge {

std::string write_devtools(const patchbay::bridge::page::devtools::Request& request);
wire::Decoded<patchbay::bridge::page::devtools::Message> read_devtools(std::string_view json);

// GET /json/version: the browser's own ws: URL.
wire::Decoded<std::string> read_devtools_version(std::string_view json);

}  // namespace patchbay::api::bridge
