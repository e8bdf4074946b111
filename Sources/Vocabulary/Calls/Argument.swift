import Matrices

/// A Swift type that a parameter can have.
package protocol Argument: Sendable, SendableMetatype {
  /// What it takes, as a noun.
  static var takes: String { get }
  /// The value as this type, or `nil` when it is of another kind.
  static func from(_ value: Value) -> Self?
  /// Why a value of the right kind may still not fit: `a whole number`. `takes` where nothing.
  static var needs: String { get }
  /// How to get one, where that is not obvious: shown with the error.
  static var hint: String? { get }
  static var isOptional: Bool { get }
  static var takesRest: Bool { get }
  /// The value of a left-out argument; only asked when `isOptional`.
  static var absent: Self? { get }
  /// The kinds of values of which some fit; `nil` where nobody has said so.
  static var kinds: Set<ValueKind>? { get }
  /// An argument of a call as this type; `nil` is one that was left out. A requirement, so that
  /// every type has code of its own for what each call does.
  static func taken(_ value: Value?, for demand: Demand) throws -> Self
}

/// The kinds of values, by the names that `type(x)` gives.
package enum ValueKind: String, Sendable, CaseIterable {
  case nothing, boolean, number, text, matrix, range, list, record, function, object
}

extension Argument {
  package static var needs: String { takes }
  package static var hint: String? { nil }
  package static var isOptional: Bool { false }
  package static var takesRest: Bool { false }
  package static var absent: Self? { nil }
  package static var kinds: Set<ValueKind>? { nil }
}

extension Value: Argument {
  package static var takes: String { "value" }
  package static var kinds: Set<ValueKind>? { Set(ValueKind.allCases) }
  package static func from(_ value: Value) -> Value? { value }
}

extension Double: Argument {
  package static var takes: String { "number" }
  package static var kinds: Set<ValueKind>? { [.number, .boolean, .matrix] }
  package static func from(_ value: Value) -> Double? {
    switch value {
    case .number(let number): number
    case .boolean(let truth): truth ? 1 : 0
    case .matrix(let matrix) where matrix.count == 1: matrix[0, 0]
    default: nil
    }
  }
}

extension Int: Argument {
  package static var takes: String { "whole number" }
  package static var kinds: Set<ValueKind>? { Double.kinds }
  package static func from(_ value: Value) -> Int? {
    Double.from(value).flatMap { Int(exactly: $0) }
  }
}

extension Bool: Argument {
  package static var takes: String { "true or false" }
  package static var kinds: Set<ValueKind>? { [.boolean, .matrix] }
  package static func from(_ value: Value) -> Bool? {
    switch value {
    case .boolean(let truth): truth
    case .matrix(let matrix) where matrix.isLogical && matrix.count == 1: matrix[0, 0] != 0
    default: nil
    }
  }
}

extension String: Argument {
  package static var takes: String { "text" }
  package static var kinds: Set<ValueKind>? { [.text] }
  package static func from(_ value: Value) -> String? {
    if case .text(let text) = value { text } else { nil }
  }
}

extension Matrix: Argument {
  package static var takes: String { "matrix" }
  package static var kinds: Set<ValueKind>? { [.matrix, .number, .boolean, .range] }
  package static func from(_ value: Value) -> Matrix? {
    switch value {
    case .matrix(let matrix): matrix
    case .number(let number): Matrix(number)
    case .boolean(let truth): Matrix(truth ? 1 : 0).comparedAsTruth
    case .range(let range): range.fitsInMemory ? range.matrix : nil
    case .nothing, .text, .list, .record, .function, .object: nil
    }
  }
}

extension Matrix {
  /// The same elements, marked as truth values.
  package var comparedAsTruth: Matrix {
    var copy = self
    copy.isLogical = true
    return copy
  }
}

extension Record: Argument {
  package static var takes: String { "record" }
  package static var kinds: Set<ValueKind>? { [.record] }
  package static func from(_ value: Value) -> Record? {
    if case .record(let record) = value { record } else { nil }
  }
}

extension NumberRange: Argument {
  package static var takes: String { "range" }
  package static var kinds: Set<ValueKind>? { [.range] }
  package static func from(_ value: Value) -> NumberRange? {
    if case .range(let range) = value { range } else { nil }
  }
}

extension [Value]: Argument {
  package static var takes: String { "list" }
  package static var kinds: Set<ValueKind>? { [.list] }
  package static func from(_ value: Value) -> [Value]? {
    if case .list(let list) = value { list } else { nil }
  }
}

/// A function value.
package struct Function: Argument {
  package let callable: any Callable
  package static var takes: String { "function" }
  package static var kinds: Set<ValueKind>? { [.function] }
  package static func from(_ value: Value) -> Function? {
    if case .function(let callable) = value { Function(callable: callable) } else { nil }
  }
}

/// All remaining positional arguments.
package struct Rest: Argument {
  package let values: [Value]
  package static var takes: String { "values" }
  package static var takesRest: Bool { true }
  package static func from(_ value: Value) -> Rest? {
    if case .list(let list) = value { Rest(values: list) } else { nil }
  }
}

extension Optional: Argument where Wrapped: Argument {
  package static var takes: String { Wrapped.takes }
  package static var needs: String { Wrapped.needs }
  package static var hint: String? { Wrapped.hint }
  package static var isOptional: Bool { true }
  package static var absent: Self? { .some(nil) }
  package static var kinds: Set<ValueKind>? { Wrapped.kinds?.union([.nothing]) }
  package static func from(_ value: Value) -> Self? {
    if case .nothing = value { return .some(nil) }
    return Wrapped.from(value).map { .some($0) }
  }
  package static func taken(_ value: Value?, for demand: Demand) throws -> Self {
    switch value {
    case nil, .nothing: nil
    case let value?: try Wrapped.taken(value, for: demand)
    }
  }
}

/// A Swift type that a builtin can return.
package protocol Returnable: SendableMetatype {
  var value: Value { get }
  /// The kind of value that it always is; `nil` where that depends.
  static var kind: ValueKind? { get }
}

extension Returnable {
  package static var kind: ValueKind? { nil }
}

extension Value: Returnable { package var value: Value { self } }
extension Double: Returnable {
  package var value: Value { .number(self) }
  package static var kind: ValueKind? { .number }
}

extension Int: Returnable {
  package var value: Value { .number(Double(self)) }
  package static var kind: ValueKind? { .number }
}

extension Bool: Returnable {
  package var value: Value { .boolean(self) }
  package static var kind: ValueKind? { .boolean }
}

extension String: Returnable {
  package var value: Value { .text(self) }
  package static var kind: ValueKind? { .text }
}

extension Matrix: Returnable {
  package var value: Value { .matrix(self) }
  package static var kind: ValueKind? { .matrix }
}

extension Record: Returnable {
  package var value: Value { .record(self) }
  package static var kind: ValueKind? { .record }
}

extension NumberRange: Returnable {
  package var value: Value { .range(self) }
  package static var kind: ValueKind? { .range }
}

extension [Value]: Returnable {
  package var value: Value { .list(self) }
  package static var kind: ValueKind? { .list }
}
