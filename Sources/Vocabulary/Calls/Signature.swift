import Matrices

/// What is known about one parameter of a callable thing.
package struct ParameterInfo: Sendable {
  package var name: String
  package var summary: String
  /// What it takes, as a noun: `matrix`, `number`, `text`.
  package var takes: String
  /// The default, when there is one.
  package var standard: Value?
  /// Whether it may be left out.
  package var isOptional: Bool
  /// Whether it may be given by position; otherwise only by name.
  package var isPositional: Bool
  /// Whether it takes all remaining positional arguments, as a list.
  package var takesRest: Bool
  /// The texts it accepts, when they are few.
  package var choices: [String]
  /// The numbers it accepts, as shown to people: `≥ 1`, `0 … 1`.
  package var bounds: Bounds?
  /// The kinds of values of which it accepts some; `nil` where that is not known.
  package var kinds: Set<ValueKind>?
  /// What is wrong with a value for it, when nothing but the value has to be known.
  package var refusal: (@Sendable (Value) -> Problem?)?

  package init(
    _ name: String, _ summary: String = "", takes: String = "value", standard: Value? = nil,
    isOptional: Bool = false, isPositional: Bool = true, takesRest: Bool = false,
    choices: [String] = [], bounds: Bounds? = nil
  ) {
    self.name = name
    self.summary = summary
    self.takes = takes
    self.standard = standard
    self.isOptional = isOptional || standard != nil
    self.isPositional = isPositional
    self.takesRest = takesRest
    self.choices = choices
    self.bounds = bounds
  }
}

/// The numbers that a parameter accepts.
package struct Bounds: Sendable, Equatable, CustomStringConvertible {
  package var lowest: Double
  package var highest: Double
  /// Whether `lowest` itself is refused.
  package var isOpen: Bool

  package static func atLeast(_ lowest: Double) -> Bounds {
    Bounds(lowest: lowest, highest: .infinity, isOpen: false)
  }

  package static func above(_ lowest: Double) -> Bounds {
    Bounds(lowest: lowest, highest: .infinity, isOpen: true)
  }

  package static func between(_ lowest: Double, _ highest: Double) -> Bounds {
    Bounds(lowest: lowest, highest: highest, isOpen: false)
  }

  package func contains(_ number: Double) -> Bool {
    (isOpen ? number > lowest : number >= lowest) && number <= highest
  }

  package var description: String {
    let low = NumberFormat.short(lowest)
    return highest == .infinity
      ? (isOpen ? "> \(low)" : "≥ \(low)") : "\(low) … \(NumberFormat.short(highest))"
  }
}

/// The name and the parameters of a callable thing: how calls are checked, completed and explained.
package struct Signature: Sendable {
  package let name: String
  package let parameters: [ParameterInfo]
  /// What every parameter holds when nothing is given for it.
  let standards: [Value?]
  /// The parameters that arguments given by position go to, in order.
  let open: [Int]
  /// The parameter that takes all remaining positional arguments.
  let rest: Int?

  package init(_ name: String, _ parameters: [ParameterInfo]) {
    self.name = name
    self.parameters = parameters
    standards = parameters.map(\.standard)
    open = parameters.indices.filter { parameters[$0].isPositional }
    rest = parameters.firstIndex(where: \.takesRest)
  }

  /// The index of the parameter that an argument goes to by its position; `nil` beyond the last.
  package func place(ofPosition position: Int) -> Int? {
    if let rest, let first = open.firstIndex(of: rest), position >= first { return rest }
    return position < open.count ? open[position] : nil
  }
}
