import Matrices
import Vocabulary

/// What is asked of parameters, as a user says it: `{W = "nonnegative", b = {0, 1}}`.
enum ParameterConstraints {
  private static let named: [(name: String, constraint: Constraint)] = [
    ("nonnegative", .nonnegative), ("simplex", .simplex), ("unit", .unit),
  ]

  /// The constraint of each parameter, by its path in the form they were given in.
  static func read(_ value: Value?, for paths: [String]) throws -> [Constraint?] {
    guard let value else { return paths.map { _ in nil } }
    if case .list(let list) = value, let each = try each(list, of: paths) { return each }
    guard case .record(let record) = value else {
      let constraint = try one(value)
      return paths.map { _ in constraint }
    }
    var constraints = paths.map { _ in Constraint?.none }
    for (key, wanted) in zip(record.keys, record.values) {
      let places = paths.indices.filter { paths[$0] == key || paths[$0].hasPrefix("\(key).") }
      if places.isEmpty {
        let names = paths.filter { !$0.isEmpty }
        let meant = Spelling.nearest(key, among: names)
        let nearest = meant.map { "did you mean '\($0)'?" }
        throw Problem(
          .value, "the parameters have no '\(key)' to constrain", at: "constraints",
          label: names.isEmpty ? "" : "they are \(names.joined(separator: ", "))",
          help: nearest ?? (names.isEmpty ? "write constraints=\"nonnegative\"" : nil),
          remedy: meant.map { .replacing("\(key) =", in: "constraints", with: "\($0) =") })
      }
      let constraint = try one(wanted)
      for place in places { constraints[place] = constraint }
    }
    return constraints
  }

  /// A constraint, or `nothing`, for each of a list of parameters; `nil` when these are bounds.
  private static func each(_ list: [Value], of paths: [String]) throws -> [Constraint?]? {
    if list.contains(where: { Double.from($0) != nil }) { return nil }
    let heads = paths.map { String($0.prefix { $0 != "." }) }
    guard Set(heads).count == list.count, heads.allSatisfy({ Int($0) != nil }) else { return nil }
    return try heads.map { head in
      let value = Int(head).map { list[$0 - 1] } ?? .nothing
      if case .nothing = value { return nil }
      return try one(value)
    }
  }

  private static func one(_ value: Value) throws -> Constraint {
    switch value {
    case .text(let text):
      if let found = named.first(where: { $0.name == text }) { return found.constraint }
      let nearest = Spelling.nearest(text, among: named.map(\.name))
      throw refusal(
        value, help: nearest.map { "did you mean \"\($0)\"?" },
        remedy: nearest.map { .replacing("\"\(text)\"", in: "constraints", with: "\"\($0)\"") })
    case .list(let bounds) where bounds.count == 2:
      guard let low = Double.from(bounds[0]), let high = Double.from(bounds[1]) else {
        throw refusal(value, help: nil)
      }
      guard low <= high else {
        throw refusal(
          value,
          help:
            "the lower bound comes first: {\(bounds[1].brief(width: 20)), \(bounds[0].brief(width: 20))}"
        )
      }
      return .box(low, high)
    default: throw refusal(value, help: "as in constraints={W = \"nonnegative\"}")
    }
  }

  private static func refusal(
    _ value: Value, help: String?, remedy: Problem.Remedy? = nil
  ) -> Problem {
    Problem(
      .value,
      "a constraint is one of \(named.map { "\"\($0.name)\"" }.joined(separator: ", ")), or bounds "
        + "{low, high}", at: "constraints", label: value.brief(width: 30), help: help,
      remedy: remedy)
  }
}
