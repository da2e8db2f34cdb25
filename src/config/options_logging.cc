#include "config/option_groups.h"

namespace emplace::config {
namespace {

constexpr std::string_view group = "DEFAULT";
constexpr std::string_view fixed_format =
    "log lines have oslo.log's default format (or JSON with use_json)";
constexpr std::string_view no_rotation =
    "the log file is opened again on SIGHUP, so that logrotate can turn it over";
constexpr std::string_view no_rate_limit = "the number of log lines is not limited";
constexpr std::string_view no_instances = "log lines name no instance";

// oslo.log's defaults for Python libraries, as upstream's Placement completes them.
constexpr std::string_view library_levels =
    "amqp=WARN,amqplib=WARN,boto=WARN,qpid=WARN,sqlalchemy=WARN,suds=INFO,oslo.messaging=INFO,"
    "oslo_messaging=INFO,iso8601=WARN,requests.packages.urllib3.connectionpool=WARN,"
    "urllib3.connectionpool=WARN,websocket=WARN,requests.packages.urllib3.util.retry=WARN,"
    "urllib3.util.retry=WARN,keystonemiddleware=WARN,routes.middleware=WARN,stevedore=WARN,"
    "taskflow=WARN,keystoneauth=WARN,oslo.cache=INFO,oslo_policy=INFO,dogpile.core.dogpile=INFO,"
    "routes=INFO";

std::vector<Option> honoured_options() {
  constexpr auto honoured = Effect::honoured;
  return {
      {group, "debug", Kind::boolean, "false", honoured, "Whether the log holds DEBUG lines."},
      {group, "log_file", Kind::text, "", honoured,
       "The file that the log goes to, within log_dir if that is set; none: stderr.", false,
       "DEFAULT.logfile"},
      {group, "log_dir", Kind::text, "", honoured,
       "The folder of log_file; alone, the log goes to a file in it.", false, "DEFAULT.logdir"},
      {group, "use_syslog", Kind::boolean, "false", honoured, "Whether the log goes to syslog."},
      {group, "syslog_log_facility", Kind::text, "LOG_USER", honoured,
       "The syslog facility of log lines."},
      {group, "use_journal", Kind::boolean, "false", honoured,
       "Whether the log goes to systemd's journal."},
      {group, "use_json", Kind::boolean, "false", honoured,
       "Whether each log line is a JSON object."},
      {group, "default_log_levels", Kind::list, library_levels, honoured,
       "Levels by logger, as name=LEVEL; those of placement and emplace have an effect."},
      {group, "log_options", Kind::boolean, "true", honoured,
       "Whether all options are logged (at DEBUG) when the server starts."},
  };
}

std::vector<Option> ignored_options() {
  constexpr auto ignored = Effect::ignored;
  return {
      {group, "log_config_append", Kind::text, "", ignored,
       "it names a file for Python's logging module", false,
       "DEFAULT.log-config DEFAULT.log_config"},
      {group, "log_date_format", Kind::text, "%Y-%m-%d %H:%M:%S", ignored, fixed_format},
      {group, "watch_log_file", Kind::boolean, "false", ignored, no_rotation},
      {group, "use_stderr", Kind::boolean, "false", ignored,
       "the log goes to stderr exactly when no other place is given"},
      {group, "use_eventlog", Kind::boolean, "false", ignored, "it is for Windows"},
      {group, "log_color", Kind::boolean, "false", ignored, fixed_format},
      {group, "log_rotate_interval", Kind::integer, "1", ignored, no_rotation},
      {group, "log_rotate_interval_type", Kind::text, "days", ignored, no_rotation, false, "",
       "Seconds Minutes Hours Days Weekday Midnight"},
      {group, "max_logfile_count", Kind::integer, "30", ignored, no_rotation},
      {group, "max_logfile_size_mb", Kind::integer, "200", ignored, no_rotation},
      {group, "log_rotation_type", Kind::text, "none", ignored, no_rotation, false, "",
       "interval size none"},
      {group, "logging_context_format_string", Kind::text,
       "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [%(global_request_id)s "
       "%(request_id)s %(user_identity)s] %(instance)s%(message)s",
       ignored, fixed_format},
      {group, "logging_default_format_string", Kind::text,
       "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(instance)s%(message)s",
       ignored, fixed_format},
      {group, "logging_debug_format_suffix", Kind::text, "%(funcName)s %(pathname)s:%(lineno)d",
       ignored, fixed_format},
      {group, "logging_exception_prefix", Kind::text,
       "%(asctime)s.%(msecs)03d %(process)d ERROR %(name)s %(instance)s", ignored, fixed_format},
      {group, "logging_user_identity_format", Kind::text,
       "%(user)s %(project)s %(domain)s %(system_scope)s %(user_domain)s %(project_domain)s",
       ignored, fixed_format},
      {group, "publish_errors", Kind::boolean, "false", ignored,
       "errors are logged and not sent elsewhere"},
      {group, "instance_format", Kind::text, "[instance: %(uuid)s] ", ignored, no_instances},
      {group, "instance_uuid_format", Kind::text, "[instance: %(uuid)s] ", ignored, no_instances},
      {group, "rate_limit_interval", Kind::integer, "0", ignored, no_rate_limit},
      {group, "rate_limit_burst", Kind::integer, "0", ignored, no_rate_limit},
      {group, "rate_limit_except_level", Kind::text, "CRITICAL", ignored, no_rate_limit},
      {group, "fatal_deprecations", Kind::boolean, "false", ignored,
       "a deprecated option is always a warning"},
  };
}

}  // namespace

std::vector<Option> logging_options() {
  auto result = honoured_options();
  const auto others = ignored_options();
  result.insert(result.end(), others.begin(), others.end());
  return result;
}

}  // namespace emplace::config
