// SPDX-License-Identifier: Apache-2.0
#include "wire/decode_error.hpp"

#include "wire/limits.hpp"

#include <utility>

namespace patchbay::wire {
namespace {

std::string cut(std::string text) {
    if (text.size() > kMaxErrorTextBytes) {
        text.resize(kMaxErrorTextBytes);
        text += "...";
    }
    return text;
}

}  // namespace

DecodeError DecodeError::inside_member(std::string_view key) && {
    const bool joined = path.empty() || path.front() == '[';
    path = cut(std::string(key) + (joined ? "" : ".") + path);
    return std::move(*this);
}

DecodeError DecodeError::inside_element(std::size_t index) && {
    const bool joined = path.empty() || path.front() == '[';
    path = cut("[" + std::to_string(index) + "]" + (joined ? "" : ".") + path);
    return std::move(*this);
}

std::string describe(const DecodeError& error) {
    return error.path.empty() ? error.problem : error.path + ": " + error.problem;
}

std::string quote_for_error(std::string_view text) {
    return "\"" + cut(std::string(text)) + "\"";
}

tl::unexpected<DecodeError> undecodable(std::string problem, Errc code) {
    return tl::unexpected<DecodeError>(DecodeError{code, {}, std::move(problem)});
}

}  // namespace patchbay::wire
