#include "messaging/content/customer_data.h"

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "customers/customer_reader.h"

namespace rapport {
namespace {

using liquid::Value;

Value trait_value(const Customer& customer, std::string_view name) {
  for (const auto& [trait, json] : customer.traits) {
    if (trait == name) return liquid::parse_json_value(json);
  }
  return {};
}

std::string text_of(const Value& value) {
  return value.if_string() ? *value.if_string() : std::string();
}

class TraitsDrop final : public liquid::Drop {
 public:
  explicit TraitsDrop(const Customer& customer) : customer_(customer) {}
  Value member(std::string_view name) const override { return trait_value(customer_, name); }
  Value whole() const override {
    liquid::Object all;
    for (const auto& [name, json] : customer_.traits) all.set(name, liquid::parse_json_value(json));
    return all;
  }

 private:
  const Customer& customer_;
};

class CustomerDrop final : public liquid::Drop {
 public:
  explicit CustomerDrop(const Customer& customer)
      : customer_(customer),
        traits_(std::shared_ptr<const Drop>(std::make_shared<TraitsDrop>(customer))) {}

  Value member(std::string_view name) const override {
    if (name == "traits") return traits_;
    if (name == "id") return to_public(customer_.id);
    if (name == "email") return customer_.email();
    if (name == "user_id") return std::string(customer_.identifier("user_id"));
    if (name == "phone") return phone();
    if (name == "name") return full_name();
    if (name == "first_name") return either("first_name", "firstName");
    if (name == "last_name") return either("last_name", "lastName");
    if (name == "language") return language_of(customer_);
    if (name == "time_zone") return time_zone_of(customer_);
    if (name == "country") return country_of(customer_);
    if (name == "first_seen") return format_timestamp(customer_.first_seen);
    if (name == "last_seen") return format_timestamp(customer_.last_seen);
    if (name == "event_count") return customer_.event_count;
    return {};
  }

  Value whole() const override {
    liquid::Object all;
    for (const char* name :
         {"id", "email", "user_id", "phone", "name", "first_name", "last_name", "language",
          "time_zone", "country", "first_seen", "last_seen", "event_count"}) {
      all.set(name, member(name));
    }
    all.set("traits", TraitsDrop(customer_).whole());
    return all;
  }

 private:
  Value either(std::string_view first, std::string_view second) const {
    Value value = trait_value(customer_, first);
    return value.is_nil() ? trait_value(customer_, second) : value;
  }
  Value phone() const {
    Value trait = trait_value(customer_, "phone");
    return trait.is_nil() ? Value(std::string(customer_.identifier("phone"))) : trait;
  }
  Value full_name() const {
    Value name = trait_value(customer_, "name");
    if (!name.is_nil()) return name;
    const std::string first = text_of(either("first_name", "firstName"));
    const std::string last = text_of(either("last_name", "lastName"));
    if (first.empty() && last.empty()) return {};
    return first + (first.empty() || last.empty() ? "" : " ") + last;
  }

  const Customer& customer_;
  Value traits_;
};

}  // namespace

Value customer_value(const Customer& customer) {
  return std::shared_ptr<const liquid::Drop>(std::make_shared<CustomerDrop>(customer));
}

Value account_value(const Customer& customer) {
  return trait_value(customer, "company");
}

Value brand_value(const Brand& brand, const std::string& public_url) {
  const bool own = brand.logo_url.starts_with("/");
  return liquid::Object{{"name", brand.name},
                        {"logo_url", own ? public_url + brand.logo_url : brand.logo_url},
                        {"primary_color", brand.primary_color},
                        {"background_color", brand.background_color},
                        {"text_color", brand.text_color},
                        {"link_color", brand.link_color},
                        {"font", brand.font},
                        {"address", brand.address},
                        {"footer", brand.footer}};
}

std::string language_of(const Customer& customer) {
  for (const char* trait : {"language", "locale"}) {
    std::string language = normal_language(text_of(trait_value(customer, trait)));
    if (!language.empty()) return language;
  }
  return {};
}

std::string time_zone_of(const Customer& customer) {
  for (const char* trait : {"time_zone", "timezone"}) {
    std::string zone = text_of(trait_value(customer, trait));
    if (is_time_zone_name(zone)) return zone;
  }
  return {};
}

std::string country_of(const Customer& customer) {
  std::string country = text_of(trait_value(customer, "country"));
  if (country.empty()) {
    const Value address = trait_value(customer, "address");
    const liquid::Object* object = address.if_object();
    const Value* found = object ? object->find("country") : nullptr;
    if (found) country = text_of(*found);
  }
  return country.size() == 2 ? country : std::string();
}

}  // namespace rapport
