// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <filesystem>
#include <string>

namespace patchbay::app {

// The token of this installation, DATA/token, for peers that are not on loopback when the
// configuration names none.
struct InstallationToken {
    Secret<std::string> token;
    std::filesystem::path path;
    bool is_new = false;  // made by this call: worth a line at start
};

// Reads the token, or makes one. The folder is made when it is absent (mode 0700), and the file is
// readable by its owner only (0600): a wider mode is narrowed. Two servers that start at once agree
// on one token. System: the folder cannot be made, read or written (detail: errno).
Result<InstallationToken> installation_token(const std::filesystem::path& data_folder,
                                             Random& random);

}  // namespace patchbay::app
