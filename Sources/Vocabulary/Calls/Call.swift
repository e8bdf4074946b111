/// A call of a builtin as data: what a value keeps of how it was made, so that a file can keep it
/// as that, and make it again.
package struct Call: Sendable {
  package var name: String
  /// By the names of the parameters, without those that were left out.
  package var arguments: Record

  package init(_ name: String, _ arguments: Record = Record()) {
    self.name = name
    self.arguments = arguments
  }

  /// A call with numbers alone.
  package init(_ name: String, numbers: [(String, Double)]) {
    self.init(name, Record(numbers.map { ($0, .number($1)) }))
  }

  /// As a record whose field `call` is the name.
  package var parts: Record {
    var record = Record([("call", .text(name))])
    for (key, value) in zip(arguments.keys, arguments.values) { record[key] = value }
    return record
  }

  /// From such a record.
  package init(_ parts: Parts) throws {
    name = try parts("call")
    arguments = parts.record
    arguments["call"] = nil
  }

  /// Makes the value again, by the builtins of a table.
  package func repeated<T: Argument>(in library: Library, _ context: Context) throws -> T {
    guard let builtin = library[name] else {
      throw Parts.damage("'\(name.prefix(40))' is not known here")
    }
    let values = zip(arguments.keys, arguments.values).map { (name: $0, value: $1) }
    let result: Value
    do { result = try builtin.call(Arguments(named: values), context) } catch {
      switch error {
      case let problem as Problem: throw Parts.damage("\(name): \(problem.message)")
      case is CallError: throw Parts.damage("\(name) takes other arguments")
      default: throw error
      }
    }
    guard let made = T.from(result) else {
      throw Parts.damage("'\(name.prefix(40))' makes no \(T.takes)")
    }
    return made
  }
}

/// An object that remembers the call that made it.
package protocol Remembering: Object {
  /// The same, made by a call.
  func remembering(_ call: Call) -> Self
}

extension Builtin {
  /// The same builtin, whose results remember the calls that made them.
  package convenience init(remembered other: Builtin) {
    let names = other.signature.parameters.map(\.name)
    self.init(
      other,
      body: { values, context in
        let result = try other.calculate(values, context)
        guard case .object(let object) = result, let made = object as? any Remembering else {
          return result
        }
        let given = zip(names, values).compactMap { name, value in value.map { (name, $0) } }
        return .object(made.remembering(Call(other.name, Record(given))))
      })
  }
}
