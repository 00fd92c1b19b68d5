// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json_text.hpp"

#include <string>
#include <string_view>

namespace patchbay::speech {

// What recognition and synthesis of Alibaba Cloud's DashScope have in common: JSON messages with a
// header and a payload about one task.
inline constexpr std::string_view kDashScopeEndpoint =
    "wss://dashscope.aliyuncs.com/api-ws/v1/inference";

// A message of ours; `payload` as it is.
std::string dashscope_message(std::string_view action,
                              const std::string& task_id,
                              JsonObject payload);

// Parameters of ours are texts; the service wants true and 800, not "true" and "800".
JsonText typed_parameter(const std::string& text);

// A message of the server.
struct DashScopeHeader {
    std::string event;
    std::string task_id;
    std::string error_code;
    std::string error_message;
};
// Empty `event`: not understood.
DashScopeHeader read_dashscope_header(std::string_view message);

// Whether a task that failed with this code may do better on another attempt.
bool dashscope_may_recover(std::string_view error_code);

}  // namespace patchbay::speech
