// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/shard/rtp_ports.hpp"
#include "app/sip/sockets.hpp"
#include "app/terminal/command_line.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "lab/listener.hpp"
#include "lab/phone_engine.hpp"
#include "lab/phone_note.hpp"
#include "net/shard.hpp"
#include "net/wakeup.hpp"
#include "store/disk_thread.hpp"

#include <memory>
#include <optional>
#include <string>

namespace patchbay::app {

// `patchbay phone`: the sockets, files and output around one lab::PhoneEngine, on one shard. All
// behaviour is the engine's; this moves bytes and prints what happens.
class PhoneProcess {
  public:
    PhoneProcess(net::Shard& shard, PhoneOptions options);
    PhoneProcess(const PhoneProcess&) = delete;
    PhoneProcess& operator=(const PhoneProcess&) = delete;
    ~PhoneProcess() = default;

    // Opens everything and places the call, if there is one to place. The error is a sentence for a
    // person. The shard must run afterwards, and is stopped when the phone has done what it was
    // told.
    Expected<void, std::string> start();
    // As Ctrl-C: hangs up, takes the registration back, and stops.
    void quit();

    bool was_answered() const { return was_answered_; }

  private:
    Expected<void, std::string> open_sockets();
    Expected<void, std::string> open_files();
    Expected<lab::PhoneConfig, std::string> engine_config();
    Expected<sip::RegistrationConfig, std::string> registration_config();
    Expected<SocketAddress, std::string> resolve(const std::string& host, std::uint16_t port);
    Expected<void, std::string> place_call();

    // Every call into the engine goes through here, so that its outputs are taken.
    template <class Action>
    void step(Action&& action);
    void handle(const lab::PhoneEvent& event);
    void begin_call(const lab::PhoneAnswered& answered);
    lab::note::Ended report(const lab::PhoneEnded& ended);
    void finish_call();
    void stop_soon();
    void print(const lab::PhoneNote& note) const;
    WallTime wall_now() const { return wall_.at(shard_.now()); }

    net::Shard& shard_;
    PhoneOptions options_;
    WallAnchor wall_;
    Instant started_;
    SystemRandom random_;
    store::DiskThread disk_;  // before what it writes for
    lab::Listener listener_;
    SipSockets sip_;
    RtpPorts rtp_;
    std::optional<lab::PhoneEngine> engine_;
    net::Wakeup wakeup_;
    std::string digits_;
    int calls_ = 0;
    bool was_answered_ = false;
    std::optional<Instant> stop_at_;
};

}  // namespace patchbay::app
