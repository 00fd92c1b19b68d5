// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"
#include "lab/meta/digest.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::lab::meta {

// How media is encrypted: the setting srtp_key_exchange_protocol of a number.
enum class KeyExchange : std::uint8_t { Dtls, Sdes };

// A business number as Meta knows it, and how Meta's service behaves towards it.
struct Account {
    std::string host = "localhost";  // of the service: in Request-URIs, as realm, in Record-Route
    std::uint16_t port = 5061;       // of the service
    std::string number;              // of the business, "+5511..."
    Secret<std::string> password;
    std::string domain;  // of the business's SIP server, as it was registered
    KeyExchange key_exchange = KeyExchange::Dtls;
    Algorithm algorithm = Algorithm::Sha256;  // of the challenges
    std::vector<std::string> users;           // who has WhatsApp; empty: everybody
    // How long a user's phone rings before he answers; absent: until told.
    std::optional<Milliseconds> answer_after = Milliseconds(1000);
    // What an unanswered user sounds like: 480.
    Milliseconds ring_time{45'000};
    // How long a user's phone waits for the business's first packet, and between two of them.
    Milliseconds first_silence{20'000};
    Milliseconds later_silence{30'000};
    std::optional<int> tone;  // Hz; what users say

    friend bool operator==(const Account&, const Account&) = default;
};

}  // namespace patchbay::lab::meta
