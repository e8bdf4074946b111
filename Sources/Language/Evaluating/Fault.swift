import Matrices
import Vocabulary

/// Something that went wrong while a program ran: which thing, where, and through which calls.
/// `Diagnostic+Faults.swift` writes the words.
struct Fault: Error {
  var kind: Kind
  var range: SourceRange
  /// The calls it came through, innermost first; the first `mostCalls` of them.
  var calls: [(function: String, range: SourceRange?)] = []
  /// The calls beyond.
  var moreCalls = 0

  static let mostCalls = 6

  init(_ kind: Kind, at range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  enum Kind {
    /// Operands of types that the operator does not take.
    case operands(Operator, Operand, Operand)
    case operand(sign: String, Operand)
    case shapes(ShapeError, Operator, Operand, Operand, fix: Fix?)
    /// The same, of sizes that may be known only as letters.
    case sizes(Misfit, Operator, Operand, Operand, fix: Fix?)
    /// A result that the machine cannot hold.
    case tooLarge(Shape, Operator, Operand, Operand)
    case computation(Problem, Operator, Operand, Operand)
    case rangeOperand(Operand)
    case rangeStep
    case rangeTooLong(Double)
    case blocks(ShapeError, Operand, Operand)
    case blockSizes(Misfit, Operand, Operand)
    case blockType(Operand)
    case unset(String, later: SourceRange?, isInFunction: Bool)
    case noField(String, at: SourceRange, of: Operand, known: [String])
    case index(IndexError, of: Operand, index: Operand?, position: Int)
    case notIndexable(Operand)
    case notCallable(Operand)
    case condition(Operand)
    case truth(Operand, sign: String)
    case iteration(Operand)
    case destructuring(names: Int, Operand)
    case missingField(String, Operand)
    case argument(CallError, callee: Signature, calleeRange: SourceRange, places: [Place])
    case builtin(Problem, callee: String, places: [Place])
    case builtinShape(ShapeError, callee: String, places: [Place])
    case builtinSizes(Misfit, callee: String, places: [Place])
    case diverged(step: Int, callee: String)
    case foreign(String)
    case raised(message: String, kind: String)
    case assertion(message: String?, values: [Operand], condition: String)
    case tooDeep(String)
    case nestedTooDeep
    /// A value that cannot be spread into a record or list.
    case spread(Operand, intoRecord: Bool?)
    /// A list or text that memory has no room for.
    case noRoom(String)
    case assignment(AssignmentError, of: Operand, value: Operand)
  }

  /// A value that takes part in an error, as it is shown.
  struct Operand {
    var range: SourceRange
    var label: String
    /// What it is, as far as it is known: all of it at run time.
    var known: Known
    /// A matrix by its shape alone: what it is, the words around say.
    var short: String
    /// The variable it came from and where that was last assigned.
    var name: String?
    var origin: SourceRange?

    init(range: SourceRange, label: String, value: Value, name: String?, origin: SourceRange?) {
      self.range = range
      self.label = label
      known = Known(value)
      short = if case .matrix(let matrix) = value { matrix.shape.description } else { label }
      self.name = name
      self.origin = origin
    }
  }

  /// An argument of a call, for pointing at it.
  struct Place {
    /// The parameter that it fills.
    var parameter: String?
    /// How the caller gave it.
    var given: ArgumentPlace
    var nameRange: SourceRange?
    var operand: Operand
  }

  /// What would make the shapes fit: the text to write and the shape of its result.
  struct Fix: Equatable {
    var code: String
    var shape: String
    /// What it stands in place of.
    var replacing: SourceRange
    var how: How
    /// The expression beside it that wants this shape: `V` in `V - H * W`.
    var wantedBy: String?

    init(_ candidate: ShapeFix.Candidate, replacing range: SourceRange) {
      (code, shape, how) = (candidate.code, candidate.shape, candidate.how)
      (replacing, wantedBy) = (range, candidate.wantedBy)
    }

    enum How: Equatable { case swap, transpose, untranspose, elementwise, broadcast }
  }
}

/// What is wrong with an index, as data.
enum IndexError: Error, Equatable {
  case zero
  case negative(Double)
  case beyond(Double, length: Int, dimension: Int)
  case fraction(Double)
  case type(String)
  case mask(given: Int, length: Int)
  case maskShape(given: Shape, wanted: Shape)
  case oneOfMatrix(Shape)
  case dimensions(given: Int, allowed: Int)
  case key(String, known: [String])
  case needsKey
  case empty
}

/// What is wrong with a value that is put into a part of another.
enum AssignmentError: Error, Equatable {
  case shape(given: Shape, wanted: Shape)
  case count(given: Int, wanted: Int)
  case type
  case immutable(String)
  case beyond(Double, length: Int, dimension: Int, isList: Bool)
  case path
}
