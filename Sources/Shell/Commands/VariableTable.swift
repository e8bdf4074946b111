import Matrices
import Vocabulary

/// What `:vars` shows: one variable a line.
struct VariableTable {
  private let rows: [[String]]
  private let width: Int

  init(_ variables: [(name: String, value: Value, origin: String)], width: Int) {
    rows = variables.map { variable in
      [
        variable.name, variable.value.typeName,
        variable.value.shape.map { "\($0)" } ?? variable.value.extent,
        Self.size(variable.value.bytes), variable.origin,
      ]
    }
    self.width = width
  }

  var text: String {
    guard !rows.isEmpty else { return "no variables yet\n" }
    let table = [["name", "kind", "shape", "bytes", "from"]] + rows
    let widths = (0..<5).map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        // Numbers of bytes end below each other.
        line += column == 3 ? space + cell : cell + space
        line += "  "
      }
      let trimmed = line.trimmed
      return trimmed.count <= width ? trimmed : trimmed.prefix(max(width - 1, 1)) + "…"
    }.joined(separator: "\n") + "\n"
  }

  private static func size(_ bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var (amount, unit) = (Double(bytes), 0)
    while amount >= 1000, unit + 1 < units.count { (amount, unit) = (amount / 1000, unit + 1) }
    let rounded = unit == 0 || amount >= 100 ? amount.rounded() : (amount * 10).rounded() / 10
    return "\(NumberFormat.short(rounded)) \(units[unit])"
  }
}

extension Value {
  /// How much is inside, for values without a shape.
  fileprivate var extent: String {
    switch self {
    case .text(let text): "\(text.count) letters"
    case .list(let list): "\(list.count) elements"
    case .record(let record): "\(record.count) fields"
    case .nothing, .boolean, .number, .matrix, .range, .function, .object: ""
    }
  }

  /// About how much memory the value takes.
  fileprivate var bytes: Int { bytes(depth: 4) }

  private func bytes(depth: Int) -> Int {
    guard depth > 0 else { return 0 }
    switch self {
    case .nothing, .boolean, .number, .function: return 8
    case .text(let text): return text.utf8.count
    case .matrix(let matrix): return matrix.count * (matrix.precision == .single ? 4 : 8)
    case .range: return 24
    case .list(let list): return list.reduce(0) { $0 + $1.bytes(depth: depth - 1) }
    case .record(let record): return record.values.reduce(0) { $0 + $1.bytes(depth: depth - 1) }
    case .object(let object):
      return object.fieldNames.reduce(0) { total, name in
        total + (object.field(name)?.bytes(depth: depth - 1) ?? 0)
      }
    }
  }
}
