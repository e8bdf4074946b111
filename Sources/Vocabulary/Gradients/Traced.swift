import Autodiff
import Matrices

extension Traced: Object {
  /// The number or matrix alone.
  package var plain: Value { Value(value) }

  package var kind: String { plain.typeName }
  package var fieldNames: [String] { [] }
  package func field(_ name: String) -> Value? { nil }
  package func summary(width: Int) -> String { plain.brief(width: width) }
}

extension Value {
  /// A number or matrix.
  package init(_ quantity: Quantity) {
    switch quantity {
    case .number(let number): self = .number(number)
    case .matrix(let matrix): self = .matrix(matrix)
    }
  }

  /// A variable: traced where it depends on what a gradient is taken in, else its number or matrix.
  package init(_ variable: Trace) {
    self = variable.traced.map { .object($0) } ?? Value(variable.value)
  }

  /// What is traced in it, as it stands on its tape.
  @inline(__always)
  package var handle: Traced? {
    guard case .object(let object) = self, type(of: object) == Traced.self else { return nil }
    return unsafeDowncast(object, to: Traced.self)
  }

  /// What is traced in it, if it is a traced number or matrix.
  @inline(__always)
  package var traced: Trace? { handle?.variable }

  /// Whether it is a traced number or matrix.
  @inline(__always)
  package var isTraced: Bool {
    guard case .object(let object) = self else { return false }
    return type(of: object) == Traced.self
  }

  /// The elements of a traced vector, the columns of a traced matrix; nothing of other values.
  package var tracedParts: [Value] { traced?.parts.map { Value($0) } ?? [] }

  /// The same value without traces: what is shown, compared and counted.
  package var plain: Value {
    switch self {
    case .nothing, .boolean, .number, .text, .matrix, .range, .function: self
    case .object: handle?.plain ?? self
    case .list(let list): holdsTraced ? .list(list.map(\.plain)) : self
    case .record(let record):
      holdsTraced
        ? .record(Record(zip(record.keys, record.values.map(\.plain)).map { ($0, $1) }))
        : self
    }
  }

  /// Whether it, or a part of it, is traced.
  package var holdsTraced: Bool {
    switch self {
    case .nothing, .boolean, .number, .text, .matrix, .range, .function: false
    case .object: isTraced
    case .list(let list): list.contains(where: \.holdsTraced)
    case .record(let record): record.values.contains(where: \.holdsTraced)
    }
  }
}

extension Quantity {
  /// A value that is a number or matrix, or counts as one.
  package init?(_ value: Value) {
    switch value {
    case .number(let number): self = .number(number)
    case .boolean(let truth): self = .number(truth ? 1 : 0)
    case .matrix(let matrix): self = .matrix(matrix)
    case .range(let range):
      guard range.fitsInMemory else { return nil }
      self = .matrix(range.matrix)
    case .object:
      guard let traced = value.handle else { return nil }
      self = traced.value
    case .nothing, .text, .list, .record, .function: return nil
    }
  }
}

extension Trace {
  /// A value that is a number or matrix, or counts as one; a constant unless it is traced.
  @inline(__always)
  package init?(_ value: Value) {
    if let variable = value.traced {
      self = variable
    } else if let quantity = Quantity(value) {
      self.init(quantity)
    } else {
      return nil
    }
  }
}
