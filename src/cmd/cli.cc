#include "cmd/cli.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/uuid.h"

namespace emplace::cmd {
namespace {

// An option of the log that may stand on the command line, as oslo.log has them.
struct LogOption {
  const char* names;
  const char* key;
  const char* value;      // what a flag stands for; none: the option takes a text
  std::string_view help;  // empty: accepted, but not worth a line of help
};
constexpr LogOption log_options[] = {
    {"-d,--debug", "DEFAULT.debug", "true", "Log DEBUG lines too"},
    {"--nodebug", "DEFAULT.debug", "false", ""},
    {"--use-syslog", "DEFAULT.use_syslog", "true", "Log to syslog"},
    {"--nouse-syslog", "DEFAULT.use_syslog", "false", ""},
    {"--use-journal", "DEFAULT.use_journal", "true", "Log to systemd's journal"},
    {"--nouse-journal", "DEFAULT.use_journal", "false", ""},
    {"--use-json", "DEFAULT.use_json", "true", "Make each log line a JSON object"},
    {"--nouse-json", "DEFAULT.use_json", "false", ""},
    {"--watch-log-file", "DEFAULT.watch_log_file", "true", ""},
    {"--nowatch-log-file", "DEFAULT.watch_log_file", "false", ""},
    {"--log-file,--logfile", "DEFAULT.log_file", nullptr, "Log to this file"},
    {"--log-dir,--logdir", "DEFAULT.log_dir", nullptr, "The folder of the log file"},
    {"--syslog-log-facility", "DEFAULT.syslog_log_facility", nullptr, "The syslog facility"},
    {"--log-date-format", "DEFAULT.log_date_format", nullptr, ""},
    {"--log-config-append,--log-config,--log_config", "DEFAULT.log_config_append", nullptr, ""},
};

// What is wrong with a provider's UUID, or with the id of a project or user; empty: nothing. The
// database keeps ids of up to 255 bytes.
std::string check_uuid(const std::string& text) {
  return Uuid::parse(text) ? "" : "\"" + text + "\" is not a UUID";
}
std::string check_owner_id(const std::string& text) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (text.empty() || text.size() > 255) return "an id has 1 to 255 bytes";
  return std::any_of(text.begin(), text.end(), is_control) ? "control characters in an id" : "";
}

// The options that every command takes, for the program itself or for one of its commands.
class CommonOptions {
 public:
  explicit CommonOptions(CLI::App& app) : app_(app) {
    add_paths("--config-file", "PATH", "Read this configuration file; may be repeated", false);
    add_paths("--config-dir", "DIR", "Read the *.conf files of this folder; may be repeated", true);
    for (const auto& option : log_options)
      add_log_option(option);
  }

  // Adds what was given to the command line; of what was given twice, the later wins.
  void collect(CommandLine& line) const {
    std::map<const CLI::Option*, std::size_t> seen;
    for (const auto* option : app_.parse_order()) {
      const auto nth = seen[option]++;
      if (const auto path = paths_.find(option); path != paths_.end()) {
        line.config_paths.push_back({option->results().at(nth), path->second});
      }
      if (const auto log = logs_.find(option); log != logs_.end()) {
        const auto* value = log->second->value;
        line.overrides[log->second->key] = value != nullptr ? value : option->results().at(nth);
      }
    }
  }

 private:
  void add_paths(const char* name, const char* type_name, const std::string& help,
                 bool is_directory) {
    auto* option = app_.add_option(name, help)->type_name(type_name)->expected(1);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
    paths_[option] = is_directory;
  }

  void add_log_option(const LogOption& log) {
    const std::string help(log.help);
    auto* option = log.value != nullptr ? app_.add_flag(log.names, help)
                                        : app_.add_option(log.names, help)->type_name("TEXT");
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->group(help.empty() ? "" : "Log");
    logs_[option] = &log;
  }

  CLI::App& app_;
  std::map<const CLI::Option*, bool> paths_;  // whether it names a directory
  std::map<const CLI::Option*, const LogOption*> logs_;
};

// Builds the tree of commands of one program and reads arguments with it.
class Parser {
 public:
  explicit Parser(const std::string& program) : program_(program) {
    app_.name(program);
    app_.option_defaults()->always_capture_default(false);
    common_.emplace_back(app_);
    if (program == "placement-manage") {
      build_placement_manage();
    } else if (program == "placement-status") {
      build_placement_status();
    } else {
      build_emplace();
    }
  }

