// SPDX-License-Identifier: Apache-2.0
#include "app/demo/demo.hpp"

#include "app/demo/child_process.hpp"
#include "app/demo/folder.hpp"
#include "app/demo/timeline.hpp"
#include "app/terminal/control_client.hpp"
#include "app/terminal/event_text.hpp"
#include "lab/audio_file.hpp"
#include "lab/demo_call.hpp"
#include "lab/demo_check.hpp"
#include "lab/demo_script.hpp"
#include "lab/phone_note.hpp"
#include "net/local_address.hpp"
#include "net/shard.hpp"
#include "net/signals.hpp"
#include "net/wakeup.hpp"

#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace patchbay::app {
namespace {

// A process that has not said that it listens by then will not.
constexpr Seconds kStartPatience{15};
// After the call: for the phone's report, and for the recordings to be closed.
constexpr Seconds kReportPatience{5};

tl::unexpected<std::string> refuse(std::string why) {
    return tl::unexpected<std::string>(std::move(why));
}

Expected<SocketAddress, std::string> free_address() {
    const auto address =
        net::probe_bind({IpAddress::v4(127, 0, 0, 1), 0}, net::Protocol::UdpAndTcp);
    return address ? Expected<SocketAddress, std::string>(*address)
                   : refuse("no free port on 127.0.0.1");
}

std::string in_milliseconds(Milliseconds time) {
    return fmt::format("{}ms", time.count());
}

// The client of the demonstration, and what it needs of the other two processes.
class Demo {
  public:
    Demo(net::Shard& shard, DemoFolder folder)
        : shard_(shard),
          folder_(std::move(folder)),
          wall_(net::read_wall_anchor()),
          client_(
              shard,
              {.opened = [this] { step([&](Commands& out) { call_->start(now(), out); }); },
               .event = [this](const call::Event& event, std::string_view) { handle_event(event); },
               .closed = [this](const std::string& why) { call_->handle_closed(why); }}),
          wakeup_(shard, [this](Instant now) {
              step([&](Commands& out) { call_->handle_timeout(now, out); });
          }) {}

    // True when every step happened; the error is a sentence for a person.
    Expected<bool, std::string> run() {
        PB_CHECK(make_media());
        PB_CHECK(start_server());
        PB_CHECK(start_phone());
        timeline_.print_title("Timeline");
        make_call();
        if (interrupted_) {
            return refuse("interrupted");
        }
        return judge();
    }
    void interrupt() { interrupted_ = true; }

  private:
    using Commands = lab::DemoCall::Commands;

    Instant now() const { return shard_.now(); }

    // Runs the shard until `done`, Ctrl-C, or the end of patience.
    template <class Done>
    bool run_until(Seconds patience, Done done) {
        const Instant deadline = now() + patience;
        while (!done() && !interrupted_ && now() < deadline) {
            shard_.run_one();
        }
        return done();
    }

    Expected<void, std::string> make_media() {
        std::error_code error;
        std::filesystem::create_directories(folder_.media(), error);
        // Recordings of an earlier demonstration in the same folder would be taken for ours.
        std::filesystem::remove(folder_.phone_recording(), error);
        std::filesystem::remove(folder_.server_recording(script_.recording), error);
        const auto write = [&](const std::string& name, const lab::DemoTone& tone,
                               lab::AudioFormat format) {
            return lab::write_audio_file((folder_.media() / name).string(),
                                         lab::make_tone_file(tone.spec()), format);
        };
        if (!write(script_.wav_name, script_.wav, lab::AudioFormat::Wav) ||
            !write(script_.mp3_name, script_.mp3, lab::AudioFormat::Mp3)) {
            return refuse(fmt::format("cannot write sound files in {}", folder_.media().string()));
        }
        return {};
    }

    Expected<void, std::string> start_server() {
        PB_TRY(const SocketAddress http, free_address());
        PB_TRY(const SocketAddress sip, free_address());
        auto server = ChildProcess::start(
            shard_,
            {"serve", "--data", folder_.data(), "--http", http.to_string(), "--sip",
             sip.to_string(), "--shards", "1", "--log-level", "warn"},
            [this](const std::string& line) {
                server_listens_ = server_listens_ || line.find("ws://") != std::string::npos;
            });
        if (!server) {
            return refuse("cannot start a server process: " + describe(server.error()));
        }
        server_ = std::make_unique<ChildProcess>(std::move(*server));
        server_options_.server = http;
        if (!run_until(kStartPatience, [this] { return server_listens_; })) {
            return refuse("the server did not start; what it said stands above");
        }
        timeline_.print_title("A server, a phone and a client: three processes on this machine");
        timeline_.print_fact("server", fmt::format("ws://{}/call/sip, SIP on {}", http.to_string(),
                                                   sip.to_string()));
        return {};
    }

