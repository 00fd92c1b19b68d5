// SPDX-License-Identifier: Apache-2.0
#include "call/neighbours.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "call/limits.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace patchbay::call {
namespace {

sip::Refused try_later() {
    return {503, {}, {{"Retry-After", std::to_string(kRetryAfter.count())}}};
}

// Whether both bind the same contact to the same address.
bool is_same_binding(const NeighbourAccount& a, const NeighbourAccount& b) {
    const auto port = [](const NeighbourAccount& one) {
        return one.listeners.empty() ? 0 : one.listeners.front().local.port;
    };
    return a.config.name == b.config.name &&
           a.config.registrar.to_string() == b.config.registrar.to_string() &&
           a.config.address_of_record.to_string() == b.config.address_of_record.to_string() &&
           a.config.contact_user == b.config.contact_user && port(a) == port(b);
}

bool is_unchanged(const AccountConfig& a, const AccountConfig& b) {
    const auto proof = [](const AccountConfig& one) {
        return one.credentials
                   ? std::pair(one.credentials->username, one.credentials->password.reveal())
                   : std::pair<std::string, std::string>();
    };
    return a.expires == b.expires && proof(a) == proof(b) &&
           std::ranges::equal(a.servers, b.servers, {}, &sip::Uri::to_string, &sip::Uri::to_string);
}

// Those that were appended get the number of their line.
void number(std::vector<AccountLookup>& lookups, std::size_t from, std::size_t line) {
    for (std::size_t i = from; i < lookups.size(); ++i) {
        lookups[i].account = line;
    }
}

}  // namespace

Neighbours::Neighbours(const InboundGateConfig& config, InboundGate& gate, Random& random)
    : gate_(gate),
      random_(random),
      digest_(config.digest, random),
      of_operator_(config.trunks),
      trunks_(config.trunks),
      routes_(RouteTable::Settings{.routes = {}, .users = {}, .built_ins = false}) {}

sip::Judgement Neighbours::judge(Instant now, const sip::Flow& flow, const sip::Message& request) {
    const auto door = std::ranges::find(doors_, flow.local, &NeighbourDoor::local);
    if (door != doors_.end()) {
        return judge_at(*door, now, flow.remote.ip, request);
    }
    const NeighbourGuest* const guest = find_guest(flow, request);
    return guest == nullptr ? gate_.judge(now, flow, request)
                            : judge_guest(*guest, now, flow.remote.ip, request);
}

// The number may carry parameters that the neighbour was told to add: "+15550001111;tgrp=sales".
const NeighbourGuest* Neighbours::find_guest(const sip::Flow& flow,
                                             const sip::Message& request) const {
    if (guests_.empty() || request.method() == sip::Method::Register) {
        return nullptr;
    }
    const auto uri = sip::Uri::parse(request.request_uri());
    const std::string user = uri ? uri->decoded_user() : std::string();
    std::string_view number = split_once(user, ';').first;
    if (number.starts_with('+')) {
        number.remove_prefix(1);
    }
    const auto found = std::ranges::find_if(guests_, [&](const NeighbourGuest& guest) {
        return guest.transport == flow.transport && guest.number == number &&
               contains(guest.sources, flow.remote.ip);
    });
    return found == guests_.end() ? nullptr : &*found;
}

sip::Judgement Neighbours::judge_guest(const NeighbourGuest& guest,
                                       Instant now,
                                       const IpAddress& source,
                                       const sip::Message& request) {
    if (request.method() == sip::Method::Invite && gate_.is_overloaded(now)) {
        return try_later();
    }
    if (guest.accounts && request.method() != sip::Method::Options) {
        return ask(guest.trunk, *guest.accounts, now, source, request);
    }
    return sip::Admitted{.user = {}, .peer = guest.trunk};
}

// Who asks whether we are there (OPTIONS) is told so, and proves nothing.
sip::Judgement Neighbours::judge_at(const NeighbourDoor& door,
                                    Instant now,
                                    const IpAddress& source,
                                    const sip::Message& request) {
    const sip::Method method = request.method();
    if (!door.allow.empty() && !contains(door.allow, source)) {
        return sip::Ignored{};
    }
    if (method == sip::Method::Register) {
        return sip::Refused{403, "No Registrations Here", {}};
    }
    const sip::Admitted admitted{.user = {}, .peer = door.trunk};
    if (method == sip::Method::Options) {
        return admitted;
    }
    if (door.draining || (method == sip::Method::Invite && gate_.is_overloaded(now))) {
        return try_later();
    }
    return door.accounts ? ask(door.trunk, *door.accounts, now, source, request) : admitted;
}

