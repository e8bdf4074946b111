import Matrices
import Vocabulary

/// What goes wrong with parts: fields, indices, calls, assignments to them.
extension Diagnostic {
  static func noField(
    _ name: String, _ place: SourceRange, _ operand: Fault.Operand, _ known: [String]
  ) -> Diagnostic {
    let what = operand.known.noun
    let others = labels(operand)
    if let method = valueMethod(name, place, operand) {
      return Diagnostic(
        "\(article(what)) has no methods", at: place, help: "write \(method.code)", others: others)
    }
    switch (operand.known, name) {
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
        renamedField(name, known).map { "it is '\($0)' here" }
        ?? method(name, place, operand, known)
        ?? nearest.map { "did you mean '\($0)'?" }
        ?? (known.isEmpty ? nil : "it has \(list(known))")
      return Diagnostic("the \(what) has no field '\(name)'", at: place, help: help, others: others)
    case (.nothing, _):
      return Diagnostic("nothing has no fields", at: place, others: others)
    case (.function, _) where dotted(operand.range) != nil:
      let ours = dotted(operand.range)?.ours ?? name
      return Diagnostic(
        "there is no '\(operand.range.joined(place).text)' here", at: place, help: "write \(ours)")
    default:
      if let help = foreignMethod(name) {
        return Diagnostic("\(article(what)) has no fields", at: place, help: help, others: others)
      }
      return Diagnostic(
        "\(article(what)) has no fields", at: place,
        help: "functions are called with their argument: \(called(callee(name), place, operand))",
        others: others)
    }
  }

  /// What is written instead of a method of a model: `predict(net, X)` for `net.predict(X)`.
  private static func method(
    _ name: String, _ place: SourceRange, _ operand: Fault.Operand, _ fields: [String]
  ) -> String? {
    guard case .object = operand.known, isCalled(place) else { return nil }
    guard let function = modelMethod(name, fields) else { return foreignMethod(name) }
    return "functions are called with their argument: \(called(function, place, operand))"
  }

  /// Whether a round bracket opens right behind.
  static func isCalled(_ range: SourceRange) -> Bool {
    let bytes = range.source.bytes
    return range.upper < bytes.count && bytes[range.upper] == UInt8(ascii: "(")
  }

  /// `A.reshape(9, 1)` as a call of a function: `reshape(A, 9, 1)`.
  private static func called(_ name: String, _ place: SourceRange, _ operand: Fault.Operand)
    -> String
  {
    let text = operand.range.text
    let all = SourceTokens(place.source)
    let next = all.index(at: place.upper)
    guard all.tokens[next].is(.openRound), all.tokens[next].range.lower == place.upper,
      let close = all.partner(of: next), close > next + 1
    else { return "\(name)(\(text))" }
    let inside = place.source.text(
      in: all.tokens[next].range.upper..<all.tokens[close].range.lower)
    return inside.utf8.count < 60 ? "\(name)(\(text), \(inside))" : "\(name)(\(text), …)"
  }

  static func notIndexable(_ operand: Fault.Operand, _ range: SourceRange) -> Diagnostic {
    switch operand.known {
    case .function:
      let inside = range.text.dropFirst(operand.range.text.count).dropFirst().dropLast()
      return Diagnostic(
        "a function is called with round brackets", at: range,
        help: "write \(operand.range.text)(\(inside))",
        others: [
          Label(
            range: operand.range, text: operand.label, isPrimary: false)
        ])
    case .nothing:
      return Diagnostic("nothing has no elements", at: operand.range, others: [])
    default:
      return Diagnostic(
        "\(article(operand.known.noun)) has no elements", at: operand.range, operand.label,
        others: Array(labels(operand).dropFirst()))
    }
  }

