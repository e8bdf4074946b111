/// Which parameter every argument of a call goes to. It depends on the number and the names of the
/// arguments alone: a call that runs often is bound once.
package struct Binding: Sendable {
  /// For every argument, in the order in which the call has them, the index of its parameter.
  package let places: [Int]
  /// What the parameters hold before arguments fill them; `nil` for one that was left out and has
  /// no default.
  package let standards: [Value?]
  /// The parameter that takes some arguments by position, as a list.
  package let rest: Int?

  /// Arguments, in the order of the call, in the order of the parameters.
  package func placed(_ arguments: [Value]) -> [Value?] {
    var bound = standards
    var gathered: [Value] = []
    for (place, value) in zip(places, arguments) {
      if place == rest { gathered.append(value) } else { bound[place] = value }
    }
    if let rest { bound[rest] = .list(gathered) }
    return bound
  }
}

extension Signature {
  /// Binds a call by the names of its arguments; `nil` for those given by position.
  package func binding(of names: [String?]) throws(CallError) -> Binding {
    var places = [Int](repeating: 0, count: names.count)
    var given = [Bool](repeating: false, count: parameters.count)
    var position = 0
    for (index, name) in names.enumerated() where name == nil {
      guard let place = place(ofPosition: position) else {
        throw CallError.tooMany(
          accepted: open.count, given: names.count(where: { $0 == nil }), at: .position(position),
          next: parameters.first { !$0.isPositional }?.name)
      }
      (places[index], given[place]) = (place, true)
      position += 1
    }
    let taken = rest.flatMap { given[$0] ? $0 : nil }
    for (index, name) in names.enumerated() {
      guard let name else { continue }
      guard let place = parameters.firstIndex(where: { $0.name == name }) else {
        throw CallError.unknownName(
          name, at: .name(name), nearest: Spelling.nearest(name, among: parameters.map(\.name)),
          known: parameters.map(\.name))
      }
      guard !given[place] else { throw CallError.duplicate(name, at: .name(name)) }
      (places[index], given[place]) = (place, true)
    }
    var standards = standards
    for (place, isGiven) in given.enumerated() where !isGiven {
      if place == rest {
        standards[place] = .list([])
      } else if standards[place] == nil, !parameters[place].isOptional {
        throw CallError.missing(parameters[place].name, takes: parameters[place].takes)
      }
    }
    return Binding(places: places, standards: standards, rest: taken)
  }

  /// Puts the arguments of a call into the order of the parameters; `nil` where one was left out
  /// and has no default. The rest parameter receives a list.
  package func bind(_ arguments: Arguments) throws(CallError) -> [Value?] {
    let positional = arguments.positional
    if rest == nil, arguments.named.isEmpty, positional.count == parameters.count,
      open.count == parameters.count
    {
      return positional
    }
    let names = [String?](repeating: nil, count: positional.count) + arguments.named.map(\.name)
    return try binding(of: names).placed(positional + arguments.named.map(\.value))
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
