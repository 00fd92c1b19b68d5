// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/terminal_keys.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

namespace patchbay::app {
namespace {

// How long the end of the program may wait for the reader.
constexpr int kPollMilliseconds = 100;

}  // namespace

// Ctrl-C stays a signal, and what is typed is not shown: the timeline shows it.
class TerminalKeys::RawMode {
  public:
    RawMode() {
        changed_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
        if (changed_) {
            termios raw = before_;
            raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
            ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        }
    }
    RawMode(const RawMode&) = delete;
    RawMode& operator=(const RawMode&) = delete;
    ~RawMode() {
        if (changed_) {
            ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        }
    }

  private:
    termios before_{};
    bool changed_ = false;
};

TerminalKeys::TerminalKeys(net::Shard& shard, UniqueFunction<void(char)> pressed, KeyMode mode)
    : raw_mode_(mode == KeyMode::Keys ? std::make_unique<RawMode>() : nullptr) {
    // Shared with the posted keys, which may still wait when the reader is gone.
    auto handler = std::make_shared<UniqueFunction<void(char)>>(std::move(pressed));
    reader_ = std::jthread([&shard, handler](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
            if (::poll(&input, 1, kPollMilliseconds) <= 0) {
                continue;
            }
            std::array<char, 64> keys{};
            const ssize_t count = ::read(STDIN_FILENO, keys.data(), keys.size());
            if (count <= 0) {
                return;
            }
            for (ssize_t i = 0; i < count; ++i) {
                // A full mailbox loses a key, as a full terminal would.
                (void)shard.post(
                    [handler, key = keys[static_cast<std::size_t>(i)]] { (*handler)(key); });
            }
        }
    });
}

TerminalKeys::~TerminalKeys() = default;

}  // namespace patchbay::app
