// SPDX-License-Identifier: Apache-2.0
#include "app/server/state.hpp"

#include "api/bridge/bridge_api.hpp"
#include "api/bridge/graph_webhook.hpp"
#include "api/messages/rest.hpp"
#include "app/calls/record_views.hpp"
#include "app/calls/records.hpp"
#include "app/limits.hpp"
#include "app/server/token_file.hpp"
#include "app/server/web_files.hpp"
#include "app/shard/voice_weights.hpp"
#include "app/version.hpp"
#include "base/ensure.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "call/route.hpp"
#include "net/port_range.hpp"
#include "store/file_jail.hpp"
#include "webrtc/turn/rest_credentials.hpp"
#include "webrtc/turn/servers.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>
#include <utility>

namespace patchbay::app {
namespace {

// After the hang-up at the end of a drain: time for the BYEs and the last events to leave.
constexpr Seconds kHangUpGrace{2};
// At the beginning of a drain: time to take our registrations back, challenges included.
constexpr Milliseconds kUnregisterGrace{500};

std::string ice_servers_body(const std::vector<IceServer>& configured, WallTime now) {
    std::vector<api::IceServer> servers;
    for (const IceServer& one : configured) {
        api::IceServer server{.urls = one.urls, .username = {}, .credential = {}};
        if (one.username) {
            server.username = *one.username;
        }
        if (one.credential) {
            server.credential = one.credential->reveal();
        }
        if (one.secret) {
            const WallTime expires{now.milliseconds + Milliseconds(one.ttl).count()};
            auto credentials = webrtc::make_rest_credentials(
                *one.secret, one.username.value_or("patchbay"), expires);
            server.username = std::move(credentials.username);
            server.credential = std::move(credentials.password);
        }
        servers.push_back(std::move(server));
    }
    return api::encode_body(servers);
}

// check-config has seen to the URLs.
std::vector<webrtc::TurnServer> turn_servers(const std::vector<IceServer>& configured) {
    std::vector<webrtc::TurnServer> servers;
    for (const IceServer& one : configured) {
        for (const std::string& text : one.urls) {
            if (auto url = webrtc::TurnUrl::parse(text)) {
                servers.push_back({.url = *std::move(url),
                                   .username = one.username.value_or("patchbay"),
                                   .credential = one.credential.value_or(Secret<std::string>()),
                                   .secret = one.secret,
                                   .ttl = one.ttl});
            }
        }
    }
    return servers;
}

net::HttpServerOptions http_options(const Config& config, std::size_t shards) {
    net::HttpServerOptions options;
    options.shared_origins = config.api.origins;
    options.sharing = shards > 1 ? net::PortSharing::BetweenShards : net::PortSharing::Exclusive;
    return options;
}

tl::expected<store::FileJail, std::string> make_jail(const std::string& folder) {
    auto made = store::FileJail::make({std::filesystem::absolute(folder).string()});
    if (!made) {
        return tl::unexpected(
            fmt::format("the folder {} cannot be used: {}; choose another with --data", folder,
                        describe(made.error())));
    }
    return std::move(*made);
}

// Whose calls no row and no party of ours takes are the application's, where there is one.
call::Destination otherwise_of(const HandlerConfig& handler) {
    if (handler.urls.empty()) {
        return call::Refusal{404, "Not Found"};
    }
    return call::ToApplication{};
}

call::Destination fallback_of(const HandlerConfig& handler) {
    if (const auto built_in = call::built_in_named(handler.fallback)) {
        return *built_in;
    }
    return call::Refusal{parse_number<int>(handler.fallback).value_or(503), {}};
}

unsigned shard_count(const Config& config) {
    return config.shards != 0 ? config.shards : std::max(1U, std::thread::hardware_concurrency());
}

sdp::CryptoPolicy crypto_policy(std::string_view word) {
    if (word == "off") {
        return sdp::CryptoPolicy::Off;
    }
    return word == "optional" ? sdp::CryptoPolicy::Optional : sdp::CryptoPolicy::Mandatory;
}

call::EarlyMediaPolicy early_media_policy(std::string_view word) {
    if (word == "latest") {
        return call::EarlyMediaPolicy::Latest;
    }
    return word == "first" ? call::EarlyMediaPolicy::First : call::EarlyMediaPolicy::Ignore;
}

}  // namespace

Server::State::State(Config config) : config_(std::move(config)), started_(net::monotonic_now()) {}

Server::State::~State() {
    stop_shards();
    // The threads of speech and disk post to shards; they end before the shards do.
    close_speech();
    for (const auto& house : houses_) {
        house->runtime->close_records();
    }
    disk_.reset();
    compression_.reset();
    signals_.reset();
    houses_.clear();
}

tl::expected<void, std::string> Server::State::open() {
    voice_network_ = load_voice_weights(config_.path.models_folder());
    ten_library_ = load_ten_library(config_.speech.ten_library);
    PB_CHECK(open_store());
    PB_CHECK(open_access());
    PB_CHECK(find_sip_addresses());
    PB_CHECK(find_http_addresses());
    PB_CHECK(find_tls_addresses());
    PB_CHECK(find_call_api_addresses());
    PB_TRY(tls_, read_tls(config_));
    sip_services_.emplace(config_.services, sip_addresses_, config_.rtp.external, config_.path.data,
                          *disk_);
    open_bridges();
    const unsigned count = shard_count(config_);
    for (unsigned index = 0; index < count; ++index) {
        PB_CHECK(build_shard(index, count));
    }
    for (const auto& house : houses_) {
        PB_CHECK(listen(*house));
    }
    return bridges_->load();
}

tl::expected<void, std::string> Server::State::open_store() {
    PB_TRY(auto media, make_jail(config_.path.media_folder()));
    PB_TRY(auto recordings, make_jail(config_.path.recordings_folder()));
    disk_.emplace();
    files_.emplace(std::move(media), *disk_);
    compression_.emplace(store::DiskThread::Priority::Low);
    recordings_.emplace(std::move(recordings), *disk_, &*compression_);
    recordings_->compress_leftovers();
    media_cache_.emplace(kMediaCacheBytes);
    PB_CHECK(open_speech());
    PB_CHECK(open_records());
    services_.emplace(SharedServices{.directory = directory_,
                                     .speech = *speech_,
                                     .espeak = *espeak_,
                                     .recognizer = *recognizer_,
                                     .speech_cache = speech_cache_.get(),
                                     .files = *files_,
                                     .recordings = *recordings_,
                                     .media_cache = *media_cache_,
                                     .reports = reports_,
                                     .bridge_calls = bridge_calls_,
                                     .records = *records_,
                                     .disk = *disk_,
                                     .dumps = dumps_,
                                     .runtimes = {}});
    return {};
}

tl::expected<void, std::string> Server::State::open_records() {
    std::vector<store::RecordStore::Document> left;
    auto records = store::RecordStore::make(config_.path.data + "/records", *disk_, left);
    if (!records) {
        return tl::unexpected(
            fmt::format("no records can be kept in {}/records: {}; choose "
                        "another folder with --data",
                        config_.path.data, describe(records.error())));
    }
    records_ = std::move(*records);
    close_lost_records(*records_, left);
    if (config_.dump.enabled) {
        PB_TRY(auto dumps, make_jail(config_.path.data + "/dumps"));
        dumps_ = std::make_shared<const store::FileJail>(std::move(dumps));
    }
    PB_TRY(auto recordings, make_jail(config_.path.recordings_folder()));
    kept_recordings_ = std::make_shared<const store::FileJail>(std::move(recordings));
    return {};
}

tl::expected<void, std::string> Server::State::open_access() {
    for (const Token& token : config_.api.tokens) {
        api::AccessToken known{.token = token.token};
        if (!token.scopes.empty()) {
            known.scopes.clear();
        }
        for (const std::string& scope : token.scopes) {
            known.scopes.insert(api::parse_scope(scope).value());  // read as such
        }
        access_.tokens.push_back(std::move(known));
    }
    access_.listed_origins = config_.api.origins;
    if (!access_.tokens.empty()) {
        return {};
    }
    SystemRandom random;
    auto token = installation_token(config_.path.data, random);
    if (!token) {
        return tl::unexpected(
            fmt::format("no token can be kept in {}: {}; choose another folder with --data",
                        config_.path.data, describe(token.error())));
    }
    access_.tokens.push_back({.token = token->token});
    spdlog::info("the token for clients that are not on this machine is in {}",
                 token->path.string());
    return {};
}

call::ExchangeConfig Server::State::exchange_config(unsigned index, unsigned count) {
    call::ExchangeConfig exchange;
    exchange.agent.shard = index;
    exchange.agent.product = config_.sip.user_agent.empty() ? fmt::format("Patchbay/{}", version())
                                                            : config_.sip.user_agent;
    exchange.agent.external_address = config_.rtp.external;
    exchange.agent.learn_public_address = config_.rtp.learn_external;
    exchange.agent.tcp_for_large_requests = true;
    for (const SocketAddress& address : sip_addresses_) {
        exchange.listeners.push_back({sip::Transport::Udp, address});
        exchange.listeners.push_back({sip::Transport::Tcp, address});
    }
    for (const SocketAddress& address : listeners_.sip_tls) {
        exchange.listeners.push_back({sip::Transport::Tls, address});
    }
    if (!config_.sip.outbound_proxy.empty()) {
        const auto proxy = sip::Uri::parse(config_.sip.outbound_proxy);
        PB_ENSURE(proxy.has_value());  // ConfigValue::read_sip_uri has looked
        exchange.outbound_proxy = *proxy;
        exchange.outbound_proxy->set_flag("lr");
    }
    exchange.routes = sip_services_->routes(otherwise_of(config_.handler));
    exchange.services = sip_services_->for_shard(index, count);
    exchange.services.outbound_proxy = exchange.outbound_proxy;
    exchange.codecs = config_.rtp.codecs;
    exchange.crypto = crypto_policy(config_.rtp.srtp);
    exchange.comfort_noise = config_.rtp.comfort_noise;
    exchange.encoder.complexity = config_.rtp.opus_complexity;
    exchange.encoder.bit_rate = config_.rtp.opus_bit_rate;
    exchange.encoder.discontinuous = config_.rtp.opus_dtx;
    exchange.agent.answer_options = config_.sip.answer_options;
    exchange.agent.reliable_provisionals = config_.sip.reliable_provisionals;
    if (config_.sip.session_timer == Seconds(0)) {
        exchange.agent.session_timer.offered = false;
    } else {
        exchange.agent.session_timer.interval = config_.sip.session_timer;
    }
    exchange.agent.session_timer.minimum = config_.sip.min_session_timer;
    exchange.transfers = config_.sip.transfers == "follow" ? call::TransferPolicy::Follow
                                                           : call::TransferPolicy::Refuse;
    exchange.early_media = early_media_policy(config_.sip.early_media);
    exchange.source_policy = config_.rtp.learn_source ? media::RtpTrack::SourcePolicy::Learn
                                                      : media::RtpTrack::SourcePolicy::Strict;
    use_speech(exchange);
    exchange.accept_timeout = config_.handler.accept_timeout;
    exchange.application_fallback = fallback_of(config_.handler);
    return exchange;
}

api::activecall::ActiveCallApi::Options Server::State::active_call_options(ShardRuntime& runtime) {
    return {
        .wall = runtime.wall(),
        .ice_servers = [this](WallTime now) { return ice_servers_body(config_.ice_servers, now); },
        .precache =
            [&runtime](const api::activecall::PrecacheRequest& request,
                       api::activecall::PrecacheAnswer answer) {
                runtime.precache(request, std::move(answer));
            }};
}

tl::expected<void, std::string> Server::State::build_shard(unsigned index, unsigned count) {
    auto house = std::make_unique<ShardHouse>();
    house->shard = std::make_unique<net::Shard>(net::ShardOptions{.index = index});
    house->shard->on_fault([](std::string_view place, const std::exception& fault) {
        spdlog::error("a {} callback failed: {}", place, fault.what());
    });
    house->runtime = std::make_unique<ShardRuntime>(
        *house->shard,
        ShardRuntimeOptions{
            .exchange = exchange_config(index, count),
            .rtp = {.span = net::shard_share({config_.rtp.first_port, config_.rtp.last_port}, index,
                                             count),
                    .listen = config_.rtp.listen,
                    .external = config_.rtp.external},
            .peers = {.sockets = {.port = static_cast<std::uint16_t>(
                                      config_.webrtc.port == 0 ? 0 : config_.webrtc.port + index),
                                  .listen = config_.rtp.listen,
                                  .external = config_.rtp.external},
                      .relays = {.servers = turn_servers(config_.webrtc.turn),
                                 .listen = config_.rtp.listen},
                      .relay_only = config_.webrtc.relay_only},
            .fetch = FetchGuard(config_.fetch.allow),
            .targets = {.policy = locate_policy(), .dns_servers = config_.sip.dns_servers},
            .handler = config_.handler},
        *services_);
    services_->runtimes.push_back(house->runtime.get());
    house->calls = std::make_unique<LocalCalls>(*house->runtime, services_->runtimes, draining_);
    house->whatsapp_control =
        std::make_unique<api::bridge::CallControl>(*house->calls, bridge_calls_);
    house->active_call = std::make_unique<api::activecall::ActiveCallApi>(
        *house->calls, active_call_options(*house->runtime));
    house->http = std::make_unique<net::HttpServer>(*house->shard, http_options(config_, count));
    house->http->admission(
        [this](const net::HttpRequest& request) { return api::admit(access_, request); });
    if (!config_.call_api.alone) {
        house->active_call->add_routes(*house->http);
    }
    add_status_routes(*house);
    PB_CHECK(add_call_api(*house, http_options(config_, count)));
    add_sip_web_socket(*house, http_options(config_, count));
    use_tls(*house, tls_);
    const RecordSources sources{.records = *records_,
                                .disk = *disk_,
                                .slow = *compression_,
                                .recordings = kept_recordings_,
                                .dumps = dumps_};
    add_record_routes(*house->http, *house->shard, sources);
    add_record_views(*house->http, *house->shard, sources);
    api::bridge::add_bridge_routes(*house->http, *this);
    api::bridge::add_graph_webhook(*house->http, *this);
    house->whatsapp_control->add_routes(*house->http);
    watch_time(*house);
    houses_.push_back(std::move(house));
    return {};
}

void Server::State::watch_time(ShardHouse& house) {
    house.shard->on_tick([this, one = &house](const net::Tick& tick) {
        one->active_call->handle_time(tick.now);
        one->call_api->handle_time();
        one->whatsapp_control->keep_house();
        if (one->shard->index() == 0) {
            watch_drain(tick.now);
            sip_services_->keep_house(tick.now);
            bridges_->keep_house(tick.now);
        }
    });
}

void Server::State::add_status_routes(ShardHouse& house) {
    add_web_files(*house.http);
    house.http->route(net::HttpMethod::Get, "/health",
                      [this](const net::HttpRequest&, net::Responder responder) {
                          answer_health(std::move(responder));
                      });
    house.http->route(net::HttpMethod::Get, "/metrics",
                      [this](const net::HttpRequest&, net::Responder responder) {
                          scrape(std::move(responder));
                      });
    house.http->route(net::HttpMethod::Get, "/call/trace/{id}",
                      [this](const net::HttpRequest& request, net::Responder responder) {
                          answer_trace(std::string(request.parameter("id").value_or("")),
                                       std::move(responder));
                      });
    house.http->route(net::HttpMethod::Get, "/call/quality",
                      [this](const net::HttpRequest&, net::Responder responder) {
                          answer_quality(std::nullopt, std::move(responder));
                      });
    house.http->route(net::HttpMethod::Get, "/call/quality/{id}",
                      [this](const net::HttpRequest& request, net::Responder responder) {
                          answer_quality(
                              call::SessionId(std::string(request.parameter("id").value_or(""))),
                              std::move(responder));
                      });
}

void Server::State::run() {
    signals_.emplace(*houses_.front()->shard, std::initializer_list<int>{SIGTERM, SIGINT, SIGHUP},
                     [this](int number) {
                         if (number == SIGHUP) {
                             reload_tls();
                         } else {
                             begin_drain();
                         }
                     });
    for (const auto& house : houses_) {
        (void)house->shard->post([one = house.get()] { one->runtime->start_accounts(); });
    }
    for (std::size_t i = 1; i < houses_.size(); ++i) {
        houses_[i]->shard->start();
    }
    houses_.front()->shard->run();
    stop_shards();
}

void Server::State::request_stop() {
    (void)houses_.front()->shard->post([this] { begin_drain(); });
}

// First: no new calls, those in progress go on. Again: at once. HTTP stays, so that new sockets are
// told 503, /health tells the load balancer, and calls can still be listed and killed.
void Server::State::begin_drain() {
    const Instant now = net::monotonic_now();
    if (drain_deadline_) {
        drain_deadline_ = now;
        return;
    }
    draining_ = true;
    const bool registered =
        !config_.services.registrations.empty() || bridges_->has_registrations();
    stop_not_before_ = registered ? now + kUnregisterGrace : now;
    drain_deadline_ = config_.drain.enabled ? now + config_.drain.timeout : now;
    const std::size_t calls = directory_.count();
    if (calls != 0) {
        spdlog::info(
            "shutting down: waiting up to {} s for {} calls; a second signal ends them now",
            config_.drain.enabled ? config_.drain.timeout.count() : 0, calls);
    }
    for (const auto& house : houses_) {
        (void)house->shard->post([one = house.get()] { one->runtime->refuse_new_calls(); });
    }
}

void Server::State::watch_drain(Instant now) {
    if (!drain_deadline_) {
        return;
    }
    const bool empty = directory_.count() == 0;
    if (!hung_up_ && !empty && now >= *drain_deadline_) {
        hung_up_ = true;
        drain_deadline_ = now + kHangUpGrace;
        for (const auto& house : houses_) {
            (void)house->shard->post([one = house.get()] { one->runtime->hang_up_all(); });
        }
        return;
    }
    if ((empty && now >= stop_not_before_) || now >= *drain_deadline_) {
        houses_.front()->shard->stop();
    }
}

void Server::State::stop_shards() {
    for (const auto& house : houses_) {
        house->shard->stop();
    }
    for (const auto& house : houses_) {
        house->shard->join();
    }
}

}  // namespace patchbay::app
