// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/registration.hpp"
#include "support/world.hpp"

#include <optional>
#include <string>

namespace patchbay::test {

// The phones of a World as users of its server: see WorldOptions::phone_password.

inline std::string phone_user(const WorldOptions& options, std::size_t index) {
    return options.phone_user.empty() ? "phone" + std::to_string(index) : options.phone_user;
}

inline std::optional<sip::Credentials> phone_credentials(const WorldOptions& options,
                                                         std::size_t index) {
    if (options.phone_password.empty()) {
        return std::nullopt;
    }
    return sip::Credentials{
        phone_user(options, index), Secret<std::string>(options.phone_password), {}};
}

inline std::optional<sip::RegistrationConfig> phone_registration(const WorldOptions& options,
                                                                 std::size_t index,
                                                                 const SocketAddress& phone,
                                                                 const SocketAddress& server) {
    if (options.phone_password.empty()) {
        return std::nullopt;
    }
    const std::string host = server.ip.to_string();
    return sip::RegistrationConfig{
        .registrar = *sip::Uri::parse("sip:" + host),
        .address_of_record = sip::Uri::sip(phone_user(options, index), host),
        .contact_user = {},
        .flows = {{.local = phone, .remote = server}},
        .routes = {},
        .credentials = phone_credentials(options, index)};
}

}  // namespace patchbay::test
