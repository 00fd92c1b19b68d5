// SPDX-License-Identifier: Apache-2.0
#include "app/fake_meta/process.hpp"

#include "app/fake_meta/command.hpp"
#include "base/text.hpp"
#include "net/local_address.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <cstdio>
#include <utility>

namespace patchbay::app {
namespace {

tl::unexpected<std::string> refuse(std::string why) {
    return tl::unexpected<std::string>(std::move(why));
}

// As Meta does: a client that offers ALPN, whatever it names, gets the alert
// no_application_protocol.
int refuse_alpn(SSL* /*connection*/,
                const unsigned char** /*chosen*/,
                unsigned char* /*size*/,
                const unsigned char* /*offered*/,
                unsigned /*offered_size*/,
                void* /*context*/) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

FakeMetaProcess::FakeMetaProcess(net::Shard& shard, FakeMetaOptions options)
    : shard_(shard),
      options_(std::move(options)),
      wall_(net::read_wall_anchor()),
      rtp_(shard,
           {.span = kFakeMetaRtpPorts, .listen = options_.listen.ip, .external = std::nullopt},
           [this](Instant now,
                  call::RtpPort port,
                  RtpPorts::Socket /*socket*/,
                  const SocketAddress& from,
                  ByteView packet) {
               step([&](lab::meta::ServiceOutputs& out) {
                   service_->handle_rtp(now, port, from, packet, out);
               });
           }) {}

FakeMetaProcess::~FakeMetaProcess() {
    *alive_ = false;
}

Expected<void, std::string> FakeMetaProcess::start() {
    auto dtls = webrtc::DtlsContext::make(wall_.at(shard_.now()), random_);
    if (!dtls) {
        return refuse("no certificate for DTLS can be made");
    }
    dtls_ = *std::move(dtls);
    PB_CHECK(open_tls());
    options_.account.port = listener_->local().port;
    service_.emplace(options_.account,
                     lab::meta::Surroundings{
                         .wall = wall_, .dtls = *dtls_, .random = random_, .open_port = [this] {
                             return rtp_.open(options_.listen.ip);
                         }});
    shard_.on_tick([this](const net::Tick& tick) {
        step([&](lab::meta::ServiceOutputs& out) { service_->tick(tick.now, out); });
    });
    keys_.emplace(shard_, TypedLines([this](const std::string& line) { command(line); }),
                  KeyMode::Lines);
    print_note(lab::meta::note::Listening{
        wall_.at(shard_.now()),
        fmt::format("{}:{};transport=tls", options_.account.host, options_.account.port),
        files_.authority, files_.server_certificate, files_.server_key});
    return {};
}

Expected<void, std::string> FakeMetaProcess::open_tls() {
    PB_TRY(files_, lab::meta::make_certificates(options_.folder, options_.account.host,
                                                options_.account.domain));
    PB_TRY(const net::TlsContext server,
           net::TlsContext::for_server(
               {.identities = {{files_.service_certificate, files_.service_key}},
                .authorities_file = {}}));
    SSL_CTX_set_alpn_select_cb(server.native(), refuse_alpn, nullptr);
    PB_TRY(client_tls_, net::TlsContext::for_client(
                            {.identity = std::nullopt, .authorities_file = files_.authority}));
    auto listener = net::TcpListener::open(shard_, options_.listen, {.tls = server},
                                           [this](net::TcpConnection tcp) { add(std::move(tcp)); });
    if (!listener) {
        return refuse(fmt::format("cannot listen on {} ({}): --listen ADDR:PORT chooses another",
                                  options_.listen.to_string(), describe(listener.error())));
    }
    listener_ = *std::move(listener);
    return {};
}

std::uint64_t FakeMetaProcess::add(net::TcpConnection tcp) {
    const std::uint64_t number = next_connection_++;
    Connection& connection = connections_[number];
    connection.tcp = std::make_unique<net::TcpConnection>(std::move(tcp));
    connection.tcp->start({
        .bytes = [this, number](Instant now, ByteView bytes) { take_bytes(now, number, bytes); },
        .closed = [this, number](const Error&) { close(number); },
    });
    return number;
}

void FakeMetaProcess::take_bytes(Instant now, std::uint64_t number, ByteView bytes) {
    using Kind = sip::StreamFramer::Kind;
    connections_.at(number).framer.feed(bytes);
    for (auto found = connections_.find(number); found != connections_.end();
         found = connections_.find(number)) {
        const auto item = found->second.framer.next();
        if (!item || (*item && (*item)->kind == Kind::Broken)) {
            return close(number);
        }
        if (!*item) {
            return;
        }
        if ((*item)->kind == Kind::Ping) {
            (void)found->second.tcp->send(std::string(sip::StreamFramer::kPong));
        } else if ((*item)->kind == Kind::Message) {
            const std::string message((*item)->bytes);
            step([&](lab::meta::ServiceOutputs& out) {
                service_->handle_message(now, number, message, out);
            });
        }
    }
}

// Posted: the connection may be in the middle of handing something on.
void FakeMetaProcess::close(std::uint64_t number) {
    (void)shard_.post([this, number, alive = alive_] {
        if (*alive && connections_.erase(number) != 0) {
            step([&](lab::meta::ServiceOutputs& out) {
                service_->handle_closed(shard_.now(), number, out);
            });
        }
    });
}

// Each call by a connection of its own: Meta opens many as well.
void FakeMetaProcess::call(const std::string& user) {
    const std::uint64_t attempt = next_connection_++;
    connecting_[attempt] = net::connect_tcp(
        shard_,
        {.remote = options_.server,
         .tls = net::TcpConnect::Tls{*client_tls_, {options_.account.domain}}},
        [this, attempt, user](Result<net::TcpConnection> tcp) {
            step([&](lab::meta::ServiceOutputs& out) {
                if (tcp) {
                    service_->call(shard_.now(), add(*std::move(tcp)), user, out);
                } else {
                    out.notes.emplace_back(lab::meta::note::Problem{
                        wall_.at(shard_.now()),
                        fmt::format("the server cannot be reached by TLS as {}: {}",
                                    options_.account.domain, describe(tcp.error()))});
                }
            });
            (void)shard_.post([this, attempt, alive = alive_] {
                if (*alive) {
                    connecting_.erase(attempt);
                }
            });
        });
}

void FakeMetaProcess::command(const std::string& line) {
    const auto [word, rest] = split_once(trim(line), ' ');
    const std::string value(trim(rest));
    step([&, verb = word](lab::meta::ServiceOutputs& out) {
        const Instant now = shard_.now();
        if (verb == "call") {
            call(value);
        } else if (verb == "quit") {
            shard_.stop();
        } else if (!verb.empty() &&
                   !command_user(*service_, service_->account(), now, verb, value, out)) {
            out.notes.emplace_back(lab::meta::note::Problem{
                wall_.at(now), fmt::format("there is no command '{}'", verb)});
        }
    });
}

template <class Action>
void FakeMetaProcess::step(Action&& action) {
    if (!service_) {
        return;
    }
    lab::meta::ServiceOutputs out;
    action(out);
    for (lab::meta::ServiceOutputs::Send& send : out.sends) {
        const auto found = connections_.find(send.connection);
        if (found != connections_.end()) {
            (void)found->second.tcp->send(std::move(send.bytes));
        }
    }
    for (const call::RtpPort port : out.closed) {
        rtp_.close(port);
    }
    for (const lab::meta::Note& note : out.notes) {
        print_note(note);
    }
}

}  // namespace patchbay::app
