#include "app/campaign_wiring.h"

#include <algorithm>
#include <span>

#include "base/error.h"
#include "base/limits.h"
#include "customers/trait_reader.h"
#include "messaging/permission/gate_store.h"
#include "segments/list_stage.h"

namespace rapport {
namespace {

std::string zone_of(const WorkspaceService& workspaces, WorkspaceId workspace) {
  const auto found = workspaces.find(workspace);
  return found ? found->time_zone : std::string("UTC");
}

/// Some customers at a time, so that no reader of the state is held for long.
std::vector<std::shared_ptr<const TimeZone>> recipient_zones(const CampaignParts& parts,
                                                             WorkspaceId workspace,
                                                             std::span<const CustomerId> who) {
  constexpr size_t kAtOnce = 2'000;
  const std::string home = zone_of(parts.workspaces, workspace);
  std::vector<std::shared_ptr<const TimeZone>> zones;
  zones.reserve(who.size());
  for (size_t from = 0; from < who.size(); from += kAtOnce) {
    const auto some = who.subspan(from, std::min(kAtOnce, who.size() - from));
    parts.state.read([&](Connection& c) {
      for (const CustomerId id : some) {
        zones.push_back(parts.zones.zone_of(zone_evidence(
            read_traits(c, workspace, id), gate_store::zone(c, workspace, id), home)));
      }
    });
  }
  return zones;
}

}  // namespace

CampaignPorts make_campaign_ports(const SegmentService& segments, const ListService& lists,
                                  const WorkspaceService& workspaces,
                                  const PermissionParts& permission, const ContentParts& content) {
  CampaignPorts ports;
  ports.segment_exists = [&segments](WorkspaceId w, SegmentId s) {
    return segments.find(w, s).has_value();
  };
  ports.list_exists = [&lists](WorkspaceId w, const std::string& list) {
    const auto id = parse_id<ListTag>(list);
    if (!id) return false;
    try {
      return lists.get(w, *id).id == *id;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) throw;
      return false;
    }
  };
  ports.topic_exists = [&permission](WorkspaceId w, const std::string& topic) {
    return permission.is_open_topic(w, topic);
  };
  ports.template_exists = [&content](WorkspaceId w, const std::string& id) {
    return content.content.has_template(w, id);
  };
  ports.check_files = [&content](WorkspaceId w, const std::vector<FileUse>& files) {
    content.files.check(w, files);
  };
  ports.workspace_zone = [&workspaces](WorkspaceId w) { return zone_of(workspaces, w); };
  return ports;
}

AudienceUses make_audience_uses(const CampaignService& campaigns) {
  return [&campaigns](WorkspaceId w, std::string_view id) {
    std::vector<AudienceUse> uses;
    for (const Campaign& c : campaigns.audience_users(w, id)) {
      uses.push_back({"campaign", to_public(c.id), c.name});
    }
    return uses;
  };
}

AudienceUses make_journey_uses(const JourneyService& journeys) {
  return [&journeys](WorkspaceId w, std::string_view id) {
    std::vector<AudienceUse> uses;
    for (const JourneySummary& j : journeys.users_of(w, id)) {
      uses.push_back({"journey", to_public(j.id), j.name});
    }
    return uses;
  };
}

JourneyReferences make_journey_references(const SegmentService& segments,
                                          const PermissionParts& permission,
                                          const ContentService& content) {
  JourneyReferences references;
  references.segment_exists = [&segments](WorkspaceId w, SegmentId s) {
    return segments.find(w, s).has_value();
  };
  references.topic_exists = [&permission](WorkspaceId w, const std::string& topic) {
    return permission.is_open_topic(w, topic);
  };
  references.template_exists = [&content](WorkspaceId w, const std::string& id) {
    return content.has_template(w, id);
  };
  return references;
}

CampaignUsage make_template_usage(const CampaignService& campaigns, const MessageReader& messages) {
  return [&campaigns, &messages](WorkspaceId w, std::string_view id) {
    std::vector<ContentUse> uses;
    for (const Campaign& c : campaigns.template_users(w, id)) {
      uses.push_back({"campaign", to_public(c.id), c.name});
    }
    for (const Message& m : messages.waiting_with_template(w, id, limits::kMaxPage)) {
      uses.push_back({"message", to_public(m.id), m.address});
    }
    return uses;
  };
}

LauncherPorts make_launcher_ports(CampaignParts parts) {
  LauncherPorts ports;
  ports.segment = [parts](WorkspaceId w, SegmentId s, Timestamp) {
    // The launcher waited for what came before, so the live membership is who is meant.
    std::vector<CustomerId> members;
    parts.segments.each_member(
        parts.segments.get(w, s), [&](CustomerId customer) { members.push_back(customer); },
        std::nullopt);
    return members;
  };
  ports.list = [parts](WorkspaceId w, const std::string& list) {
    const auto id = parse_id<ListTag>(list);
    if (!id) return std::vector<CustomerId>();
    return parts.state.read_value(
        [&](Connection& c) { return list_members(c, w, *id, CustomerId{}, SIZE_MAX >> 1); });
  };
  ports.workspace_zone = [parts](WorkspaceId w) { return zone_of(parts.workspaces, w); };
  ports.zones = [parts](WorkspaceId w, const std::vector<CustomerId>& recipients) {
    return recipient_zones(parts, w, recipients);
  };
  ports.holdout_percent = [parts](WorkspaceId w) { return parts.campaigns.holdout_percent(w); };
  ports.variants = [parts](const Campaign& c) { return parts.reporter.variants(c); };
  ports.not_opened = [parts](WorkspaceId w, CampaignId c) {
    return parts.messages.not_opened(w, c);
  };
  return ports;
}

}  // namespace rapport
