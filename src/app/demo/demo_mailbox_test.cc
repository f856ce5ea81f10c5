#include "app/demo/demo_mailbox.h"

#include <gtest/gtest.h>

#include "app/demo/demo_run.h"
#include "base/error.h"

namespace rapport::demo {
namespace {

constexpr char kMail[] =
    "From: Shop <shop@example.com>\r\nTo: a@example.com\r\n"
    "Subject: =?UTF-8?B?TWluaCBBbmgsIHRyw6A=?=\r\n"
    "List-Unsubscribe: <http://127.0.0.1:8080/t/u/UUU>, <mailto:x@example.com>\r\n"
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<a href=3D\"http://127.0.0.1:8080/t/c/CCC\">x</a><img src=3D\"http://127.0.0.1:8080/t/o/O=\r\n"
    "OO\">\r\n";

TEST(DemoMail, FindsWhatAMailProgramFinds) {
  const DemoMail mail = read_demo_mail("a@example.com", kMail);
  EXPECT_EQ(mail.to, "a@example.com");
  EXPECT_EQ(mail.subject, "Minh Anh, trà");
  EXPECT_EQ(mail.open_path, "/t/o/OOO");
  EXPECT_EQ(mail.click_path, "/t/c/CCC");
  EXPECT_EQ(mail.unsubscribe_path, "/t/u/UUU");
  EXPECT_TRUE(mail.one_click);
}

TEST(DemoMail, PlainMailHasNoLinks) {
  const DemoMail mail = read_demo_mail("a@example.com", "Subject: hi\r\n\r\ntext\r\n");
  EXPECT_EQ(mail.open_path + mail.click_path + mail.unsubscribe_path, "");
  EXPECT_FALSE(mail.one_click);
}

TEST(DemoMailbox, ListensAndWaits) {
  DemoMailbox mailbox(0);
  EXPECT_NE(mailbox.port(), 0);
  EXPECT_EQ(mailbox.wait_for(1, std::chrono::milliseconds(1)), 0u);
  EXPECT_TRUE(mailbox.take().empty());
}

TEST(DemoRun, AnAbsentProgramIsAnError) {
  DemoOptions options;
  options.base_url = "http://127.0.0.1:1";
  EXPECT_THROW(run_demo(options), Error);
}

TEST(DemoOutcome, IsOkWhenEveryCheckHeld) {
  DemoOutcome outcome;
  EXPECT_FALSE(outcome.ok());
  outcome.checks = {{"a", "1", "1", true}};
  EXPECT_TRUE(outcome.ok());
  outcome.checks.push_back({"b", "1", "2", false});
  EXPECT_FALSE(outcome.ok());
}

}  // namespace
}  // namespace rapport::demo
