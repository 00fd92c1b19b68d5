// SPDX-License-Identifier: Apache-2.0
#include "app/server/token_file.hpp"

#include "app/limits.hpp"
#include "base/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace patchbay::app {
namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }

    int get() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }

  private:
    int fd_;
};

tl::unexpected<Error> system_failure(std::string_view where) {
    return fail(Errc::System, where, errno);
}

Result<std::optional<std::string>> read_token(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.is_open()) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return system_failure("token file");
    }
    std::array<char, 512> buffer{};
    const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
    if (size < 0 || ::fchmod(file.get(), kOwnerOnly) != 0) {
        return system_failure("token file");
    }
    const std::string_view token = trim({buffer.data(), static_cast<std::size_t>(size)});
    if (token.size() < kMinTokenLength) {
        return fail(Errc::Malformed, "token file");
    }
    return std::string(token);
}

// Under a name of its own first, so that nobody ever reads half a token.
Result<std::filesystem::path> write_draft(const std::filesystem::path& folder,
                                          const std::string& token) {
    std::string name = (folder / "token.XXXXXX").string();
    const Descriptor file(::mkstemp(name.data()));  // mode 0600
    const std::string line = token + '\n';
    if (!file.is_open()) {
        return system_failure("data folder");
    }
    if (::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
        ::fsync(file.get()) != 0) {
        const auto failure = system_failure("token file");
        ::unlink(name.c_str());
        return failure;
    }
    return std::filesystem::path(name);
}

}  // namespace

Result<InstallationToken> installation_token(const std::filesystem::path& data_folder,
                                             Random& random) {
    const std::filesystem::path path = data_folder / "token";
    PB_TRY(std::optional<std::string> present, read_token(path));
    if (present) {
        return InstallationToken{Secret(std::move(*present)), path, false};
    }
    std::error_code error;
    if (std::filesystem::create_directories(data_folder, error)) {
        std::filesystem::permissions(data_folder, std::filesystem::perms::owner_all, error);
    }
    if (error) {
        return fail(Errc::System, "data folder", error.value());
    }
    std::string token = random.token(kTokenLength);
    PB_TRY(const std::filesystem::path draft, write_draft(data_folder, token));
    // A link, unlike a rename, does not replace the token of a server that was faster.
    const int linked = ::link(draft.c_str(), path.c_str());
    const int why = errno;
    ::unlink(draft.c_str());
    if (linked == 0) {
        return InstallationToken{Secret(std::move(token)), path, true};
    }
    if (why != EEXIST) {
        return fail(Errc::System, "token file", why);
    }
    PB_TRY(present, read_token(path));
    return InstallationToken{Secret(std::move(present).value_or(std::string())), path, false};
}

}  // namespace patchbay::app