  static func notCallable(_ operand: Fault.Operand, _ range: SourceRange) -> Diagnostic {
    let inside = range.source.text(in: operand.range.upper..<range.upper).dropFirst().dropLast()
    let others = Array(labels(operand).dropFirst())
    if isField(operand.range), inside.trimmedSpaces.isEmpty {
      return Diagnostic(
        "a field is not called", at: operand.range, operand.label,
        help: "write \(operand.range.text)", others: others)
    }
    switch operand.known {
    case .object(let facts) where facts.object is any Predicting:
      return Diagnostic(
        "\(article(operand.known.noun)) is not called", at: operand.range, operand.label,
        help: "write predict(\(operand.range.text), \(inside))", others: others)
    case .matrix, .list, .range, .text, .record:
      let what = operand.known.noun
      return Diagnostic(
        "the elements of a \(what) are written with square brackets", at: operand.range,
        operand.label, help: "write \(operand.range.text)[\(inside)]", others: others)
    default:
      return Diagnostic(
        "only functions can be called", at: operand.range, operand.label, others: others)
    }
  }

  /// Whether the last that is written there is a field: `net.parameters`.
  static func isField(_ range: SourceRange) -> Bool {
    let all = SourceTokens(range.source)
    let next = all.index(at: range.upper)
    guard next > 1, case .name = all.tokens[next - 1].kind else { return false }
    return all.tokens[next - 2].is(.dot) && all.tokens[next - 2].range.lower > range.lower
  }

  static func condition(_ operand: Fault.Operand) -> Diagnostic {
    let text = operand.range.text
    let help: String? =
      switch operand.known {
      case .number: "compare it, as in \(text) != 0"
      case .matrix(let matrix) where matrix.isLogical ?? false: "write all(\(text)) or any(\(text))"
      case .matrix: "compare it, as in all(\(text) > 0)"
      case .text, .list: "compare it, as in length(\(text)) > 0"
      case .nothing: "compare it, as in \(text) != nothing"
      default: nil
      }
    return Diagnostic(
      "a condition is true or false", at: operand.range, operand.label, help: help,
      others: Array(labels(operand).dropFirst()))
  }

  static func index(
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
      let isOnly = container.known.extent?.shape.map(\.isVector) ?? true
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
    case .oneOfMatrix where range.text == ":":
      return diagnostic(
        "a matrix needs a row and a column",
        help: "write reshape(\(name), length(\(name)), 1) for all elements in one column")
    case .oneOfMatrix:
      let place = counted(range.text)
      return diagnostic(
        "a matrix needs a row and a column",
        help: "write \(name)[\(place), :] for a row, \(name)[:, \(place)] for a column")
    case .dimensions(let given, let allowed):
      let what = container.known.noun
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

  /// A position that counts from 0 or from the back elsewhere, as one from 1.
  static func counted(_ text: String) -> String {
    guard let number = Int(text), number <= 0 else { return text }
    return number == 0 ? "1" : number == -1 ? "end" : "end - \(-number - 1)"
  }

  /// Whether a value can be put behind the rows or columns of a matrix.
  static func grows(_ container: Fault.Operand, _ value: Fault.Operand, _ dimension: Int) -> Bool {
    guard dimension > 0, let whole = container.known.extent, let part = value.known.extent else {
      return true
    }
    return dimension == 1 ? whole.columns == part.columns : whole.rows == part.rows
  }

  static func assignment(
    _ error: AssignmentError, _ container: Fault.Operand, _ value: Fault.Operand,
    _ range: SourceRange
  ) -> Diagnostic {
    let others = labels(value)
    switch error {
    case .shape(let given, let wanted):
      let help =
        given.transposed == wanted
        ? "transpose: `\(value.range.text)'` is \(wanted)"
        : value.range.text == "[]"
          ? "nothing shrinks in place: select the others, as in x = x[{1, 3}]"
          : nil
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
      let isWide = dimension == 2 || dimension == 0 && container.known.extent?.shape?.rows == 1
      let part = dimension == 1 ? "row" : "column"
      let help =
        isList
        ? "write \(name) += {\(new)} to append"
        : !grows(container, value, dimension)
          ? "write \(name) = [\(name)\(isWide ? "," : ";") \(part)] to add a \(part)"
          : "write \(name) = [\(name)\(isWide ? "," : ";") \(new)] to add one"
      return Diagnostic(
        "\(unit) \(NumberFormat.short(number)) is not there: nothing grows by being assigned to",
        at: range, "\(length) \(unit)\(length == 1 ? "" : "s")", help: help)
    case .path:
      return Diagnostic(
        "\(article(container.known.noun)) has no parts to assign to", at: range,
        container.label)
    }
  }
}
