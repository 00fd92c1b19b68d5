// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace patchbay::lab::meta {

// Files of a certificate authority for tests, and of two certificates that it has signed.
struct Certificates {
    std::string authority;
    std::string service_certificate;  // of the double
    std::string service_key;
    std::string server_certificate;  // of the server that the double calls
    std::string server_key;
};

// Makes all of them anew in the folder, good for a day. `server` is the only name that the
// server's certificate holds. The error is a sentence for a person.
Expected<Certificates, std::string> make_certificates(const std::filesystem::path& folder,
                                                      const std::string& service,
                                                      const std::string& server);

}  // namespace patchbay::lab::meta
