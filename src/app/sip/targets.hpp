// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/account.hpp"
#include "call/effects.hpp"
#include "call/keys.hpp"
#include "call/trunk_watch.hpp"
#include "net/dns_client.hpp"
#include "net/shard.hpp"
#include "net/wakeup.hpp"
#include "sip/locator.hpp"

#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace patchbay::app {

// Where the calls and registrations of one shard go: its Locator, with the DNS that it asks.
class SipTargets {
  public:
    struct Options {
        sip::LocatePolicy policy;
        std::vector<SocketAddress> dns_servers;  // none: those of the system
    };
    // A call, an account of ours that looks for its registrar, or whoever pings a trunk.
    using Asker = std::variant<call::LocateTarget, call::AccountLookup, call::TrunkLookup>;
    using Found = UniqueFunction<void(
        Instant now, const Asker& asker, const Result<std::vector<sip::Target>>& targets)>;

    SipTargets(net::Shard& shard, Options options, Random& random, Found found);
    SipTargets(const SipTargets&) = delete;
    SipTargets& operator=(const SipTargets&) = delete;

    // `found` comes once: at once where nothing has to be asked, or later, unless forgotten.
    void locate(Instant now, Asker asker, const sip::Uri& uri);
    void forget(call::SessionKey session);
    void rest(Instant now, const sip::Target& target);

  private:
    void perform(Instant now, sip::Locator::Outputs outputs);

    Found found_;
    sip::Locator locator_;
    std::optional<net::DnsClient> dns_;  // absent: only addresses can be called
    std::map<sip::LookupId, Asker> askers_;
    net::Wakeup wakeup_;
};

}  // namespace patchbay::app
