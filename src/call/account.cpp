// SPDX-License-Identifier: Apache-2.0
#include "call/account.hpp"

#include "call/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

// RFC 5626 4.4: before the bindings of usual NATs run out, and not all accounts at once.
Nanoseconds keep_alive_interval(const sip::Flow& flow, Random& random) {
    const Milliseconds longest =
        sip::is_reliable(flow.transport) ? kStreamKeepAlive : kDatagramKeepAlive;
    const auto spread = static_cast<std::uint32_t>(longest.count() / 5);
    return longest - Milliseconds(random.below(spread + 1));
}

}  // namespace

Accounts::Accounts(std::vector<AccountConfig> configs,
                   std::vector<SipListener> listeners,
                   Random& random)
    : listeners_(std::move(listeners)), random_(random) {
    for (AccountConfig& config : configs) {
        accounts_.push_back({.config = std::move(config)});
    }
}

void Accounts::start(Instant now,
                     sip::UserAgent& agent,
                     sip::Outputs& out,
                     std::vector<AccountLookup>& lookups) {
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        look_up(now, i, agent, out, lookups);
    }
}

void Accounts::stop(Instant now, sip::UserAgent& agent, sip::Outputs& out) {
    for (Account& account : accounts_) {
        account.look_up_at.reset();
        account.keep_alive_at.reset();
        if (account.registration) {
            account.registration->stop(now, agent, out);
        }
    }
}

void Accounts::look_up(Instant now,
                       std::size_t index,
                       sip::UserAgent& agent,
                       sip::Outputs& out,
                       std::vector<AccountLookup>& lookups) {
    Account& account = accounts_[index];
    account.look_up_at.reset();
    account.servers.clear();
    for (const sip::Uri& uri : account.config.servers) {
        account.servers.push_back({.uri = uri, .flows = {}});
    }
    if (account.servers.empty()) {
        account.servers.push_back({.uri = account.config.registrar, .flows = {}});
    }
    for (std::size_t i = 0; i < account.servers.size(); ++i) {
        Server& server = account.servers[i];
        // An address needs no question.
        const auto location = sip::locate(server.uri, {}, {}, random_);
        if (location && !location->questions.empty()) {
            lookups.push_back({index, i, server.uri});
        } else {
            server.flows = flows_to(location ? location->targets : std::vector<sip::Target>());
        }
    }
    begin_when_ready(now, account, agent, out);
}

std::vector<sip::Flow> Accounts::flows_to(const std::vector<sip::Target>& targets) const {
    std::vector<sip::Flow> flows;
    flows.reserve(targets.size());
    for (const sip::Target& target : targets) {
        flows.push_back(flow_to(listeners_, target.transport, target.address));
        flows.back().peer_name = target.peer_name;
    }
    return flows;
}

void Accounts::server_located(Instant now,
                              const AccountLookup& lookup,
                              const Result<std::vector<sip::Target>>& targets,
                              sip::UserAgent& agent,
                              sip::Outputs& out) {
    if (lookup.account >= accounts_.size() ||
        lookup.server >= accounts_[lookup.account].servers.size()) {
        return;
    }
    Account& account = accounts_[lookup.account];
    Server& server = account.servers[lookup.server];
    if (!server.flows) {
        server.flows = flows_to(targets.value_or(std::vector<sip::Target>()));
        begin_when_ready(now, account, agent, out);
    }
}