  tl::expected<CommandLine, Exit> parse(const std::vector<std::string>& arguments) {
    // CLI11 takes them from the end.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend() - 1);
    try {
      app_.parse(reversed);
      require_owner();
    } catch (const CLI::ParseError& error) {
      std::ostringstream out, err;
      const bool failed = app_.exit(error, out, err) != 0;
      return tl::unexpected(Exit{failed ? 2 : 0, failed ? err.str() : out.str(), failed});
    }
    if (const auto* parent = incomplete()) return tl::unexpected(incomplete_exit(*parent));
    for (const auto& options : common_)
      options.collect(line_);
    for (const auto& [option, key] : overrides_) {
      if (option->count() > 0) line_.overrides[key] = option->as<std::string>();
    }
    line_.as_upstream = program_ != "emplace";
    return line_;
  }

 private:
  // A command that only holds others; what follows it may belong to the program as a whole.
  CLI::App& add_branch(CLI::App& parent, const char* name, const char* help) {
    auto& branch = *parent.add_subcommand(name, help);
    branch.fallthrough();
    return branch;
  }

  CLI::App& add_command(CLI::App& parent, const char* name, const char* help, Command command,
                        const std::string& example) {
    auto& leaf = *parent.add_subcommand(name, help);
    leaf.footer("Example:\n  " + example);
    leaf.parse_complete_callback([this, command] {
      line_.command = command;
      complete_ = true;
    });
    common_.emplace_back(leaf);
    return leaf;
  }

  void add_override(CLI::App& app, const char* name, const char* type_name, const char* key,
                    const std::string& help) {
    auto* option = app.add_option(name, help)->type_name(type_name);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    overrides_.emplace_back(option, key);
  }

  void build_emplace() {
    app_.description("emplace: the OpenStack Placement API, served by one program");
    app_.set_version_flag("--version", "emplace " EMPLACE_VERSION, "Print the version and exit");
    app_.footer(
        "Examples:\n"
        "  emplace serve --dev                             try it out on 127.0.0.1:8778\n"
        "  emplace serve --config-file placement.conf      serve as that file says\n"
        "  emplace config sample > placement.conf          a file with every option\n"
        "Also answers to the names placement-manage and placement-status, with their arguments.\n"
        "`emplace COMMAND --help` tells more of a command.");
    add_serve();
    add_database(app_, "emplace");
    auto& status = add_branch(app_, "status", "Checks before an upgrade");
    add_upgrade(status, "emplace status");
    auto& configuration = add_branch(app_, "config", "The configuration file");
    add_command(configuration, "sample", "Print a configuration file with every option",
                Command::config_sample, "emplace config sample > placement.conf");
    auto& validate = add_command(
        configuration, "validate", "Read the configuration and say what is wrong or has no effect",
        Command::config_validate, "emplace config validate --config-file placement.conf");
    validate.add_flag("--fatal-warnings", line_.fatal_warnings,
                      "Exit with 1 for a warning, not only for an error");
    auto& policy = add_branch(app_, "policy", "The rules of who may do what");
    add_command(policy, "sample", "Print a policy file with every rule and its default",
                Command::policy_sample, "emplace policy sample > policy.yaml");
    add_provider();
  }

  void build_placement_manage() {
    app_.description("The database of Placement, as upstream's placement-manage");
    app_.set_version_flag("--version", EMPLACE_VERSION, "Print the version and exit");
    app_.footer("Example:\n  placement-manage --config-file placement.conf db sync");
    add_database(app_, "placement-manage");
  }

  void build_placement_status() {
    app_.description("Checks before an upgrade, as upstream's placement-status");
    app_.set_version_flag("--version", EMPLACE_VERSION, "Print the version and exit");
    app_.footer("Example:\n  placement-status --config-file placement.conf upgrade check");
    add_upgrade(app_, "placement-status");
  }

  void add_serve() {
    auto& serve = add_command(app_, "serve", "Serve the API until SIGTERM", Command::serve,
                              "emplace serve --config-file /etc/placement/placement.conf\n"
                              "  emplace serve --dev --port 8778");
    serve.add_flag("--dev", line_.dev,
                   "Try it out: believe anyone (noauth2), on a loopback address only; reads no "
                   "configuration file but those that are named");
    add_override(serve, "--host", "ADDRESS", "emplace.host", "Listen on this address (127.0.0.1)");
    add_override(serve, "--port", "PORT", "emplace.port", "Listen on this port (8778; 0: any)");
    add_override(serve, "--tls-cert", "PATH", "emplace.tls_certificate_file",
                 "Speak TLS with this certificate (PEM)");
    add_override(serve, "--tls-key", "PATH", "emplace.tls_key_file", "The certificate's key (PEM)");
  }

