#include "api/errors.h"

#include "api/accept.h"
#include "base/text.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

struct Status {
  unsigned code;
  std::string_view title;
  std::string_view explanation;  // the stock sentence that upstream's web library puts first
};

constexpr std::string_view malformed =
    "The server could not comply with the request since it is either malformed or otherwise "
    "incorrect.";
constexpr std::string_view unauthorized =
    "This server could not verify that you are authorized to access the document you requested. "
    "Either you supplied the wrong credentials (e.g., bad password), or your browser does not "
    "understand how to supply the credentials required.";
constexpr std::string_view unavailable =
    "The server is currently unavailable. Please try again at a later time.";

constexpr std::string_view undefined_code = "placement.undefined_code";

struct Meaning {
  Reason reason;
  unsigned status;
  std::string_view code = undefined_code;
};

// What each Reason is over HTTP.
constexpr Meaning meanings[] = {
    {Reason::bad_request, 400},
    {Reason::duplicate_query_key, 400, "placement.query.duplicate_key"},
    {Reason::bad_query_value, 400, "placement.query.bad_value"},
    {Reason::missing_query_value, 400, "placement.query.missing_value"},
    {Reason::unknown_provider, 400, "placement.resource_provider.not_found"},
    {Reason::unauthenticated, 401},
    {Reason::forbidden, 403},
    {Reason::not_found, 404},
    {Reason::no_such_resource, 404},
    {Reason::method_not_allowed, 405},
    {Reason::not_acceptable, 406},
    {Reason::version_not_supported, 406},
    {Reason::conflict, 409},
    {Reason::concurrent_update, 409, "placement.concurrent_update"},
    {Reason::precondition_failed, 412, "placement.concurrent_update"},
    {Reason::duplicate_name, 409, "placement.duplicate_name"},
    {Reason::inventory_in_use, 409, "placement.inventory.inuse"},
    {Reason::provider_in_use, 409, "placement.resource_provider.inuse"},
    {Reason::cannot_delete_parent, 409, "placement.resource_provider.cannot_delete_parent"},
    {Reason::too_large, 413},
    {Reason::uri_too_long, 414},
    {Reason::unsupported_media_type, 415},
    {Reason::internal, 500},
    {Reason::overloaded, 503, "placement.overloaded"},
    {Reason::unavailable, 503, "placement.unavailable"},
    {Reason::perhaps_done, 503, "placement.unavailable"},
};

constexpr Status statuses[] = {
    {400, "Bad Request", malformed},
    {401, "Unauthorized", unauthorized},
    {403, "Forbidden", "Access was denied to this resource."},
    {404, "Not Found", "The resource could not be found."},
    {405, "Method Not Allowed", ""},
    {406, "Not Acceptable", ""},
    {409, "Conflict", "There was a conflict when trying to complete your request."},
    {412, "Precondition Failed", "Request precondition failed."},
    {413, "Request Entity Too Large", "The body of your request was too large for this server."},
    {414, "Request-URI Too Long", "The request URI was too long for this server."},
    {415, "Unsupported Media Type", ""},
    {408, "Request Timeout", "The server timed out waiting for the request."},
    {431, "Request Header Fields Too Large", "The headers of the request are too large."},
    {500, "Internal Server Error",
     "The server has either erred or is incapable of performing the "
     "requested operation."},
    {501, "Not Implemented", "The server does not know how to do this."},
    {503, "Service Unavailable", unavailable},
    {505, "HTTP Version Not Supported", "The server speaks HTTP/1.1."},
};

const Meaning& meaning_of(Reason reason) {
  for (const auto& meaning : meanings) {
    if (meaning.reason == reason) return meaning;
  }
  return meaning_of(Reason::internal);
}

const Status& status_named(unsigned code) {
  for (const auto& status : statuses) {
    if (status.code == code) return status;
  }
  return status_named(500);
}

// Without control characters, and no longer than a sentence may be: details name what the client
// sent.
std::string one_line(std::string_view text) {
  constexpr std::size_t longest = 1024;
  std::string line(text.substr(0, longest));
  if (text.size() > longest) {
    // Not within a UTF-8 sequence.
    std::size_t end = longest;
    while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
      --end;
    line.resize(end);
    line += "…";
  }
  // Headers may hold any byte, and JSON may not.
  const bool utf8 = is_utf8(line);
  for (auto& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) c = ' ';
    if (byte >= 0x80 && !utf8) c = '?';
  }
  return line;
}

