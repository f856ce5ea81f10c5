// The DNS records a sending domain needs, and whether they are there.
//
// SPF follows from the providers, DKIM from the keys, DMARC is a beginning that only watches, and a
// return domain needs its MX. A record is there when what it must say is in it: more is no fault.
// Pure but for the resolver, which blocks.
#pragma once

#include <string>
#include <vector>

#include "mail/dns.h"
#include "messaging/delivery/provider_service.h"
#include "messaging/delivery/sending_domain.h"

namespace rapport {

struct DomainRecord {
  std::string purpose;  // "dkim", "spf", "dmarc", "return_spf", "return_mx"
  DnsType type = DnsType::kTxt;
  std::string name;
  std::string value;
};

enum class RecordState { kOk, kMissing, kDifferent, kUnknown };
/// "ok", "missing", "different", "could_not_look_up".
std::string_view record_state_name(RecordState state);

struct RecordCheck {
  DomainRecord record;
  RecordState state = RecordState::kUnknown;
  std::vector<std::string> found;
};

/// `inbound_name`: the host of the inbound listener; empty when there is none.
std::vector<DomainRecord> records_of(const SendingDomain& domain,
                                     const std::vector<MailProvider>& providers,
                                     const std::string& inbound_name);
std::vector<RecordCheck> check_records(const DnsResolver& dns,
                                       const std::vector<DomainRecord>& records);

}  // namespace rapport
