// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/calls.hpp"
#include "api/activecall/precache.hpp"
#include "app/bridge/calls.hpp"
#include "app/bridge/configuration.hpp"
#include "app/bridge/sides.hpp"
#include "app/bridge/webhook.hpp"
#include "app/calls/audience.hpp"
#include "app/calls/directory.hpp"
#include "app/calls/event_dump.hpp"
#include "app/calls/records.hpp"
#include "app/files/fetch_guard.hpp"
#include "app/files/media_downloads.hpp"
#include "app/peer/paths.hpp"
#include "app/server/set_up_times.hpp"
#include "app/shard/call_sockets.hpp"
#include "app/shard/cloud_voices.hpp"
#include "app/shard/precache.hpp"
#include "app/shard/rtp_ports.hpp"
#include "app/sip/sockets.hpp"
#include "app/sip/targets.hpp"
#include "app/sip/trace.hpp"
#include "app/webhook/webhook.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "call/effects.hpp"
#include "call/exchange.hpp"
#include "call/synthesis_plan.hpp"
#include "net/http_client.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/wakeup.hpp"
#include "speech/asr/recognizer_pool.hpp"
#include "speech/speech_pool.hpp"
#include "store/file_reader.hpp"
#include "store/record_store.hpp"
#include "store/recording_writer.hpp"
#include "store/speech_cache.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace patchbay::app {

class PageSides;

class CallReports;
class ShardRuntime;

// What all shards share. Each member may be used from any thread.
struct SharedServices {
    Directory& directory;
    speech::SpeechPool& speech;
    speech::SpeechPool& espeak;
    speech::RecognizerPool& recognizer;
    store::SpeechCache* speech_cache;  // null: nothing is kept
    store::FileReader& files;
    store::RecordingWriter& recordings;
    store::MediaCache& media_cache;
    CallReports& reports;
    BridgeCalls& bridge_calls;
    store::RecordStore& records;
    store::DiskThread& disk;
    // Shared with the files being written; null: none.
    std::shared_ptr<const store::FileJail> dumps;
    std::vector<ShardRuntime*> runtimes;  // by shard index; complete before the shards start
};

struct ShardRuntimeOptions {
    call::ExchangeConfig exchange;
    RtpPorts::Options rtp;
    PeerPaths::Options peers;
    FetchGuard fetch;
    SipTargets::Options targets;
    HandlerConfig handler;
};

// What one shard counts; copied to the scraping shard, summed there.
struct ShardCounters {
    std::uint64_t calls_begun = 0;
    std::uint64_t calls_answered = 0;
    std::map<int, std::uint64_t> calls_ended;  // by the status that stands for the call
    std::uint64_t calls_broken = 0;
    SetUpTimes set_up;
    std::uint64_t events = 0;
    std::uint64_t speech_started = 0;
    std::uint64_t files_opened = 0;
    std::uint64_t recordings_failed = 0;
    std::uint64_t sip_handed_over = 0;  // messages that another shard owns
    SipSocketStatistics sip;
    RtpPortStatistics rtp;
    net::ShardStatistics shard;
    std::size_t calls = 0;
    call::InboundGate::Counts gate;
    std::vector<call::AccountStatus> accounts;
    std::vector<call::TrunkStatus> trunks;
};

// One shard at work: hands packets, commands, answers and ticks to the Exchange and does what its
// effects ask. All decisions are the Exchange's; here is only plumbing. Belongs to its shard.
class ShardRuntime {
  public:
    ShardRuntime(net::Shard& shard, ShardRuntimeOptions options, SharedServices& services);
    ~ShardRuntime();
    ShardRuntime(const ShardRuntime&) = delete;
    ShardRuntime& operator=(const ShardRuntime&) = delete;

    net::Shard& shard() { return shard_; }
    SipSockets& sip() { return sip_; }
    PeerPaths& peers() { return peers_; }
    WallAnchor wall() const { return wall_; }
    Random& random() { return random_; }
    Directory& directory() { return services_.directory; }

