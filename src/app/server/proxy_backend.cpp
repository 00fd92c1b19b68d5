// SPDX-License-Identifier: Apache-2.0
#include "app/server/proxy_backend.hpp"

#include "base/overloaded.hpp"
#include "net/local_address.hpp"

#include <utility>

namespace patchbay::app {

using namespace api::jsonrpc;

Result<std::unique_ptr<ProxyBackend>> ProxyBackend::open(net::Shard& shard,
                                                         Options options,
                                                         Random& random) {
    // The proxy is told where its events go, so it must be an address that it can reach.
    PB_TRY(const IpAddress local, net::local_address_towards(options.proxy.ip));
    std::unique_ptr<ProxyBackend> out(new ProxyBackend(shard, std::move(options)));
    ProxyBackend* const self = out.get();
    const auto receive = [self](Instant now, const SocketAddress& from, ByteView datagram) {
        self->receive(now, from, datagram);
    };
    PB_TRY(out->requests_, net::UdpSocket::open(shard, {local, 0}, {}, receive));
    PB_TRY(out->events_, net::UdpSocket::open(shard, {local, 0}, {}, receive));
    out->calls_.emplace(
        opensips::ProxySettings{.event_address = "udp:" + out->events_->local().to_string(),
                                .next_hop = out->options_.next_hop},
        random);
    out->wakeup_.emplace(shard, [self](Instant now) {
        opensips::ProxyOutputs outputs;
        self->calls_->handle_timeout(now, outputs);
        self->perform(std::move(outputs));
    });
    return out;
}

void ProxyBackend::begin(CommandKey key, const Command& command, const IpAddress& /*client*/) {
    opensips::ProxyOutputs outputs;
    calls_->begin(shard_.now(), key, command, outputs);
    perform(std::move(outputs));
}

void ProxyBackend::ask(CommandKey key, const Query& query) {
    opensips::ProxyOutputs outputs;
    calls_->ask(shard_.now(), key, query, outputs);
    perform(std::move(outputs));
}

void ProxyBackend::cancel(CommandKey key) {
    opensips::ProxyOutputs outputs;
    calls_->cancel(shard_.now(), key, outputs);
    perform(std::move(outputs));
}

// Events come from another port of the proxy than replies do, and from nobody else's address.
void ProxyBackend::receive(Instant now, const SocketAddress& from, ByteView datagram) {
    if (from.ip != options_.proxy.ip) {
        return;
    }
    opensips::ProxyOutputs outputs;
    calls_->handle_datagram(now, as_text(datagram), outputs);
    perform(std::move(outputs));
}

void ProxyBackend::perform(opensips::ProxyOutputs outputs) {
    for (const opensips::ProxyOutput& output : outputs) {
        std::visit(Overloaded{
                       // What is lost has its own patience.
                       [&](const opensips::SendRequest& request) {
                           (void)requests_->send(options_.proxy, as_bytes(request.datagram));
                       },
                       [&](const opensips::TellReport& report) {
                           if (tell_) {
                               tell_(report.key, report.report);
                           }
                       },
                   },
                   output);
    }
    wakeup_->at(calls_->next_timeout());
}

}  // namespace patchbay::app
