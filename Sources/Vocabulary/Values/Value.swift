import Matrices

/// Everything a variable can hold. Values are immutable: a change makes a new value, and shares
/// what did not change.
package enum Value: Sendable {
  case nothing
  case boolean(Bool)
  case number(Double)
  case text(String)
  case matrix(Matrix)
  case range(NumberRange)
  case list([Value])
  case record(Record)
  case function(any Callable)
  /// A model, a layer, a network, an optimizer, a table of ratings …
  case object(any Object)
}

/// Evenly spaced numbers, `start:step:end` with both ends included, that take no memory.
package struct NumberRange: Sendable, Hashable {
  package let start: Double
  package let step: Double
  package let count: Int

  /// The numbers from `start` to at most `end`. A step that does not divide the distance exactly
  /// for lack of digits (`0:0.1:1`) still reaches the end. `step` must not be 0.
  package init(from start: Double, to end: Double, by step: Double = 1) {
    self.start = start
    self.step = step
    let steps = (end - start) / step
    // More steps than could ever be walked count as 2⁵³: whoever wants memory for them is refused.
    let whole = Swift.min((steps * (1 + 1e-14) + 1e-10).rounded(.down), 0x1p53)
    count = steps < 0 || !steps.isFinite ? 0 : Int(whole) + 1
  }

  /// The number at a position counted from 0.
  package subscript(index: Int) -> Double { start + Double(index) * step }

  /// Whether a matrix of all of them can be had.
  package var fitsInMemory: Bool { Matrix.canAllocate(Shape(1, count)) }

  /// All of them as a 1×n matrix; ask `fitsInMemory` first.
  package var matrix: Matrix { .progression(from: start, by: step, count: count) }
}

/// Named values in the order in which they were given.
package struct Record: Sendable {
  package private(set) var keys: [String] = []
  package private(set) var values: [Value] = []

  package init() {}

  /// From pairs in order; a name given twice keeps its first place and its last value.
  package init(_ pairs: [(String, Value)]) {
    for (key, value) in pairs { self[key] = value }
  }

  package var count: Int { keys.count }

  /// The value of a name; setting `nil` removes it.
  package subscript(key: String) -> Value? {
    get { keys.firstIndex(of: key).map { values[$0] } }
    set {
      switch (keys.firstIndex(of: key), newValue) {
      case (let place?, let value?): values[place] = value
      case (let place?, nil):
        keys.remove(at: place)
        values.remove(at: place)
      case (nil, let value?):
        keys.append(key)
        values.append(value)
      case (nil, nil): break
      }
    }
  }
}

/// A value with an inside of its own: immutable, known by its kind, its fields and its summary.
package protocol Object: AnyObject, Sendable {
  /// What it is, as a noun: `nmf model`, `network`.
  var kind: String { get }
  /// The names that `.` knows, in the order in which they are listed.
  var fieldNames: [String] { get }
  /// A field, or `nil` when there is none of that name.
  func field(_ name: String) -> Value?
  /// What an echo shows: several lines, none wider than `width`, without escape codes.
  func summary(width: Int) -> String
}

/// A model or network that answers `predict(m, …)`.
package protocol Predicting: Object {
  func predict(_ inputs: [Value], _ context: Context) throws -> Value
}

/// A network: functions of numbers are layers of it.
package protocol Layering: Object {
  /// The call of the layer that a function would be: `activation(relu)`.
  func layer(of function: String) -> String?
}

/// A table that answers `split(t)` with two parts of itself.
package protocol Splitting: Object {
  /// The ways in which it can be parted; the first is the usual one.
  static var waysToSplit: [String] { get }
  /// A part of about `fraction`, and the rest.
  func split(_ fraction: Double, by way: String, _ random: Random) throws -> (Value, Value)
}

/// A model that answers `transform(m, X)` with codes of new rows.
package protocol Transforming: Object {
  /// The codes of the rows of `x`: one row a row.
  func transform(_ x: Matrix, _ context: Context) throws -> Matrix
  /// The same for sparse rows.
  func transform(_ x: SparseMatrix, _ context: Context) throws -> Matrix
}

extension Transforming {
  package func transform(_ x: SparseMatrix, _ context: Context) throws -> Matrix {
    guard Matrix.canAllocate(x.shape, x.precision) else {
      throw Problem(
        .type, "this model codes no sparse rows", at: "x", label: x.label,
        help: Problem.full(of: x))
    }
    return try transform(x.full, context)
  }
}
