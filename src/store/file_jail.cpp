// SPDX-License-Identifier: Apache-2.0
#include "store/file_jail.hpp"

#include "base/text.hpp"
#include "store/limits.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace patchbay::store {
namespace {

constexpr mode_t kFolderMode = 0750;
constexpr mode_t kFileMode = 0640;

// RESOLVE_BENEATH makes the kernel refuse whatever would leave the folder, "..", an absolute link
// and a rename during the walk included.
int open_beneath(int folder, const std::string& path, int flags, mode_t mode = 0) {
    open_how how{};
    how.flags = static_cast<__u64>(flags | O_CLOEXEC);
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    constexpr int kTries = 16;  // EAGAIN: somebody renamed something on the way (openat2(2))
    long fd = -1;
    for (int i = 0; i < kTries; ++i) {
        fd = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN) {
            break;
        }
    }
    return static_cast<int>(fd);
}

tl::unexpected<Error> system_failure(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR: return fail(Errc::NotFound, "file", error);
        case EXDEV:
        case ELOOP:
        case EACCES:
        case EPERM: return fail(Errc::Forbidden, "file", error);
        case ENAMETOOLONG: return fail(Errc::TooLarge, "file name", error);
        default: return fail(Errc::System, "file", error);
    }
}

// The name without ".", ".." and doubled slashes, relative to its folder.
Result<std::string> normal(std::string_view path) {
    if (path.size() > kMaxPath) {
        return fail(Errc::TooLarge, "file name", static_cast<std::int64_t>(path.size()));
    }
    if (path.empty() || path.back() == '/' || path.find('\0') != std::string_view::npos) {
        return fail(Errc::Malformed, "file name");
    }
    std::string out = std::filesystem::path(path).lexically_normal().string();
    if (out == "." || out.ends_with('/')) {
        return fail(Errc::Malformed, "file name");
    }
    if (out == ".." || out.starts_with("../")) {
        return fail(Errc::Forbidden, "file name");
    }
    return out;
}

// Opens the folder `path` below `root`, making what is missing of it.
Result<Descriptor> open_folder(int root, const std::filesystem::path& path) {
    Descriptor folder(open_beneath(root, ".", O_RDONLY | O_DIRECTORY));
    for (const auto& part : path) {
        if (::mkdirat(folder.get(), part.c_str(), kFolderMode) != 0 && errno != EEXIST) {
            return system_failure(errno);
        }
        // Beneath the root and not the last folder, so that a link inside the root still works.
        Descriptor next(open_beneath(folder.get(), part.string(), O_RDONLY | O_DIRECTORY));
        if (!next) {
            return system_failure(errno);
        }
        folder = std::move(next);
    }
    return folder;
}

std::string numbered(const std::filesystem::path& name, int number) {
    return number == 0
               ? name.string()
               : name.stem().string() + "-" + std::to_string(number) + name.extension().string();
}

// `take` makes a name its own, or leaves its reason in errno.
template <class Take>
Result<std::string> first_free_name(const std::filesystem::path& wanted, const Take& take) {
    for (int number = 0; number < kMaxSameName; ++number) {
        std::string name = numbered(wanted, number);
        if (take(name)) {
            return name;
        }
        if (errno != EEXIST) {
            return system_failure(errno);
        }
    }
    return fail(Errc::Duplicate, "file name", kMaxSameName);
}

}  // namespace

Result<FileJail> FileJail::make(const std::vector<std::string>& roots) {
    std::vector<Root> opened;
    for (const std::string& root : roots) {
        const auto path = std::filesystem::path(root).lexically_normal();
        if (!path.is_absolute()) {
            return fail(Errc::Malformed, "folder that is not absolute");
        }
        std::error_code error;
        if (std::filesystem::create_directories(path, error)) {
            std::filesystem::permissions(path, std::filesystem::perms(kFolderMode), error);
        }
        Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!directory) {
            return fail(Errc::System, "folder", errno);
        }
        std::string text = path.string();
        opened.push_back({text.ends_with('/') ? text : text + "/", std::move(directory)});
    }
    if (opened.empty()) {
        return fail(Errc::NotFound, "folder");
    }
    return FileJail(std::move(opened));
}

const FileJail::Root* FileJail::root_of(std::string_view absolute) const {
    for (const Root& root : roots_) {
        if (absolute.starts_with(root.path)) {
            return &root;
        }
    }
    return nullptr;
}

