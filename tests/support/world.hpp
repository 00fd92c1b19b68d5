// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "call/exchange.hpp"
#include "lab/phone_engine.hpp"
#include "media/frame.hpp"
#include "sip/locate.hpp"
#include "support/fragile_random.hpp"
#include "support/manual_clock.hpp"
#include "support/memory_recording.hpp"
#include "support/netem.hpp"
#include "support/socket_server.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::test {

// The embedded recognizer of a world: what each frame leads to.
class EmbeddedRecognizer {
  public:
    EmbeddedRecognizer() = default;
    EmbeddedRecognizer(const EmbeddedRecognizer&) = delete;
    EmbeddedRecognizer& operator=(const EmbeddedRecognizer&) = delete;
    virtual ~EmbeddedRecognizer() = default;

    virtual std::vector<speech::Transcript> write(const media::Frame& frame) = 0;
};

// A datagram under way.
struct Datagram {
    SocketAddress from;
    SocketAddress to;
    std::string bytes;

    // Of what follows an RTP header of the usual length.
    std::size_t payload_hash() const {
        constexpr std::size_t kHeader = 12;
        return std::hash<std::string>()(bytes.substr(std::min(kHeader, bytes.size())));
    }
};

struct WorldOptions {
    NetemProfile signalling = {.delay = Milliseconds(5)};
    NetemProfile media = {.delay = Milliseconds(5)};
    std::uint64_t seed = 1;
    std::vector<lab::PhoneBehaviour> phones = {{}};  // one phone each
    std::vector<std::string> phone_codecs = {"PCMU", "PCMA", "G722"};
    sdp::CryptoPolicy phone_crypto = sdp::CryptoPolicy::Off;
    bool phone_telephone_event = true;
    bool phone_comfort_noise = false;
    // Not empty: phone i is the user "phone<i>" of the server, with this password.
    std::string phone_password;
    std::string phone_user;  // not empty: all of them are this user
    call::ExchangeConfig exchange;
    bool rtp_ports = true;      // false: every request for one fails
    bool speech_works = true;   // false: every synthesis fails
    bool marked_words = false;  // word i is a tone of 400 + 100 i Hz, and its time is known
    Milliseconds tick_late{0};  // how late every second tick of the shard is
    unsigned tick_stride = 1;   // every how many'th tick comes: a shard that gives up the others
};

// What happened to one session, as its client and the lists saw it.
struct SessionHistory {
    struct Entry {
        Instant at;
        call::Event event;
    };
    std::vector<Entry> events;
    std::vector<call::OperationReported> operations;
    std::vector<call::SessionSummary> summaries;
    std::optional<call::SessionSummary> ended;
    std::shared_ptr<StereoSamples> recording;
    std::vector<Bytes> audio;  // binary messages to the client
};

// One Exchange and some phones, joined by an emulated network, in virtual time. Only bytes move
// between them: every packet is written and parsed by the code under test. The server is
// 192.0.2.1, phone number i is 192.0.2.(10 + i); all of them use port 5060 for SIP.
//
// Speech is a tone of 100 ms per word, ready after 20 ms. The file "tone.wav" is 440 Hz without
// end; other files are added by the test.
class World {
  public:
    explicit World(WorldOptions options = {});
    ~World();

    // The client's side.
    call::SessionKey open(const std::string& id = "call",
                          call::SessionKind kind = call::SessionKind::Sip);
    void command(call::SessionKey session, call::Command command);
    void close(call::SessionKey session);
    // Does what the exchange asked for when the test called it by itself.
    void perform(call::Effects effects);
    // Takes the incoming call that was offered last, as an application that the webhook told.
    call::SessionKey adopt(const std::string& server_track = "serverSideTrack");
    // Nobody could be told of it.
    void application_missing();
    const std::vector<call::AskApplication>& offered() const { return offered_; }
    void send_audio(call::SessionKey session, ByteView bytes);
    // A third party's calls, and all that was said of them.
    using ExchangeAction = std::function<void(call::Exchange&, Instant, call::Effects&)>;
    void at_exchange(const ExchangeAction& action);
    const std::vector<call::ThirdPartyReported>& third_parties() const { return third_parties_; }
    // open(), and invite phone 0.
    call::SessionKey dial(call::CallOption option = {}, const std::string& id = "call");
    static std::string phone_uri(std::size_t phone = 0);
    // Of a word that is marked, in hertz.
    static double marked_frequency(std::size_t word) {
        return 400.0 + 100.0 * static_cast<double>(word);
    }

    // Virtual time.
    void run(Nanoseconds duration);
    // False when it did not become true in `limit`.
    bool run_until(const std::function<bool()>& condition, Nanoseconds limit = Seconds(60));
    Instant now() const { return clock_.now(); }

