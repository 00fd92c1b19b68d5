// SPDX-License-Identifier: Apache-2.0
#include "net/dns_client.hpp"

#include "net/detail/steps.hpp"
#include "net/dns_message.hpp"
#include "net/limits.hpp"

#include <ares.h>
#include <arpa/nameser.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace patchbay::net {

namespace asio = boost::asio;

namespace {

Result<void> start_library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    return status == ARES_SUCCESS ? Result<void>() : fail(Errc::System, "c-ares", status);
}

int wire_type(DnsType type) {
    switch (type) {
        case DnsType::A: return ns_t_a;
        case DnsType::Aaaa: return ns_t_aaaa;
        case DnsType::Srv: return ns_t_srv;
        case DnsType::Naptr: return ns_t_naptr;
    }
    return ns_t_a;
}

Errc class_of(int status) {
    switch (status) {
        case ARES_ENOTFOUND:
        case ARES_ENODATA:
        case ARES_EBADNAME: return Errc::NotFound;
        case ARES_ETIMEOUT: return Errc::Timeout;
        case ARES_EBADRESP: return Errc::Malformed;
        default: return Errc::Unavailable;
    }
}

// "_sip._udp.example.com" is a service of example.com.
std::string host_of(const DnsQuestion& question) {
    std::string_view name = question.name;
    while (name.starts_with('_') && name.find('.') != std::string_view::npos) {
        name.remove_prefix(name.find('.') + 1);
    }
    return std::string(name);
}

std::string server_list(const std::vector<SocketAddress>& servers) {
    std::string list;
    for (const SocketAddress& server : servers) {
        list += (list.empty() ? "" : ",") + server.to_string();
    }
    return list;
}

}  // namespace

