import Matrices
import Vocabulary

/// What builtins made for full matrices do with sparse ones, one line each. A builtin that is not
/// here and does not take them itself refuses them, and names the way out.
enum SparseCalls {
  /// The builtins with what they do with sparse matrices.
  static func attached(to builtins: [Builtin]) -> [Builtin] {
    builtins.map { builtin in
      table[builtin.name].map { Builtin(builtin, sparse: $0) } ?? builtin
    }
  }

  private static let table: [String: Builtin.SparseBody] = {
    var table = asking
    for (name, reduction) in reductions { table[name] = reduced(reduction, name) }
    for (name, function) in functions { table[name] = mapped(function, name) }
    for statistic in statistics { table[statistic.name] = statistic.body }
    return table
  }()

  private static let asking: [String: Builtin.SparseBody] = [
    "size": { call in
      guard let shape = call.sparse("x")?.shape else { return nil }
      return .matrix(Matrix(row: [Double(shape.rows), Double(shape.columns)]))
    },
    "rows": { $0.sparse("x").map { .number(Double($0.rows)) } },
    "cols": { $0.sparse("x").map { .number(Double($0.columns)) } },
    "length": { call in
      call.sparse("x").map { .number(Double($0.rows) * Double($0.columns)) }
    },
    "nnz": { $0.sparse("x").map { .number(Double($0.count)) } },
    "find": { call in
      guard let x = call.sparse("x") else { return nil }
      let (rows, columns, _) = x.triplets
      return .matrix(
        Matrix(row: zip(rows, columns).map { Double($0) * Double(x.columns) + Double($1) + 1 }))
    },
    "norm": { call in
      guard let x = call.sparse("x"), let kind = call.value("kind") else { return nil }
      let largest = { (axis: Axis) in
        x.shape.isEmpty ? 0 : x.reduced(.sumOfMagnitudes, along: axis).total(.maximum)
      }
      let isVector = x.shape.isVector
      switch kind {
      case .text("fro"): return .number(x.frobeniusNorm)
      case .number(2) where isVector: return .number(x.frobeniusNorm)
      case .number(1): return .number(isVector ? x.total(.sumOfMagnitudes) : largest(.rows))
      case .number(.infinity) where isVector:
        return .number(x.shape.isEmpty ? 0 : max(x.total(.maximum), -x.total(.minimum)))
      case .number(.infinity): return .number(largest(.columns))
      default:
        throw Problem(
          .value, "'kind' is one of 1, inf, \"fro\" for a sparse matrix", at: "kind",
          label: kind.label)
      }
    },
    "trace": { call in
      guard let x = call.sparse("x") else { return nil }
      guard x.shape.isSquare else { throw ShapeError.square(x.shape) }
      return .number((0..<x.rows).reduce(0) { $0 + x[$1, $1] })
    },
    "isnan": { call in
      guard let x = call.sparse("x") else { return nil }
      return Value(x.mapped(.isNaN))
    },
    "float32": { $0.sparse("x").map { Value($0.converted(to: .single)) } },
    "float64": { $0.sparse("x").map { Value($0.converted(to: .double)) } },
    "vcat": { Value(try joined($0, "vcat", sideBySide: false)) },
    "hcat": { Value(try joined($0, "hcat", sideBySide: true)) },
  ]

  private static let reductions: [String: Reduction] = [
    "sum": .sum, "mean": .mean, "prod": .product, "min": .minimum, "max": .maximum, "any": .any,
    "all": .all,
  ]

  /// Functions that leave zeros alone; the others say why they have no sparse result.
  private static let functions: [String: ElementwiseFunction] = [
    "abs": .abs, "sign": .sign, "sqrt": .sqrt, "floor": .floor, "ceil": .ceil, "sin": .sin,
    "tan": .tan, "tanh": .tanh, "relu": .relu, "exp": .exp, "log": .log, "cos": .cos,
    "sigmoid": .sigmoid, "asin": .asin, "acos": .acos, "atan": .atan, "sinh": .sinh,
    "cosh": .cosh, "erf": .erf, "log1p": .log1p, "expm1": .expm1, "softplus": .softplus,
  ]