// The stock sentence and ours, in the form that clients of upstream see.
std::string detail_of(const Status& status, const std::string& sentence,
                      const ErrorContext& context) {
  const auto special = [&](std::string explanation) { return explanation + " \n\n " + sentence; };
  const auto shown = [](std::string_view header) {
    return one_line(header.data() ? header.substr(0, 100) : "None");
  };
  switch (status.code) {
    case 405:
      return special("The method " + shown(context.method) + " is not allowed for this resource.");
    case 406:
      return special(
          "The resource could not be generated that was acceptable to your browser "
          "(content of type " +
          shown(context.accept.empty() ? "application/json" : context.accept) + ".");
    case 415:
      return special("The request media type " + shown(context.content_type) +
                     " is not supported by this server.");
    default:
      return std::string(status.explanation) + "\n\n " + sentence + "  ";
  }
}

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string html_page(const Status& status, std::string_view detail) {
  const std::string heading = std::to_string(status.code) + " " + std::string(status.title);
  std::string body = html_escaped(detail);
  for (auto at = body.find("\n\n"); at != std::string::npos; at = body.find("\n\n")) {
    body.replace(at, 2, "<br /><br />\n");
  }
  return "<html>\n <head>\n  <title>" + heading + "</title>\n </head>\n <body>\n  <h1>" + heading +
         "</h1>\n  " + body + "\n </body>\n</html>";
}

std::string json_error(const Status& status, const Meaning& meaning, std::string_view detail,
                       const ErrorContext& context) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  if (meaning.reason == Reason::unauthenticated) {
    // Upstream's authentication answers in a form of its own, which stands beside the usual one.
    writer.key("message").value(std::string(status.explanation) + "<br /><br />\n\n\n");
    writer.key("code").value("401 Unauthorized").key("title").value(status.title);
  }
  writer.key("errors").begin_array().begin_object();
  writer.key("status").value(static_cast<int>(status.code));
  writer.key("title").value(status.title);
  writer.key("detail").value(detail);
  if (context.version && context.version->minor >= static_cast<int>(Feature::error_codes)) {
    writer.key("code").value(meaning.code);
  }
  writer.key("request_id").value(context.request_id);
  if (meaning.reason == Reason::version_not_supported) {
    writer.key("max_version").value(newest.str()).key("min_version").value(oldest.str());
  }
  writer.end_object().end_array().end_object();
  return body;
}

// Whether the answer has a Vary header. Upstream leaves it out where the refusal comes from outside
// of a handler, and clients' tests know.
bool varies(Reason reason) {
  return reason != Reason::no_such_resource && reason != Reason::forbidden &&
         reason != Reason::unauthenticated && reason != Reason::version_not_supported &&
         reason != Reason::internal;
}

}  // namespace

unsigned status_of(Reason reason) {
  return meaning_of(reason).status;
}

std::string_view title_of(unsigned status) {
  return status_named(status).title;
}

Response error_response(const Failure& failure, const ErrorContext& context) {
  const Meaning& meaning = meaning_of(failure.reason);
  const Status& status = status_named(meaning.status);
  const std::string detail = detail_of(status, one_line(failure.detail), context);
  Response response;
  response.status = status.code;
  response.failure = failure;
  response.error_code = meaning.code == undefined_code ? "" : meaning.code;
  response.vary = context.version && varies(failure.reason);
  const bool any = context.accept.empty() || context.accept == "*/*";
  const int json = welcome(context.accept, "application/json");
  const int html = welcome(context.accept, "text/html");
  if (any || json > html) {
    response.body = json_error(status, meaning, detail, context);
  } else if (html > 0) {
    response.content_type = "text/html; charset=UTF-8";
    response.body = html_page(status, detail);
  } else {
    response.content_type = "text/plain; charset=UTF-8";
    response.body = std::to_string(status.code) + " " + std::string(status.title) + "\n\n" + detail;
  }
  return response;
}

}  // namespace emplace::api
