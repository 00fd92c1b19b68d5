// SPDX-License-Identifier: Apache-2.0
#include "store/location_store.hpp"

#include "store/database.hpp"

#include <map>
#include <mutex>
#include <utility>

namespace patchbay::store {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS binding ("
    "user TEXT NOT NULL, contact TEXT NOT NULL, path TEXT NOT NULL, local TEXT NOT NULL,"
    "remote TEXT NOT NULL, call_id TEXT NOT NULL, sequence INTEGER NOT NULL,"
    "expires_at INTEGER NOT NULL, preference INTEGER NOT NULL, instance TEXT NOT NULL,"
    "user_agent TEXT NOT NULL, PRIMARY KEY (user, contact)) WITHOUT ROWID";

StoredBinding read(const Statement& row) {
    return {.contact = row.text(1),
            .path = row.text(2),
            .local = row.text(3),
            .remote = row.text(4),
            .call_id = row.text(5),
            .sequence = row.number(6),
            .expires_at = WallTime{row.number(7)},
            .preference = row.number(8),
            .instance = row.text(9),
            .user_agent = row.text(10)};
}

void bind_all(Statement& insert, std::string_view user, const StoredBinding& binding) {
    insert.bind(1, user);
    insert.bind(2, binding.contact);
    insert.bind(3, binding.path);
    insert.bind(4, binding.local);
    insert.bind(5, binding.remote);
    insert.bind(6, binding.call_id);
    insert.bind(7, binding.sequence);
    insert.bind(8, binding.expires_at.milliseconds);
    insert.bind(9, binding.preference);
    insert.bind(10, binding.instance);
    insert.bind(11, binding.user_agent);
}

}  // namespace

struct LocationStore::Changes {
    Changes(Database file, std::function<void(const Error&)> on_failure)
        : database(std::move(file)), failed(std::move(on_failure)) {}

    Database database;  // of the disk thread, once that runs the writer
    std::function<void(const Error&)> failed;
    std::mutex mutex;  // guards the rest
    std::map<std::string, std::vector<StoredBinding>> users;
    bool has_writer = false;  // on its way to, or in, the disk thread
};

// Writes once what there is.
class LocationStore::Writer final : public DiskJob {
  public:
    explicit Writer(std::shared_ptr<Changes> changes) : changes_(std::move(changes)) {}

    State step() override {
        write();
        return State::Finished;
    }
    void stop() override { write(); }

  private:
    void write() {
        std::map<std::string, std::vector<StoredBinding>> users;
        {
            const std::lock_guard lock(changes_->mutex);
            users.swap(changes_->users);
            changes_->has_writer = false;
        }
        if (const auto written = write(users); !written) {
            (void)changes_->database.execute("ROLLBACK");
            changes_->failed(written.error());
        }
    }

    Result<void> write(const std::map<std::string, std::vector<StoredBinding>>& users) {
        Database& database = changes_->database;
        PB_CHECK(database.execute("BEGIN"));
        PB_TRY(Statement remove, database.prepare("DELETE FROM binding WHERE user = ?"));
        PB_TRY(Statement insert, database.prepare("INSERT OR REPLACE INTO binding VALUES "
                                                  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
        for (const auto& [user, bindings] : users) {
            remove.bind(1, user);
            PB_CHECK(remove.run());
            for (const StoredBinding& binding : bindings) {
                bind_all(insert, user, binding);
                PB_CHECK(insert.run());
            }
        }
        return database.execute("COMMIT");
    }

    std::shared_ptr<Changes> changes_;
};

Result<LocationStore> LocationStore::open(const std::string& path,
                                          DiskThread& disk,
                                          std::function<void(const Error&)> failed) {
    PB_TRY(Database database, Database::open(path));
    PB_CHECK(database.execute(kSchema));
    auto changes = std::make_shared<Changes>(std::move(database), std::move(failed));
    return LocationStore(disk, std::move(changes));
}

Result<void> LocationStore::load(WallTime now, const Loaded& each) {
    PB_TRY(Statement select,
           changes_->database.prepare("SELECT * FROM binding WHERE expires_at > ? ORDER BY user"));
    select.bind(1, now.milliseconds);
    while (true) {
        PB_TRY(const bool row, select.step());
        if (!row) {
            return {};
        }
        each(select.text(0), read(select));
    }
}

void LocationStore::save(std::string user, std::vector<StoredBinding> bindings) {
    {
        const std::lock_guard lock(changes_->mutex);
        changes_->users.insert_or_assign(std::move(user), std::move(bindings));
        if (std::exchange(changes_->has_writer, true)) {
            return;
        }
    }
    disk_->add(std::make_unique<Writer>(changes_));
}

}  // namespace patchbay::store