  void add_database(CLI::App& parent, const std::string& program) {
    auto& db = add_branch(parent, "db", "The tables of the database");
    auto& sync = add_command(db, "sync", "Make the tables, or bring them up to date",
                             Command::db_sync, program + " db sync");
    sync.add_option("--version", line_.revision, "Stop at this revision")->type_name("REVISION");
    add_command(db, "version", "Print the revision of the tables", Command::db_version,
                program + " db version");
    auto& stamp = add_command(db, "stamp", "Write down a revision without changing any table",
                              Command::db_stamp, program + " db stamp a082b8bb98d0");
    stamp.add_option("version", line_.revision, "The revision")->type_name("REVISION")->required();
    auto& migrations = add_command(
        db, "online_data_migrations", "Bring rows of older releases up to date",
        Command::db_online_data_migrations, program + " db online_data_migrations --max-count 50");
    migrations
        .add_option_function<std::string>(
            "--max-count", [this](const std::string& count) { line_.max_count = count; },
            "Stop after this many rows")
        ->type_name("NUMBER");
    if (program == "emplace") add_own_database(db);
  }

  // What upstream's command does not have.
  void add_own_database(CLI::App& db) {
    add_command(db, "check",
                "Tell where the tables are not as they should be: 0 nowhere, 1 see there",
                Command::db_check, "emplace db check");
    add_command(db, "purge",
                "Remove projects, users, consumer types and aggregates that nothing refers to",
                Command::db_purge, "emplace db purge");
    auto& coexist = add_command(
        db, "coexist", "Whether upstream's own processes may write to the database, by triggers",
        Command::db_coexist, "emplace db coexist show");
    coexist.add_option("what", line_.coexistence, "on, off or show")
        ->type_name("on|off|show")
        ->required()
        ->check(CLI::IsMember({"on", "off", "show"}));
  }

  void add_provider() {
    auto& provider = add_branch(app_, "provider", "Who owns the resource providers");
    auto& show = add_command(provider, "show-owner",
                             "Print the project and the user that own a provider's tree",
                             Command::provider_show_owner,
                             "emplace provider show-owner c0a0c0a0-0000-4000-8000-000000000001");
    auto& set = add_command(
        provider, "set-owner",
        "Change whose a provider's tree is: its owner is that of its root. Stop the server first",
        Command::provider_set_owner,
        "emplace provider set-owner c0a0c0a0-0000-4000-8000-000000000001 --project ID --user ID\n"
        "  emplace provider set-owner c0a0c0a0-0000-4000-8000-000000000001 --none");
    for (auto* app : {&show, &set}) {
      app->add_option("provider", line_.provider, "Any provider of the tree")
          ->type_name("UUID")
          ->required()
          ->check(check_uuid);
    }
    const auto add_id = [&](const char* name, std::string& value, const char* help) {
      return set.add_option(name, value, help)->type_name("ID")->check(check_owner_id);
    };
    auto* project = add_id("--project", line_.project_id, "The project that is to own it");
    auto* user = add_id("--user", line_.user_id, "The user that is to own it");
    project->needs(user);
    user->needs(project);
    const std::string help = "It is to be nobody's";  // a literal would fit two overloads
    auto* none = set.add_flag("--none", help);
    no_owner_ = none->excludes(project)->excludes(user);
  }

  // What CLI11 cannot say: either the one or the other.
  void require_owner() const {
    if (!complete_ || line_.command != Command::provider_set_owner) return;
    if (no_owner_->count() > 0 || !line_.project_id.empty()) return;
    throw CLI::RequiredError("--project with --user, or --none,");
  }

  void add_upgrade(CLI::App& parent, const std::string& program) {
    auto& upgrade = add_branch(parent, "upgrade", "Checks before an upgrade");
    auto& check =
        add_command(upgrade, "check", "Tell whether the data are ready: 0 yes, 1 warnings, 2 no",
                    Command::upgrade_check, program + " upgrade check");
    for (auto* app : {&upgrade, &check}) {
      app->add_flag("--json", line_.json, "Print the results as JSON");
    }
  }

  // The deepest command given, if it only holds others.
  const CLI::App* incomplete() const {
    if (complete_) return nullptr;
    const CLI::App* deepest = &app_;
    while (!deepest->get_subcommands().empty())
      deepest = deepest->get_subcommands().front();
    return deepest;
  }

  // Upstream's placement-manage prints its help here, with these codes.
  Exit incomplete_exit(const CLI::App& parent) const {
    const auto help = parent.help();
    if (program_ == "placement-manage") return {&parent == &app_ ? 1 : 0, help, false};
    return {2, help + "\nA command is missing.\n", true};
  }

  std::string program_;
  CLI::App app_;
  CommandLine line_;
  bool complete_ = false;
  std::deque<CommonOptions> common_;  // of the program itself first, then of its commands
  std::vector<std::pair<CLI::Option*, const char*>> overrides_;
  const CLI::Option* no_owner_ = nullptr;  // --none
};

}  // namespace

tl::expected<CommandLine, Exit> parse_arguments(const std::vector<std::string>& arguments) {
  auto program = arguments.at(0).substr(arguments.at(0).rfind('/') + 1);
  if (program != "placement-manage" && program != "placement-status") program = "emplace";
  return Parser(program).parse(arguments);
}

}  // namespace emplace::cmd
