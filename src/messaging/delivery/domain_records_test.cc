#include "messaging/delivery/domain_records.h"

#include <gtest/gtest.h>

#include <map>

namespace rapport {
namespace {

struct FakeDns final : DnsResolver {
  std::map<std::string, std::vector<std::string>> zone;
  bool down = false;
  mutable int asked = 0;
  DnsAnswer look_up(const std::string& name, DnsType) const override {
    ++asked;
    if (down) return {};
    const auto it = zone.find(name);
    return {true, it == zone.end() ? std::vector<std::string>{} : it->second};
  }
};

SendingDomain domain() {
  SendingDomain d;
  d.domain = "shop.example";
  d.return_domain = "in.shop.example";
  d.keys = {{"r1", DkimAlgorithm::kRsaSha256, "v=DKIM1; k=rsa; p=AAAB"}};
  return d;
}

MailProvider at(const char* host) {
  MailProvider p;
  p.smtp.host = host;
  return p;
}

TEST(DomainRecords, FollowFromProvidersAndKeys) {
  const auto records =
      records_of(domain(),
                 {at("email-smtp.eu-west-1.amazonaws.com"), at("smtp.sendgrid.net"),
                  at("192.0.2.7"), at("relay.shop.example"), at("relay.shop.example")},
                 "mx.shop.example");
  std::map<std::string, std::string> by_purpose;
  for (const auto& r : records) by_purpose[r.purpose] = r.name + " " + r.value;
  EXPECT_EQ(by_purpose["dkim"], "r1._domainkey.shop.example v=DKIM1; k=rsa; p=AAAB");
  EXPECT_EQ(by_purpose["spf"],
            "shop.example v=spf1 include:amazonses.com include:sendgrid.net ip4:192.0.2.7 "
            "a:relay.shop.example ~all");
  EXPECT_EQ(by_purpose["dmarc"],
            "_dmarc.shop.example v=DMARC1; p=none; rua=mailto:postmaster@shop.example");
  EXPECT_EQ(by_purpose["return_mx"], "in.shop.example 10 mx.shop.example");
  EXPECT_EQ(by_purpose.size(), 5u);
}

TEST(DomainRecords, AreFoundAsPeopleWriteThem) {
  const auto records = records_of(domain(), {at("relay.shop.example")}, "mx.shop.example");
  struct Case {
    const char* name;
    std::vector<std::string> found;
    const char* purpose;
    RecordState state;
  };
  const Case cases[] = {
      {"r1._domainkey.shop.example", {"k=rsa;p=AAAB"}, "dkim", RecordState::kOk},
      {"r1._domainkey.shop.example", {"v=DKIM1; p=AA AB; t=s"}, "dkim", RecordState::kOk},
      {"r1._domainkey.shop.example", {"v=DKIM1; p=CCCC"}, "dkim", RecordState::kDifferent},
      {"r1._domainkey.shop.example", {"v=DKIM1; p="}, "dkim", RecordState::kDifferent},
      {"r1._domainkey.shop.example", {}, "dkim", RecordState::kMissing},
      {"shop.example",
       {"site-verification=1", "V=SPF1 mx a:relay.shop.example -all"},
       "spf",
       RecordState::kOk},
      {"shop.example", {"v=spf1 include:other.example ~all"}, "spf", RecordState::kDifferent},
      {"shop.example", {"v=spf10 a:relay.shop.example"}, "spf", RecordState::kMissing},
      {"_dmarc.shop.example", {"v=DMARC1; p=reject"}, "dmarc", RecordState::kOk},
      {"_dmarc.shop.example", {"nothing"}, "dmarc", RecordState::kMissing},
      {"in.shop.example", {"20 MX.shop.example"}, "return_mx", RecordState::kOk},
      {"in.shop.example", {"10 mx.other.example"}, "return_mx", RecordState::kDifferent},
  };
  for (const Case& c : cases) {
    FakeDns dns;
    dns.zone[c.name] = c.found;
    for (const RecordCheck& check : check_records(dns, records)) {
      if (check.record.purpose == c.purpose) {
        EXPECT_EQ(check.state, c.state) << c.purpose << " " << (c.found.empty() ? "" : c.found[0]);
      }
    }
  }
}

TEST(DomainRecords, WithoutDnsNothingIsKnownAndNobodyWaits) {
  FakeDns dns;
  dns.down = true;
  for (const RecordCheck& check :
       check_records(dns, records_of(domain(), {at("relay.shop.example")}, "mx.shop.example"))) {
    EXPECT_EQ(record_state_name(check.state), "could_not_look_up");
  }
  EXPECT_EQ(dns.asked, 1);
}

TEST(Dns, ReadsAnswersAndSurvivesRubbish) {
  // One question, a CNAME, and a TXT of two strings.
  const std::string head("\x12\x34\x81\x80\0\1\0\2\0\0\0\0", 12);
  const std::string question("\1a\1b\0\0\x10\0\1", 9);
  const std::string cname("\xC0\x0C\0\5\0\1\0\0\0\x3C\0\4\1c\xC0\x0E", 16);
  const std::string txt("\xC0\x0C\0\x10\0\1\0\0\0\x3C\0\7\3v=D\2KI", 19);
  const std::string message = head + question + cname + txt;
  EXPECT_EQ(parse_dns_records(message, DnsType::kTxt), (std::vector<std::string>{"v=DKI"}));
  EXPECT_TRUE(parse_dns_records(message, DnsType::kMx).empty());
  for (size_t i = 0; i < message.size(); ++i) {
    parse_dns_records(message.substr(0, i), DnsType::kTxt);
    std::string altered = message;
    altered[i] = static_cast<char>(0xFF);
    parse_dns_records(altered, DnsType::kTxt);
    parse_dns_records(altered, DnsType::kMx);
  }
}

}  // namespace
}  // namespace rapport
