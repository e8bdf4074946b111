import Matrices
import Vocabulary

/// The sizes a user asks for: checked once, before memory is taken.
enum Sizes {
  /// The shape of a new matrix from one argument (the size of another, `size(x)`) or two numbers.
  static func shape(
    _ rows: Matrix, _ columns: Int?, _ precision: Precision = .double, for name: String
  ) throws -> Shape {
    if let columns {
      guard rows.count == 1 else {
        throw Problem(.type, "'rows' needs a whole number", at: "rows", label: rows.label)
      }
      return try fitting(try whole(rows[0, 0], "rows"), columns, precision)
    }
    if rows.count == 1 {
      let size = NumberFormat.short(rows[0, 0])
      throw Problem(
        .type, "'\(name)' needs rows and columns", at: "rows", label: "the number \(size)",
        help: Problem.oneSize(name, size), remedy: .rewriting("rows", as: "$, $"))
    }
    guard rows.count == 2 else {
      throw Problem(.type, "'\(name)' needs rows and columns", at: "rows", label: rows.label)
    }
    return try fitting(try whole(rows[0], "rows"), try whole(rows[1], "rows"), precision)
  }

  /// A shape that memory has room for.
  static func fitting(
    _ rows: Int, _ columns: Int, _ precision: Precision = .double
  ) throws -> Shape {
    for (name, size) in [("rows", rows), ("columns", columns)] where size < 0 {
      throw Problem(
        .value, "'\(name)' must be ≥ 0", at: name, label: "the number \(size)")
    }
    let shape = Shape(rows, columns)
    guard Matrix.canAllocate(shape, precision) else {
      throw Problem(
        .value, "memory has no room for a \(shape) matrix",
        help: precision == .double ? "f32 matrices take half the memory" : nil)
    }
    return shape
  }

  /// A whole number, or a problem that names the parameter.
  static func whole(_ number: Double, _ name: String) throws -> Int {
    guard let whole = Int(exactly: number) else {
      throw Problem(
        .type, "'\(name)' needs a whole number", at: name,
        label: "the number \(NumberFormat.short(number))")
    }
    return whole
  }

  /// The precision that a user has chosen by name.
  static func precision(_ name: String) -> Precision { name == "f32" ? .single : .double }
}

extension Parameter where T == String {
  /// The width of the numbers in a new matrix.
  static var precision: Parameter<String> {
    Parameter("precision", "the width of the numbers", default: "f64", choices: ["f64", "f32"])
  }
}

extension Parameter where T == Int? {
  /// The seed of a builtin that draws by chance.
  static var seed: Parameter<Int?> {
    Parameter("seed", "where chance starts; without it the session's generator goes on")
  }

  /// The direction of a reduction.
  static var dimension: Parameter<Int?> {
    Parameter(
      "dim", "1 goes down the rows, 2 along them; without it all elements count",
      in: .between(1, 2))
  }
}
