// SPDX-License-Identifier: Apache-2.0
// Names and registrations in a World.
#include "support/world.hpp"

#include <utility>

namespace patchbay::test {

Result<std::vector<sip::Target>> World::locate(const sip::Uri& uri) {
    sip::DnsAnswers known;
    while (true) {
        PB_TRY(sip::Location location, sip::locate(uri, known, {}, random_));
        if (location.questions.empty()) {
            return std::move(location.targets);
        }
        for (const DnsQuestion& question : location.questions) {
            DnsAnswer& answer = known[question];
            const auto found = hosts_.find(question.name);
            if (found != hosts_.end() && question.type == DnsType::A) {
                answer.addresses = found->second;
            }
        }
    }
}

void World::register_phone(std::size_t i) {
    at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) { phone.sign_on(now(), out); },
             i);
    run(Milliseconds(100));
}

}  // namespace patchbay::test
