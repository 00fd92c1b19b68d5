// SPDX-License-Identifier: Apache-2.0
#include "sip/parameters.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"
#include "sip/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::sip {
namespace {

Result<Parameter> parse_parameter(Scanner& scanner) {
    Parameter parameter;
    parameter.name = scanner.token();
    if (parameter.name.empty()) {
        return fail(Errc::Malformed, "parameter name", scanner.position());
    }
    if (!scanner.accept('=')) {
        return parameter;
    }
    if (scanner.peek() == '"') {
        PB_TRY(parameter.value, scanner.quoted_string());
        parameter.quoted = true;
        return parameter;
    }
    const std::string_view value = scanner.run(kValueChar);
    if (value.empty()) {
        return fail(Errc::Malformed, "parameter value", scanner.position());
    }
    parameter.value = value;
    return parameter;
}

}  // namespace

Result<Parameters> Parameters::parse(Scanner& scanner) {
    Parameters parameters;
    while (scanner.accept(';')) {
        PB_TRY(Parameter parameter, parse_parameter(scanner));
        PB_CHECK(parameters.add(std::move(parameter)));
    }
    return parameters;
}

std::optional<std::string_view> Parameters::get(std::string_view name) const {
    const Parameter* parameter = find(name);
    if (parameter == nullptr) {
        return std::nullopt;
    }
    return parameter->value ? std::string_view(*parameter->value) : std::string_view{};
}

void Parameters::set(std::string_view name, std::string_view value) {
    Parameter& parameter = find_or_append(name);
    parameter.value = value;
    parameter.quoted = false;
}

void Parameters::set_quoted(std::string_view name, std::string_view value) {
    Parameter& parameter = find_or_append(name);
    parameter.value = value;
    parameter.quoted = true;
}

void Parameters::set_flag(std::string_view name) {
    find_or_append(name).value.reset();
}

void Parameters::remove(std::string_view name) {
    std::erase_if(list_, [name](const Parameter& parameter) {
        return equals_ignoring_case(parameter.name, name);
    });
}

Result<void> Parameters::add(Parameter parameter) {
    if (list_.size() == kMaxParameters) {
        return fail(Errc::TooLarge, "parameters");
    }
    if (has(parameter.name)) {
        return fail(Errc::Malformed, "repeated parameter");
    }
    list_.push_back(std::move(parameter));
    return {};
}

void Parameters::write(std::string& out) const {
    for (const Parameter& parameter : list_) {
        out.append(";").append(parameter.name);
        if (!parameter.value) {
            continue;
        }
        out.append("=");
        if (parameter.quoted) {
            write_quoted(*parameter.value, out);
        } else {
            out.append(*parameter.value);
        }
    }
}

const Parameter* Parameters::find(std::string_view name) const {
    const auto found = std::find_if(list_.begin(), list_.end(), [name](const Parameter& parameter) {
        return equals_ignoring_case(parameter.name, name);
    });
    return found == list_.end() ? nullptr : &*found;
}

Parameter& Parameters::find_or_append(std::string_view name) {
    const auto found = std::find_if(list_.begin(), list_.end(), [name](Parameter& parameter) {
        return equals_ignoring_case(parameter.name, name);
    });
    if (found != list_.end()) {
        return *found;
    }
    return list_.emplace_back(Parameter{std::string(name), std::nullopt, false});
}

}  // namespace patchbay::sip
