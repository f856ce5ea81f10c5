// What the tests of this module share: a store in memory, a clock that stands still, one workspace
// of known users whose passwords nobody hashed.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "access/access_schema.h"
#include "access/access_services.h"
#include "access/user_store.h"
#include "base/error.h"
#include "storage/state_store.h"

namespace rapport {

inline constexpr std::string_view kTestPassword = "correct horse battery";

class AccessTest : public testing::Test {
 protected:
  static SecretKey root_key() {
    std::array<unsigned char, SecretKey::kBytes> bytes{};
    bytes.fill(7);
    return SecretKey(bytes);
  }

  AccessTest()
      : clock(*parse_timestamp("2026-03-01T12:00:00Z")),
        control(open_sqlite_state_store(":memory:")),
        access(std::make_unique<AccessServices>(*control, clock, root_key())) {}

  /// A workspace row with nobody in it.
  WorkspaceId add_workspace(const std::string& name) {
    return control->write_value([&](Connection& c) {
      const WorkspaceId id{next_access_id(c, "workspace")};
      c.run("INSERT INTO workspaces (id, name, time_zone, created_at) VALUES ($1, $2, 'UTC', $3)",
            id, name, clock.now());
      return id;
    });
  }

  /// A user without a password that works, so without Argon2id; or with `hash`.
  User add_user(WorkspaceId workspace, const std::string& email, Role role,
                const std::string& hash = "none") {
    return control->write_value([&](Connection& c) {
      User user;
      user.id = UserId{next_access_id(c, "user")};
      user.workspace = workspace;
      user.email = email;
      user.role = role;
      user.created_at = clock.now();
      user_store::insert(c, user, hash);
      return user;
    });
  }

  static const std::string& test_hash() {
    static const std::string hash = PasswordGate().hash(kTestPassword);
    return hash;
  }

  int64_t count(const std::string& table) {
    return control->read_value([&](Connection& c) {
      return *c.find("SELECT COUNT(*) FROM " + table, [](Statement& s) { return s.integer(0); });
    });
  }

  ManualClock clock;
  std::unique_ptr<StateStore> control;
  std::unique_ptr<AccessServices> access;
};

/// The code of the Error that `work` throws; null when it throws none.
inline std::optional<ErrorCode> error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return std::nullopt;
}

/// The first field that the Error of `work` names; empty when there is none.
inline std::string field_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.fields().empty() ? "" : error.fields().front().field;
  }
  return "";
}

}  // namespace rapport
