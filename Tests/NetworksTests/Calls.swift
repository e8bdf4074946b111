import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Calls builtins as the language does.
struct Lab {
  let context = Context(output: { _ in })
  private let library = Library(NetworksLibrary.builtins)

  func callAsFunction(_ name: String, _ values: Value..., named: [(String, Value)] = []) throws
    -> Value
  { try call(name, values, named: named) }

  func call(_ name: String, _ values: [Value], named: [(String, Value)] = []) throws -> Value {
    let builtin = try #require(library[name])
    return try builtin.call(
      Arguments(values, named: named.map { (name: $0.0, value: $0.1) }), context)
  }

  /// A network of the given layers: `net(2, (10, "relu"), (2, "softmax"))`.
  func net(_ inputs: Int, seed: Int = 1, _ layers: (Int, String)...) throws -> Network {
    var value = try self("input", .number(Double(inputs)), named: [("seed", .number(Double(seed)))])
    for (units, activation) in layers {
      value = try self("dense", value, .number(Double(units)), .text(activation))
    }
    return try #require(Network.from(value))
  }

  func train(_ net: Network, _ x: Matrix, _ y: Matrix, _ named: (String, Value)...) throws
    -> Network
  {
    let value = try self("train", net.value, .matrix(x), .matrix(y), named: named)
    return try #require(Network.from(value))
  }

  /// Points in the plane, and a line over it that a linear layer finds.
  func points(_ rows: Int) -> (x: Matrix, y: Matrix) {
    var random = Random(seed: 3)
    let x = random.normal(rows, 2)
    return (x, x * Matrix(column: [2, -1]) + 0.5)
  }

  func problem(_ body: () throws -> Void) -> Problem? {
    do {
      try body()
      return nil
    } catch {
      return error as? Problem
    }
  }
}

/// The four points of "exclusive or" with their classes.
enum FourPoints {
  static let x = Matrix([[0, 0], [0, 1], [1, 0], [1, 1]])
  static let y = Matrix(column: [0, 1, 1, 0])
}

extension Network {
  /// Whether the parameters are the same bits.
  func isIdentical(to other: Network) -> Bool {
    parameters.count == other.parameters.count
      && zip(parameters, other.parameters).allSatisfy { $0.isIdentical(to: $1) }
  }
}
