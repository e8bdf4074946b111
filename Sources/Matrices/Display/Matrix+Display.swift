/// A matrix as lines of text.
extension Matrix {
  /// The rows with aligned decimals, below the names of the columns where there are any. A matrix
  /// that is wider than `width` or takes more than a third of `height` shows its corners, three
  /// rows and three columns from each end, and a line with shape, precision and range.
  package func lines(width: Int, height: Int) -> [String] {
    if isEmpty { return ["empty \(shape) matrix".truncated(toWidth: width)] }
    let allowed = max(height / 3, 1)
    let head = columnNames == nil ? 0 : 1
    if rows + head <= allowed, columns <= width / 2 + 1,
      let whole = table(Array(0..<rows), Array(0..<columns), width), whole.count <= allowed
    {
      return whole
    }
    // What remains for rows beside the names, a scale, the dots and the summary.
    let rowCorner = min(3, (allowed - 2 - head) / 2)
    if rowCorner > 0 {
      let rowsShown = Self.corners(of: rows, showing: rows + head + 1 <= allowed ? rows : rowCorner)
      var columnCorner = columns <= width / 2 + 1 ? columns : 3
      while columnCorner > 0 {
        let columnsShown = Self.corners(of: columns, showing: columnCorner)
        if let table = table(rowsShown, columnsShown, width) {
          return table.suffix(max(allowed - 1, 1)) + [summaryLine(width: width)]
        }
        columnCorner = min(columnCorner - 1, 3)
      }
    }
    return [summaryLine(width: width)]
  }

  /// Shape, precision, smallest, mean and largest number and how many are NaN, in one line.
  package func summaryLine(width: Int) -> String {
    let facts = statistics
    var parts = ["\(shape) \(isLogical ? "true/false" : precision.description)"]
    if isLogical {
      parts.append("\(NumberFormat.short(facts.sum)) true")
    } else if let low = facts.minimum, let high = facts.maximum, let mean = facts.mean {
      parts.append("min \(NumberFormat.short(low, digits: 5))")
      parts.append("mean \(NumberFormat.short(mean, digits: 5))")
      parts.append("max \(NumberFormat.short(high, digits: 5))")
    }
    if facts.nanCount > 0 { parts.append("\(facts.nanCount) NaN") }
    return parts.joined(separator: ", ").truncated(toWidth: width)
  }

  /// The matrix as it would be typed, `[1, 2; 3, 4]`, if it has few elements and fits.
  package func literal(width: Int, elements limit: Int = 16) -> String? {
    guard count <= limit else { return nil }
    if isEmpty { return rows == 0 && columns == 0 ? "[]" : nil }
    let rowTexts = (0..<rows).map { row in
      (0..<columns).map { column in
        isLogical
          ? (self[row, column] != 0 ? "true" : "false") : NumberFormat.short(self[row, column])
      }.joined(separator: ", ")
    }
    let text = "[\(rowTexts.joined(separator: "; "))]"
    return text.utf8.count <= width ? text : nil
  }

  /// Positions from both ends; `nil` stands for those left out.
  private static func corners(of count: Int, showing corner: Int) -> [Int?] {
    if count <= 2 * corner { return Array(0..<count) }
    return Array(0..<corner) + [nil] + Array(count - corner..<count)
  }

  /// The elements at the crossings, aligned; `nil` if they are wider than `width`.
  private func table(_ rows: [Int?], _ columns: [Int?], _ width: Int) -> [String]? {
    let names = columnNames
    let shown = columns.map { column in
      column.map { column in rows.compactMap { row in row.map { self[$0, column] } } }
    }
    let common = names == nil ? NumberStyle(for: shown.flatMap { $0 ?? [] }) : nil
    var cells: [[String]] = []
    var used = -2
    for (column, numbers) in zip(columns, shown) {
      var texts: [String]
      if let numbers {
        let style = common ?? NumberStyle(for: numbers, mayScale: false)
        texts = numbers.map { isLogical ? ($0 != 0 ? "true" : "false") : style.text(of: $0) }
        if let dots = rows.firstIndex(of: nil) { texts.insert("⋮", at: dots) }
      } else {
        texts = rows.map { $0 == nil ? "" : "…" }
      }
      if let names {
        let name = column.map { names[$0] } ?? "…"
        let widest = texts.reduce(0) { max($0, $1.displayWidth) }
        texts.insert(name.truncated(toWidth: max(16, widest)), at: 0)
      }
      let widest = texts.reduce(0) { max($0, $1.displayWidth) }
      used += widest + 2
      if used > width { return nil }
      cells.append(texts.map { $0.padded(toWidth: widest, onLeft: true) })
    }
    var lines = (cells.first ?? []).indices.map { line in
      cells.map { $0[line] }.joined(separator: "  ").trimmingTrailingSpaces
    }
    if case .scaled(let exponent, _)? = common { lines.insert("10^\(exponent) ×", at: 0) }
    return lines
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
