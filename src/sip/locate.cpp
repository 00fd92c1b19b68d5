// SPDX-License-Identifier: Apache-2.0
#include "sip/locate.hpp"

#include "base/text.hpp"
#include "sip/limits.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace patchbay::sip {
namespace {

struct Service {
    Transport transport;
    std::string_view naptr;   // RFC 3263 4.1
    std::string_view prefix;  // RFC 3263 4.1, of SRV
};
// In the RFC's own order of preference for who has none.
constexpr std::array kServices = {
    Service{Transport::Tls, "sips+d2t", "_sips._tcp."},
    Service{Transport::Tcp, "sip+d2t", "_sip._tcp."},
    Service{Transport::Udp, "sip+d2u", "_sip._udp."},
};

std::optional<Transport> named_transport(std::string_view name) {
    for (const Transport one :
         {Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Ws, Transport::Wss}) {
        if (equals_ignoring_case(uri_transport(one), name)) {
            return one;
        }
    }
    return std::nullopt;
}

std::string host_name(const Uri& uri) {
    std::string name = to_lower(uri.parameter("maddr").value_or(std::string(uri.host())));
    if (!name.empty() && name.back() == '.') {
        name.pop_back();
    }
    return name;
}

// RFC 6761 6.3: names that the DNS is never asked about for anything but addresses.
bool is_local_name(std::string_view name) {
    return name == "localhost" || name.ends_with(".localhost");
}

// One walk through RFC 3263 4 with what is known so far.
class Walk {
  public:
    Walk(const Uri& uri, const DnsAnswers& known, const LocatePolicy& policy, Random& random)
        : uri_(uri),
          known_(known),
          policy_(policy),
          random_(random),
          host_(host_name(uri)),
          secure_(uri.scheme() == Uri::Scheme::Sips) {}

    Result<Location> run() {
        PB_CHECK(choose_transport());
        if (const auto literal = IpAddress::parse(host_)) {
            add({transport(),
                 {*literal, uri_.port().value_or(default_port(transport()))},
                 peer_name_of(transport())});
        } else if (uri_.port() || is_local_name(host_)) {
            add_addresses(transport(), host_, uri_.port().value_or(default_port(transport())));
        } else if (wished_) {
            add_service(*wished_);
        } else {
            add_by_naptr();
        }
        if (!location_.questions.empty()) {
            location_.targets.clear();
        } else if (location_.targets.empty()) {
            return fail(Errc::NotFound, "target of the URI");
        }
        return std::move(location_);
    }

  private:
    // What the URI itself says (4.1): its scheme and its transport parameter.
    Result<void> choose_transport() {
        if (!uri_.is_sip_or_sips() || host_.empty()) {
            return fail(Errc::Unsupported, "scheme of the URI");
        }
        if (const auto parameter = uri_.parameter("transport")) {
            wished_ = named_transport(*parameter);
            if (!wished_) {
                return fail(Errc::Unsupported, "transport of the URI");
            }
            if (secure_ && wished_ == Transport::Tcp) {
                wished_ = Transport::Tls;  // RFC 3261 26.2.2: over TLS over TCP
            }
            if (secure_ && wished_ == Transport::Udp) {
                return fail(Errc::Unsupported, "sips over UDP");
            }
        }
        if (!uses(transport())) {
            return fail(Errc::Unsupported, "transport of the URI");
        }
        return {};
    }

    Transport transport() const {
        return wished_.value_or(secure_ ? Transport::Tls : Transport::Udp);
    }
    bool uses(Transport transport) const {
        return std::ranges::find(policy_.transports, transport) != policy_.transports.end();
    }
    std::string peer_name_of(Transport transport) const {
        return transport == Transport::Tls ? host_ : std::string();
    }

    const DnsAnswer* ask(DnsType type, const std::string& name) {
        const DnsQuestion question{type, name};
        const auto found = known_.find(question);
        if (found != known_.end()) {
            return &found->second;
        }
        if (std::ranges::find(location_.questions, question) == location_.questions.end()) {
            location_.questions.push_back(question);
        }
        return nullptr;
    }

    void add(Target target) {
        const bool wanted = target.address.ip.is_v6() ? policy_.ipv6 : policy_.ipv4;
        if (wanted && location_.targets.size() < kMaxTargets &&
            std::ranges::find(location_.targets, target) == location_.targets.end()) {
            location_.targets.push_back(std::move(target));
        }
    }

