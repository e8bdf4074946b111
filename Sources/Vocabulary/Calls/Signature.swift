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
  package var name: String
  package var parameters: [ParameterInfo]

  package init(_ name: String, _ parameters: [ParameterInfo]) {
    self.name = name
    self.parameters = parameters
  }

  /// Puts the arguments of a call into the order of the parameters; `nil` where one was left out
  /// and has no default. The rest parameter receives a list.
  package func bind(_ arguments: Arguments) throws(CallError) -> [Value?] {
    var bound = [Value?](repeating: nil, count: parameters.count)
    var given = [ArgumentPlace?](repeating: nil, count: parameters.count)
    var rest: [Value] = []
    var slot = 0
    for (index, value) in arguments.positional.enumerated() {
      while slot < parameters.count && !parameters[slot].isPositional { slot += 1 }
      guard slot < parameters.count else {
        let accepted = parameters.count(where: \.isPositional)
        throw CallError.tooMany(
          accepted: accepted, given: arguments.positional.count, at: .position(index),
          next: parameters.first { !$0.isPositional }?.name)
      }
      if parameters[slot].takesRest {
        rest.append(value)
        given[slot] = .position(index)
      } else {
        bound[slot] = value
        given[slot] = .position(index)
        slot += 1
      }
    }
    for (name, value) in arguments.named {
      guard let place = parameters.firstIndex(where: { $0.name == name }) else {
        throw CallError.unknownName(
          name, at: .name(name), nearest: Spelling.nearest(name, among: parameters.map(\.name)),
          known: parameters.map(\.name))
      }
      guard given[place] == nil else { throw CallError.duplicate(name, at: .name(name)) }
      given[place] = .name(name)
      bound[place] = value
    }
    for (place, parameter) in parameters.enumerated() where given[place] == nil {
      if parameter.takesRest { continue }
      bound[place] = parameter.standard
      if bound[place] == nil && !parameter.isOptional {
        throw CallError.missing(parameter.name, takes: parameter.takes)
      }
    }
    if let place = parameters.firstIndex(where: \.takesRest), bound[place] == nil {
      bound[place] = .list(rest)
    }
    return bound
  }
}

/// The arguments of one call.
package struct Arguments: Sendable {
  package var positional: [Value]
  package var named: [(name: String, value: Value)]

  package init(_ positional: [Value] = [], named: [(name: String, value: Value)] = []) {
    self.positional = positional
    self.named = named
  }
}

/// Where an argument stood in a call, so that an error can point at it.
package enum ArgumentPlace: Sendable, Equatable {
  case position(Int)
  case name(String)
}

/// A call that does not fit its signature, as data.
package enum CallError: Error, Sendable, Equatable {
  case tooMany(accepted: Int, given: Int, at: ArgumentPlace, next: String?)
  case unknownName(String, at: ArgumentPlace, nearest: String?, known: [String])
  case duplicate(String, at: ArgumentPlace)
  case missing(String, takes: String)
}
