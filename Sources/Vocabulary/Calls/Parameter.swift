import Matrices

/// One parameter of a builtin. One without default is required and may be given by position; one
/// with a default, or of optional type, is given by name unless it is declared `positional`.
package struct Parameter<T: Argument>: Sendable {
  let info: ParameterInfo

  package init(_ name: String, _ summary: String, choices: [String] = [], in bounds: Bounds? = nil)
  {
    info = ParameterInfo(
      name, summary, takes: T.takes, isOptional: T.isOptional, isPositional: !T.isOptional,
      takesRest: T.takesRest, choices: choices, bounds: bounds)
  }

  /// An optional parameter that may be given by position.
  package init(
    positional name: String, _ summary: String, choices: [String] = [], in bounds: Bounds? = nil
  ) {
    info = ParameterInfo(
      name, summary, takes: T.takes, isOptional: T.isOptional, choices: choices, bounds: bounds)
  }

  package init(
    _ name: String, _ summary: String, default standard: T, choices: [String] = [],
    in bounds: Bounds? = nil, positional: Bool = false
  ) where T: Returnable {
    info = ParameterInfo(
      name, summary, takes: T.takes, standard: standard.value, isPositional: positional,
      choices: choices, bounds: bounds)
  }

  /// What is known of the parameter, with what the checker asks of an argument.
  var checked: ParameterInfo {
    let demand = Demand(info)
    var info = info
    info.kinds = T.takesRest ? nil : T.kinds
    info.refusal = { value in
      do { _ = try T.taken(value, for: demand) } catch { return error as? Problem }
      return nil
    }
    return info
  }
}

/// What is asked of an argument. Shared, because a copy of what is known of a parameter for every
/// call would cost more than most calls do.
package final class Demand: Sendable {
  let info: ParameterInfo
  /// The numbers that will do, where only that is asked besides the type.
  private let bounds: Bounds?
  private let hasChoices: Bool

  init(_ info: ParameterInfo) {
    self.info = info
    bounds = info.bounds
    hasChoices = !info.choices.isEmpty
  }

  /// Whether a value will do if it is of the right type. `false` where that takes a closer look.
  func surelyAccepts(_ value: Value) -> Bool {
    if hasChoices { return false }
    guard let bounds else { return true }
    guard case .number(let number) = value else { return false }
    return bounds.contains(number)
  }
}

extension Argument {
  package static func taken(_ value: Value?, for demand: Demand) throws -> Self {
    if let value, demand.surelyAccepts(value), let taken = from(value) { return taken }
    return try examined(value, demand.info)
  }

  /// The same, with all that may be wrong.
  @inline(never)
  private static func examined(_ value: Value?, _ info: ParameterInfo) throws -> Self {
    guard let value else {
      if let absent { return absent }
      throw Problem(.type, "'\(info.name)' is missing", at: info.name)
    }
    guard let taken = from(value) else {
      let words =
        info.choices.isEmpty ? "needs \(article(needs))" : "is one of \(list(info.choices))"
      let path: String? = if case .text(let text) = value, isPathOfData(text) { text } else { nil }
      throw Problem(
        .type, "'\(info.name)' \(words)", at: info.name, label: value.label,
        help: hint ?? path.map { "write read(\"\($0)\")" },
        remedy: path == nil ? nil : .rewriting(info.name, as: "read($)"))
    }
    if !info.choices.isEmpty, case .text(let text) = value, !info.choices.contains(text) {
      let meant =
        Spelling.synonym(of: text, among: info.choices)
        ?? Spelling.nearest(text, among: info.choices)
      throw Problem(
        .value, "'\(info.name)' is one of \(list(info.choices))", at: info.name, label: value.label,
        help: meant.map { "did you mean \"\($0)\"?" })
    }
    if let bounds = info.bounds, let number = Double.from(value), !bounds.contains(number) {
      throw Problem(
        .value, "'\(info.name)' must be \(bounds)", at: info.name, label: value.label)
    }
    return taken
  }

  /// Whether a matrix is needed and the text names a file that `read` makes one of.
  private static func isPathOfData(_ text: String) -> Bool {
    let endings = [".csv", ".tsv", ".txt", ".npy", ".mtx", ".gz"]
    return takes.hasSuffix("matrix") && endings.contains { text.hasSuffix($0) }
  }

  private static func list(_ choices: [String]) -> String {
    choices.map { "\"\($0)\"" }.joined(separator: ", ")
  }

  private static func article(_ noun: String) -> String {
    if noun == "text" || noun == "values" || noun.hasPrefix("true") { return noun }
    // An abbreviation is read letter by letter: an nmf model, an mf model.
    let first = noun.split(separator: " ").first.map(String.init) ?? noun
    let vowel = ["nmf", "mf"].contains(first) || "aeiou".contains(noun.prefix(1))
    return vowel ? "an \(noun)" : "a \(noun)"
  }
}
