// SPDX-License-Identifier: Apache-2.0
#include "call/account.hpp"

#include "base/text.hpp"
#include "call/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

std::string host_of(const sip::Uri& uri) {
    std::string_view host = uri.host();
    if (host.size() > 2 && host.front() == '[') {
        host = host.substr(1, host.size() - 2);
    }
    return std::string(host);
}

sip::Transport transport_of(const sip::Uri& uri) {
    const std::string name = to_lower(uri.parameter("transport").value_or("udp"));
    for (const sip::Transport transport : {sip::Transport::Tcp, sip::Transport::Tls}) {
        if (name == sip::uri_transport(transport)) {
            return transport;
        }
    }
    return uri.scheme() == sip::Uri::Scheme::Sips ? sip::Transport::Tls : sip::Transport::Udp;
}

sip::Flow flow_to_server(const std::vector<SipListener>& listeners,
                         const sip::Uri& uri,
                         const IpAddress& ip) {
    const sip::Transport transport = transport_of(uri);
    return flow_to(listeners, transport, {ip, uri.port().value_or(sip::default_port(transport))});
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
    account.flows.clear();
    account.unresolved.clear();
    std::vector<sip::Uri> servers = account.config.servers;
    if (servers.empty()) {
        servers.push_back(account.config.registrar);
    }
    for (const sip::Uri& server : servers) {
        if (const auto ip = IpAddress::parse(host_of(server))) {
            account.flows.push_back(flow_to_server(listeners_, server, *ip));
        } else {
            account.unresolved.push_back(server);
            lookups.push_back({index, host_of(server)});
        }
    }
    begin_when_ready(now, account, agent, out);
}

void Accounts::host_resolved(Instant now,
                             const AccountLookup& lookup,
                             const Result<std::vector<IpAddress>>& addresses,
                             sip::UserAgent& agent,
                             sip::Outputs& out) {
    if (lookup.account >= accounts_.size()) {
        return;
    }
    Account& account = accounts_[lookup.account];
    const auto waiting =
        std::find_if(account.unresolved.begin(), account.unresolved.end(),
                     [&](const sip::Uri& server) { return host_of(server) == lookup.host; });
    if (waiting == account.unresolved.end()) {
        return;
    }
    for (const IpAddress& ip : addresses.value_or(std::vector<IpAddress>())) {
        account.flows.push_back(flow_to_server(listeners_, *waiting, ip));
    }
    account.unresolved.erase(waiting);
    begin_when_ready(now, account, agent, out);
}

void Accounts::begin_when_ready(Instant now,
                                Account& account,
                                sip::UserAgent& agent,
                                sip::Outputs& out) {
    if (!account.unresolved.empty()) {
        return;
    }
    if (account.flows.empty()) {
        ++account.failed_lookups;
        account.look_up_at = now + kAccountLookupRetry;
        return;
    }
    account.failed_lookups = 0;
    if (account.registration) {
        account.registration->set_flows(account.flows);
        return;
    }
    const AccountConfig& config = account.config;
    account.registration.emplace(
        sip::RegistrationConfig{.registrar = config.registrar,
                                .address_of_record = config.address_of_record,
                                .contact_user = config.contact_user,
                                .flows = account.flows,
                                .routes = {},
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
        if (account.registration) {
            account.registration->handle_timeout(now, agent, out);
        }
        if (account.look_up_at && *account.look_up_at <= now) {
            look_up(now, i, agent, out, lookups);
        }
    }
}

std::optional<Instant> Accounts::next_timeout() const {
    std::optional<Instant> next;
    for (const Account& account : accounts_) {
        next = earlier(next, account.look_up_at);
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
