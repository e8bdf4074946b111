import Matrices
import Vocabulary

extension Diagnostic {
  /// The words for something that went wrong while a program ran.
  init(_ fault: Fault) {
    self = Self.describe(fault.kind, at: fault.range)
    for (function, range) in fault.calls {
      let place = range.map { ", called in line \($0.line) of \($0.source.name)" } ?? ""
      let note = "in '\(function)'\(place)"
      if notes.last != note { notes.append(note) }
    }
    if fault.moreCalls > 0 { notes.append("and \(fault.moreCalls) more calls") }
  }

  /// An operand with its shape or kind, and the place where its variable got the value.
  private static func labels(_ operands: Fault.Operand...) -> [Label] { labels(operands) }

  private static func labels(_ operands: [Fault.Operand]) -> [Label] {
    var labels: [Label] = []
    var origins: [SourceRange] = []
    for operand in operands {
      labels.append(
        Label(range: operand.range, text: short(operand.value, operand.label), isPrimary: false))
      guard let origin = operand.origin, let name = operand.name, !origins.contains(origin),
        !(origin.source === operand.range.source && origin.line == operand.range.line)
      else { continue }
      origins.append(origin)
      labels.append(
        Label(
          range: origin, text: "\(name) was made here: \(short(operand.value, operand.label))",
          isPrimary: false))
    }
    return labels
  }

  /// A matrix by its shape alone: what it is, the words around say.
  private static func short(_ value: Value, _ label: String) -> String {
    if case .matrix(let matrix) = value { matrix.shape.description } else { label }
  }