    // Begins a call whose id the directory has reserved for this shard.
    Result<call::SessionKey> open(call::SessionRequest request,
                                  const api::activecall::ControlTerms& terms,
                                  api::activecall::CallListener& listener);
    // A client takes an incoming call that waits for its application.
    Result<call::SessionKey> adopt(const call::SessionId& id,
                                   std::string server_track,
                                   const api::activecall::ControlTerms& terms,
                                   api::activecall::CallListener& listener);
    // A client comes back to its call, whose event log has admitted it.
    Result<call::SessionKey> resume(const call::SessionId& id,
                                    std::uint64_t last_sequence,
                                    const api::activecall::ControlTerms& terms,
                                    api::activecall::CallListener& listener);
    void command(call::SessionKey session, call::ClientCommand command);
    void command(const call::SessionId& id, call::ClientCommand command);
    void audio(call::SessionKey session, ByteView bytes);
    // The listener hears nothing any more; a call that still lives ends, or waits for its client.
    void close(call::SessionKey session, const api::activecall::CallListener& listener);
    void kill(const call::SessionId& id);
    void observe(const call::SessionId& id, api::activecall::CallListener& observer);
    void stop_observing(const call::SessionId& id, const api::activecall::CallListener& observer);

    // The Call API. What is asked of a call that is gone is reported as failed.
    void start_call(call::OperationId operation, call::ThirdPartyRequest request);
    void redirect(call::OperationId operation,
                  const call::SessionId& party,
                  const std::string& destination);
    void connect(call::OperationId operation,
                 const call::SessionId& party,
                 const call::SessionId& other);
    void cancel(call::OperationId operation);
    std::optional<sip::DialogIdentity> dialog(const call::SessionId& id) const;
    // From now on an INVITE gets 503: the server goes down.
    void refuse_new_calls();
    void hang_up_all();
    // The shard does not run any more, and the disk still does.
    void close_records() { records_.close_ended(); }

    // A message that another shard's socket received, or one for a connection of this shard.
    void receive_sip(const sip::Flow& flow, const std::string& message);
    void transmit_sip(sip::Transmit transmit);

    // Speech that no call has asked for yet.
    void precache(const api::activecall::PrecacheRequest& request,
                  api::activecall::PrecacheAnswer answer);

    // The operator wants other neighbours, who call at `doors`.
    void replace_neighbours(call::NeighbourConfig neighbours,
                            const std::vector<BridgeDoor>& doors,
                            net::PortSharing sharing);
    // The WhatsApp sides of bridges that live in this process.
    void use_sides(const bridge::Plan& plan);
    void notify_side(const std::string& bridge, const std::vector<bridge::graph::Notice>& notices) {
        sides_.notify(bridge, notices);
    }
    std::map<std::string, bridge::SideState> sides() const;
    const call::RouteUses& route_uses() const { return exchange_.route_uses(); }
    // Begins the registrations and pings that are this shard's to keep.
    void start_accounts();
    struct Neighbours {
        std::vector<call::AccountStatus> accounts;
        std::vector<call::TrunkStatus> trunks;
    };
    Neighbours neighbours() const { return {exchange_.accounts(shard_.now()), exchange_.trunks()}; }

    ShardCounters counters() const;
    // The SIP messages of a call of this shard, by session id or Call-ID.
    std::optional<api::CallTrace> trace(std::string_view id) const { return trace_.find(id); }

    // Of these calls those that are of this shard, as they are by now.
    std::vector<call::SessionSummary> summaries(std::span<const call::SessionId> ids) const;

  private:
    // Every call into the Exchange goes through here, so that effects are performed in order. What
    // an effect's answer asks for in turn is appended behind the effects that are still waiting.
    template <class Action>
    void step(Action&& action) {
        action(effects_);
        if (!draining_) {
            drain();
        }
    }
    void drain();

