#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "app/commands.h"
#include "app/partials_folder.h"
#include "base/error.h"
#include "base/limits/templates.h"
#include "liquid/template.h"
#include "runtime/clock.h"

namespace rapport {
namespace {

constexpr int kUsage = 2;

struct RenderArguments {
  std::string source;
  std::string data;
  std::string partials;
  std::string layout;
  bool html = false;
};

struct RenderInputs {
  std::string source;
  liquid::Value data;
};

/// Throws when the command was given what it cannot read.
RenderInputs read_inputs(const RenderArguments& arguments) {
  RenderInputs inputs;
  inputs.source = read_input(arguments.source, limits::kMaxTemplateBytes);
  inputs.data = liquid::Object{};
  if (!arguments.data.empty()) {
    inputs.data = liquid::parse_json_value(read_input(arguments.data, limits::kMaxRenderDataBytes));
    if (!inputs.data.if_object()) throw Error::invalid("--data", "must hold a JSON object");
  }
  std::error_code failed;
  if (!arguments.partials.empty() && !std::filesystem::is_directory(arguments.partials, failed)) {
    throw Error::invalid("--partials", "is not a folder");
  }
  return inputs;
}

int render(const RenderArguments& arguments) {
  RenderInputs inputs;
  try {
    inputs = read_inputs(arguments);
  } catch (const Error& error) {
    std::fprintf(stderr, "rapport: %s\n", error.public_detail().c_str());
    return kUsage;
  }
  const PartialsFolder partials(arguments.partials);
  const SystemClock clock;
  liquid::RenderOptions options;
  options.escape_html = arguments.html;
  options.now = clock.now();
  options.clock = &clock;
  options.layout = arguments.layout;
  if (!arguments.partials.empty()) options.partials = &partials;
  const std::string output = liquid::Template::parse(inputs.source).render(inputs.data, options);
  std::fwrite(output.data(), 1, output.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

void add_render_command(CLI::App& app, std::shared_ptr<Command> chosen) {
  CLI::App* command = app.add_subcommand("render", "Render a Liquid template and print the result");
  const auto arguments = std::make_shared<RenderArguments>();
  command->add_option("template", arguments->source, "file, or - for standard input")->required();
  command->add_option("--data", arguments->data, "JSON object of the variables");
  command->add_option("--partials", arguments->partials,
                      "folder of content blocks, NAME.liquid, and layouts, layouts/NAME.liquid");
  command->add_option("--layout", arguments->layout, "name of the layout to put around");
  command->add_flag("--html", arguments->html, "escape what is printed, as in an e-mail's HTML");
  command->callback([=] { *chosen = [=] { return render(*arguments); }; });
}

}  // namespace rapport
