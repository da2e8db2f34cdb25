#include "service/table.h"

#include <algorithm>

namespace emplace::service {
namespace {

std::vector<std::string> lines_of(const std::string& cell) {
  std::vector<std::string> lines{""};
  for (const char c : cell) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::size_t space = width - text.size(), before = left ? 0 : space / 2;
  return std::string(before, ' ') + text + std::string(space - before, ' ');
}

std::string row_text(const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
                     bool left) {
  std::size_t height = 0;
  std::vector<std::vector<std::string>> cells;
  for (const auto& cell : row) {
    cells.push_back(lines_of(cell));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < height; ++line) {
    text += "|";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string& part = line < cells[i].size() ? cells[i][line] : "";
      text += " " + padded(part, widths[i], left) + " |";
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string table(const std::vector<std::vector<std::string>>& rows, bool lined) {
  std::vector<std::size_t> widths(rows[0].size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      for (const auto& line : lines_of(row[i]))
        widths[i] = std::max(widths[i], line.size());
    }
  }
  std::string rule = "+";
  for (const auto width : widths)
    rule += std::string(width + 2, '-') + "+";
  rule += "\n";
  std::string text = rule;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += row_text(rows[i], widths, lined);
    if (lined || i == 0 || i + 1 == rows.size()) text += rule;
  }
  return text;
}

}  // namespace emplace::service
