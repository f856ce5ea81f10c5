#include "access/workspace_service.h"

#include <algorithm>

#include "access/access_schema.h"
#include "access/name.h"
#include "access/user.h"
#include "access/user_store.h"
#include "base/error.h"
#include "base/limits/access.h"
#include "base/limits/console.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO workspaces (id, name, time_zone, created_at) VALUES ($1, $2, $3, $4)";
constexpr std::string_view kFind =
    "SELECT id, name, time_zone, created_at, currency, languages FROM workspaces WHERE id = $1";
constexpr std::string_view kFindByName =
    "SELECT id, name, time_zone, created_at, currency, languages FROM workspaces WHERE name = $1";
constexpr std::string_view kList =
    "SELECT id, name, time_zone, created_at, currency, languages FROM workspaces ORDER BY id";
constexpr std::string_view kCount = "SELECT COUNT(*) FROM workspaces";
constexpr std::string_view kUpdate =
    "UPDATE workspaces SET name = $2, time_zone = $3, currency = $4, languages = $5 WHERE id = $1";

Workspace read_workspace(Statement& s) {
  Workspace workspace{WorkspaceId{s.id(0)},   std::string(s.text(1)),
                      std::string(s.text(2)), s.time(3),
                      std::string(s.text(4)), {}};
  for (const std::string_view tag : split(s.text(5), ',')) workspace.languages.emplace_back(tag);
  return workspace;
}

std::string check_currency(std::string_view text) {
  const bool good = text.size() == 3 &&
                    text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
  if (!good) throw Error::invalid("currency", "must be a code of ISO 4217, such as EUR");
  return std::string(text);
}

/// The shape of a BCP 47 tag: a language of two or three letters, then parts of two to eight.
bool is_language_tag(std::string_view text) {
  size_t part = 0;
  for (const std::string_view piece : split(text, '-')) {
    const size_t most = part == 0 ? 3 : 8;
    if (piece.size() < 2 || piece.size() > most) return false;
    for (const char c : piece) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (part == 0 || c < '0' || c > '9')) return false;
    }
    ++part;
  }
  return part >= 1 && part <= 4;
}

std::string check_languages(const std::vector<std::string>& tags) {
  if (tags.empty()) throw Error::invalid("languages", "must name at least one");
  if (tags.size() > limits::kMaxLanguages) {
    throw Error::invalid("languages", "are more than " + std::to_string(limits::kMaxLanguages));
  }
  std::string joined;
  for (size_t i = 0; i < tags.size(); ++i) {
    const std::string field = "languages[" + std::to_string(i) + "]";
    if (!is_language_tag(tags[i])) throw Error::invalid(field, "is not a language tag");
    if (std::find(tags.begin(), tags.begin() + static_cast<ptrdiff_t>(i), tags[i]) !=
        tags.begin() + static_cast<ptrdiff_t>(i)) {
      throw Error::invalid(field, "is named twice");
    }
    joined += (joined.empty() ? "" : ",") + tags[i];
  }
  return joined;
}

void require_free_name(Connection& c, std::string_view name, WorkspaceId self) {
  const auto other = c.find(kFindByName, read_workspace, name);
  if (other && other->id != self) {
    throw Error(ErrorCode::kConflict, "There is a workspace of this name already.")
        .with_field("name", "is taken");
  }
}

}  // namespace

CreatedWorkspace WorkspaceService::initialise(const NewWorkspace& input) {
  return create_checked(input, Actor::system(), true);
}

CreatedWorkspace WorkspaceService::create(const NewWorkspace& input, const Actor& actor) {
  return create_checked(input, actor, false);
}