sip::Judgement Neighbours::ask(const std::string& trunk,
                               const sip::DigestAccounts& accounts,
                               Instant now,
                               const IpAddress& source,
                               const sip::Message& request) {
    using Digest = sip::DigestServer;
    const auto challenge = [&](bool stale) {
        return sip::Judgement(sip::Refused{401, {}, digest_.challenges(now, source, stale)});
    };
    return std::visit(
        Overloaded{
            [&](Digest::Proved proved) {
                return sip::Judgement(sip::Admitted{.user = std::move(proved.user), .peer = trunk});
            },
            [&](const Digest::Unproved& unproved) { return challenge(unproved.stale); },
            [&](const Digest::Wrong&) {
                gate_.strike(now, source);
                return challenge(false);
            },
            [](const Digest::Misdirected&) {
                return sip::Judgement(sip::Refused{400, "Digest For Another URI", {}});
            },
        },
        digest_.check(now, source, request, accounts));
}

std::optional<RouteChoice> Neighbours::find(const RouteQuery& query) const {
    return routes_.find(query);
}

void Neighbours::replace(Instant now,
                         NeighbourConfig config,
                         sip::UserAgent& agent,
                         sip::Outputs& out,
                         std::vector<AccountLookup>& lookups) {
    Trunks all = of_operator_ ? *of_operator_ : Trunks();
    std::ranges::move(config.trunks, std::back_inserter(all));
    trunks_ = std::make_shared<const Trunks>(std::move(all));
    doors_ = std::move(config.doors);
    guests_ = std::move(config.guests);
    routes_ = RouteTable(
        RouteTable::Settings{.routes = std::move(config.routes), .users = {}, .built_ins = false});
    replace_accounts(now, std::move(config.accounts), agent, out, lookups);
}

// Whose password alone has changed is forgotten without a word: taking the binding back could
// overtake the REGISTER that makes it again.
void Neighbours::replace_accounts(Instant now,
                                  std::vector<NeighbourAccount> accounts,
                                  sip::UserAgent& agent,
                                  sip::Outputs& out,
                                  std::vector<AccountLookup>& lookups) {
    std::erase_if(lines_, [](const auto& one) { return one.second.leaving; });
    for (auto it = lines_.begin(); it != lines_.end();) {
        Line& line = it->second;
        const auto wanted = std::ranges::find_if(accounts, [&](const NeighbourAccount& one) {
            return is_same_binding(one, line.config);
        });
        if (wanted == accounts.end()) {
            line.leaving = true;
            line.accounts.stop(now, agent, out);
            ++it;
        } else if (is_unchanged(wanted->config, line.config.config)) {
            accounts.erase(wanted);
            ++it;
        } else {
            it = lines_.erase(it);
        }
    }
    for (NeighbourAccount& account : accounts) {
        const std::size_t from = lookups.size();
        Accounts one({account.config}, account.listeners, random_);
        auto [line, added] =
            lines_.try_emplace(next_line_, Line{std::move(account), std::move(one)});
        line->second.accounts.start(now, agent, out, lookups);
        number(lookups, from, next_line_++);
    }
}

void Neighbours::stop_accounts(Instant now, sip::UserAgent& agent, sip::Outputs& out) {
    for (auto& [number, line] : lines_) {
        line.leaving = true;
        line.accounts.stop(now, agent, out);
    }
}

void Neighbours::server_located(Instant now,
                                AccountLookup lookup,
                                const Result<std::vector<sip::Target>>& targets,
                                sip::UserAgent& agent,
                                sip::Outputs& out) {
    if (const auto line = lines_.find(lookup.account);
        line != lines_.end() && !line->second.leaving) {
        lookup.account = 0;
        line->second.accounts.server_located(now, lookup, targets, agent, out);
    }
}

void Neighbours::handle(Instant now,
                        const sip::RequestFinished& finished,
                        sip::UserAgent& agent,
                        sip::Outputs& out) {
    for (auto& [number, line] : lines_) {
        line.accounts.handle(now, finished, agent, out);
    }
}

void Neighbours::handle_transport_error(Instant now,
                                        const sip::Flow& flow,
                                        sip::UserAgent& agent,
                                        sip::Outputs& out) {
    for (auto& [number, line] : lines_) {
        line.accounts.handle_transport_error(now, flow, agent, out);
    }
}

void Neighbours::handle_timeout(Instant now,
                                sip::UserAgent& agent,
                                sip::Outputs& out,
                                std::vector<AccountLookup>& lookups) {
    for (auto& [line_number, line] : lines_) {
        if (!line.leaving) {
            const std::size_t from = lookups.size();
            line.accounts.handle_timeout(now, agent, out, lookups);
            number(lookups, from, line_number);
        }
    }
}

std::optional<Instant> Neighbours::next_timeout() const {
    std::optional<Instant> next;
    for (const auto& [number, line] : lines_) {
        if (!line.leaving) {
            next = earlier(next, line.accounts.next_timeout());
        }
    }
    return next;
}

std::vector<AccountStatus> Neighbours::accounts(Instant now) const {
    std::vector<AccountStatus> out;
    for (const auto& [number, line] : lines_) {
        if (!line.leaving) {
            std::ranges::move(line.accounts.status(now), std::back_inserter(out));
        }
    }
    return out;
}

}  // namespace patchbay::call
