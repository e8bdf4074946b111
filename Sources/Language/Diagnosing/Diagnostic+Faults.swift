import Matrices
import Vocabulary

extension Diagnostic {
  /// The words for something that went wrong while a program ran.
  init(_ fault: Fault) {
    self = Self.describe(fault.kind, at: fault.range)
    code = fault.kind.code
    fix = Self.fix(fault)
    for (function, range) in fault.calls {
      let place = range.map { ", called in line \($0.line) of \($0.source.name)" } ?? ""
      let note = "in '\(function)'\(place)"
      if notes.last != note { notes.append(note) }
    }
    if fault.moreCalls > 0 { notes.append("and \(fault.moreCalls) more calls") }
  }

  /// An operand with its shape or kind, and the place where its variable got the value.
  static func labels(_ operands: Fault.Operand...) -> [Label] { labels(operands) }

  static func labels(_ operands: [Fault.Operand]) -> [Label] {
    var labels: [Label] = []
    var origins: [SourceRange] = []
    for operand in operands {
      labels.append(
        Label(range: operand.range, text: operand.short, isPrimary: false))
      guard let origin = operand.origin, let name = operand.name, !origins.contains(origin),
        !(origin.source === operand.range.source && origin.line == operand.range.line)
      else { continue }
      origins.append(origin)
      labels.append(
        Label(
          range: origin, text: "\(name) was made here: \(operand.short)",
          isPrimary: false))
    }
    return labels
  }