  private static func describe(_ kind: Fault.Kind, at range: SourceRange) -> Diagnostic {
    switch kind {
    case .operands(let operation, let a, let b):
      let (title, help) = operandWords(operation, a, b)
      return Diagnostic(title, at: range, help: help, others: labels(a, b))
    case .operand(let sign, let operand):
      return Diagnostic(
        "'\(sign)' needs a number or a matrix", at: operand.range, operand.label,
        others: Array(labels(operand).dropFirst()))
    case .shapes(let error, let operation, let a, let b, let fix):
      let (title, label) = shapeWords(error, operation)
      return Diagnostic(
        title, at: range, label, help: fix.map(fixWords), others: labels(a, b))
    case .tooLarge(let shape, _, let a, let b):
      return Diagnostic(
        "the result would be a \(shape) matrix, which does not fit into memory", at: range,
        others: labels(a, b))
    case .computation(let problem, _, let a, let b):
      return Diagnostic(problem.message, at: range, help: problem.help, others: labels(a, b))
    case .rangeOperand(let operand):
      return Diagnostic(
        "the ends and the step of a range are numbers", at: operand.range, operand.label,
        others: Array(labels(operand).dropFirst()))
    case .rangeStep: return Diagnostic("the step of a range cannot be 0", at: range)
    case .rangeTooLong(let count):
      let size =
        count.isFinite ? "this one has \(NumberFormat.short(count.rounded(.down) + 1)) numbers" : ""
      return Diagnostic(
        "a range has finite ends and at most \(Matrix.largestDimension) numbers", at: range, size)
    case .blocks(let error, let a, let b):
      let (title, _) = shapeWords(error, .add)
      return Diagnostic(
        title, at: b.range, short(b.value, b.label),
        others: [Label(range: a.range, text: short(a.value, a.label), isPrimary: false)])
    case .blockType(let operand):
      let help: String? =
        switch operand.value {
        case .text, .list, .record: "a list of any values is {…}"
        default: nil
        }
      return Diagnostic(
        "the elements of a matrix are numbers and matrices", at: range, operand.label, help: help,
        others: Array(labels(operand).dropFirst()))
    case .unset(let name, let later, let isInFunction):
      if isInFunction {
        return Diagnostic(
          "'\(name)' has no value in this function yet", at: range,
          help:
            "a function sees outer variables but does not change them: give it '\(name)' as a parameter and return the new value"
        )
      }
      if name == "ans" { return Diagnostic("there is no last answer yet", at: range) }
      return Diagnostic(
        "'\(name)' has no value yet", at: range,
        others: later.map { [Label(range: $0, text: "it gets one only here", isPrimary: false)] }
          ?? [])
    case .noField(let name, let place, let operand, let known):
      return noField(name, place, operand, known)
    case .index(let error, let container, let index, let position):
      return Self.index(error, range, container, index, position)
    case .notIndexable(let operand):
      return notIndexable(operand, range)
    case .notCallable(let operand):
      return notCallable(operand, range)
    case .condition(let operand):
      return condition(operand)
    case .truth(let operand, let sign):
      var help: String?
      if case .number = operand.value { help = "compare it, as in \(operand.range.text) != 0" }
      if case .matrix = operand.value {
        help = "write '\(sign.prefix(1))' element by element, or all(…) or any(…)"
      }
      return Diagnostic(
        "'\(sign)' needs true or false on both sides", at: operand.range, operand.label,
        help: help, others: Array(labels(operand).dropFirst()))
    case .iteration(let operand):
      var help: String?
      if case .number = operand.value { help = "write 1:\(operand.range.text) to count to it" }
      if case .record = operand.value { help = "write keys(…) or values(…) to go through a record" }
      return Diagnostic(
        "a loop goes through a range, a list, a text or the columns of a matrix",
        at: operand.range, operand.label, help: help,
        others: Array(labels(operand).dropFirst()))
    case .destructuring(let names, let operand):
      return Diagnostic(
        "\(names) values are needed here", at: operand.range, short(operand.value, operand.label),
        others: Array(labels(operand).dropFirst()))
    case .missingField(let name, let operand):
      let known: [String] = if case .record(let record) = operand.value { record.keys } else { [] }
      return Diagnostic(
        "the record has no field '\(name)'", at: operand.range, operand.label,
        help: known.isEmpty ? nil : "it has \(list(known))")
    case .argument(let error, let callee, let calleeRange, let places):
      return call(error, callee, at: calleeRange) { wanted in
        places.first { $0.given == wanted }.map { $0.nameRange ?? $0.operand.range }
      }
    case .builtin(let problem, let callee, let places):
      return builtin(problem, callee, places, range)
    case .builtinShape(let error, let callee, let places):
      let (title, label) = shapeWords(error, .add)
      let matrices = places.map(\.operand).filter {
        if case .matrix = $0.value { true } else { false }
      }
      return Diagnostic("\(callee): \(title)", at: range, label, others: labels(matrices))
    case .diverged(let step, let callee):
      return Diagnostic(
        "the run diverged: the objective is no longer finite at step \(step)", at: range,
        help: "give '\(callee)' a smaller learning rate, or look for NaN in the data")
    case .foreign(let text): return Diagnostic(text, at: range)
    case .raised(let message, _): return Diagnostic(message, at: range)
    case .assertion(let message, let values, let condition):
      var title = message ?? "the assertion \(condition) does not hold"
      if title.isEmpty { title = "the assertion \(condition) does not hold" }
      let others = values.map { operand in
        Label(
          range: operand.range, text: operand.value.brief(width: 40), isPrimary: false)
      }
      return Diagnostic(title, at: range, others.isEmpty ? "does not hold" : "", others: others)
    case .tooDeep(let name):
      return Diagnostic(
        "the calls are too deep: '\(name)' calls itself without end", at: range,
        help: "check the case in which it should stop, or use a loop")
    case .nestedTooDeep:
      return Diagnostic(
        "lists, records and functions can be \(Nesting.deepest) deep inside one another", at: range)
    case .assignment(let error, let container, let value):
      return assignment(error, container, value, range)
    }
  }

  // MARK: Operators

  private static func operandWords(_ operation: Operator, _ a: Fault.Operand, _ b: Fault.Operand)
    -> (String, String?)
  {
    let sign = operation.rawValue
    switch (operation, a.value, b.value) {
    case (.add, .text, _), (.add, _, .text):
      let other: Fault.Operand = if case .text = a.value { b } else { a }
      return (
        "'+' joins two texts, or adds two numbers",
        "put the value into a hole: \"{\(other.range.text)}\""
      )
    case (.add, .list, _):
      return ("'+' joins two lists", "put the value into braces: {\(b.range.text)}")
    case (.add, _, .list):
      return ("'+' joins two lists", "put the value into braces: {\(a.range.text)}")
    case (.divide, _, .matrix):
      return (
        "'/' divides by a number",
        "write ./ to divide element by element, or A \\ b to solve A x = b"
      )
    case (.power, .matrix, .number):
      return ("a matrix power needs a whole number", "write .^ for powers element by element")
    case (.power, _, .matrix):
      return ("'^' needs a number as the power", "write .^ for powers element by element")
    case (.multiply, .text, .number), (.multiply, .number, .text):
      return ("'*' multiplies numbers and matrices", "write repeat(…) to repeat")
    case (.equal, _, _), (.unequal, _, _):
      return ("'\(sign)' compares values of one kind", nil)
    case (.multiply, .function(let function), _):
      return (
        "'*' multiplies numbers and matrices", "call the function: \(function.signature.name)(…)"
      )
    case (.and, _, _), (.or, _, _):
      return ("'\(sign)' needs truth values on both sides", nil)
    case (.less, _, _), (.lessOrEqual, _, _), (.greater, _, _), (.greaterOrEqual, _, _):
      return ("'\(sign)' compares numbers or texts", nil)
    default:
      return ("'\(sign)' needs numbers or matrices on both sides", nil)
    }
  }