Result<FileJail::Place> FileJail::place_for_reading(std::string_view path) const {
    PB_TRY(std::string name, normal(path));
    if (!name.starts_with('/')) {
        return Place{&roots_.front(), std::move(name)};
    }
    const Root* const root = root_of(name);
    if (root == nullptr) {
        return fail(Errc::Forbidden, "file outside the allowed folders");
    }
    return Place{root, name.substr(root->path.size())};
}

Result<FileJail::Place> FileJail::place_for_writing(std::string_view path) const {
    PB_TRY(const std::string name, normal(path));
    if (name.starts_with('/') && root_of(name) == nullptr) {
        return Place{&roots_.front(), name.substr(name.find_first_not_of('/'))};
    }
    return place_for_reading(path);
}

Result<Descriptor> FileJail::open(std::string_view path) const {
    PB_TRY(const Place place, place_for_reading(path));
    // Not blocking: the open of a named pipe would wait for its writer.
    Descriptor file(open_beneath(place.root->directory.get(), place.relative,
                                 O_RDONLY | O_NONBLOCK | O_NOCTTY));
    if (!file) {
        return system_failure(errno);
    }
    struct stat status{};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return fail(Errc::Forbidden, "file that is not a regular one");
    }
    return file;
}

Result<FileJail::NewFile> FileJail::place_new_file(std::string_view path) const {
    PB_TRY(const Place place, place_for_writing(path));
    const std::filesystem::path relative(place.relative);
    PB_TRY(auto folder, open_folder(place.root->directory.get(), relative.parent_path()));
    const auto where = std::filesystem::path(place.root->path) / relative.parent_path();
    return NewFile(std::move(folder), where.string(), relative.filename().string());
}

Result<FileJail::NewFile> FileJail::prepare(std::string_view path) const {
    PB_TRY(auto made, place_new_file(path));
    PB_CHECK(made.open());
    return made;
}

Result<FileJail::Created> FileJail::create(std::string_view path) const {
    PB_TRY(auto made, place_new_file(path));
    PB_CHECK(made.open_named());
    return std::move(made).publish();
}

Result<void> FileJail::NewFile::open() {
    file_ = Descriptor(open_beneath(folder_.get(), ".", O_RDWR | O_TMPFILE | O_NOCTTY, kFileMode));
    if (file_) {
        return {};
    }
    return errno == EOPNOTSUPP || errno == EISDIR ? open_named() : system_failure(errno);
}

Result<void> FileJail::NewFile::open_named() {
    PB_TRY(name_, first_free_name(name_, [this](const std::string& name) {
               file_ = Descriptor(open_beneath(folder_.get(), name,
                                               O_RDWR | O_CREAT | O_EXCL | O_NOCTTY, kFileMode));
               return static_cast<bool>(file_);
           }));
    named_ = true;
    return {};
}

Result<FileJail::Created> FileJail::NewFile::publish() && {
    if (!named_) {
        // The link in /proc, because AT_EMPTY_PATH needs a capability (linkat(2)).
        const std::string unnamed = "/proc/self/fd/" + std::to_string(file_.get());
        PB_TRY(name_, first_free_name(name_, [&](const std::string& name) {
                   return ::linkat(AT_FDCWD, unnamed.c_str(), folder_.get(), name.c_str(),
                                   AT_SYMLINK_FOLLOW) == 0;
               }));
    }
    return Created{std::move(file_), (std::filesystem::path(folder_path_) / name_).string()};
}

FileJail::NewFile::~NewFile() {
    if (file_ && named_) {
        ::unlinkat(folder_.get(), name_.c_str(), 0);
    }
}

std::vector<std::string> FileJail::roots() const {
    std::vector<std::string> paths;
    for (const Root& root : roots_) {
        paths.push_back(root.path);
    }
    return paths;
}

Result<void> FileJail::remove(std::string_view path) const {
    PB_TRY(const Place place, place_for_reading(path));
    const std::filesystem::path relative(place.relative);
    PB_TRY(const Descriptor folder,
           open_folder(place.root->directory.get(), relative.parent_path()));
    if (::unlinkat(folder.get(), relative.filename().c_str(), 0) != 0) {
        return system_failure(errno);
    }
    return {};
}

std::string substitute_id(std::string_view name, std::string_view id) {
    constexpr std::string_view kPlace = "{id}";
    std::string encoded;
    for (const char c : id) {
        // percent_encode() leaves the dot alone, and ".." is the one name that must not pass.
        encoded += c == '.' ? "%2E" : percent_encode(std::string_view(&c, 1));
    }
    std::string out(name);
    for (std::size_t at = out.find(kPlace); at != std::string::npos;
         at = out.find(kPlace, at + encoded.size())) {
        out.replace(at, kPlace.size(), encoded);
    }
    return out;
}

}  // namespace patchbay::store
