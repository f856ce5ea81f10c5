#include "messaging/content/content_service.h"

#include <gtest/gtest.h>

#include "access/access_schema.h"
#include "base/error.h"
#include "customers/customer_reader.h"
#include "messaging/content/content_renderer.h"

namespace rapport {
namespace {

constexpr WorkspaceId kShop{1};
constexpr WorkspaceId kOther{2};

class ContentServiceTest : public testing::Test {
 protected:
  static ContentService::Save save(std::string name, std::string subject, std::string html,
                                   std::string layout = {}) {
    ContentService::Save s;
    s.name = std::move(name);
    s.document.layout = std::move(layout);
    s.document.variants = {{"", std::move(subject), std::move(html), "", ""}};
    return s;
  }

  ContentItem block(const std::string& name, const std::string& html) {
    clock.advance(std::chrono::seconds(1));
    return content.create(kShop, ContentKind::kBlock, save(name, "", html), actor);
  }

  ErrorCode code_of(const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
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
  Actor actor = Actor::system();
};

TEST_F(ContentServiceTest, EverySaveIsAVersion) {
  ContentItem item =
      content.create(kShop, ContentKind::kTemplate, save("Welcome", "Hi", "<p>1</p>\n"), actor);
  EXPECT_EQ(item.version.number, 1u);
  clock.advance(std::chrono::seconds(10));
  auto second = save("Welcome", "Hello", "<p>2</p>\n");
  second.document.variants.push_back({"vi", "Chào", "<p>2</p>", "", ""});
  second.expected_version = 1;
  item = content.update(kShop, ContentKind::kTemplate, item.id, second, actor);
  EXPECT_EQ(item.version.number, 2u);
  EXPECT_EQ(code_of([&] { content.update(kShop, ContentKind::kTemplate, item.id, second, actor); }),
            ErrorCode::kConflict);

  const auto differences = content.compare(kShop, ContentKind::kTemplate, item.id, 1, 2);
  ASSERT_EQ(differences.size(), 4u);
  EXPECT_EQ(differences[0].part, "subject");
  EXPECT_EQ(differences[1].diff, "@@ -1,1 +1,1 @@\n-<p>1</p>\n+<p>2</p>\n");
  EXPECT_EQ(differences[2].language, "vi");

  const ContentItem restored = content.restore(kShop, ContentKind::kTemplate, item.id, 1, actor);
  EXPECT_EQ(restored.version.number, 3u);
  EXPECT_EQ(restored.document.variants.size(), 1u);
  EXPECT_TRUE(content.compare(kShop, ContentKind::kTemplate, item.id, 1, 3).empty());
  EXPECT_EQ(content.versions(kShop, ContentKind::kTemplate, item.id, UINT32_MAX, 10).size(), 3u);
  EXPECT_EQ(code_of([&] { content.version(kShop, ContentKind::kTemplate, item.id, 9); }),
            ErrorCode::kNotFound);
  EXPECT_EQ(code_of([&] { content.get(kOther, ContentKind::kTemplate, item.id); }),
            ErrorCode::kNotFound);
  EXPECT_TRUE(content.list(kOther, ContentKind::kTemplate, {INT64_MAX}, 10).empty());
}

TEST_F(ContentServiceTest, WhatIsUsedStays) {
  const ContentItem footer = block("footer", "<p>{{ brand.address }}</p>");
  const ContentItem card = block("card", "<b>{% render 'footer' %}</b>");
  const ContentItem item =
      content.create(kShop, ContentKind::kTemplate, save("T", "s", "{% render 'card' %}"), actor);
  EXPECT_EQ(content.uses(kShop, ContentKind::kBlock, footer.id)[0].name, "card");
  EXPECT_EQ(content.uses(kShop, ContentKind::kBlock, card.id)[0].kind, "template");
  const auto conflict = ErrorCode::kConflict;
  EXPECT_EQ(code_of([&] { content.remove(kShop, ContentKind::kBlock, footer.id, actor); }),
            conflict);
  EXPECT_EQ(code_of([&] {
              content.update(kShop, ContentKind::kBlock, footer.id, save("foot", "", "x"), actor);
            }),
            conflict);
  EXPECT_EQ(
      code_of([&] { content.create(kShop, ContentKind::kBlock, save("card", "", "x"), actor); }),
      conflict);
  EXPECT_EQ(code_of([&] {
              content.create(kShop, ContentKind::kTemplate, save("U", "s", "{% render 'no' %}"),
                             actor);
            }),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] {
              content.create(kShop, ContentKind::kTemplate, save("U", "s", "x", "none"), actor);
            }),
            ErrorCode::kInvalidArgument);
  content.set_campaign_usage([](WorkspaceId, std::string_view id) {
    return std::vector<ContentUse>{{"campaign", "cmp_1", std::string(id)}};
  });
  EXPECT_EQ(code_of([&] { content.remove(kShop, ContentKind::kTemplate, item.id, actor); }),
            conflict);
  content.set_campaign_usage({});
  content.remove(kShop, ContentKind::kTemplate, item.id, actor);
  content.remove(kShop, ContentKind::kBlock, card.id, actor);
  content.remove(kShop, ContentKind::kBlock, footer.id, actor);
}

TEST_F(ContentServiceTest, RendersInTheCustomersLanguageAsItWas) {
  block("hello", "<i>{{ customer.first_name }}</i>");
  content.create(kShop, ContentKind::kLayout,
                 save("page", "", "<html>{{ content_for_layout }}{{ brand.name }}</html>"), actor);
  Brand brand;
  brand.name = "Old & good";
  content.set_brand(kShop, brand, actor);
  auto s = save("T", "Hi {{ customer.traits.n | plural: 'cup', 'cups' }}\n now",
                "<style>b{color:red}</style><b>{% render 'hello' %}</b>", "page");
  s.document.variants.push_back({"vi", "Chào", "<b>{{ 1500 | money: 'VND' }}</b>", "chữ", ""});
  const ContentItem item = content.create(kShop, ContentKind::kTemplate, s, actor);
  const Timestamp then = clock.now();
  clock.advance(std::chrono::hours(1));
  content.update(kShop, ContentKind::kTemplate, item.id, save("T", "new", "new"), actor);
  brand.name = "New";
  content.set_brand(kShop, brand, actor);

  ContentRenderer renderer(content, clock);
  Customer ann;
  ann.traits = {{"first_name", "\"Ann <3\""}, {"n", "2"}, {"language", "\"fr\""}};
  const auto at = content.find_at(kShop, ContentKind::kTemplate, item.id, then);
  ASSERT_TRUE(at);
  const auto render = [&](const Customer& customer) {
    return renderer.render("k", [&] { return at->document; },
                           {kShop, customer, "Shop", "UTC", then, "", "https://u.example/", {}});
  };
  const RenderedContent english = render(ann);
  EXPECT_EQ(english.language, "");
  EXPECT_EQ(english.subject, "Hi cups now");
  EXPECT_EQ(
      english.html,
      "<html><style></style><b style=\"color:red\"><i>Ann &lt;3</i></b>Old &amp; good</html>");
  EXPECT_EQ(english.text, "Ann <3Old & good\n");
  Customer binh;
  binh.traits = {{"locale", "\"vi_VN\""}};
  const RenderedContent vietnamese = render(binh);
  EXPECT_EQ(vietnamese.language, "vi");
  EXPECT_EQ(vietnamese.subject, "Chào");
  EXPECT_EQ(vietnamese.html, "<html><b>1.500\u00a0₫</b>Old &amp; good</html>");
  EXPECT_EQ(vietnamese.text, "chữ");
}

}  // namespace
}  // namespace rapport