CreatedWorkspace WorkspaceService::create_checked(const NewWorkspace& input, const Actor& actor,
                                                  bool must_be_first) {
  CreatedWorkspace made;
  made.workspace.name = check_name(input.name, "name");
  made.workspace.time_zone = check_time_zone(input.time_zone);
  made.workspace.created_at = clock_.now();
  made.email = check_email(input.owner_email);
  if (input.password) {
    check_password(*input.password, made.email);
  } else {
    made.generated_password = generate_password();
  }
  const auto refuse = [&](Connection& c) {
    const int64_t count = c.find(kCount, [](Statement& s) { return s.integer(0); }).value_or(0);
    if (must_be_first && count > 0) {
      throw Error(ErrorCode::kConflict, "This installation has a workspace already.");
    }
    if (count >= static_cast<int64_t>(limits::kMaxWorkspaces)) {
      throw Error(ErrorCode::kUnprocessable, "The installation has as many workspaces as it may.");
    }
    require_free_name(c, made.workspace.name, WorkspaceId{});
  };
  control_.read(refuse);  // before the slow hash
  const std::string hash =
      passwords_.hash(input.password ? *input.password : *made.generated_password);
  control_.write([&](Connection& c) {
    refuse(c);
    made.workspace.id = WorkspaceId{next_access_id(c, "workspace")};
    const WorkspaceId id = made.workspace.id;
    c.run(kInsert, id, made.workspace.name, made.workspace.time_zone, made.workspace.created_at);
    User owner;
    owner.id = UserId{next_access_id(c, "user")};
    owner.workspace = id;
    owner.email = made.email;
    owner.role = Role::kOwner;
    owner.created_at = made.workspace.created_at;
    user_store::insert(c, owner, hash);
    made.owner = owner.id;
    audit_.record(c, id, actor, "workspace.create", to_public(id), made.workspace.name);
    audit_.record(c, id, actor, "user.create", to_public(owner.id), made.email + " as owner");
    made.write_key = keys_.create(c, id, "Write key", Scope::kIngest, actor).secret;
    made.admin_key = keys_.create(c, id, "Admin key", Scope::kAdmin, actor).secret;
  });
  keys_.refresh();
  return made;
}

std::optional<Workspace> WorkspaceService::find(WorkspaceId id) const {
  return control_.read_value([&](Connection& c) { return c.find(kFind, read_workspace, id); });
}

Workspace WorkspaceService::get(WorkspaceId id) const {
  auto workspace = find(id);
  if (!workspace) throw Error::not_found("workspace");
  return *std::move(workspace);
}

std::optional<Workspace> WorkspaceService::find_by_text(std::string_view id_or_name) const {
  if (const auto id = parse_id<WorkspaceTag>(id_or_name)) return find(*id);
  return control_.read_value(
      [&](Connection& c) { return c.find(kFindByName, read_workspace, id_or_name); });
}

std::vector<Workspace> WorkspaceService::list() const {
  std::vector<Workspace> all;
  control_.read([&](Connection& c) {
    c.each(kList, [&](Statement& s) { all.push_back(read_workspace(s)); });
  });
  return all;
}

Workspace WorkspaceService::update(WorkspaceId id, const WorkspaceChange& change,
                                   const Actor& actor) {
  std::optional<std::string> new_name;
  std::optional<std::string> new_zone;
  if (change.name) new_name = check_name(*change.name, "name");
  if (change.time_zone) new_zone = check_time_zone(*change.time_zone);
  if (change.currency) check_currency(*change.currency);
  if (change.languages) check_languages(*change.languages);
  return control_.write_value([&](Connection& c) {
    auto workspace = c.find(kFind, read_workspace, id);
    if (!workspace) throw Error::not_found("workspace");
    if (new_name) {
      require_free_name(c, *new_name, id);
      workspace->name = *new_name;
    }
    if (new_zone) workspace->time_zone = *new_zone;
    if (change.currency) workspace->currency = *change.currency;
    if (change.languages) workspace->languages = *change.languages;
    const std::string languages = check_languages(workspace->languages);
    c.run(kUpdate, id, workspace->name, workspace->time_zone, workspace->currency, languages);
    audit_.record(c, id, actor, "workspace.update", to_public(id),
                  workspace->name + ", " + workspace->time_zone + ", " + workspace->currency +
                      ", " + languages);
    return *workspace;
  });
}

}  // namespace rapport