class DnsClient::State : public std::enable_shared_from_this<State> {
  public:
    State(Shard& shard, Answered answered)
        : shard_(shard), answered_(std::move(answered)), timer_(shard.context()) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (channel_ != nullptr) {
            ares_destroy(channel_);
        }
    }

    Result<void> open(const std::vector<SocketAddress>& servers) {
        PB_CHECK(start_library());
        ares_options options{};
        options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
            static_cast<State*>(self)->watch(socket, readable != 0, writable != 0);
        };
        options.sock_state_cb_data = this;
        options.timeout = static_cast<int>(std::chrono::milliseconds(kDnsTryTime).count());
        options.tries = kDnsTries;
        const int wanted = ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;
        const int status = ares_init_options(&channel_, &options, wanted);
        if (status != ARES_SUCCESS) {
            channel_ = nullptr;
            return fail(Errc::System, "c-ares", status);
        }
        const bool taken =
            servers.empty() ||
            ares_set_servers_ports_csv(channel_, server_list(servers).c_str()) == ARES_SUCCESS;
        return taken ? Result<void>() : fail(Errc::Malformed, "DNS servers");
    }

    void close() {
        closed_ = true;
        timer_.cancel();
        watches_.clear();  // before c-ares closes what they watch
        if (channel_ != nullptr) {
            ares_destroy(std::exchange(channel_, nullptr));
        }
    }

    void ask(const DnsQuestion& question) {
        if (answer_from_hosts(question)) {
            return;
        }
        auto* const query = new Query{this, question};  // c-ares gives it back exactly once
        ares_query(
            channel_, question.name.c_str(), ns_c_in, wire_type(question.type),
            [](void* argument, int status, int, unsigned char* bytes, int size) {
                const std::unique_ptr<Query> done(static_cast<Query*>(argument));
                done->state->heard(done->question, status, bytes, size);
            },
            query);
        set_timer();
    }

  private:
    struct Query {
        State* state;
        DnsQuestion question;
    };
    // A socket of c-ares that the loop watches; the descriptor is c-ares's to close.
    struct Watch {
        Watch(asio::io_context& context, ares_socket_t socket) : descriptor(context, socket) {}
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        ~Watch() { descriptor.release(); }

        asio::posix::stream_descriptor descriptor;
        bool readable = false;  // what c-ares wants to know
        bool writable = false;
    };
    using Side = asio::posix::stream_descriptor::wait_type;

    // Never in an answer of c-ares's own, so that asking never re-enters the user.
    void tell(const DnsQuestion& question, Result<DnsAnswer> answer) {
        asio::post(shard_.context(),
                   [self = shared_from_this(), question, answer = std::move(answer)]() mutable {
                       if (!self->closed_) {
                           self->shard_.steps().run("dns", [&](Instant now) {
                               self->answered_(now, question, std::move(answer));
                           });
                       }
                   });
    }

    bool answer_from_hosts(const DnsQuestion& question) {
        DnsAnswer answer;
        bool known = false;
        for (const int family : {AF_INET, AF_INET6}) {
            hostent* host = nullptr;
            if (ares_gethostbyname_file(channel_, host_of(question).c_str(), family, &host) !=
                ARES_SUCCESS) {
                continue;
            }
            known = true;
            const bool wanted = (family == AF_INET && question.type == DnsType::A) ||
                                (family == AF_INET6 && question.type == DnsType::Aaaa);
            for (char** one = host->h_addr_list; wanted && *one != nullptr; ++one) {
                answer.addresses.push_back(address_of(*one, family));
            }
            ares_free_hostent(host);
        }
        if (!known) {
            return false;
        }
        answer.time_to_live = kHostsFileTime;
        tell(question, answer.addresses.empty() ? fail(Errc::NotFound, "hosts file")
                                                : Result<DnsAnswer>(std::move(answer)));
        return true;
    }

    static IpAddress address_of(const char* bytes, int family) {
        std::array<std::uint8_t, 16> raw{};
        const std::size_t size = family == AF_INET ? 4 : raw.size();
        std::copy_n(reinterpret_cast<const std::uint8_t*>(bytes), size, raw.begin());
        return family == AF_INET ? IpAddress::v4(raw[0], raw[1], raw[2], raw[3])
                                 : IpAddress::v6(raw);
    }

    void heard(const DnsQuestion& question, int status, const unsigned char* bytes, int size) {
        if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED || closed_) {
            return;
        }
        if (status != ARES_SUCCESS) {
            tell(question, fail(class_of(status), "DNS query", status));
            return;
        }
        tell(question, parse_dns_answer({bytes, static_cast<std::size_t>(size)}, question));
    }

    void watch(ares_socket_t socket, bool readable, bool writable) {
        if (closed_) {
            return;
        }
        if (!readable && !writable) {
            watches_.erase(socket);
            return;
        }
        auto& watch = watches_[socket];
        if (!watch) {
            watch = std::make_shared<Watch>(shard_.context(), socket);
        }
        const bool new_read = readable && !watch->readable;
        const bool new_write = writable && !watch->writable;
        watch->readable = readable;
        watch->writable = writable;
        if (new_read) {
            wait(socket, watch, Side::wait_read);
        }
        if (new_write) {
            wait(socket, watch, Side::wait_write);
        }
    }

    void wait(ares_socket_t socket, const std::shared_ptr<Watch>& watch, Side side) {
        watch->descriptor.async_wait(
            side, [self = shared_from_this(), socket, side,
                   weak = std::weak_ptr(watch)](const boost::system::error_code& error) {
                self->ready(socket, weak, side, !error);
            });
    }

    void ready(ares_socket_t socket, const std::weak_ptr<Watch>& weak, Side side, bool good) {
        if (closed_ || weak.expired() || !good) {
            return;
        }
        const bool reads = side == Side::wait_read;
        ares_process_fd(channel_, reads ? socket : ARES_SOCKET_BAD,
                        reads ? ARES_SOCKET_BAD : socket);
        set_timer();
        const auto watch = weak.lock();  // gone when c-ares has closed the socket
        const auto found = watches_.find(socket);
        if (!watch || found == watches_.end() || found->second != watch) {
            return;
        }
        if (reads ? watch->readable : watch->writable) {
            wait(socket, watch, side);
        }
    }

    void set_timer() {
        timeval most{1, 0};
        timeval wanted{};
        if (closed_ || ares_timeout(channel_, nullptr, &wanted) == nullptr) {
            return;  // nothing is under way
        }
        ares_timeout(channel_, &most, &wanted);
        timer_.expires_after(std::chrono::seconds(wanted.tv_sec) +
                             std::chrono::microseconds(wanted.tv_usec));
        timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (!error && !self->closed_) {
                ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
                self->set_timer();
            }
        });
    }

    Shard& shard_;
    Answered answered_;
    asio::steady_timer timer_;
    ares_channel channel_ = nullptr;
    std::map<ares_socket_t, std::shared_ptr<Watch>> watches_;  // shared with the handler at work
    bool closed_ = false;
};

Result<DnsClient> DnsClient::open(Shard& shard,
                                  const std::vector<SocketAddress>& servers,
                                  Answered answered) {
    auto state = std::make_shared<State>(shard, std::move(answered));
    PB_CHECK(state->open(servers));
    return DnsClient(std::move(state));
}

DnsClient::DnsClient(std::shared_ptr<State> state) : state_(std::move(state)) {}

DnsClient::DnsClient(DnsClient&&) noexcept = default;

DnsClient& DnsClient::operator=(DnsClient&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

DnsClient::~DnsClient() {
    if (state_) {
        state_->close();
    }
}

void DnsClient::ask(const DnsQuestion& question) {
    state_->ask(question);
}

}  // namespace patchbay::net