    void add_addresses(Transport transport, const std::string& name, std::uint16_t port) {
        if (const auto literal = IpAddress::parse(name)) {  // no SRV target should be one
            return add({transport, {*literal, port}, peer_name_of(transport)});
        }
        for (const DnsType type : {DnsType::A, DnsType::Aaaa}) {
            const bool wanted = type == DnsType::A ? policy_.ipv4 : policy_.ipv6;
            const DnsAnswer* const answer = wanted ? ask(type, name) : nullptr;
            for (const IpAddress& ip :
                 answer == nullptr ? std::vector<IpAddress>() : answer->addresses) {
                add({transport, {ip, port}, peer_name_of(transport)});
            }
        }
    }

    // 4.1: without transport and port, NAPTR decides; without NAPTR, the SRV that exist; without
    // those, the address with the default transport and port (4.2).
    void add_by_naptr() {
        const DnsAnswer* const answer = ask(DnsType::Naptr, host_);
        if (answer == nullptr) {
            return;
        }
        std::vector<NaptrRecord> records = answer->naptr;
        std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
            return std::pair(a.order, a.preference) < std::pair(b.order, b.preference);
        });
        bool followed = false;
        for (const NaptrRecord& record : records) {
            followed = follow(record) || followed;
        }
        if (!followed) {
            add_by_any_service();
        }
    }

    bool follow(const NaptrRecord& record) {
        const auto service = std::ranges::find_if(kServices, [&](const Service& one) {
            return equals_ignoring_case(one.naptr, record.service) && uses(one.transport);
        });
        if (service == kServices.end() || (secure_ && service->transport != Transport::Tls)) {
            return false;
        }
        const std::string name = to_lower(record.replacement);
        if (equals_ignoring_case(record.flags, "s")) {
            if (const DnsAnswer* const answer = ask(DnsType::Srv, name)) {
                add_srv(service->transport, answer->srv);
            }
            return true;
        }
        if (equals_ignoring_case(record.flags, "a")) {
            add_addresses(service->transport, name, default_port(service->transport));
            return true;
        }
        return false;
    }

    void add_by_any_service() {
        bool found = false;
        for (const Transport one : policy_.transports) {
            const auto service = std::ranges::find(kServices, one, &Service::transport);
            if (service == kServices.end() || (secure_ && one != Transport::Tls)) {
                continue;
            }
            const DnsAnswer* const answer = ask(DnsType::Srv, std::string(service->prefix) + host_);
            if (answer != nullptr && !answer->srv.empty()) {
                found = true;
                add_srv(one, answer->srv);
            }
        }
        if (!found && location_.questions.empty()) {
            add_addresses(transport(), host_, default_port(transport()));
        }
    }

    void add_service(Transport transport) {
        const auto service = std::ranges::find(kServices, transport, &Service::transport);
        const DnsAnswer* const answer = ask(DnsType::Srv, std::string(service->prefix) + host_);
        if (answer == nullptr) {
            return;
        }
        if (answer->srv.empty()) {
            add_addresses(transport, host_, default_port(transport));
        } else {
            add_srv(transport, answer->srv);
        }
    }

    void add_srv(Transport transport, std::vector<SrvRecord> records) {
        if (records.size() > kMaxTargets) {
            records.resize(kMaxTargets);
        }
        for (const SrvRecord& record : in_drawn_order(std::move(records))) {
            if (!record.target.empty()) {
                add_addresses(transport, to_lower(record.target), record.port);
            }
        }
    }

    // RFC 2782: by priority; among equals one after the other is drawn, each with the chance of its
    // weight, and those of weight 0 have a small one.
    std::vector<SrvRecord> in_drawn_order(std::vector<SrvRecord> records) {
        std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
            return std::pair(a.priority, a.weight) < std::pair(b.priority, b.weight);
        });
        std::vector<SrvRecord> out;
        while (!records.empty()) {
            const auto end = std::ranges::find_if(records, [&](const SrvRecord& one) {
                return one.priority != records.front().priority;
            });
            std::uint32_t total = 0;
            for (auto it = records.begin(); it != end; ++it) {
                total += it->weight;
            }
            const std::uint32_t drawn = random_.below(total + 1);
            auto chosen = records.begin();
            std::uint32_t sum = chosen->weight;
            while (sum < drawn) {
                sum += (++chosen)->weight;
            }
            out.push_back(std::move(*chosen));
            records.erase(chosen);
        }
        return out;
    }

    const Uri& uri_;
    const DnsAnswers& known_;
    const LocatePolicy& policy_;
    Random& random_;
    std::string host_;
    bool secure_;
    std::optional<Transport> wished_;
    Location location_;
};

}  // namespace

Result<Location> locate(const Uri& uri,
                        const DnsAnswers& known,
                        const LocatePolicy& policy,
                        Random& random) {
    return Walk(uri, known, policy, random).run();
}

}  // namespace patchbay::sip
