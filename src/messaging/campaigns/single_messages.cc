#include "messaging/campaigns/single_messages.h"

#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "mail/address.h"
#include "messaging/campaigns/experiment.h"
#include "messaging/campaigns/ledger_block.h"
#include "stream/event.h"

namespace rapport {
namespace {

constexpr size_t kMaxRecentKeys = 100'000;
constexpr std::chrono::seconds kApplyWait{5};
constexpr uint64_t kSingleIds = uint64_t{1} << 60;

constexpr std::string_view kFindKey =
    "SELECT digest FROM idempotency_keys WHERE workspace = $1 AND key = $2";

uint64_t number_of(const Key128& hash) {
  uint64_t number = 0;
  std::memcpy(&number, hash.data(), sizeof number);
  return number;
}

std::string_view as_bytes(const uint64_t& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

SingleMessages::SingleMessages(const StateStore& state, const CustomerReader& customers,
                               LogWriter& writer, Projector& projector, const Clock& clock,
                               Random& random)
    : state_(state),
      customers_(customers),
      writer_(writer),
      projector_(projector),
      clock_(clock),
      random_(random) {}

void SingleMessages::claim(const Key& key, const std::string& digest) {
  const auto check = [&](const std::string& other) {
    if (other == digest) return;
    throw Error(ErrorCode::kConflict,
                "The idempotency key was used for another request; choose a new one");
  };
  const auto stored = state_.read_value([&](Connection& c) {
    return c.find(
        kFindKey, [](Statement& row) { return std::string(row.text(0)); }, key.workspace, key.key);
  });
  if (stored) return check(*stored);
  const std::lock_guard lock(mutex_);
  const auto [it, fresh] = digests_.try_emplace(key, digest);
  if (!fresh) return check(it->second);
  order_.push_back(key);
  if (order_.size() <= kMaxRecentKeys) return;
  digests_.erase(order_.front());
  order_.pop_front();
}

MessageId SingleMessages::next_id(WorkspaceId workspace, const std::string& idempotency_key,
                                  size_t index) {
  if (!idempotency_key.empty()) {
    const uint64_t place = index;
    const uint64_t hash = number_of(
        hash_128({"message", as_bytes(workspace.value), idempotency_key, as_bytes(place)}));
    return MessageId{kSingleIds | (hash >> 4)};
  }
  const std::lock_guard lock(mutex_);
  const auto now = static_cast<uint64_t>(to_micros(clock_.now()));
  last_us_ = std::max(last_us_ + 1, now);
  // Fifty-one bits of time and eight of chance: in order, and apart even when a clock goes back.
  return MessageId{kSingleIds | (last_us_ << 8) | random_.below(256)};
}

CustomerId SingleMessages::find_or_create(WorkspaceId workspace, const RecipientName& to,
                                          const std::string& field) {
  const int named =
      int{to.customer_id.has_value()} + int{to.user_id.has_value()} + int{to.email.has_value()};
  if (named != 1) {
    throw Error::invalid(field, "names the recipient by one of customer_id, user_id and email");
  }
  if (to.customer_id) {
    const auto id = parse_id<CustomerTag>(*to.customer_id);
    const auto found = id ? customers_.find(workspace, *id) : std::nullopt;
    if (!found) throw Error::invalid(field + ".customer_id", "there is no such customer");
    return found->id;
  }
  if (to.user_id) {
    const auto found = customers_.find_by(workspace, "user_id", *to.user_id);
    if (!found) throw Error::invalid(field + ".user_id", "there is no such customer");
    return found->id;
  }
  const std::string address = to_lower_ascii(trim(*to.email));
  if (!is_valid_address(address)) throw Error::invalid(field + ".email", "is not an address");
  if (const auto found = customers_.find_by(workspace, "email", address)) return found->id;
  const std::string id = make_uuid(random_);
  const std::string body = "{\"traits\":{\"email\":" + json_quote(address) + "}}";
  Event event;
  event.workspace = workspace;
  event.type = EventType::kIdentify;
  event.timestamp = event.received_at = clock_.now();
  event.message_id = id;
  event.body = body;
  std::vector<NewEvent> events;
  events.push_back(make_new_event(event));
  projector_.wait_applied(writer_.append(std::move(events)).last, kApplyWait);
  const auto made = customers_.find_by(workspace, "email", address);
  if (!made) throw Error::invalid(field + ".email", "is blocked by the identity rules");
  return made->id;
}

Accepted SingleMessages::send(WorkspaceId workspace, const SingleRequest& request,
                              const std::string& idempotency_key) {
  const std::string& name = request.to.customer_id ? *request.to.customer_id
                            : request.to.user_id   ? *request.to.user_id
                                                   : request.to.email.value_or("");
  const std::string digest = hex_encode(as_view(hash_128({name, request.data, request.content})));
  const CustomerId customer = find_or_create(workspace, request.to, "to");
  if (!idempotency_key.empty()) claim({workspace, idempotency_key}, digest);
  MessageFact fact;
  fact.workspace = workspace;
  fact.customer = customer;
  fact.message = next_id(workspace, idempotency_key, 0);
  fact.data = request.data;
  fact.content = request.content;
  if (request.to.email) fact.address = to_lower_ascii(trim(*request.to.email));
  fact.idempotency_key = idempotency_key;
  fact.digest = idempotency_key.empty() ? "" : digest;
  std::vector<NewEvent> events;
  events.push_back(make_step_event(MessageStep::kQueued, fact, clock_.now()));
  writer_.append(std::move(events));
  return {fact.message, customer};
}

std::vector<Accepted> SingleMessages::trigger(const Campaign& campaign,
                                              const std::vector<SingleRequest>& requests,
                                              const std::string& idempotency_key,
                                              int64_t holdout_percent) {
  std::string all;
  for (const SingleRequest& r : requests) {
    for (const auto& part : {r.to.customer_id, r.to.user_id, r.to.email, std::optional(r.data)}) {
      all += std::to_string(part.value_or("").size()) + ":" + part.value_or("");
    }
  }
  const std::string digest = hex_encode(as_view(hash_128({to_public(campaign.id), all})));
  std::vector<Accepted> accepted;
  for (size_t i = 0; i < requests.size(); ++i) {
    const std::string field = "recipients[" + std::to_string(i) + "]";
    accepted.push_back({{}, find_or_create(campaign.workspace, requests[i].to, field)});
  }
  if (!idempotency_key.empty()) claim({campaign.workspace, idempotency_key}, digest);
  std::vector<NewEvent> events;
  for (size_t i = 0; i < requests.size(); ++i) {
    MessageFact fact;
    fact.workspace = campaign.workspace;
    fact.customer = accepted[i].customer;
    fact.campaign = campaign.id;
    fact.channel = campaign.channel;
    fact.run = 1;
    fact.message = accepted[i].message = next_id(campaign.workspace, idempotency_key, i);
    fact.data = requests[i].data;
    fact.variant = assign_variant(campaign, fact.customer);
    if (!campaign.plan.transactional &&
        in_holdout(campaign.workspace, fact.customer, holdout_percent)) {
      fact.variant = kHoldoutVariant;
    }
    if (i == 0 && !idempotency_key.empty()) {
      fact.idempotency_key = idempotency_key;
      fact.digest = digest;
    }
    events.push_back(make_step_event(MessageStep::kQueued, fact, clock_.now()));
  }
  writer_.append(std::move(events));
  return accepted;
}

}  // namespace rapport
