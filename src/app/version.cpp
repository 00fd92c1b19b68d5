// SPDX-License-Identifier: Apache-2.0
#include "app/version.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

namespace patchbay::app {
namespace {

#ifdef __clang__
constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
constexpr std::string_view kCompiler = "GCC " __VERSION__;
#endif

}  // namespace

std::string_view version() {
    return PATCHBAY_VERSION;
}

std::string version_line() {
    return fmt::format("patchbay {} ({}, OpenSSL {})", version(), kCompiler,
                       OpenSSL_version(OPENSSL_VERSION_STRING));
}

}  // namespace patchbay::app