  private static func need(_ least: Int, of x: SparseMatrix, _ axis: Axis?, for name: String)
    throws
  {
    let length =
      switch axis {
      case nil: Double(x.rows) * Double(x.columns)
      case .rows: Double(x.rows)
      case .columns: Double(x.columns)
      }
    try StandardLibrary.need(least, given: length, for: name, label: x.label)
  }

  private static func reduced(_ reduction: Reduction, _ name: String) -> Builtin.SparseBody {
    { call in
      guard let x = call.sparse("x"), call.value("y") == nil || isNothing(call.value("y")) else {
        throw Problem(
          .type, "'\(name)' compares no sparse matrix with another", at: "x",
          label: call.value("x")?.label ?? "", help: "full(x) has all elements")
      }
      let axis = try call.axis()
      if [.mean, .minimum, .maximum].contains(reduction) {
        try need(1, of: x, axis, for: name)
      }
      guard let axis else {
        let total = x.total(reduction)
        return reduction.isLogical ? .boolean(total != 0) : .number(total)
      }
      return .matrix(x.reduced(reduction, along: axis))
    }
  }

  /// What is neither a fold of the elements nor leaves the shape.
  private struct Statistic {
    var name: String
    /// The smallest number of elements that has a result.
    var least: Int
    var total: @Sendable (SparseMatrix) -> Double
    var along: @Sendable (SparseMatrix, Axis) -> Matrix

    var body: Builtin.SparseBody {
      { [self] call in
        guard let x = call.sparse("x") else { return nil }
        let axis = try call.axis()
        try need(least, of: x, axis, for: name)
        return axis.map { .matrix(along(x, $0)) } ?? .number(total(x))
      }
    }
  }

  private static let statistics = [
    Statistic(
      name: "var", least: 2, total: { $0.variance }, along: { $0.variance(along: $1) }),
    Statistic(
      name: "std", least: 2, total: { $0.variance.squareRoot() },
      along: { $0.variance(along: $1).mapped(.sqrt) }),
    Statistic(
      name: "argmin", least: 1, total: { Double($0.argMinimum + 1) },
      along: { places($0.argMinimum(along: $1), $1) }),
    Statistic(
      name: "argmax", least: 1, total: { Double($0.argMaximum + 1) },
      along: { places($0.argMaximum(along: $1), $1) }),
  ]

  /// Places counted from 1, in the shape of a reduction.
  private static func places(_ found: [Int], _ axis: Axis) -> Matrix {
    let counted = found.map { Double($0 + 1) }
    return axis == .rows ? Matrix(row: counted) : Matrix(column: counted)
  }

  private static func isNothing(_ value: Value?) -> Bool {
    if case .nothing? = value { true } else { false }
  }

  private static func mapped(_ function: ElementwiseFunction, _ name: String)
    -> Builtin.SparseBody
  {
    { call in
      guard let x = call.sparse("x") else { return nil }
      guard SparseMatrix.keepsZeros(function) else {
        throw Problem(
          .computation, "\(name) has no sparse result: \(name)(0) is not 0", at: "x",
          label: x.label, help: Problem.full(of: x))
      }
      return Value(x.mapped(function))
    }
  }

  /// Parts beside or above each other, sparse or not; the result is sparse.
  private static func joined(_ call: SparseCall, _ name: String, sideBySide: Bool) throws
    -> SparseMatrix
  {
    var given: [Value] = []
    for case .list(let list)? in call.values { given += list }
    if given.count == 1, case .list(let list) = given[0] { given = list }
    let parts = try given.map { value -> SparseMatrix in
      switch AnyMatrix.from(value) {
      case .sparse(let matrix)?: return sideBySide ? matrix.transposed : matrix
      case .dense(let matrix)?: return SparseMatrix(sideBySide ? matrix.transposed : matrix)
      case nil:
        throw Problem(
          .type, "'\(name)' needs matrices", at: call.parameterNames.first, label: value.label)
      }
    }
    for part in parts where part.columns != parts[0].columns {
      let (a, b) = (parts[0].shape, part.shape)
      throw sideBySide
        ? ShapeError.besides(a.transposed, b.transposed) : ShapeError.above(a, b)
    }
    let whole = SparseMatrix.above(parts)
    return sideBySide ? whole.transposed : whole
  }
}
