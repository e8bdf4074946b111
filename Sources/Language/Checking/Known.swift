import Matrices
import Vocabulary

/// What is known of a value: all of it while a program runs, as much as can be seen before.
indirect enum Known: Sendable {
  case anything
  case nothing
  case boolean(Bool?)
  case number(Amount)
  case text(String?)
  case matrix(MatrixFacts)
  case range(start: Amount, step: Amount, count: Amount)
  case list(ListFacts)
  case record(RecordFacts)
  case function(FunctionFacts)
  case object(ObjectFacts)

  struct MatrixFacts: Sendable {
    var extent: Extent
    /// Whether its elements are truth values; `nil` where nobody knows.
    var isLogical: Bool? = false
    /// Whether only what is not 0 is stored; `nil` where nobody knows.
    var isSparse: Bool? = false
    /// Its elements, of a small vector.
    var elements: [Amount]?
    /// Whether it is a matrix even if it has one element: products of that size are numbers.
    var isSurely = true
  }

  struct ListFacts: Sendable {
    var count: Amount
    /// Its elements, where their number is known and small.
    var elements: [Known]?
    /// What every element is.
    var element: Known = .anything
  }

  struct RecordFacts: Sendable {
    var keys: [String]
    var values: [Known]
    /// Whether it has no other fields.
    var isComplete = true

    subscript(key: String) -> Known? { keys.firstIndex(of: key).map { values[$0] } }
  }

  struct ObjectFacts: Sendable {
    /// What it is, as a noun, where that is known.
    var kind: String?
    var fields: [String: Known] = [:]
    /// All its fields, where they are known.
    var fieldNames: [String]?
    /// The thing itself, where it exists already.
    var object: (any Object)?
  }

  enum FunctionFacts: Sendable {
    case unknown
    case callable(any Callable)
    case user(CheckedFunction)
  }
}

/// A function of the program that is being checked, with what it captured.
final class CheckedFunction: @unchecked Sendable {
  let syntax: FunctionSyntax
  let name: String
  let captured: [String: Known]
  /// The variables around it: those of the program, or of an imported file.
  let home: ModuleFacts?

  init(_ syntax: FunctionSyntax, name: String, captured: [String: Known], home: ModuleFacts?) {
    self.syntax = syntax
    self.name = name
    self.captured = captured
    self.home = home
  }
}

/// What is known of an imported file.
final class ModuleFacts: @unchecked Sendable {
  var variables: [String: Known] = [:]
}

extension Known {
  private static let deepest = 3
  static let mostElements = 32

  /// All that is known of a value that exists.
  init(_ value: Value) { self.init(value, depth: 0) }

  private init(_ value: Value, depth: Int) {
    switch value {
    case .nothing: self = .nothing
    case .boolean(let truth): self = .boolean(truth)
    case .number(let number): self = .number(Amount(number))
    case .text(let text): self = .text(text)
    case .matrix(let matrix):
      var facts = MatrixFacts(extent: Extent(matrix.shape), isLogical: matrix.isLogical)
      if depth == 0, matrix.count <= 4, !matrix.isLogical, matrix.shape.isVector {
        facts.elements = matrix.elements.map { Amount($0) }
      }
      self = .matrix(facts)
    case .range(let range):
      self = .range(
        start: Amount(range.start), step: Amount(range.step), count: Amount(range.count))
    case .list(let list):
      var facts = ListFacts(count: Amount(list.count))
      if depth < Self.deepest, list.count <= Self.mostElements {
        facts.elements = list.map { Known($0, depth: depth + 1) }
      }
      self = .list(facts)
    case .record(let record):
      let values = record.values.map {
        depth < Self.deepest ? Known($0, depth: depth + 1) : .anything
      }
      self = .record(RecordFacts(keys: record.keys, values: values))
    case .function(let callable): self = .function(.callable(callable))
    case .object(let object):
      if let matrix = value.sparse {
        self = .matrix(
          MatrixFacts(
            extent: Extent(matrix.shape), isLogical: matrix.isLogical, isSparse: true))
        return
      }
      self = .object(
        ObjectFacts(kind: object.kind, fieldNames: object.fieldNames, object: object))
    }
  }

  /// The value itself, where all of it is known and it is small.
  var constant: Value? {
    switch self {
    case .nothing: .nothing
    case .boolean(let truth): truth.map { .boolean($0) }
    case .number(let amount): amount.value.map { .number($0) }
    case .text(let text): text.map { .text($0) }
    case .function(.callable(let callable)): .function(callable)
    case .object(let facts): facts.object.map { .object($0) }
    default: nil
    }
  }

