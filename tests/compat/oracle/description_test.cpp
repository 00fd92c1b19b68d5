// SPDX-License-Identifier: Apache-2.0
#include "compat/oracle/difference.hpp"
#include "compat/oracle/mutation.hpp"
#include "compat/oracle/oracle.hpp"
#include "compat/oracle/test_files.hpp"

#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using Kind = Decided::Kind;

// RFC 8866 5 fixes the order of the lines and wants s= and t=; what is met in the wild keeps
// neither.
bool has_lines_out_of_order(std::string_view text) {
    return text.find("s=") == std::string_view::npos || text.find("t=") == std::string_view::npos ||
           text.find("v=0", 1) != std::string_view::npos;
}

constexpr Decided kDecided[] = {
    {Kind::WeAccept, "", "RFC 8866 5", "lenient: lines that lack or come twice, the first counts",
     has_lines_out_of_order},
    {Kind::WeRefuse, "line of the session description", "RFC 8866 9",
     "text has no control characters"},
};

// Sound descriptions of every shape. Malformed ones are left to the tests and the fuzzer of sdp: on
// some of those libosip2 5.3 takes all memory, and sofia-sip 1.12 does not return.
class Describer {
  public:
    explicit Describer(std::uint64_t seed) : random_(seed) {}

    std::string describe() {
        std::string text = "v=0\r\no=- " + std::to_string(1 + random_.below(1'000'000)) +
                           " 1 IN IP4 192.0.2.1\r\ns=-\r\n";
        const bool session_wide = chance();
        text += session_wide ? connection() : "";
        text += chance() ? "b=AS:64\r\n" : "";
        text += "t=0 0\r\n";
        text += chance() ? "a=sendrecv\r\n" : "";
        for (std::uint32_t n = random_.below(4) + 1; n > 0; --n) {
            text += section(!session_wide || chance());
        }
        return text;
    }

  private:
    bool chance() { return random_.below(2) == 0; }
    std::string one_of(const std::vector<std::string>& all) {
        return all[random_.below(static_cast<std::uint32_t>(all.size()))];
    }
    std::string connection() {
        return one_of({"c=IN IP4 192.0.2.7\r\n", "c=IN IP4 0.0.0.0\r\n", "c=IN IP6 2001:db8::7\r\n",
                       "c=IN IP4 host.example.com\r\n"});
    }
    std::string section(bool with_connection) {
        std::string text = "m=" + one_of({"audio", "video", "application"}) + " " +
                           std::to_string(random_.below(65'536)) + " " +
                           one_of({"RTP/AVP", "RTP/SAVP", "RTP/AVPF", "UDP/TLS/RTP/SAVPF"});
        std::vector<std::string> formats{"0", "8", "9", "18", "96", "101"};
        for (std::uint32_t n = random_.below(5) + 1; n > 0; --n) {
            const auto chosen = random_.below(static_cast<std::uint32_t>(formats.size()));
            text += " " + formats[chosen];
            formats.erase(formats.begin() + chosen);
        }
        text += "\r\n";
        text += with_connection ? connection() : "";
        for (const char* attribute :
             {"rtpmap:96 opus/48000/2", "rtpmap:101 telephone-event/8000", "fmtp:101 0-16",
              "ptime:20", "sendonly", "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc", "rtcp-mux"}) {
            text += chance() ? std::string("a=") + attribute + "\r\n" : "";
        }
        return text;
    }

    SeededRandom random_;
};

TEST(DescriptionOracle, ReadsWhatWeReadOrAClauseDecides) {
    if (oracles().empty()) {
        GTEST_SKIP() << kNoOracle;
    }
    std::vector<std::string> texts = files_of("fuzz/corpus/sdp");
    Describer describer(3);
    for (int i = 0; i < 20'000; ++i) {
        texts.push_back(describer.describe());
    }
    Differences differences(kDecided);
    for (const std::string& text : texts) {
        for (const Oracle* oracle : oracles()) {
            differences.compare(*oracle, text, own_description(text), oracle->description(text));
        }
    }
    differences.expect_all_decided();
}

}  // namespace
}  // namespace patchbay::test