    void deliver_to_side(const sip::Transmit& transmit);
    void perform(call::SendSip effect);
    void targets_found(Instant now,
                       const SipTargets::Asker& asker,
                       const Result<std::vector<sip::Target>>& targets);
    void perform(const call::LocateTarget& effect);
    void perform(const call::RestTarget& effect);
    void perform(const call::LocateRegistrar& effect);
    void perform(const call::LocateTrunk& effect);
    void perform(const call::SourceBanned& effect);
    void perform(const call::OpenRtpPort& effect);
    PeerPaths::Handlers peer_handlers();
    void peer_port_opened(Instant now,
                          call::SessionKey session,
                          const Result<call::PeerPort>& port);
    void perform(const call::OpenPeerPort& effect);
    void perform(const call::CloseRtpPort& effect);
    void perform(call::StartSpeech effect);
    void perform(const call::OpenFile& effect);
    void perform(const call::OpenRecording& effect);
    void perform(const call::AskApplication& effect);
    void perform(const call::BridgeElsewhere& effect);
    void perform(const call::OpenRecognizer& effect);
    void perform(const call::OpenSocket& effect);
    void perform(const call::SendToSocket& effect);
    void perform(call::SendTextToSocket effect);
    void perform(const call::CloseSocket& effect);
    void perform(const call::SendAudio& effect);
    void perform(const call::EmitEvent& effect);
    void perform(const call::OperationReported& effect);
    void perform(const call::ThirdPartyReported& effect);
    void perform(const call::SessionChanged& effect);
    void perform(const call::SessionEnded& effect);
    void perform(const call::SessionBroken& effect);

    // shard_runtime_calls.cpp
    void tell_changed(const call::SessionSummary& summary);
    void enter(call::SessionKey key,
               const call::SessionId& id,
               const api::activecall::ControlTerms& terms,
               api::activecall::CallListener& listener);
    void keep_log(call::SessionKey key, const call::SessionId& id);
    void begin_dump(call::SessionKey key, const call::SessionId& id);
    void let_go(Instant now);
    void application_missing(call::SessionKey session);

    void route_sip(Instant now, const sip::Flow& flow, ByteView message);
    void handle_sip(Instant now, const sip::Flow& flow, ByteView message);
    void receive_rtp(Instant now,
                     call::RtpPort port,
                     RtpPorts::Socket socket,
                     const SocketAddress& from,
                     ByteView packet);
    void share_learned_addresses();
    void report_failure(Instant now, const sip::Flow& flow);
    void handle_tick(const net::Tick& tick);
    CallSockets::Handlers socket_handlers();
    CloudVoices::Answers answers_to(call::PlaybackId playback);
    Result<std::unique_ptr<media::FrameSource>> speak(const call::SynthesisPlan& plan,
                                                      std::string cache_key,
                                                      bool client_is_local,
                                                      CloudVoices::Answers answers);
    void say(call::PlaybackId playback, const call::SynthesisPlan& plan, std::string cache_key);
    void recall(call::PlaybackId playback, call::SynthesisPlan plan, std::string cache_key);
    void play_kept(call::PlaybackId playback,
                   const std::string& text,
                   const store::SpeechCache::Samples& samples);
    bool is_local(call::SessionKey session) const;
    void answer_bridge(const call::BridgeRequest& request, const Result<void>& answer);
    std::optional<unsigned> shard_of(const call::BridgeRequest& request) const;
    void fetch_file(const call::OpenFile& effect);
    void recording_report(call::SessionKey session,
                          std::size_t recording,
                          const store::RecordingReport& report);

    net::Shard& shard_;
    SharedServices& services_;
    WallAnchor wall_;
    SystemRandom random_;
    FetchGuard fetch_;
    std::string default_voice_;
    call::SpeechAccounts accounts_;
    HandlerConfig handler_;
    Webhook webhook_;
    call::Exchange exchange_;
    SipSockets sip_;
    SipTargets targets_;
    RtpPorts rtp_;
    PeerPaths peers_;
    net::Wakeup wakeup_;

    call::Effects effects_;
    bool draining_ = false;
    std::set<SocketAddress> doors_;  // of bridges, that are open
    CallAudience audience_;
    CallRecords records_;
    std::unordered_map<call::SessionKey, std::unique_ptr<EventDump>> dumps_;
    CallSockets sockets_;
    CloudVoices voices_;
    Precache precache_;
    MediaDownloads downloads_;
    // Downloads under way, by call: they end with it.
    std::unordered_map<call::SessionKey, std::list<net::Operation>> operations_;
    ShardCounters counters_;
    SipTrace trace_;
    BridgeSides sides_;
    std::unique_ptr<PageSides> pages_;  // of the first shard
    BridgeWebhook bridge_webhook_;
};

}  // namespace patchbay::app
