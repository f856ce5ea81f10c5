// Files of messages: kept once, apart by workspace, gone when nothing used them for long.
#include "messaging/content/file_service.h"

#include <gtest/gtest.h>

#include "access/access_schema.h"
#include "base/error.h"
#include "base/limits/files.h"
#include "customers/customer_reader.h"
#include "messaging/content/enclosure_maker.h"

namespace rapport {
namespace {

constexpr WorkspaceId kShop{1};
constexpr WorkspaceId kOther{2};

class FileServiceTest : public testing::Test {
 protected:
  static NewFile file(std::string bytes) { return {"a.txt", "Text/Plain", std::move(bytes)}; }

  std::vector<FileUse> hold(const std::vector<std::string>& contents) {
    std::vector<NewFile> brought;
    for (const std::string& bytes : contents) {
      brought.push_back(file(bytes));
      FileService::check_new("", brought.back());
    }
    return files.hold(kShop, std::move(brought));
  }

  std::string refused_field(WorkspaceId workspace, const std::vector<FileUse>& uses) const {
    try {
      files.check(workspace, uses);
    } catch (const Error& error) {
      return error.fields().at(0).field;
    }
    return "";
  }

  ManualClock clock{parse_timestamp("2026-11-25T08:00:00Z").value()};
  static std::unique_ptr<StateStore> open_control() {
    auto store = open_sqlite_state_store(":memory:");
    migrate_access(*store);
    return store;
  }
  std::unique_ptr<StateStore> control = open_control();
  AuditService audit{*control, clock};
  ContentService content{*control, audit, clock};
  ContentRenderer renderer{content, clock};
  FileService files{*control, audit, clock};
  Actor actor = Actor::system();
};

TEST_F(FileServiceTest, KeepsTheSameBytesOnceAndWorkspacesApart) {
  const StoredFile first = files.add(kShop, file("hello"), actor);
  EXPECT_EQ(first.content_type, "text/plain");
  EXPECT_EQ(files.add(kShop, file("hello"), actor).id, first.id);
  EXPECT_EQ(files.list(kShop, "", 10).size(), 1u);
  EXPECT_NE(files.add(kOther, file("hello"), actor).id, first.id);
  EXPECT_EQ(refused_field(kShop, {{first.id, ""}}), "");
  EXPECT_EQ(refused_field(kOther, {{first.id, ""}}), "attachments[0].file_id");
  EXPECT_EQ(files.find(kOther, first.id), nullptr);
  EXPECT_THROW(files.remove(kOther, first.id, actor), Error);
  EXPECT_EQ(files.find(kShop, first.id)->bytes, "hello");
}

TEST_F(FileServiceTest, FilesOfSingleMessagesGoSomeTimeAfterTheirLastUse) {
  const auto held = hold({"one", "two"});
  EXPECT_TRUE(files.list(kShop, "", 10).empty());
  EXPECT_EQ(refused_field(kShop, held), "attachments[0].file_id");  // of no use to a campaign
  clock.advance(limits::kMessageFileKept - std::chrono::hours(1));
  files.use(kShop, {held[1]});
  clock.advance(std::chrono::hours(2));
  hold({"three"});
  EXPECT_THROW(files.use(kShop, {held[0]}), Error);
  files.use(kShop, {held[1]});
  // Kept for campaigns from now on, it stays whatever time passes.
  files.add(kShop, file("two"), actor);
  clock.advance(10 * limits::kMessageFileKept);
  hold({"four"});
  EXPECT_EQ(refused_field(kShop, {held[1]}), "");
  EXPECT_EQ(files.find(kShop, held[1].file_id)->bytes, "two");
}

TEST_F(FileServiceTest, ACampaignsFileStays) {
  const StoredFile kept = files.add(kShop, file("hello"), actor);
  bool used = true;
  files.set_used_by([&](WorkspaceId, std::string_view) {
    return used ? std::optional<std::string>("Spring") : std::nullopt;
  });
  try {
    files.remove(kShop, kept.id, actor);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConflict);
  }
  used = false;
  files.remove(kShop, kept.id, actor);
  EXPECT_EQ(files.find(kShop, kept.id), nullptr);
}

TEST_F(FileServiceTest, AnInvitationIsToldInItsZoneAcrossAChangeOfTheClocks) {
  const EnclosureMaker maker(files, renderer);
  const Customer ann{};
  const ContentRenderer::Input input{kShop, ann, "Shop", "UTC", clock.now(), {}, {}, {}};
  Enclosures enclosures;
  enclosures.invitation.emplace();
  Invitation& invitation = *enclosures.invitation;
  invitation.summary = "Night";
  invitation.time_zone = "America/New_York";
  // The clocks go back at 02:00 on 1 November 2026; the event lasts over it.
  invitation.start = "2026-10-31T23:00";
  invitation.end = "2026-11-01T05:00";
  MailMessage mail;
  mail.from = {"Shop", "shop@x.example"};
  mail.to = {"", "ann@x.example"};
  mail.date = clock.now();
  maker.add(mail, enclosures, input, "u@x.example");
  for (const char* line :
       {"DTSTART;TZID=America/New_York:20261031T230000\r\n",
        "DTEND;TZID=America/New_York:20261101T050000\r\n", "UID:u@x.example\r\n",
        "BEGIN:DAYLIGHT\r\nDTSTART:20260308T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\n",
        "BEGIN:STANDARD\r\nDTSTART:20261101T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-"
        "0500\r\n"}) {
    EXPECT_NE(mail.calendar.find(line), std::string::npos) << line << mail.calendar;
  }
  invitation.time_zone = "Mars/Olympus";
  EXPECT_THROW(maker.add(mail, enclosures, input, "u"), Error);
  invitation.time_zone = "";
  invitation.end = "2027-11-02T05:00";  // more than a year
  EXPECT_THROW(maker.add(mail, enclosures, input, "u"), Error);
}

}  // namespace
}  // namespace rapport
