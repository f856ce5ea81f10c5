// An event of the log as the API shows it.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "stream/event.h"

namespace rapport {

/// The event as one JSON object: `offset`, `message_id`, `type`, `name`, ids, the four times,
/// `properties`, `traits`, and `context` with the batch's context and the recorded ip beneath it.
/// `label` is what people call the customer, may be empty.
std::string render_event_json(Offset offset, const Event& event, CustomerId customer,
                              std::string_view label);

}  // namespace rapport
