// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/descriptor.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::store {

// Folders that clients may name files in, held by directory handle: the kernel resolves every name
// below them (openat2, RESOLVE_BENEATH), so neither "..", nor an absolute name, nor a symbolic link
// that is swapped at the right moment leads outside. Immutable; may be used from any thread.
//
// A relative name means the first folder. An absolute one is taken as it is when it lies in one of
// the folders.
class FileJail {
  public:
    struct Created {
        Descriptor file;
        std::string path;  // absolute, where it really is
    };

    // A file that nobody sees until it is worth reading: it has no name before publish(), so that
    // a process that is killed leaves nothing behind. Where the file system knows no such files
    // (open(2), O_TMPFILE) it has its name from the beginning, and loses it if it is not published.
    class NewFile {
      public:
        NewFile(NewFile&& other) noexcept = default;
        NewFile& operator=(NewFile&& other) = delete;
        ~NewFile();

        const Descriptor& file() const { return file_; }
        // Never touches an existing file: "a.wav" becomes "a-1.wav".
        Result<Created> publish() &&;

      private:
        friend class FileJail;
        NewFile(Descriptor folder, std::string folder_path, std::string name)
            : folder_(std::move(folder)),
              folder_path_(std::move(folder_path)),
              name_(std::move(name)) {}

        Result<void> open();
        Result<void> open_named();

        Descriptor folder_;
        std::string folder_path_;  // absolute
        std::string name_;         // wanted; what it became, once it has it
        bool named_ = false;
        Descriptor file_;  // empty: published
    };

    // `roots`: absolute folders, at least one; created (mode 0750) when missing.
    static Result<FileJail> make(const std::vector<std::string>& roots);

    // For reading; regular files only. Forbidden: the name leads outside. NotFound: it leads
    // nowhere.
    Result<Descriptor> open(std::string_view path) const;

    // For writing; makes missing folders. An absolute name outside all folders is moved below the
    // first: "/path/to/a.wav" is "<first>/path/to/a.wav".
    Result<NewFile> prepare(std::string_view path) const;
    // The same, there at once and empty.
    Result<Created> create(std::string_view path) const;
    // A file below the folders, by the path that create() gave.
    Result<void> remove(std::string_view path) const;

    // Absolute, with a slash at the end.
    std::vector<std::string> roots() const;

  private:
    struct Root {
        std::string path;
        Descriptor directory;
    };
    struct Place {
        const Root* root;
        std::string relative;
    };

    explicit FileJail(std::vector<Root> roots) : roots_(std::move(roots)) {}

    const Root* root_of(std::string_view absolute) const;
    Result<Place> place_for_reading(std::string_view path) const;
    Result<Place> place_for_writing(std::string_view path) const;
    // Not opened yet.
    Result<NewFile> place_new_file(std::string_view path) const;

    std::vector<Root> roots_;
};

// "{id}" in a file name: every character of the id that is not a letter, digit, '-' or '_' is
// percent-encoded, so that no id is a path.
std::string substitute_id(std::string_view name, std::string_view id);

}  // namespace patchbay::store
