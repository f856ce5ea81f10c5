// Drafts and versions in the store: borders of workspaces, revisions, bounds, the audit trail.

#include "journeys/journey_service.h"

#include <gtest/gtest.h>

#include <limits>

#include "access/access_schema.h"
#include "base/error.h"
#include "base/limits/journeys.h"
#include "storage/state_store.h"

namespace rapport {
namespace {

constexpr WorkspaceId kWorkspace{1};
constexpr WorkspaceId kOther{2};
constexpr JourneyId kNewest{std::numeric_limits<int64_t>::max()};

class JourneyServiceTest : public ::testing::Test {
 protected:
  static JourneyDocument document(const std::string& name = "Welcome",
                                  const std::string& start = "a") {
    return parse_journey(R"({"name":")" + name +
                         R"(","entry":{"on":"segment","segment":"seg_0000000000001"},"start":")" +
                         start + R"(","steps":{"a":{"type":"exit"}}})");
  }
  JourneyId made(WorkspaceId workspace = kWorkspace) {
    return service_.create(workspace, document(), actor_).id;
  }
  template <class Call>
  static ErrorCode refused(const Call& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "was not refused";
    return ErrorCode::kInternal;
  }

  struct Migrated {
    explicit Migrated(StateStore& control) { migrate_access(control); }
  };
  ManualClock clock_{*parse_timestamp("2026-03-01T12:00:00Z")};
  std::unique_ptr<StateStore> control_ = open_sqlite_state_store(":memory:");
  Migrated migrated_{*control_};
  AuditService audit_{*control_, clock_};
  Actor actor_{"usr_1", "ann@example.com", "", false};
  JourneyService service_{*control_,
                          audit_,
                          clock_,
                          {[](WorkspaceId, SegmentId s) { return s.value == 1; },
                           [](WorkspaceId, const std::string&) { return false; },
                           [](WorkspaceId, const std::string&) { return false; }}};
};

TEST_F(JourneyServiceTest, AnotherWorkspaceSeesNothing) {
  const JourneyId id = made();
  service_.keep_version(kWorkspace, id, actor_);
  const auto not_found = ErrorCode::kNotFound;
  EXPECT_EQ(refused([&] { service_.get(kOther, id); }), not_found);
  EXPECT_EQ(refused([&] { service_.update(kOther, id, document(), {}, actor_); }), not_found);
  EXPECT_EQ(refused([&] { service_.remove(kOther, id, actor_); }), not_found);
  EXPECT_EQ(refused([&] { service_.keep_version(kOther, id, actor_); }), not_found);
  EXPECT_EQ(refused([&] { service_.get_version(kOther, id, 1); }), not_found);
  EXPECT_EQ(refused([&] { service_.list_versions(kOther, id, UINT32_MAX, 10); }), not_found);
  EXPECT_TRUE(service_.list(kOther, kNewest, 10).empty());
  EXPECT_TRUE(service_.users_of(kOther, to_public(SegmentId{1})).empty());
  EXPECT_EQ(service_.get(kWorkspace, id).revision, 1u);
}

TEST_F(JourneyServiceTest, KnowsWhichDraftsNameASegmentOrList) {
  const std::string segment = to_public(SegmentId{1});
  EXPECT_TRUE(service_.users_of(kWorkspace, segment).empty());
  const JourneyId id = made();
  const auto users = service_.users_of(kWorkspace, segment);
  ASSERT_EQ(users.size(), 1u);
  EXPECT_EQ(users[0].id, id);
  EXPECT_EQ(users[0].name, "Welcome");
  EXPECT_TRUE(service_.users_of(kWorkspace, to_public(SegmentId{2})).empty());
  JourneyDocument listed = document();
  listed.exits.push_back(ConditionExit{Condition{ListCondition{ListId{7}}}});
  service_.update(kWorkspace, id, listed, {}, actor_);
  EXPECT_EQ(service_.users_of(kWorkspace, to_public(ListId{7})).size(), 1u);
  service_.remove(kWorkspace, id, actor_);
  EXPECT_TRUE(service_.users_of(kWorkspace, segment).empty());
}

TEST_F(JourneyServiceTest, ASaveOfAnOldRevisionChangesNothing) {
  const JourneyId id = made();
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(service_.update(kWorkspace, id, document("Second"), 1, actor_).revision, 2u);
  EXPECT_EQ(refused([&] { service_.update(kWorkspace, id, document("Third"), 1, actor_); }),
            ErrorCode::kConflict);
  const Journey now = service_.get(kWorkspace, id);
  EXPECT_EQ(now.name, "Second");
  EXPECT_EQ(now.updated_at - now.created_at, std::chrono::hours(1));
  EXPECT_EQ(service_.update(kWorkspace, id, document("Third"), {}, actor_).revision, 3u);
}

TEST_F(JourneyServiceTest, VersionsStayAsTheyWere) {
  const JourneyId id = made();
  EXPECT_EQ(service_.keep_version(kWorkspace, id, actor_).number, 1u);
  EXPECT_EQ(service_.keep_version(kWorkspace, id, actor_).number, 1u);
  service_.update(kWorkspace, id, document("Second"), {}, actor_);
  EXPECT_EQ(service_.keep_version(kWorkspace, id, actor_).number, 2u);
  service_.update(kWorkspace, id, document("Third", "nowhere"), {}, actor_);
  EXPECT_EQ(refused([&] { service_.keep_version(kWorkspace, id, actor_); }),
            ErrorCode::kUnprocessable);
  EXPECT_EQ(service_.get_version(kWorkspace, id, 1).document, to_json(document()));
  const auto newest = service_.list_versions(kWorkspace, id, UINT32_MAX, 1);
  ASSERT_EQ(newest.size(), 1u);
  EXPECT_EQ(newest[0].number, 2u);
  EXPECT_EQ(newest[0].kept_by, "ann@example.com");
  EXPECT_EQ(service_.list_versions(kWorkspace, id, 2, 10).size(), 1u);
  service_.remove(kWorkspace, id, actor_);
  EXPECT_EQ(refused([&] { service_.get_version(kWorkspace, id, 1); }), ErrorCode::kNotFound);
}

TEST_F(JourneyServiceTest, AWorkspaceHoldsSoMany) {
  for (size_t i = 0; i < limits::kMaxJourneys; ++i) made();
  EXPECT_EQ(refused([&] { made(); }), ErrorCode::kUnprocessable);
  EXPECT_NE(made(kOther).value, 0u);
}

TEST_F(JourneyServiceTest, EveryChangeIsInTheTrail) {
  const JourneyId id = made();
  service_.update(kWorkspace, id, document("Second"), {}, actor_);
  service_.keep_version(kWorkspace, id, actor_);
  service_.remove(kWorkspace, id, actor_);
  std::string actions;
  for (const AuditEntry& entry : audit_.list(kWorkspace, std::nullopt, 10)) {
    EXPECT_EQ(entry.subject, to_public(id));
    actions += entry.action + " ";
  }
  EXPECT_EQ(actions, "journey.remove journey.keep_version journey.update journey.create ");
}

}  // namespace
}  // namespace rapport
