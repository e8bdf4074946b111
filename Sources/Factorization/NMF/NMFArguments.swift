import Matrices
import Vocabulary

/// One number for both factors, or a record `{W = …, H = …}`.
struct FactorAmounts: Argument, Returnable {
  var w = 0.0
  var h = 0.0

  static var takes: String { "number or record" }
  static var needs: String { "number of at least 0, or a record of them" }
  static var hint: String? { "0.1 is for both factors, {W = 0.1} for W alone" }

  static func from(_ value: Value) -> FactorAmounts? {
    if let number = Double.from(value) {
      return number >= 0 && number.isFinite ? FactorAmounts(w: number, h: number) : nil
    }
    guard case .record(let record) = value, record.keys.allSatisfy({ ["W", "H"].contains($0) })
    else { return nil }
    let numbers = record.values.map(Double.from)
    guard numbers.allSatisfy({ $0.map { $0 >= 0 && $0.isFinite } ?? false }) else { return nil }
    return FactorAmounts(
      w: record["W"].flatMap(Double.from) ?? 0, h: record["H"].flatMap(Double.from) ?? 0)
  }

  var value: Value {
    w == h
      ? .number(w) : .record(Record([("W", .number(w)), ("H", .number(h))]))
  }
}

/// The bounds of entries: `{lowest, highest}` for both factors, or a record `{W = {…}}`.
struct FactorBounds: Argument {
  var w: ClosedRange<Double>?
  var h: ClosedRange<Double>?

  static var takes: String { "list or record" }
  static var needs: String { "list of two numbers, 0 ≤ lowest ≤ highest" }
  static var hint: String? { "{0, 1} is for both factors, {W = {0, 1}} for W alone" }

  static func from(_ value: Value) -> FactorBounds? {
    switch value {
    case .list(let list):
      return range(list).map { FactorBounds(w: $0, h: $0) }
    case .record(let record):
      var bounds = FactorBounds()
      for (key, value) in zip(record.keys, record.values) {
        guard case .list(let list) = value, let range = range(list) else { return nil }
        switch key {
        case "W": bounds.w = range
        case "H": bounds.h = range
        default: return nil
        }
      }
      return bounds
    case .nothing, .boolean, .number, .text, .matrix, .range, .function, .object: return nil
    }
  }

  private static func range(_ list: [Value]) -> ClosedRange<Double>? {
    let numbers = list.compactMap(Double.from)
    guard numbers.count == 2, list.count == 2, numbers[0] >= 0, numbers[0] <= numbers[1] else {
      return nil
    }
    return numbers[0]...numbers[1]
  }
}

/// The name of a loss, or the β of a divergence.
struct LossName: Argument, Returnable {
  var text: String
  var beta: Double?

  static var takes: String { "text or number" }
  static var hint: String? { "a number is the β of a divergence: 0.5" }

  static func from(_ value: Value) -> LossName? {
    if case .text(let text) = value { return LossName(text: text) }
    return Double.from(value).flatMap { $0.isFinite ? LossName(text: "beta", beta: $0) : nil }
  }

  var value: Value { beta.map { .number($0) } ?? .text(text) }
}

/// Where the factors start: a name, factors, or an earlier model.
enum StartArgument: Argument, Returnable {
  case named(String)
  case factors(Record)
  case model(NMFModel)

  static var takes: String { "text, record or model" }
  static var hint: String? { "init={W = W0, H = H0} starts from factors" }

  static func from(_ value: Value) -> StartArgument? {
    switch value {
    case .text(let text): return .named(text)
    case .record(let record): return .factors(record)
    case .object(let object): return (object as? NMFModel).map { .model($0) }
    case .nothing, .boolean, .number, .matrix, .range, .list, .function: return nil
    }
  }

  var value: Value {
    switch self {
    case .named(let text): .text(text)
    case .factors(let record): .record(record)
    case .model(let model): .object(model)
    }
  }

  /// The name for the options, and the factors when there are some. A model of other rows gives its
  /// H, with a W of zeros.
  func start(for x: Shape, rank: Int, _ anySign: Bool) throws -> (NMFStart, NMFFactors?) {
    switch self {
    case .named(let text): return (NMFStart(rawValue: text) ?? .nndsvda, nil)
    case .model(let model):
      var factors = NMFFactors(w: model.w, ht: model.ht)
      if model.options.form == .standard, factors.w.rows != x.rows {
        factors.w = .zeros(x.rows, rank, factors.w.precision)
      }
      try check(factors, x, rank, anySign)
      return (.given, factors)
    case .factors(let record):
      guard let w = record["W"].flatMap(Matrix.from), let h = record["H"].flatMap(Matrix.from),
        record.count == 2
      else {
        throw Problem(
          .type, "a start is a record of two matrices, W and H", at: "init", label: value.label,
          help: "as in init={W = rand(\(x.rows), \(rank)), H = rand(\(rank), \(x.columns))}")
      }
      let factors = NMFFactors(w: w, ht: h.transposed.rowMajor())
      try check(factors, x, rank, anySign)
      return (.given, factors)
    }
  }

  private func check(_ factors: NMFFactors, _ x: Shape, _ rank: Int, _ anySign: Bool) throws {
    let (w, h) = (factors.w.shape, factors.ht.shape.transposed)
    guard w == Shape(x.rows, rank), h == Shape(rank, x.columns) else {
      throw Problem(
        .shape,
        "a start needs W \(x.rows)×\(rank) and H \(rank)×\(x.columns) for this matrix and rank",
        at: "init", label: "W \(w), H \(h)")
    }
    for (name, factor) in [("W", factors.w), ("H", factors.ht)] {
      let isBad = factor.firstNonFinite != nil || !anySign && factor.firstNegative != nil
      if isBad {
        throw Problem(
          .value, "a start has finite elements of at least 0", at: "init",
          label: "\(name) has others")
      }
    }
  }
}