  private static func shapeWords(_ error: ShapeError, _ operation: Operator) -> (String, String) {
    switch error {
    case .inner(let a, let b):
      return ("the inner sizes of a matrix product must be equal", "\(a.columns) ≠ \(b.rows)")
    case .unequal(let a, let b):
      let sizes =
        a.rows != b.rows && a.columns != b.columns
        ? "\(a) ≠ \(b)"
        : a.rows != b.rows ? "\(a.rows) ≠ \(b.rows) rows" : "\(a.columns) ≠ \(b.columns) columns"
      return ("'\(operation.rawValue)' needs equal shapes, or a number on one side", sizes)
    case .broadcast(let a, let b):
      let sizes =
        a.rows != b.rows && a.rows != 1 && b.rows != 1
        ? "\(a.rows) ≠ \(b.rows) rows" : "\(a.columns) ≠ \(b.columns) columns"
      return (
        "'\(operation.rawValue)' needs equal shapes, or a single row or column on one side", sizes
      )
    case .besides(let a, let b):
      if operation == .solve {
        return ("'\\' needs equally many rows on both sides", "\(a.rows) ≠ \(b.rows)")
      }
      return ("blocks side by side need equally many rows", "\(a.rows) ≠ \(b.rows)")
    case .above(let a, let b):
      return ("rows of a matrix need equally many columns", "\(a.columns) ≠ \(b.columns)")
    case .square(let a): return ("a square matrix is needed", "\(a)")
    case .reshape(let a, let b):
      return ("the number of elements must stay", "\(a.count) ≠ \(b.count)")
    }
  }

  private static func fixWords(_ fix: Fault.Fix) -> String {
    let purpose = fix.wantedBy.map { ", the shape of \($0)" } ?? ""
    let result = "`\(fix.code)` is \(fix.shape)\(purpose)"
    switch fix.how {
    case .swap: return "swap the factors: \(result)"
    case .transpose: return "transpose: \(result)"
    case .untranspose: return "leave out the transpose: \(result)"
    case .elementwise: return "element by element: \(result)"
    case .broadcast: return "a dot repeats the single row or column: \(result)"
    }
  }

  // MARK: Parts

  private static func noField(
    _ name: String, _ place: SourceRange, _ operand: Fault.Operand, _ known: [String]
  ) -> Diagnostic {
    let what = operand.value.typeName
    let others = labels(operand)
    switch (operand.value, name) {
    case (.matrix, "T"), (.range, "T"), (.number, "T"):
      return Diagnostic(
        "a transpose is written with a ' behind the matrix", at: place,
        help: "write \(operand.range.text)'",
        others: others)
    case (.matrix, "shape"), (.list, "shape"):
      return Diagnostic(
        "a \(what) has no fields", at: place, help: "write size(\(operand.range.text))",
        others: others)
    case (.record, _), (.object, _):
      let nearest = Spelling.nearest(name, among: known)
      let help =
        nearest.map { "did you mean '\($0)'?" }
        ?? (known.isEmpty ? nil : "it has \(list(known))")
      return Diagnostic("the \(what) has no field '\(name)'", at: place, help: help, others: others)
    case (.nothing, _):
      return Diagnostic("nothing has no fields", at: place, others: others)
    default:
      return Diagnostic(
        "\(article(what)) has no fields", at: place,
        help: "functions are called with their argument: \(name)(\(operand.range.text))",
        others: others)
    }
  }

