// SPDX-License-Identifier: Apache-2.0
#include "sip/digest.hpp"

#include "base/random.hpp"
#include "compat/oracle/oracle.hpp"

#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

std::string own_answer(const DigestQuestion& question) {
    return sip::digest_response({.variant = {sip::DigestAlgorithm::Md5, question.session},
                                 .username = question.username,
                                 .realm = question.realm,
                                 .password = question.password,
                                 .method = question.method,
                                 .uri = question.uri,
                                 .nonce = question.nonce,
                                 .qop = question.client_nonce.empty() ? "" : "auth",
                                 .client_nonce = question.client_nonce});
}

TEST(DigestOracle, ComputesWhatWeCompute) {
    SeededRandom random(4);
    const auto text = [&] { return random.token(random.below(40)); };
    std::size_t compared = 0;
    for (int i = 0; i < 2'000; ++i) {
        const DigestQuestion question{.username = text(),
                                      .realm = text(),
                                      .password = text(),
                                      .method = "INVITE",
                                      .uri = "sip:" + text(),
                                      .nonce = text(),
                                      .client_nonce = i % 4 == 0 ? "" : "c" + text(),
                                      .session = i % 4 == 1};
        for (const Oracle* oracle : oracles()) {
            if (const std::string answer = oracle->digest(question); !answer.empty()) {
                ++compared;
                ASSERT_EQ(own_answer(question), answer) << oracle->name() << " " << i;
            }
        }
    }
    if (compared == 0) {
        GTEST_SKIP() << "sofia-sip is not installed (tools/packages install test)";
    }
}

}  // namespace
}  // namespace patchbay::test
