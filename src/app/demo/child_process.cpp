// SPDX-License-Identifier: Apache-2.0
#include "app/demo/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

namespace patchbay::app {
namespace {

// A phone says good-bye and a server drains within this time when no call is left.
constexpr int kPatienceMilliseconds = 5000;

// In the child, between fork and exec: only what is safe there.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) {
        ::_exit(1);  // the parent was faster to die
    }
    ::dup2(output, STDOUT_FILENO);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::execv("/proc/self/exe", arguments);
    ::_exit(127);
}

// Reads until the writer has closed its end.
void read_lines(int input,
                net::Shard& shard,
                const std::shared_ptr<UniqueFunction<void(const std::string&)>>& handler) {
    std::string pending;
    std::array<char, 4096> piece{};
    while (true) {
        const ssize_t count = ::read(input, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            break;
        }
        pending.append(piece.data(), static_cast<std::size_t>(count));
        for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
            (void)shard.post([handler, line = pending.substr(0, end)] { (*handler)(line); });
            pending.erase(0, end + 1);
        }
    }
    ::close(input);
}

// Waits for the process as long as `patience` lasts; a poll on it wakes at once when it ends.
void wait_for_end(pid_t id) {
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, id, 0U));
    if (handle >= 0) {
        pollfd ended{.fd = handle, .events = POLLIN, .revents = 0};
        ::poll(&ended, 1, kPatienceMilliseconds);
        ::close(handle);
    }
}

}  // namespace

Result<ChildProcess> ChildProcess::start(net::Shard& shard,
                                         const std::vector<std::string>& arguments,
                                         UniqueFunction<void(const std::string& line)> line) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        return fail(Errc::System, "pipe", errno);
    }
    std::vector<std::string> words = {"patchbay"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);

    const pid_t parent = ::getpid();
    const pid_t id = ::fork();
    if (id == 0) {
        become(pointers.data(), pipe[1], parent);
    }
    ::close(pipe[1]);
    if (id < 0) {
        ::close(pipe[0]);
        return fail(Errc::System, "fork", errno);
    }
    auto handler = std::make_shared<UniqueFunction<void(const std::string& line)>>(std::move(line));
    return ChildProcess(id, std::thread([input = pipe[0], &shard, handler = std::move(handler)] {
                            read_lines(input, shard, handler);
                        }));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, 0)), reader_(std::move(other.reader_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(reader_, other.reader_);
    return *this;
}

ChildProcess::~ChildProcess() {
    stop();
}

int ChildProcess::stop() {
    if (id_ == 0) {
        return 0;
    }
    ::kill(id_, SIGTERM);
    wait_for_end(id_);
    ::kill(id_, SIGKILL);  // no harm where it has ended: it is still ours to collect
    int status = 0;
    ::waitpid(std::exchange(id_, 0), &status, 0);
    reader_.join();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace patchbay::app
