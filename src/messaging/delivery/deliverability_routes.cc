#include "messaging/delivery/deliverability_routes.h"

#include <algorithm>

#include "base/error.h"
#include "http/json_schema.h"
#include "messaging/delivery/domain_records.h"
#include "messaging/delivery/route_builder.h"

namespace rapport {
namespace {

struct SendingDomainInput {
  std::string domain;
  std::optional<std::string> return_domain;
  std::optional<std::vector<std::string>> algorithms;
};
BOOST_DESCRIBE_STRUCT(SendingDomainInput, (), (domain, return_domain, algorithms))

struct SendingDomainUpdate {
  bool signing = true;
  std::optional<std::string> return_domain;
};
BOOST_DESCRIBE_STRUCT(SendingDomainUpdate, (), (signing, return_domain))

struct DkimKeyBody {
  std::string selector;
  std::string algorithm;
};
BOOST_DESCRIBE_STRUCT(DkimKeyBody, (), (selector, algorithm))

struct DnsRecordBody {
  std::string purpose;
  std::string type;
  std::string name;
  std::string value;
};
BOOST_DESCRIBE_STRUCT(DnsRecordBody, (), (purpose, type, name, value))

struct SendingDomainBody {
  std::string domain;
  std::string return_domain;
  bool signing = true;
  std::vector<DkimKeyBody> keys;
  std::vector<DnsRecordBody> records;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(SendingDomainBody, (),
                      (domain, return_domain, signing, keys, records, created_at))

struct RecordCheckBody {
  std::string purpose;
  std::string name;
  std::string status;
  std::vector<std::string> found;
};
BOOST_DESCRIBE_STRUCT(RecordCheckBody, (), (purpose, name, status, found))

struct RecordCheckList {
  std::vector<RecordCheckBody> items;
};
BOOST_DESCRIBE_STRUCT(RecordCheckList, (), (items))

struct SendingDomainList {
  std::vector<SendingDomainBody> items;
};
BOOST_DESCRIBE_STRUCT(SendingDomainList, (), (items))

std::vector<DomainRecord> records_for(const DeliverabilityServices& s, WorkspaceId workspace,
                                      const SendingDomain& domain) {
  return records_of(domain, s.providers.active(workspace)->providers, s.inbound_name);
}

SendingDomainBody present(const DeliverabilityServices& s, WorkspaceId workspace,
                          const SendingDomain& domain) {
  SendingDomainBody body;
  body.domain = domain.domain;
  body.return_domain = domain.return_domain;
  body.signing = domain.signing;
  body.created_at = domain.created_at;
  for (const DkimRecord& key : domain.keys) {
    body.keys.push_back({key.selector, std::string(dkim_algorithm_name(key.algorithm))});
  }
  for (const DomainRecord& record : records_for(s, workspace, domain)) {
    body.records.push_back(
        {record.purpose, record.type == DnsType::kTxt ? "TXT" : "MX", record.name, record.value});
  }
  return body;
}

std::vector<DkimAlgorithm> algorithms_of(const SendingDomainInput& input) {
  std::vector<DkimAlgorithm> algorithms;
  for (const std::string& name : input.algorithms.value_or(std::vector<std::string>{})) {
    const auto algorithm = parse_dkim_algorithm(name);
    if (!algorithm || std::count(algorithms.begin(), algorithms.end(), *algorithm) > 0) {
      throw Error::invalid("algorithms", "must be rsa-sha256, ed25519-sha256, or both");
    }
    algorithms.push_back(*algorithm);
  }
  return algorithms;
}

Response create_domain(const DeliverabilityServices& s, const Request& request) {
  const auto input = parse_json<SendingDomainInput>(request.body);
  const SendingDomain domain =
      s.domains.create(workspace_of(request), input.domain, input.return_domain.value_or(""),
                       algorithms_of(input), s.actor(request));
  return Response::json(to_json(present(s, workspace_of(request), domain)), 201);
}

Response list_domains(const DeliverabilityServices& s, const Request& request) {
  SendingDomainList body;
  for (const SendingDomain& domain : s.domains.list(workspace_of(request))) {
    body.items.push_back(present(s, workspace_of(request), domain));
  }
  return Response::json(to_json(body));
}

Response get_domain(const DeliverabilityServices& s, const Request& request) {
  const WorkspaceId workspace = workspace_of(request);
  return Response::json(
      to_json(present(s, workspace, s.domains.get(workspace, request.parameter("domain")))));
}

Response update_domain(const DeliverabilityServices& s, const Request& request) {
  const WorkspaceId workspace = workspace_of(request);
  s.domains.get(workspace, request.parameter("domain"));
  const auto input = parse_json<SendingDomainUpdate>(request.body);
  const SendingDomain domain =
      s.domains.update(workspace, request.parameter("domain"), input.signing,
                       input.return_domain.value_or(""), s.actor(request));
  return Response::json(to_json(present(s, workspace, domain)));
}

Response renew_keys(const DeliverabilityServices& s, const Request& request) {
  const WorkspaceId workspace = workspace_of(request);
  const SendingDomain domain =
      s.domains.renew_keys(workspace, request.parameter("domain"), s.actor(request));
  return Response::json(to_json(present(s, workspace, domain)));
}

Response check_domain(const DeliverabilityServices& s, const Request& request) {
  const WorkspaceId workspace = workspace_of(request);
  const SendingDomain domain = s.domains.get(workspace, request.parameter("domain"));
  RecordCheckList body;
  for (RecordCheck& check : check_records(s.dns, records_for(s, workspace, domain))) {
    body.items.push_back({check.record.purpose, check.record.name,
                          std::string(record_state_name(check.state)), std::move(check.found)});
  }
  return Response::json(to_json(body));
}

Response remove_domain(const DeliverabilityServices& s, const Request& request) {
  s.domains.remove(workspace_of(request), request.parameter("domain"), s.actor(request));
  return Response::no_content();
}

void add_domain_routes(DeliverabilityRoutes& b) {
  using P = Permission;
  Route* route = &b.add("POST", "/api/v1/sending-domains", P::kSettingsWrite, "createSendingDomain",
                        "Add a domain to send from, with fresh DKIM keys", create_domain);
  route->request_schema = "SendingDomainInput";
  route->response_schema = "SendingDomain";
  route->success_status = 201;
  route = &b.add("GET", "/api/v1/sending-domains", P::kSettingsRead, "listSendingDomains",
                 "Domains to send from, with the DNS records they need", list_domains);
  route->response_schema = "SendingDomainList";
  route = &b.add("GET", "/api/v1/sending-domains/{domain}", P::kSettingsRead, "getSendingDomain",
                 "One domain", get_domain);
  route->response_schema = "SendingDomain";
  route = &b.add("PUT", "/api/v1/sending-domains/{domain}", P::kSettingsWrite,
                 "updateSendingDomain", "Switch signing, set the return domain", update_domain);
  route->request_schema = "SendingDomainUpdate";
  route->response_schema = "SendingDomain";
  route = &b.add("POST", "/api/v1/sending-domains/{domain}/renew-keys", P::kSettingsWrite,
                 "renewSendingDomainKeys", "Replace the DKIM keys", renew_keys);
  route->response_schema = "SendingDomain";
  route = &b.add("POST", "/api/v1/sending-domains/{domain}/check", P::kSettingsRead,
                 "checkSendingDomain", "Look the records up in DNS", check_domain);
  route->response_schema = "DnsRecordCheckList";
  route = &b.add("DELETE", "/api/v1/sending-domains/{domain}", P::kSettingsWrite,
                 "removeSendingDomain", "Remove a domain and its keys", remove_domain);
  route->success_status = 204;
}

}  // namespace

RouteGroup make_deliverability_routes(DeliverabilityServices services) {
  DeliverabilityRoutes builder(std::move(services), kDeliverabilityTag);
  add_domain_routes(builder);
  return builder.take({named_schema<SendingDomainInput>("SendingDomainInput"),
                       named_schema<SendingDomainUpdate>("SendingDomainUpdate"),
                       named_schema<SendingDomainBody>("SendingDomain"),
                       named_schema<SendingDomainList>("SendingDomainList"),
                       named_schema<RecordCheckList>("DnsRecordCheckList")});
}

}  // namespace rapport