    // The other call of a `bridge` lives elsewhere: a test with two worlds carries question and
    // answer from one to the other. Without one nobody is found there.
    std::function<void(const call::BridgeRequest&)> on_bridge_elsewhere;
    Result<void> accept_bridge(const call::BridgeRequest& request);
    void answer_bridge(const call::BridgeRequest& request, const Result<void>& answer);
    // Browsers are beside this world: a test that has one opens its port and brings its datagrams.
    std::function<std::optional<call::PeerPort>()> on_open_peer_port;
    void receive_from_browser(const webrtc::IcePath& path, ByteView datagram);

    // What happened.
    const SessionHistory& history(call::SessionKey session) { return histories_[session]; }
    const std::map<call::SessionKey, SessionHistory>& histories() const { return histories_; }
    // Names of the session's events in order, without metrics and mediaReady.
    std::vector<std::string> story(call::SessionKey session) const;
    bool happened(call::SessionKey session, std::string_view event) const;
    template <class E>
    std::vector<E> all(call::SessionKey session) const;
    template <class E>
    std::optional<Instant> when(call::SessionKey session) const;
    call::SessionKey last_session() const { return last_session_; }
    const std::vector<std::string>& broken() const { return broken_; }
    // RTP ports that are open now.
    std::size_t open_ports() const { return ports_.size(); }
    // The SIP start lines that crossed the network, "> INVITE ..." from the server, "< SIP/2.0 ..."
    // to it.
    const std::vector<std::string>& ladder() const { return ladder_; }

    // Every SIP message as it was sent, also those that the network lost.
    struct WireMessage {
        Instant at;
        Datagram datagram;
    };
    const std::vector<WireMessage>& wire() const { return wire_; }
    // Whoever lives at an address where there is no phone: gets the SIP that goes there, and
    // answers by send_as().
    using Stranger = std::function<void(const Datagram&)>;
    void add_stranger(const IpAddress& ip, Stranger stranger) {
        strangers_[ip] = std::move(stranger);
    }
    // Sends a datagram through the emulated network as if from `from`.
    void send_as(const SocketAddress& from, const SocketAddress& to, std::string bytes) {
        send({from, to, std::move(bytes)});
    }
    // SIP messages for which it is true are lost.
    std::function<bool(const Datagram&)> drop;

    call::Exchange& exchange() { return exchange_; }
    // The server's.
    FragileRandom& random() { return random_; }
    lab::PhoneEngine& phone(std::size_t i = 0);
    const std::vector<lab::PhoneEvent>& phone_events(std::size_t i = 0) const;
    // What phone i heard (left) and said (right).
    const StereoSamples& phone_audio(std::size_t i = 0) const;
    void phone_calls(const std::string& user, std::size_t i = 0);
    // Runs an action of the phone's owner and sends what comes of it.
    void at_phone(const std::function<void(lab::PhoneEngine&, lab::PhoneOutputs&)>& action,
                  std::size_t i = 0);
    // RTP packets that reached the phone, with their time and whether they held sound.
    struct Heard {
        Instant at;
        bool sound = false;
        std::size_t payload = 0;  // a hash of it
    };
    // The same hash of each RTP packet that reached the server from phone i.
    const std::vector<std::size_t>& said_payloads(std::size_t i = 0) const;
    const std::vector<Heard>& heard_packets(std::size_t i = 0) const;
    // The first tick of phone i at or after `from`.
    Instant next_phone_tick(Instant from, std::size_t i = 0) const;

    // A WebSocket server that calls connect to, as the test plays it: it decides when a connection
    // opens, what comes back and when it closes.
    struct SocketUse {
        call::SocketId id;
        std::string url;
        std::vector<std::pair<std::string, std::string>> fields;
        bool trusted = false;
        std::vector<Bytes> received;
        std::vector<std::string> texts;
        bool closed = false;  // by the call
    };
    std::vector<SocketUse>& sockets() { return sockets_; }
    void open_socket(call::SocketId socket);
    void send_from_socket(call::SocketId socket, ByteView bytes);
    void send_text_from_socket(call::SocketId socket, std::string_view text);
    void close_socket(call::SocketId socket, const call::SocketClosure& how);

    // A server that plays itself: connections whose URL begins with `url` are its. The network
    // between takes 10 ms each way.
    void add_socket_server(const std::string& url, SocketServer& server);
    // Recognizes on threads that are not there: what a frame leads to is told at once. Absent:
    // the embedded recognizer is busy.
    using RecognizerFactory = std::function<std::unique_ptr<EmbeddedRecognizer>(
        const speech::RecognitionRequest& request)>;
    void set_recognizer(RecognizerFactory factory) { recognizer_ = std::move(factory); }

