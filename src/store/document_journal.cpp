// SPDX-License-Identifier: Apache-2.0
#include "store/document_journal.hpp"

#include "store/descriptor.hpp"
#include "store/limits.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace patchbay::store {
namespace {

constexpr std::size_t kFileSize = kJournalSlots * kJournalSlotSize;

// At the beginning of each slot; key and text follow. `size` is written last,
// so that a document is whole or not there.
struct Head {
  std::uint32_t size = 0; // of both; 0: free
  std::uint32_t key_size = 0;
};

Head head_of(const char *slot) {
  Head head;
  std::memcpy(&head, slot, sizeof head);
  return head;
}

void set_size(char *slot, std::uint32_t size) {
  std::atomic_ref(*reinterpret_cast<std::uint32_t *>(slot))
      .store(size, std::memory_order_release);
}

} // namespace

Result<std::unique_ptr<DocumentJournal>>
DocumentJournal::open(const std::filesystem::path &file,
                      std::vector<Document> &left) {
  const Descriptor descriptor(
      ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  // The room is taken now: a full disk would otherwise be found by a write to
  // memory.
  if (!descriptor || ::posix_fallocate(descriptor.get(), 0, kFileSize) != 0) {
    return fail(Errc::System, "journal", errno);
  }
  void *const memory = ::mmap(nullptr, kFileSize, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_POPULATE, descriptor.get(), 0);
  if (memory == MAP_FAILED) {
    return fail(Errc::System, "journal", errno);
  }
  std::unique_ptr<DocumentJournal> journal(
      new DocumentJournal(static_cast<char *>(memory)));
  for (Slot slot = 0; slot < kJournalSlots; ++slot) {
    const Head head = head_of(journal->at(slot));
    if (head.size != 0 && head.size <= kJournalSlotSize - sizeof head &&
        head.key_size <= head.size) {
      const char *const key = journal->at(slot) + sizeof head;
      left.push_back(
          {std::string(key, head.key_size),
           std::string(key + head.key_size, head.size - head.key_size)});
    }
    journal->give_back(slot);
  }
  return journal;
}

DocumentJournal::DocumentJournal(char *memory) : memory_(memory) {
  free_.reserve(kJournalSlots);
}

DocumentJournal::~DocumentJournal() { ::munmap(memory_, kFileSize); }

char *DocumentJournal::at(Slot slot) const {
  return memory_ + slot * kJournalSlotSize;
}

std::optional<DocumentJournal::Slot>
DocumentJournal::write(std::string_view key, std::string_view text) {
  const std::size_t size = key.size() + text.size();
  if (size == 0 || size > kJournalSlotSize - sizeof(Head)) {
    return std::nullopt;
  }
  Slot slot = 0;
  {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      return std::nullopt;
    }
    slot = free_.back();
    free_.pop_back();
  }
  char *const begin = at(slot);
  const auto key_size = static_cast<std::uint32_t>(key.size());
  std::memcpy(begin + offsetof(Head, key_size), &key_size, sizeof key_size);
  std::memcpy(begin + sizeof(Head), key.data(), key.size());
  std::memcpy(begin + sizeof(Head) + key.size(), text.data(), text.size());
  set_size(begin, static_cast<std::uint32_t>(size));
  return slot;
}

void DocumentJournal::give_back(Slot slot) {
  set_size(at(slot), 0);
  const std::lock_guard lock(mutex_);
  free_.push_back(slot);
}

} // namespace patchbay::store
