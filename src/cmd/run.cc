#include "cmd/run.h"

#include <exception>
#include <iostream>

#include "service/commands.h"
#include "service/serve.h"

namespace emplace::cmd {
namespace {

int refuse(const Failure& failure) {
  std::cerr << "emplace: " << failure.detail << "\n";
  return 1;
}

// As upstream's commands end when they could not do their work: with none of the codes by which
// they tell a result.
int exit_code_of_breakdown(Command command) {
  switch (command) {
    case Command::upgrade_check:
      return 255;
    case Command::db_online_data_migrations:
      return 2;
    default:
      return 1;
  }
}

int validate(const CommandLine& line, const Environment& environment) {
  const auto config = load_config_as_written(line, environment);
  if (!config) return refuse(config.error());
  for (const auto& file : config->files())
    std::cout << "read " << file << "\n";
  for (const auto& warning : config->warnings())
    std::cout << "warning: " << warning << "\n";
  std::cout << config->files().size() << " files read, " << config->warnings().size()
            << " warnings, no error\n";
  return line.fatal_warnings && !config->warnings().empty() ? 1 : 0;
}

int migrate(const CommandLine& line, const config::Config& config) {
  constexpr int bad_input = 127;  // as upstream
  const auto count = max_count(line);
  if (!count) {
    std::cout << count.error().detail << "\n";
    return bad_input;
  }
  return service::online_data_migrations(config, *count);
}

int coexist(const CommandLine& line, const config::Config& config) {
  using service::Coexistence;
  return service::db_coexist(config, line.coexistence == "on"    ? Coexistence::on
                                     : line.coexistence == "off" ? Coexistence::off
                                                                 : Coexistence::show);
}

int run_serve(const CommandLine& line, const config::Config& config) {
  if (const auto ready = check_serve(line, config); !ready) return refuse(ready.error());
  return service::serve(config, line.dev);
}

int run_with_config(const CommandLine& line, const config::Config& config) {
  switch (line.command) {
    case Command::serve:
      return run_serve(line, config);
    case Command::db_sync:
      return service::db_sync(config, line.revision);
    case Command::db_version:
      return service::db_version(config);
    case Command::db_stamp:
      return service::db_stamp(config, line.revision);
    case Command::db_online_data_migrations:
      return migrate(line, config);
    case Command::db_check:
      return service::db_check(config);
    case Command::db_purge:
      return service::db_purge(config);
    case Command::db_coexist:
      return coexist(line, config);
    case Command::upgrade_check:
      return service::upgrade_check(config, line.json);
    case Command::provider_show_owner:
      return service::provider_show_owner(config, line.provider);
    case Command::provider_set_owner:
      return service::provider_set_owner(config, line.provider, line.project_id, line.user_id);
    case Command::config_sample:
    case Command::config_validate:
    case Command::policy_sample:
      break;
  }
  return 1;
}

}  // namespace

int run(const CommandLine& line, const Environment& environment) {
  try {
    switch (line.command) {
      case Command::config_sample:
        std::cout << config::sample_config();
        return 0;
      case Command::config_validate:
        return validate(line, environment);
      case Command::policy_sample:
        return service::policy_sample();
      default:
        break;
    }
    const auto config = load_config(line, environment);
    if (!config) {
      refuse(config.error());
      return exit_code_of_breakdown(line.command);
    }
    return run_with_config(line, *config);
  } catch (const std::exception& error) {
    std::cerr << "emplace: " << error.what() << "\n";
    return exit_code_of_breakdown(line.command);
  }
}

}  // namespace emplace::cmd
