// SPDX-License-Identifier: Apache-2.0
#include "app/sip/targets.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace patchbay::app {

SipTargets::SipTargets(net::Shard& shard, Options options, Random& random, Found found)
    : found_(std::move(found)),
      locator_(std::move(options.policy), random),
      wakeup_(shard, [this](Instant now) {
          sip::Locator::Outputs out;
          locator_.handle_timeout(now, out);
          perform(now, std::move(out));
      }) {
    auto dns = net::DnsClient::open(
        shard, options.dns_servers,
        [this](Instant now, const DnsQuestion& question, const Result<DnsAnswer>& answer) {
            sip::Locator::Outputs out;
            locator_.handle_answer(now, question, answer, out);
            perform(now, std::move(out));
        });
    if (dns) {
        dns_ = std::move(*dns);
    } else {
        spdlog::error("names cannot be called: {}", describe(dns.error()));
    }
}

void SipTargets::locate(Instant now, Asker asker, const sip::Uri& uri) {
    sip::Locator::Outputs out;
    askers_.emplace(locator_.locate(now, uri, out), std::move(asker));
    perform(now, std::move(out));
}

void SipTargets::forget(call::SessionKey session) {
    std::erase_if(askers_, [&](const auto& entry) {
        const auto* const asker = std::get_if<call::LocateTarget>(&entry.second);
        if (asker == nullptr || asker->session != session) {
            return false;
        }
        locator_.forget(entry.first);
        return true;
    });
}

void SipTargets::rest(Instant now, const sip::Target& target) {
    locator_.rest(now, target);
}

void SipTargets::perform(Instant now, sip::Locator::Outputs outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (const auto* question = std::get_if<DnsQuestion>(&outputs[i])) {
            const DnsQuestion asked = *question;
            if (dns_) {
                dns_->ask(asked);
            } else {
                locator_.handle_answer(now, asked, fail(Errc::Unavailable, "DNS"), outputs);
            }
            continue;
        }
        const auto located = std::get<sip::Located>(std::move(outputs[i]));
        if (const auto asker = askers_.extract(located.lookup)) {
            found_(now, asker.mapped(), located.targets);
        }
    }
    wakeup_.at(locator_.next_timeout());
}

}  // namespace patchbay::app
