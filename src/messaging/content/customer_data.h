// What templates can say of whom they are for: `customer`, `account`, `workspace`, `brand`,
// `message`, `event`, as data of the template language.
//
// Traits are read from their JSON only when a template asks for them, so a customer with a thousand
// traits costs no more than the three that are printed. The drops point into the Customer, which
// must outlive the rendering. Pure.
#pragma once

#include <string>
#include <string_view>

#include "liquid/value.h"
#include "messaging/content/content.h"

namespace rapport {

struct Customer;

/// `customer`: id, email, user_id, phone, name, first_name, last_name, language, time_zone,
/// country, first_seen, last_seen, event_count, traits.
liquid::Value customer_value(const Customer& customer);
/// `account`: the trait `company`, where Segment's clients put it; nil without one.
liquid::Value account_value(const Customer& customer);
/// `brand`. Pictures held by this program get their full address.
liquid::Value brand_value(const Brand& brand, const std::string& public_url);

/// From the traits `language`, `locale`; empty when neither says.
std::string language_of(const Customer& customer);
/// From the traits `time_zone`, `timezone`; empty when neither holds a zone's name.
std::string time_zone_of(const Customer& customer);
/// ISO 3166 code from the traits `country`, `address.country`; empty when neither holds one.
std::string country_of(const Customer& customer);

}  // namespace rapport