void Accounts::begin_when_ready(Instant now,
                                Account& account,
                                sip::UserAgent& agent,
                                sip::Outputs& out) {
    std::vector<sip::Flow> flows;
    for (const Server& server : account.servers) {
        if (!server.flows) {
            return;
        }
        flows.insert(flows.end(), server.flows->begin(), server.flows->end());
    }
    if (flows.empty()) {
        ++account.failed_lookups;
        account.look_up_at = now + kAccountLookupRetry;
        return;
    }
    account.failed_lookups = 0;
    if (account.registration) {
        account.registration->set_flows(std::move(flows));
        return;
    }
    const AccountConfig& config = account.config;
    std::vector<sip::NameAddr> routes;
    for (const sip::Uri& uri : config.routes) {
        routes.emplace_back();
        routes.back().uri = uri;
    }
    account.registration.emplace(
        sip::RegistrationConfig{.registrar = config.registrar,
                                .address_of_record = config.address_of_record,
                                .contact_user = config.contact_user,
                                .flows = std::move(flows),
                                .routes = std::move(routes),
                                .expires = config.expires,
                                .credentials = config.credentials},
        random_);
    account.registration->start(now, agent, out);
}

void Accounts::handle(Instant now,
                      const sip::RequestFinished& finished,
                      sip::UserAgent& agent,
                      sip::Outputs& out) {
    for (Account& account : accounts_) {
        if (!account.registration) {
            continue;
        }
        const auto outcome = account.registration->handle(now, finished, agent, out);
        if (outcome && std::holds_alternative<sip::Registration::Registered>(*outcome)) {
            account.keep_alive_at =
                now + keep_alive_interval(account.registration->flow(), random_);
        }
        // Every way failed: perhaps the name leads elsewhere by now.
        if (outcome && std::holds_alternative<sip::Registration::Failed>(*outcome)) {
            account.look_up_at = now + kAccountLookupRetry;
        }
    }
}

void Accounts::handle_transport_error(Instant now,
                                      const sip::Flow& flow,
                                      sip::UserAgent& agent,
                                      sip::Outputs& out) {
    for (Account& account : accounts_) {
        if (account.registration) {
            account.registration->handle_transport_error(now, flow, agent, out);
        }
    }
}

void Accounts::handle_timeout(Instant now,
                              sip::UserAgent& agent,
                              sip::Outputs& out,
                              std::vector<AccountLookup>& lookups) {
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        Account& account = accounts_[i];
        keep_alive(now, account, out);
        if (account.registration) {
            account.registration->handle_timeout(now, agent, out);
        }
        if (account.look_up_at && *account.look_up_at <= now) {
            look_up(now, i, agent, out, lookups);
        }
    }
}

// RFC 5626 3.5.1: two line breaks, which every SIP parser skips, on datagrams too: STUN is only for
// registrars that said that they know it. Nobody is waited for; a binding that is gone shows at the
// next REGISTER.
void Accounts::keep_alive(Instant now, Account& account, sip::Outputs& out) {
    if (!account.keep_alive_at || *account.keep_alive_at > now) {
        return;
    }
    account.keep_alive_at.reset();
    if (account.registration->state(now) == sip::Registration::State::Registered) {
        const sip::Flow& flow = account.registration->flow();
        out.transmits.push_back({flow, "\r\n\r\n"});
        account.keep_alive_at = now + keep_alive_interval(flow, random_);
    }
}

std::optional<Instant> Accounts::next_timeout() const {
    std::optional<Instant> next;
    for (const Account& account : accounts_) {
        next = earlier(next, account.look_up_at);
        next = earlier(next, account.keep_alive_at);
        if (account.registration) {
            next = earlier(next, account.registration->next_timeout());
        }
    }
    return next;
}

std::vector<AccountStatus> Accounts::status(Instant now) const {
    std::vector<AccountStatus> out;
    out.reserve(accounts_.size());
    for (const Account& account : accounts_) {
        AccountStatus status{.name = account.config.name,
                             .registrar = account.config.registrar.to_string(),
                             .failures = account.failed_lookups};
        if (account.registration) {
            status.state = account.registration->state(now);
            status.last_status = account.registration->last_status();
            status.failures += account.registration->failures();
        } else if (account.failed_lookups != 0) {
            status.state = sip::Registration::State::Failing;
            status.last_status = 503;  // RFC 3261 8.1.3.1
        }
        out.push_back(std::move(status));
    }
    return out;
}

}  // namespace patchbay::call
