// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace patchbay::store {

// One prepared SQL statement. Values are bound by position from 1, columns read from 0.
class Statement {
  public:
    void bind(int position, std::string_view text);
    void bind(int position, std::int64_t number);
    // True: there is a row to be read. After false, or an error, it can be bound anew.
    Result<bool> step();
    // Runs a statement that gives no rows.
    Result<void> run();

    std::string text(int column) const;
    std::int64_t number(int column) const;

  private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// A SQLite file, in WAL mode so that a crash leaves the last whole transaction. For one thread at a
// time. Errors are Errc::System with SQLite's code as detail.
class Database {
  public:
    static Result<Database> open(const std::string& path);

    // One or more statements without values.
    Result<void> execute(const char* sql);
    Result<Statement> prepare(std::string_view sql);

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    explicit Database(sqlite3* database) : database_(database) {}

    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace patchbay::store