  private static func notIndexable(_ operand: Fault.Operand, _ range: SourceRange) -> Diagnostic {
    switch operand.value {
    case .function(let function):
      let inside = range.text.dropFirst(operand.range.text.count).dropFirst().dropLast()
      return Diagnostic(
        "a function is called with round brackets", at: range,
        help: "write \(operand.range.text)(\(inside))",
        others: [
          Label(
            range: operand.range, text: "function \(function.signature.name)", isPrimary: false)
        ])
    case .nothing:
      return Diagnostic("nothing has no elements", at: operand.range, others: [])
    default:
      return Diagnostic(
        "\(article(operand.value.typeName)) has no elements", at: operand.range, operand.label,
        others: Array(labels(operand).dropFirst()))
    }
  }

  private static func notCallable(_ operand: Fault.Operand, _ range: SourceRange) -> Diagnostic {
    let inside = range.source.text(in: operand.range.upper..<range.upper).dropFirst().dropLast()
    let others = Array(labels(operand).dropFirst())
    switch operand.value {
    case .matrix, .list, .range, .text, .record:
      let what = operand.value.typeName
      return Diagnostic(
        "the elements of a \(what) are written with square brackets", at: operand.range,
        operand.label, help: "write \(operand.range.text)[\(inside)]", others: others)
    default:
      return Diagnostic(
        "only functions can be called", at: operand.range, operand.label, others: others)
    }
  }

  private static func condition(_ operand: Fault.Operand) -> Diagnostic {
    let text = operand.range.text
    let help: String? =
      switch operand.value {
      case .number: "compare it, as in \(text) != 0"
      case .matrix(let matrix) where matrix.isLogical: "write all(\(text)) or any(\(text))"
      case .matrix: "compare it, as in all(\(text) > 0)"
      case .text, .list: "compare it, as in length(\(text)) > 0"
      case .nothing: "compare it, as in \(text) != nothing"
      default: nil
      }
    return Diagnostic(
      "a condition is true or false", at: operand.range, operand.label, help: help,
      others: Array(labels(operand).dropFirst()))
  }

  private static func index(
    _ error: IndexError, _ range: SourceRange, _ container: Fault.Operand, _ index: Fault.Operand?,
    _ position: Int
  ) -> Diagnostic {
    let value = index.map { operand -> [Label] in
      guard operand.name != nil else { return [] }
      return Array(labels(operand).dropFirst())
    }
    let others = labels(container) + (value ?? [])
    let name = container.range.text
    func diagnostic(_ title: String, _ label: String = "", help: String? = nil) -> Diagnostic {
      Diagnostic(title, at: range, label, help: help, others: others)
    }
    switch error {
    case .zero:
      return diagnostic(
        "positions count from 1", index?.name == nil ? "" : "0",
        help: "the first is 1, the last is 'end'")
    case .negative(let number):
      let back = number == -1 ? "end" : "end - \(NumberFormat.short(-number - 1))"
      let isOnly = container.value.shape.map { $0.rows == 1 || $0.columns == 1 } ?? true
      return diagnostic(
        "positions count from 1", index?.name == nil ? "" : NumberFormat.short(number),
        help: "count from the back with 'end': write \(isOnly ? "\(name)[\(back)]" : back)")
    case .beyond(let number, let length, let dimension):
      let unit = dimension == 1 ? "row" : dimension == 2 ? "column" : "element"
      let size = length == 1 ? "1 \(unit)" : "\(length) \(unit)s"
      return diagnostic(
        "\(unit) \(NumberFormat.short(number)) is asked for, there \(length == 1 ? "is" : "are") \(size)",
        help: length > 0 ? "the last is 'end'" : nil)
    case .fraction(let number):
      return diagnostic("a position is a whole number", NumberFormat.short(number))
    case .type(let label):
      return diagnostic(
        "a position is a number, a range, a list of numbers or a mask", label)
    case .mask(let given, let length):
      return diagnostic(
        "a mask has as many elements as it selects from", "\(given) ≠ \(length)")
    case .maskShape(let given, let wanted):
      return diagnostic("a mask has the shape of the matrix", "\(given) ≠ \(wanted)")
    case .oneOfMatrix:
      return diagnostic(
        "a matrix needs a row and a column",
        help: "write \(name)[\(range.text), :] for a row, \(name)[:, \(range.text)] for a column")
    case .dimensions(let given, let allowed):
      let what = container.value.typeName
      return diagnostic(
        "\(article(what)) takes \(allowed == 1 ? "1 index" : "\(allowed) indices"), not \(given)")
    case .key(let key, let known):
      let nearest = Spelling.nearest(key, among: known)
      return diagnostic(
        "there is no field \"\(key)\"",
        help: nearest.map { "did you mean \"\($0)\"?" }
          ?? (known.isEmpty ? nil : "it has \(list(known))"))
    case .needsKey:
      return diagnostic(
        "the fields of a record are asked for by name",
        help: "as in \(name)[\"field\"] or \(name).field")
    case .empty: return diagnostic("there is nothing to select from")
    }
  }

