// An event of the log as the API shows it.
#pragma once

#include <string>

#include "base/ids.h"
#include "stream/event.h"

namespace rapport {

/// The event as one JSON object: `offset`, `message_id`, `type`, `name`, ids, the four times,
/// `properties`, `traits`, and `context` with the batch's context and the recorded ip beneath it.
std::string render_event_json(Offset offset, const Event& event, CustomerId customer);

}  // namespace rapport
