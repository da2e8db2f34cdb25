#include "config/option_groups.h"

namespace emplace::config {
namespace {

Option own(std::string_view name, Kind kind, std::string_view default_value,
           std::string_view help) {
  return {.group = "emplace",
          .name = name,
          .kind = kind,
          .default_value = default_value,
          .effect = Effect::honoured,
          .help = help};
}

Option count(std::string_view name, std::string_view default_value, std::string_view help,
             std::int64_t maximum = std::int64_t{1} << 40) {
  auto option = own(name, Kind::integer, default_value, help);
  option.minimum = 0;
  option.maximum = maximum;
  return option;
}

// Each level costs stack: there is no such thing as no limit.
Option json_depth() {
  auto option = count("json_depth_max", "32", "The deepest nesting of a JSON body (400).", 1000);
  option.minimum = 1;
  return option;
}

constexpr std::int64_t day_s = 86400;

}  // namespace

std::vector<Option> emplace_options() {
  return {
      own("host", Kind::text, "127.0.0.1", "The address that the server listens on."),
      count("port", "8778", "The TCP port that the server listens on; 0: any free one.", 65535),
      count("threads", "0", "Threads that serve connections; 0: one for each core.", 1024),
      own("tls_certificate_file", Kind::text, "",
          "A PEM file with the server's certificate and its chain; with tls_key_file, TLS is on."),
      own("tls_key_file", Kind::text, "", "A PEM file with the certificate's private key."),
      count("connections_max", "10000", "The most connections at a time; 0: no limit."),
      count("connections_per_address_max", "0",
            "The most connections at a time from one address; 0: no limit."),
      count("header_bytes_max", "65536",
            "The most bytes of a request's line and headers (431, or 414 for the target)."),
      count("header_count_max", "100", "The most headers of a request (431); 0: no limit."),
      count("body_bytes_max", "1048576", "The most bytes of a request's body (413); 0: no limit."),
      count("body_bytes_max_bulk", "8388608",
            "The same for POST /allocations and POST /reshaper; 0: no limit."),
      json_depth(),
      count("list_items_max", "1000",
            "The most items of a list in a body, such as traits (400); 0: no limit."),
      count("query_groups_max", "128",
            "The most request groups of a candidates query (400); 0: no limit."),
      count("query_values_max", "1000",
            "The most values of one query parameter, such as member_of (400); 0: no limit."),
      count("header_timeout_s", "10", "Seconds within which a request's headers must have come.",
            day_s),
      count("idle_timeout_s", "65", "Seconds after which an idle connection is closed.", day_s),
      count("body_bytes_per_second_min", "1024",
            "The slowest rate at which a body may come in (408); 0: no limit."),
      count("drain_timeout_s", "5",
            "Seconds that requests under way get to end when the server is told to stop.", day_s),
      count("queue_max", "10000", "The most writes that wait to be stored (503); 0: no limit."),
      count("search_work_max", "10000000",
            "The most steps of the search of one candidates query (503), where what a candidate "
            "holds counts as 8 for each provider and class; 0: no limit."),
      own("audit_file", Kind::text, "",
          "A file that gets a line of JSON for each write that is asked for; none if empty."),
      own("audit_journal", Kind::boolean, "false",
          "Send these lines to systemd's journal, as emplace-audit."),
      own("metrics_host", Kind::text, "127.0.0.1",
          "The address that metrics and health are served on, to anyone who asks, without TLS."),
      count("metrics_port", "0", "The TCP port of metrics and health; 0: they are not served.",
            65535),
  };
}

}  // namespace emplace::config
