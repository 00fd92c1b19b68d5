// SPDX-License-Identifier: Apache-2.0
// The browsers of bench/beside_janus: WebRTC parties in one thread, and the party at the far end of
// all their calls, plain RTP that comes back as it is. Commands are lines of standard input, what
// they lead to lines of standard output:
//
//     browsers ADDRESS CODEC
//     offer             the offer of a further party, in base64
//     answer N BASE64   what the other side said to the offer of the Nth
//     hold SECONDS      once all are connected: "steady", then counts as JSON
//
// The first line of output is the port at ADDRESS that sends everything back.
#include "base/text.hpp"
#include "browsers/party.hpp"
#include "media/codec.hpp"
#include "media/tone_detector.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

namespace patchbay::bench {
namespace {

constexpr Milliseconds kPacketTime{20};
constexpr Seconds kSettle{2};
constexpr Seconds kPatience{20};

Instant now() {
    return Instant(std::chrono::duration_cast<Nanoseconds>(
        std::chrono::steady_clock::now().time_since_epoch()));
}

// Sends back what comes, to where it came from.
class Mirror {
  public:
    explicit Mirror(const std::string& address)
        : descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        sockaddr_in local{};
        local.sin_family = AF_INET;
        ::inet_pton(AF_INET, address.c_str(), &local.sin_addr);
        socklen_t size = sizeof local;
        if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&local), size) != 0 ||
            ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&local), &size) != 0) {
            std::perror("browsers: socket");
            std::exit(2);
        }
        std::cout << ntohs(local.sin_port) << std::endl;
    }
    int descriptor() const { return descriptor_; }
    void reflect() const {
        std::array<std::uint8_t, 2048> buffer{};
        sockaddr_in from{};
        socklen_t length = sizeof from;
        ssize_t size = 0;
        while ((size = ::recvfrom(descriptor_, buffer.data(), buffer.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &length)) > 0) {
            (void)::sendto(descriptor_, buffer.data(), static_cast<std::size_t>(size), 0,
                           reinterpret_cast<const sockaddr*>(&from), length);
        }
    }

  private:
    int descriptor_;
};

class Browsers {
  public:
    Browsers(const std::string& address, const std::string& codec)
        : address_(*IpAddress::parse(address)), mirror_(address), speech_(Speech::of(codec)) {}

    void offer() {
        parties_.push_back(std::make_unique<Party>(static_cast<std::uint32_t>(parties_.size()),
                                                   address_, speech_, context_, random_));
        const std::string text = parties_.back()->offer();
        std::cout << to_base64(as_bytes(text)) << std::endl;
    }
    void answer(std::size_t number, const std::string& base64) {
        const auto bytes = from_base64(base64);
        const auto accepted = parties_.at(number)->accept(now(), as_text(*bytes));
        std::cout << (accepted ? "ok" : describe(accepted.error())) << std::endl;
    }
    void hold(Seconds duration) {
        const Instant given_up = now() + kPatience;
        while (!all_connected()) {
            if (now() > given_up) {
                std::cout << "not connected: " << parties_.front()->describe() << std::endl;
                return;
            }
            run_for(kPacketTime);
        }
        run_for(kSettle);
        counts_ = {};
        std::cout << "steady" << std::endl;
        run_for(duration);
        report(duration);
    }
    // Until there is a line to read; the calls that are up go on.
    void run_until_readable() {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        while (::poll(&input, 1, 0) == 0) {
            run_for(Milliseconds(1));
        }
    }

  private:
    bool all_connected() const {
        return std::ranges::all_of(parties_, [](const auto& one) { return one->is_connected(); });
    }
    // Each party has its own millisecond of the twenty.
    void run_for(Nanoseconds duration) {
        const Instant end = now() + duration;
        while (now() < end) {
            for (const Instant at = now(); next_ <= at; next_ = next_ + Milliseconds(1), ++phase_) {
                for (std::size_t i = phase_ % 20; i < parties_.size(); i += 20) {
                    parties_[i]->speak(counts_);
                    parties_[i]->handle_timeout(at);
                }
            }
            receive();
        }
    }
    void receive() {
        std::vector<pollfd> sockets{{mirror_.descriptor(), POLLIN, 0}};
        for (const auto& party : parties_) {
            sockets.push_back({party->descriptor(), POLLIN, 0});
        }
        if (::poll(sockets.data(), sockets.size(), 1) <= 0) {
            return;
        }
        mirror_.reflect();
        for (std::size_t i = 0; i < parties_.size(); ++i) {
            if ((sockets[i + 1].revents & POLLIN) != 0) {
                parties_[i]->receive(now(), counts_);
            }
        }
    }
    // What one of them has heard lately, when that is not what it said.
    double tone() const {
        if (speech_.codec != "opus") {
            return 0;
        }
        auto decoder = media::make_decoder(*media::find_codec("opus", 48000)).value();
        std::vector<std::int16_t> sound;
        for (const Bytes& payload : parties_.front()->heard()) {
            std::array<std::int16_t, 5760> samples{};
            const std::size_t count = decoder->decode(payload, samples);
            sound.insert(sound.end(), samples.begin(), samples.begin() + static_cast<long>(count));
        }
        const int rate = media::find_codec("opus", 48000)->sample_rate;
        const auto found = media::find_tone(sound, rate);
        return found ? found->frequency : 0;
    }
    void report(Seconds duration) const {
        std::printf(
            "{\"streams\": %zu, \"seconds\": %lld, \"sent\": %llu, \"received\": %llu, "
            "\"lost\": %llu, \"wrong\": %llu, \"tone\": %.1f}\n",
            parties_.size(), static_cast<long long>(duration.count()),
            static_cast<unsigned long long>(counts_.sent),
            static_cast<unsigned long long>(counts_.received),
            static_cast<unsigned long long>(counts_.lost),
            static_cast<unsigned long long>(counts_.wrong), tone());
        std::fflush(stdout);
    }

    SystemRandom random_;
    webrtc::DtlsContext context_ =
        *webrtc::DtlsContext::make(WallTime{std::chrono::duration_cast<Milliseconds>(
                                                std::chrono::system_clock::now().time_since_epoch())
                                                .count()},
                                   random_);
    IpAddress address_;
    Mirror mirror_;
    Speech speech_;
    std::vector<std::unique_ptr<Party>> parties_;
    Counts counts_;
    Instant next_ = now();
    std::size_t phase_ = 0;
};

int serve(const std::string& address, const std::string& codec) {
    Browsers browsers(address, codec);
    std::string line;
    for (;;) {
        browsers.run_until_readable();
        if (!std::getline(std::cin, line)) {
            return 0;
        }
        std::istringstream words(line);
        std::string command;
        words >> command;
        if (command == "offer") {
            browsers.offer();
        } else if (command == "answer") {
            std::size_t number = 0;
            std::string base64;
            words >> number >> base64;
            browsers.answer(number, base64);
        } else if (command == "hold") {
            long seconds = 0;
            words >> seconds;
            browsers.hold(Seconds(seconds));
        }
    }
}

}  // namespace
}  // namespace patchbay::bench

int main(int count, char** arguments) {
    if (count != 3) {
        std::cerr << "browsers ADDRESS PCMU|opus\n";
        return 2;
    }
    return patchbay::bench::serve(arguments[1], arguments[2]);
}