  /// With nothing known below a few levels: values that hold each other many times would take for
  /// ever to compare.
  func trimmed(_ levels: Int = 3) -> Known {
    switch self {
    case .list(var facts):
      facts.elements = levels > 0 ? facts.elements?.map { $0.trimmed(levels - 1) } : nil
      facts.element = levels > 0 ? facts.element.trimmed(levels - 1) : .anything
      return .list(facts)
    case .record(var facts):
      facts.values = facts.values.map { levels > 0 ? $0.trimmed(levels - 1) : .anything }
      return .record(facts)
    default: return self
    }
  }

  /// Texts longer than this are known by their kind alone.
  static let longestText = 1000

  /// A matrix of unknown elements.
  static func matrix(_ rows: Amount, _ columns: Amount) -> Known {
    .matrix(MatrixFacts(extent: Extent(rows, columns)))
  }

  /// What `type(x)` says, where it is known.
  var typeName: String? {
    switch self {
    case .anything: nil
    case .nothing: "nothing"
    case .boolean: "boolean"
    case .number: "number"
    case .text: "text"
    case .matrix(let facts):
      switch facts.isSparse {
      case true?: Sparse.kind
      case false?:
        facts.isSurely || facts.extent.shape.map { $0.count != 1 } ?? false ? "matrix" : nil
      case nil: nil
      }
    case .range: "range"
    case .list: "list"
    case .record: "record"
    case .function: "function"
    case .object(let facts): facts.kind
    }
  }

  /// What it is as a noun, for messages.
  var noun: String { typeName ?? (isNumeric ? "matrix" : "value") }

  /// The dimensions, for values that have some: a number is 1×1, a range 1×n.
  var extent: Extent? {
    switch self {
    case .number, .boolean: .single
    case .matrix(let facts): facts.extent
    case .range(_, _, let count): Extent(.one, count)
    default: nil
    }
  }

  /// Whether it is a number, a truth value, a matrix or a range.
  var isNumeric: Bool {
    switch self {
    case .number, .boolean, .matrix, .range: true
    default: false
    }
  }

  /// Whether it is or may be a sparse matrix.
  var mayBeSparse: Bool {
    if case .matrix(let facts) = self { facts.isSparse != false } else { false }
  }

  /// Whether it is a sparse matrix for certain.
  var isSparse: Bool {
    if case .matrix(let facts) = self { facts.isSparse == true } else { false }
  }

  /// The same, where a result is sparse or not as its operands are.
  func sparseLike(_ operands: [Known?]) -> Known {
    guard case .matrix(var facts) = self, operands.contains(where: { $0?.mayBeSparse ?? false })
    else { return self }
    facts.isSparse = nil
    return .matrix(facts)
  }

  /// Whether it is a matrix, and no number or range that serves as one.
  var isSurelyMatrix: Bool { if case .matrix(let facts) = self { facts.isSurely } else { false } }

  var isAnything: Bool { if case .anything = self { true } else { false } }

  /// The symbols in the sizes that a message shows.
  var shownSymbols: Set<Amount.Symbol> {
    let amounts: [Amount] =
      switch self {
      case .matrix(let facts): [facts.extent.rows, facts.extent.columns]
      case .range(_, _, let count): [count]
      case .list(let facts): [facts.count]
      default: []
      }
    return Set(amounts.flatMap { $0.terms.map(\.symbol) })
  }

  /// What it is in half a line, shape included, as `Value.label` says it.
  func label(_ name: @escaping (Amount.Symbol) -> String) -> String {
    switch self {
    case .anything: "some value"
    case .nothing: "nothing"
    case .boolean(let truth): truth.map { $0 ? "true" : "false" } ?? "true or false"
    case .number(let amount):
      amount.value.map { "the number \(NumberFormat.short($0))" } ?? "a number"
    case .text(let text):
      text.map { $0.count <= 24 ? "the text \"\($0)\"" : "text of \($0.count) letters" } ?? "a text"
    case .matrix(let facts):
      "\(facts.extent.text(name))\(facts.isLogical ?? false ? " true/false" : "")"
        + (facts.isSparse ?? false ? " sparse matrix" : " matrix")
    case .range(_, _, let count): "range of \(count.text(name))"
    case .list(let facts): "list of \(facts.count.text(name))"
    case .record(let facts): facts.isComplete ? "record of \(facts.keys.count)" : "a record"
    case .function(.callable(let callable)): "function \(callable.signature.name)"
    case .function(.user(let function)): "function \(function.name)"
    case .function(.unknown): "a function"
    case .object(let facts): facts.kind ?? "a model"
    }
  }

  /// The name of the function that it is.
  var functionName: String? {
    switch self {
    case .function(.callable(let callable)): callable.signature.name
    case .function(.user(let function)): function.name
    default: nil
    }
  }
}

extension Extent {
  /// In letters: `20×784`, `m×20`.
  func text(_ name: (Amount.Symbol) -> String) -> String {
    func part(_ amount: Amount) -> String {
      let text = amount.text(name)
      return text.contains(" ") ? "(\(text))" : text
    }
    return "\(part(rows))×\(part(columns))"
  }
}