  static func describe(_ kind: Fault.Kind, at range: SourceRange) -> Diagnostic {
    switch kind {
    case .operands(let operation, let a, let b):
      let (title, help) = operandWords(operation, a, b)
      return Diagnostic(title, at: range, help: help ?? rowHelp(a, b), others: labels(a, b))
    case .operand(let sign, let operand):
      return Diagnostic(
        "'\(sign)' needs a number or a matrix", at: operand.range, operand.label,
        help: rowHelp(operand),
        others: Array(labels(operand).dropFirst()))
    case .shapes(let error, let operation, let a, let b, let fix):
      return describe(.sizes(Misfit(error), operation, a, b, fix: fix), at: range)
    case .sizes(let misfit, let operation, let a, let b, let fix):
      let (title, label) = shapeWords(misfit, of: operation.rawValue)
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
      return describe(.blockSizes(Misfit(error), a, b), at: range)
    case .blockSizes(let misfit, let a, let b):
      let (title, _) = shapeWords(misfit, of: "[]")
      return Diagnostic(
        title, at: b.range, b.short,
        others: [Label(range: a.range, text: a.short, isPrimary: false)])
    case .blockType(let operand):
      let help =
        switch operand.known {
        case .matrix(let facts) where facts.isSparse ?? false:
          "hcat(S, T) joins sparse matrices side by side, vcat(S, T) one above the other"
        default: rowHelp(operand) ?? "a list of any values is {…}"
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
      if case .number = operand.known { help = "compare it, as in \(operand.range.text) != 0" }
      if case .matrix = operand.known {
        help = "write '\(sign.prefix(1))' element by element, or all(…) or any(…)"
      }
      return Diagnostic(
        "'\(sign)' needs true or false on both sides", at: operand.range, operand.label,
        help: help, others: Array(labels(operand).dropFirst()))
    case .iteration(let operand):
      var help: String?
      if case .number = operand.known { help = "write 1:\(operand.range.text) to count to it" }
      if case .record = operand.known {
        help =
          fields(operand).map { "write \($0)" }
          ?? "write keys(…) or values(…) to go through a record"
      }
      return Diagnostic(
        "a loop goes through a range, a list, a text or the columns of a matrix",
        at: operand.range, operand.label, help: help,
        others: Array(labels(operand).dropFirst()))
    case .destructuring(let names, let operand):
      var help: String?
      if case .object(let facts) = operand.known, let fields = facts.fieldNames, fields.count > 1 {
        let isNamed = operand.name == operand.range.text
        let name = isNamed ? operand.range.text : "model"
        help =
          (isNamed ? "it has fields: " : "write model = …, then ")
          + "\(name).\(fields[0]) and \(name).\(fields[1])"
      }
      return Diagnostic(
        "\(names) values are needed here", at: operand.range, operand.short, help: help,
        others: Array(labels(operand).dropFirst()))
    case .missingField(let name, let operand):
      let known: [String] = if case .record(let record) = operand.known { record.keys } else { [] }
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
      return describe(.builtinSizes(Misfit(error), callee: callee, places: places), at: range)
    case .builtinSizes(let misfit, let callee, let places):
      let (title, label) = shapeWords(misfit, of: callee)
      let matrices = places.map(\.operand).filter {
        if case .matrix = $0.known { true } else { false }
      }
      // Other rules do not name what needs them.
      let named = title.hasPrefix("'\(callee)'") ? title : "\(callee): \(title)"
      return Diagnostic(named, at: range, label, others: labels(matrices))
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
          range: operand.range, text: operand.label, isPrimary: false)
      }
      return Diagnostic(title, at: range, others.isEmpty ? "does not hold" : "", others: others)
    case .tooDeep(let name):
      return Diagnostic(
        "the calls are too deep: '\(name)' calls itself without end", at: range,
        help: "check the case in which it should stop, or use a loop")
    case .nestedTooDeep:
      return Diagnostic(
        "lists, records and functions can be \(Nesting.deepest) deep inside one another", at: range)
    case .spread(let operand, let intoRecord):
      let needed =
        switch intoRecord {
        case true?: "a record needs a record before '...'"
        case false?: "a list needs a list before '...'"
        case nil: "a record or a list is needed before '...'"
        }
      return Diagnostic(needed, at: operand.range, operand.label)
    case .noRoom(let what):
      return Diagnostic("memory has no room for \(what)", at: range)
    case .assignment(let error, let container, let value):
      return assignment(error, container, value, range)
    }
  }

  // MARK: Builtins

  static func builtin(
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
    let order = swapped(problem, places).map { function, other in
      "the function comes last: \(callee)(\(other.range.text), \(function.range.text))"
    }
    let other =
      (layer(problem, callee, places, at: range) ?? question(problem, callee, places, at: range))
      .map { "write \($0.code)" }
    return Diagnostic(
      problem.message, at: primary?.range ?? range, primary?.text ?? "",
      help: order ?? other ?? problem.help ?? matrixWithin(problem, places), others: others)
  }

  /// The argument that stands where a matrix is needed.
  static func noMatrix(_ problem: Problem, _ places: [Fault.Place]) -> Fault.Operand? {
    guard problem.kind == .type, problem.message.hasSuffix("matrix"),
      let mention = problem.arguments.first
    else { return nil }
    return places.first { $0.parameter == mention.parameter }?.operand
  }

  /// What a model or a record that stands for a matrix has of them, and what makes one of a list.
  private static func matrixWithin(_ problem: Problem, _ places: [Fault.Place]) -> String? {
    guard let operand = noMatrix(problem, places) else { return nil }
    if let help = rowHelp(operand) { return help }
    func isMatrix(_ known: Known?) -> Bool { if case .matrix? = known { true } else { false } }
    let fields: [String] =
      switch operand.known {
      case .record(let record): record.keys.filter { isMatrix(record[$0]) }
      case .object(let facts):
        (facts.fieldNames ?? facts.fields.keys.sorted()).filter {
          isMatrix(facts.fields[$0] ?? facts.object?.field($0).map(Known.init))
        }
      default: []
      }
    let name = operand.range.text.utf8.count <= 20 ? operand.range.text : "…"
    let named = fields.prefix(2).map { "\(name).\($0)" }.joined(separator: " or ")
    return named.isEmpty ? nil : "take a matrix that it has: \(named)"
  }
}

extension Fault.Kind {
  /// The word for it that `catch e` gives as `e.kind`.
  var name: String {
    switch self {
    case .operands, .operand, .rangeOperand, .blockType, .notIndexable, .notCallable, .condition,
      .truth, .iteration, .spread:
      "type"
    case .shapes, .sizes, .blocks, .blockSizes, .builtinShape, .builtinSizes, .destructuring:
      "shape"
    case .tooLarge, .rangeStep, .rangeTooLong, .nestedTooDeep, .noRoom: "value"
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
