// SPDX-License-Identifier: Apache-2.0
// The catalogue of errors against the code, and docs/errors.md against the catalogue.
#include "call/catalogue.hpp"

#include "call/error_code.hpp"
#include "call/hangup_cause.hpp"
#include "support/approval.hpp"
#include "support/source_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

namespace patchbay::test {
namespace {

using namespace call;

bool has_code(int code) {
    return std::ranges::find(kErrorMeanings, code, &ErrorMeaning::code) != kErrorMeanings.end();
}

bool has_status(int status) {
    return std::ranges::find(kStatusMeanings, status, &StatusMeaning::status) !=
           kStatusMeanings.end();
}

// Each number that the pattern's one group finds in the sources of `call`, with its file.
std::vector<std::pair<std::string, int>> numbers_in_sources(const char* pattern) {
    std::vector<std::pair<std::string, int>> found;
    const std::regex regex(pattern);
    for (const auto& file : std::filesystem::directory_iterator(source_path("src/call"))) {
        const std::string name = file.path().filename().string();
        if (file.path().extension() != ".cpp" || name.ends_with("_test.cpp")) {
            continue;
        }
        std::ifstream in(file.path());
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i) {
            found.emplace_back(name, std::stoi((*i)[1]));
        }
    }
    return found;
}

std::string page() {
    std::string text =
        "# Errors, and what to do about them\n\n"
        "Made from `src/call/catalogue.hpp`; `PATCHBAY_APPROVE=1 build/test/tests/golden_test` "
        "writes it anew. A live call never\nends because of a command: an `error` event names it, "
        "and the call goes on.\n\n"
        "## `error` events\n\n"
        "| code | sender | what it means | what to do |\n|---|---|---|---|\n";
    for (const ErrorMeaning& one : kErrorMeanings) {
        text += "| " + std::to_string(one.code) + " | " + std::string(one.senders) + " | " +
                std::string(one.meaning) + " | " + std::string(one.remedy) + " |\n";
    }
    text +=
        "\nA second leg that was refused is reported with the SIP status of its refusal, so other "
        "statuses may appear as codes too.\n\n"
        "## Reasons of `hangup`\n\n"
        "A client's own `reason` and `initiator` come back unchanged.\n\n"
        "| reason | initiator | status | what it means | what to do |\n|---|---|---|---|---|\n";
    for (const HangupMeaning& one : kHangupMeanings) {
        text += "| `" + std::string(one.reason) + "` | " + std::string(one.initiator) + " | " +
                std::string(one.status) + " | " + std::string(one.meaning) + " | " +
                std::string(one.remedy) + " |\n";
    }
    text +=
        "\n## SIP statuses\n\n"
        "In `reject` events, lists and records; what the far end says is passed on as it is.\n\n"
        "| status | what it means | what to do |\n|---|---|---|\n";
    for (const StatusMeaning& one : kStatusMeanings) {
        text += "| " + std::to_string(one.status) + " | " + std::string(one.meaning) + " | " +
                std::string(one.remedy) + " |\n";
    }
    return text;
}

TEST(Catalogue, ThePageIsMadeOfIt) {
    EXPECT_TRUE(is_approved("docs/errors.md", page()));
}

TEST(Catalogue, HoldsTheCodeOfEveryKindOfFailure) {
    for (int i = 0; i <= static_cast<int>(Errc::Closed); ++i) {
        const auto code = static_cast<Errc>(i);
        EXPECT_TRUE(has_code(error_code(code))) << to_string(code);
    }
}

TEST(Catalogue, HoldsEveryCodeThatTheSourcesName) {
    const auto codes = numbers_in_sources(R"(report_error\([^;]*?[ \n,]([1-6][0-9]{2})\);)");
    EXPECT_GT(codes.size(), 8U);
    for (const auto& [file, code] : codes) {
        EXPECT_TRUE(has_code(code)) << code << " of " << file;
    }
}

TEST(Catalogue, HoldsEveryStatusThatTheSourcesName) {
    const auto statuses = numbers_in_sources(
        R"((?:failed\(|refuse\(step, |decline\(step, |Refusal\{|try_next_way\(step, |status = )([2-6][0-9]{2}))");
    EXPECT_GT(statuses.size(), 20U);
    for (const auto& [file, status] : statuses) {
        EXPECT_TRUE(has_status(status)) << status << " of " << file;
    }
}

TEST(Catalogue, HoldsEveryReasonThatTheServerGives) {
    const HangupCause causes[] = {
        cause::by_peer(true, true), cause::by_peer(false, true), cause::by_system(true),
        cause::by_refer(),          cause::auto_hangup(),        cause::inactivity(),
        cause::rejected(486),       cause::no_answer(),          cause::no_application(),
        cause::transferred(),       cause::failed(500)};
    EXPECT_EQ(std::size(causes), kHangupMeanings.size());
    for (const HangupCause& one : causes) {
        const auto* const found =
            std::ranges::find(kHangupMeanings, one.reason, &HangupMeaning::reason);
        ASSERT_NE(found, kHangupMeanings.end()) << one.reason;
        EXPECT_EQ(found->initiator, one.initiator) << one.reason;
        EXPECT_TRUE(one.reason == "rejected" ||
                    found->status.find(std::to_string(one.status)) != std::string_view::npos)
            << one.reason << " " << one.status;
    }
}

}  // namespace
}  // namespace patchbay::test