    Expected<void, std::string> start_phone() {
        auto phone = ChildProcess::start(
            shard_,
            {"phone", "--json", "--listen", "127.0.0.1:0", "--calls", "1", "--answer-after",
             in_milliseconds(script_.ring), "--tone",
             fmt::format("{}:{}", script_.phone_tone.frequency,
                         in_milliseconds(script_.phone_tone.length)),
             "--dtmf", script_.keys, "--dtmf-after", in_milliseconds(script_.keys_after),
             "--record", folder_.phone_recording()},
            [this](const std::string& line) { handle_note(line); });
        if (!phone) {
            return refuse("cannot start a phone process: " + describe(phone.error()));
        }
        phone_ = std::make_unique<ChildProcess>(std::move(*phone));
        if (!run_until(kStartPatience, [this] { return !phone_uri_.empty(); })) {
            return refuse("the phone did not start; what it said stands above");
        }
        timeline_.print_fact("phone",
                             fmt::format("{}: answers, plays {} Hz, presses {}", phone_uri_,
                                         script_.phone_tone.frequency, script_.keys));
        timeline_.print_fact("client",
                             fmt::format("says a sentence, plays a WAV ({} Hz) and an MP3 ({} Hz), "
                                         "interrupts it, hangs up",
                                         script_.wav.frequency, script_.mp3.frequency));
        return {};
    }

    void make_call() {
        call_.emplace(script_, phone_uri_);
        client_.open(server_options_, "demonstration");
        while (!call_->is_over() && !interrupted_) {
            shard_.run_one();
        }
        run_until(kReportPatience, [this] { return phone_ended_; });
        // Their ends close the recordings, and bring the last lines.
        phone_->stop();
        server_->stop();
        (void)shard_.post([this] { lines_read_ = true; });
        run_until(kReportPatience, [this] { return lines_read_; });
    }

    template <class Action>
    void step(Action&& action) {
        Commands commands;
        action(commands);
        for (const call::Command& command : commands) {
            timeline_.print_line(wall_.at(now()), Party::Client, describe(command));
            client_.send(command);
        }
        wakeup_.at(call_->next_timeout());
    }

    void handle_event(const call::Event& event) {
        if (std::holds_alternative<call::event::Ping>(event)) {
            return;
        }
        const WallTime at = std::visit([](const auto& e) { return time_of(e); }, event);
        timeline_.print_line(at, Party::Server, describe(event));
        step([&](Commands& out) { call_->handle_event(now(), event, out); });
    }
    template <class E>
    static WallTime time_of(const E& event) {
        return event.timestamp;
    }

    void handle_note(const std::string& line) {
        const auto note = lab::decode_note(line);
        if (!note) {
            timeline_.print_problem("the phone said: " + line);
            return;
        }
        notes_.push_back(*note);
        if (const auto* listening = std::get_if<lab::note::Listening>(&*note)) {
            phone_uri_ = listening->uri;
            return;
        }
        const bool ended = std::holds_alternative<lab::note::Ended>(*note);
        phone_ended_ = phone_ended_ || ended || std::holds_alternative<lab::note::Rejected>(*note);
        // Silence is told late, and dated back: it would stand out of order here.
        if (!std::holds_alternative<lab::note::SoundStopped>(*note)) {
            const std::string text = lab::describe(*note);
            timeline_.print_line(lab::timestamp_of(*note), Party::Phone,
                                 text.substr(0, text.find('\n')));
        }
    }

    Expected<bool, std::string> judge() {
        auto phone = lab::read_audio_file(folder_.phone_recording());
        auto server = lab::read_audio_file(folder_.server_recording(script_.recording));
        const lab::DemoEvidence evidence{.client = call_->record(),
                                         .clock = wall_,
                                         .phone = notes_,
                                         .phone_recording = phone.value_or(lab::AudioFile()),
                                         .server_recording = server.value_or(lab::AudioFile())};
        timeline_.print_waveform(
            fmt::format("The server's recording, {:.1f} s in stereo",
                        static_cast<double>(evidence.server_recording.length().count()) / 1000),
            evidence.server_recording, "phone", "server");
        const auto checks = lab::check_demo(script_, evidence);
        timeline_.print_checks(checks);
        if (folder_.is_kept()) {
            timeline_.print_fact("kept", folder_.server_recording(script_.recording));
            timeline_.print_fact("", folder_.phone_recording());
        }
        bool all = true;
        for (const lab::DemoCheck& check : checks) {
            all = all && check.ok;
        }
        return all;
    }

    net::Shard& shard_;
    DemoFolder folder_;
    lab::DemoScript script_;
    WallAnchor wall_;
    DemoTimeline timeline_;
    std::optional<lab::DemoCall> call_;
    ControlClient client_;
    net::Wakeup wakeup_;
    ServerOptions server_options_;
    std::string phone_uri_;
    std::vector<lab::PhoneNote> notes_;
    bool server_listens_ = false;
    bool phone_ended_ = false;
    bool lines_read_ = false;
    bool interrupted_ = false;
    // After everything that their lines reach.
    std::unique_ptr<ChildProcess> server_;
    std::unique_ptr<ChildProcess> phone_;
};

}  // namespace

int run_demo(const DemoOptions& options) {
    auto folder = DemoFolder::make(options.keep);
    net::Shard shard;
    Expected<bool, std::string> happened = false;
    if (folder) {
        Demo demo(shard, std::move(*folder));
        const net::Signals signals(shard, {SIGINT, SIGTERM}, [&](int) { demo.interrupt(); });
        happened = demo.run();
    } else {
        happened = refuse(folder.error());
    }
    if (!happened) {
        DemoTimeline().print_problem(happened.error());
    }
    return happened.value_or(false) ? 0 : 1;
}

}  // namespace patchbay::app