    using SourceFactory = std::function<std::unique_ptr<media::FrameSource>()>;
    void add_file(const std::string& url, SourceFactory factory) {
        files_[url] = std::move(factory);
    }
    // A host may have several addresses, in the order in which they are added.
    void add_host(const std::string& name, IpAddress address) { hosts_[name].push_back(address); }
    // Targets that did not answer.
    const std::vector<sip::Target>& rested() const { return rested_; }
    void set_media_profile(const NetemProfile& profile);
    // What left the server for an address where nobody is.
    const std::vector<Datagram>& strays() const { return strays_; }
    // The newest RTP datagram that reached the server from phone i.
    const std::optional<Datagram>& last_media_of_phone(std::size_t i = 0) const;
    void set_tick_stride(unsigned stride) { options_.tick_stride = stride; }
    // The phone registers, which must be one of WorldOptions::phone_password.
    void register_phone(std::size_t i = 0);
    // Called with every datagram that somebody sends, before the network loses it.
    std::function<void(const Datagram&)> on_send;
    // Called with what is said of operations, third parties' calls and sessions.
    std::function<void(const call::Effect&)> on_report;
    // Puts a datagram on its way as if from `from`.
    void inject(const SocketAddress& from, const SocketAddress& to, std::string bytes);

  private:
    class Site;  // a phone with its sink and outputs
    class ServerSink;

    struct Later {
        Instant at;
        std::function<void()> what;
    };

    void send(const Datagram& datagram);
    void deliver(const Datagram& datagram);
    void deliver_to_server(const Datagram& datagram);
    void step_to(Instant t);
    std::optional<Instant> next_time() const;
    Instant next_server_tick() const;
    Result<std::vector<sip::Target>> locate(const sip::Uri& uri);
    void perform_effects();
    void perform(call::Effect effect);
    void open_port(const call::OpenRtpPort& request);
    void tell(const call::Effect& effect);
    void start_speech(const call::StartSpeech& speech);
    std::unique_ptr<media::FrameSource> voice(std::size_t words) const;
    speech::SpeechResult spoken(std::size_t words) const;
    void open_file(const call::OpenFile& file);
    void use_socket(const call::OpenSocket& request);
    void use_socket(call::SendToSocket& message);
    void use_socket(call::SendTextToSocket& message);
    void use_socket(const call::CloseSocket& request);
    SocketUse* socket_use(call::SocketId socket);
    void answer_from(call::SocketId socket, SocketReplies replies);
    void open_recognizer(const call::OpenRecognizer& request);
    Site* site_at(const IpAddress& ip) const;

    WorldOptions options_;
    ManualClock clock_;
    FragileRandom random_;
    Netem<Datagram> signalling_;
    Netem<Datagram> media_;
    call::Exchange exchange_;
    call::Effects effects_;
    bool performing_ = false;
    std::vector<std::unique_ptr<Site>> sites_;
    std::map<std::uint16_t, std::unique_ptr<ServerSink>> ports_;
    std::uint16_t last_port_ = 20000;
    std::map<call::SessionKey, SessionHistory> histories_;
    call::SessionKey last_session_;
    std::vector<std::string> broken_;
    std::vector<call::AskApplication> offered_;
    std::vector<call::ThirdPartyReported> third_parties_;
    std::vector<std::string> ladder_;
    std::vector<WireMessage> wire_;
    std::map<IpAddress, Stranger> strangers_;
    std::map<std::string, SourceFactory> files_;
    std::map<std::string, std::vector<IpAddress>> hosts_;
    std::vector<sip::Target> rested_;
    std::vector<SocketUse> sockets_;
    std::map<std::string, SocketServer*> socket_servers_;  // by the beginning of their URLs
    std::map<call::SocketId, std::unique_ptr<SocketPeer>> socket_peers_;
    RecognizerFactory recognizer_;
    std::vector<Later> later_;
    std::vector<Datagram> strays_;
    Instant next_tick_;
    unsigned phase_ = 0;
};

template <class E>
std::vector<E> World::all(call::SessionKey session) const {
    std::vector<E> found;
    if (const auto history = histories_.find(session); history != histories_.end()) {
        for (const auto& entry : history->second.events) {
            if (const auto* event = std::get_if<E>(&entry.event)) {
                found.push_back(*event);
            }
        }
    }
    return found;
}

template <class E>
std::optional<Instant> World::when(call::SessionKey session) const {
    if (const auto history = histories_.find(session); history != histories_.end()) {
        for (const auto& entry : history->second.events) {
            if (std::holds_alternative<E>(entry.event)) {
                return entry.at;
            }
        }
    }
    return std::nullopt;
}

}  // namespace patchbay::test