  private static func assignment(
    _ error: AssignmentError, _ container: Fault.Operand, _ value: Fault.Operand,
    _ range: SourceRange
  ) -> Diagnostic {
    let others = labels(value)
    switch error {
    case .shape(let given, let wanted):
      let help =
        given.transposed == wanted ? "transpose: `\(value.range.text)'` is \(wanted)" : nil
      return Diagnostic(
        "the new values need the shape of the place", at: range, "\(wanted)", help: help,
        others: given == wanted ? [] : others)
    case .count(let given, let wanted):
      return Diagnostic(
        "as many new values as places are needed", at: range, "\(wanted) places, \(given) values",
        others: others)
    case .type:
      return Diagnostic(
        "the elements of a matrix are numbers", at: value.range, value.label,
        help: "a list of any values is {…}")
    case .immutable(let what):
      return Diagnostic(
        "\(article(what)) cannot be changed in part", at: range, container.label,
        help: "make a new one from its parts")
    case .beyond(let number, let length, let dimension, let isList):
      let unit = dimension == 1 ? "row" : dimension == 2 ? "column" : "element"
      let (name, new) = (container.range.text, value.range.text)
      let isWide = dimension == 2 || dimension == 0 && container.value.shape?.rows == 1
      let help =
        isList
        ? "write \(name) += {\(new)} to append"
        : "write \(name) = [\(name)\(isWide ? "," : ";") \(new)] to add one"
      return Diagnostic(
        "\(unit) \(NumberFormat.short(number)) is not there: nothing grows by being assigned to",
        at: range, "\(length) \(unit)\(length == 1 ? "" : "s")", help: help)
    case .path:
      return Diagnostic(
        "\(article(container.value.typeName)) has no parts to assign to", at: range,
        container.label)
    }
  }

  // MARK: Builtins

  private static func builtin(
    _ problem: Problem, _ callee: String, _ places: [Fault.Place], _ range: SourceRange
  ) -> Diagnostic {
    var others: [Label] = []
    var primary: Label?
    for mention in problem.arguments {
      guard let place = places.first(where: { $0.parameter == mention.parameter }) else { continue }
      let text = mention.label.isEmpty ? place.operand.label : mention.label
      if primary == nil {
        primary = Label(range: place.operand.range, text: text, isPrimary: true)
      } else {
        others.append(Label(range: place.operand.range, text: text, isPrimary: false))
      }
      others += labels(place.operand).dropFirst()
    }
    if primary == nil, problem.arguments.isEmpty, places.count == 1 {
      others = Array(labels(places[0].operand).dropFirst())
    }
    return Diagnostic(
      problem.message, at: primary?.range ?? range, primary?.text ?? "", help: problem.help,
      others: others)
  }
}

extension Fault.Kind {
  /// The word for it that `catch e` gives as `e.kind`.
  var name: String {
    switch self {
    case .operands, .operand, .rangeOperand, .blockType, .notIndexable, .notCallable, .condition,
      .truth, .iteration:
      "type"
    case .shapes, .blocks, .builtinShape, .destructuring: "shape"
    case .tooLarge, .rangeStep, .rangeTooLong, .nestedTooDeep: "value"
    case .computation(let problem, _, _, _), .builtin(let problem, _, _): problem.kind.rawValue
    case .unset, .noField, .missingField: "name"
    case .index: "index"
    case .argument: "call"
    case .diverged: "computation"
    case .foreign: "system"
    case .raised(_, let kind): kind
    case .assertion: "assertion"
    case .tooDeep: "depth"
    case .assignment(let error, _, _):
      switch error {
      case .shape, .count: "shape"
      case .beyond: "index"
      case .type, .immutable, .path: "type"
      }
    }
  }
}
