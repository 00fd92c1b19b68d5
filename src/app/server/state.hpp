// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/access.hpp"
#include "api/activecall/active_call_api.hpp"
#include "api/bridge/call_control.hpp"
#include "api/bridge/configuration.hpp"
#include "api/jsonrpc/call_api.hpp"
#include "api/jsonrpc/own_calls.hpp"
#include "app/bridge/configuration.hpp"
#include "app/bridge/history.hpp"
#include "app/calls/directory.hpp"
#include "app/calls/local_calls.hpp"
#include "app/calls/reports.hpp"
#include "app/calls/shard_calls.hpp"
#include "app/config/config.hpp"
#include "app/server/metrics.hpp"
#include "app/server/proxy_backend.hpp"
#include "app/server/server.hpp"
#include "app/server/services.hpp"
#include "app/server/tls.hpp"
#include "app/shard/runtime.hpp"
#include "base/time.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "net/signals.hpp"
#include "speech/asr/recognizer_pool.hpp"
#include "speech/speech_pool.hpp"
#include "speech/vad/silero_network.hpp"
#include "store/disk_thread.hpp"
#include "store/file_jail.hpp"
#include "store/file_reader.hpp"
#include "store/record_store.hpp"
#include "store/recording_writer.hpp"
#include "store/speech_cache.hpp"

#include <tl/expected.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

// One shard with everything that stands on it. Members are destroyed in reverse: sockets first, the
// shard last.
struct ShardHouse {
    std::unique_ptr<net::Shard> shard;
    std::unique_ptr<ShardRuntime> runtime;
    std::unique_ptr<LocalCalls> calls;
    std::unique_ptr<api::activecall::ActiveCallApi> active_call;
    std::unique_ptr<api::bridge::CallControl> whatsapp_control;
    std::unique_ptr<ShardCalls> call_control;
    std::unique_ptr<api::jsonrpc::OwnCalls> own_calls;
    std::unique_ptr<ProxyBackend> proxy;  // that carries the calls of the Call API; null: own_calls
    std::unique_ptr<api::jsonrpc::CallApi> call_api;
    std::unique_ptr<net::HttpServer> http;
    std::unique_ptr<net::HttpServer> call_http;  // ports for the Call API alone
    std::unique_ptr<net::HttpServer> sip_http;   // ports for SIP over WebSocket alone
};

// What Server hides: the parts and the order in which they are built, run and taken down.
class Server::State final : private api::bridge::Configuration {
  public:
    explicit State(Config config);
    ~State() override;
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    tl::expected<void, std::string> open();
    void run();
    void request_stop();

    const std::vector<SocketAddress>& http_addresses() const { return http_addresses_; }
    const std::vector<SocketAddress>& sip_addresses() const { return sip_addresses_; }
    const Listeners& listeners() const { return listeners_; }
    std::size_t calls() const { return directory_.count(); }

  private:
    tl::expected<void, std::string> open_store();
    tl::expected<void, std::string> open_records();
    tl::expected<void, std::string> open_speech();
    void close_speech();
    void use_speech(call::ExchangeConfig& exchange) const;
    tl::expected<void, std::string> open_access();
    tl::expected<void, std::string> find_sip_addresses();
    tl::expected<void, std::string> find_http_addresses();
    tl::expected<void, std::string> find_tls_addresses();
    tl::expected<void, std::string> find_addresses(std::string_view service,
                                                   const std::vector<SocketAddress>& wanted,
                                                   std::string_view option,
                                                   std::vector<SocketAddress>& found);
    api::activecall::ActiveCallApi::Options active_call_options(ShardRuntime& runtime);
    tl::expected<void, std::string> build_shard(unsigned index, unsigned count);
    call::ExchangeConfig exchange_config(unsigned index, unsigned count);
    void add_status_routes(ShardHouse& house);
    void watch_time(ShardHouse& house);
    tl::expected<void, std::string> add_call_api(ShardHouse& house,
                                                 const net::HttpServerOptions& options);
    tl::expected<void, std::string> find_call_api_addresses();
    sip::LocatePolicy locate_policy() const;
    void add_sip_web_socket(ShardHouse& house, const net::HttpServerOptions& options);
    tl::expected<void, std::string> listen(ShardHouse& house);
    tl::expected<void, std::string> listen_sip(ShardHouse& house);
    static void use_tls(ShardHouse& house, const ServerTls& tls);
    void reload_tls();

    // server_bridges.cpp
    void open_bridges();
    void tell_bridges(const std::shared_ptr<const BridgeTerms>& terms);
    std::optional<bridge::Settings> find(std::string_view bridge) const override;
    void configure(std::string bridge,
                   bridge::SettingsChange change,
                   bridge::FieldProblems problems,
                   UniqueFunction<void(Outcome)> done) override;
    void remove(std::string bridge, UniqueFunction<void(Result<void>)> done) override;
    void notify(const std::string& bridge,
                const std::vector<bridge::graph::Notice>& notices) override;
    void ask_status(std::string bridge,
                    UniqueFunction<void(std::optional<api::bridge::BridgeStatus>)> done) override;

    void scrape(net::Responder responder);
    void answer_health(net::Responder responder);
    void answer_trace(const std::string& id, net::Responder responder);
    // Of one call and its other parties, or of the latest calls.
    void answer_quality(const std::optional<call::SessionId>& id, net::Responder responder);
    ShardSnapshot snapshot(const ShardHouse& house) const;

    void begin_drain();
    void watch_drain(Instant now);
    void stop_shards();

    Config config_;
    Instant started_;
    api::AccessPolicy access_;
    std::atomic<bool> draining_{false};
    // Shard 0's thread only.
    std::optional<Instant> drain_deadline_;
    Instant stop_not_before_;  // once it drains
    bool hung_up_ = false;

    std::vector<SocketAddress> sip_addresses_;
    std::vector<SocketAddress> http_addresses_;
    Listeners listeners_;
    ServerTls tls_;
    std::atomic<std::uint64_t> tls_reloads_refused_{0};

    std::shared_ptr<const speech::SileroNetwork> voice_network_;
    std::shared_ptr<const speech::TenLibrary> ten_library_;  // null: silero serves `ten`
    Directory directory_;
    CallReports reports_;
    BridgeCalls bridge_calls_;
    std::optional<store::DiskThread> disk_;
    std::optional<store::DiskThread> compression_;
    std::optional<store::FileReader> files_;
    std::optional<store::RecordingWriter> recordings_;
    std::optional<store::MediaCache> media_cache_;
    std::unique_ptr<store::RecordStore> records_;
    // Shared with files that are being written or sent.
    std::shared_ptr<const store::FileJail> dumps_;
    std::shared_ptr<const store::FileJail> kept_recordings_;
    std::optional<speech::SpeechPool> speech_;
    std::optional<speech::SpeechPool> espeak_;
    std::optional<speech::RecognizerPool> recognizer_;
    std::unique_ptr<store::SpeechCache> speech_cache_;
    std::optional<ServerServices> sip_services_;
    std::optional<BridgeConfiguration> bridges_;
    std::optional<BridgeHistory> bridge_history_;
    std::optional<SharedServices> services_;
    std::vector<std::unique_ptr<ShardHouse>> houses_;
    std::optional<net::Signals> signals_;
};

}  // namespace patchbay::app
