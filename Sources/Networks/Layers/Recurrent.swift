import Autodiff
import Matrices

/// A recurrent layer: reads a sequence moment by moment, and gives the last hidden state or all.
package struct Recurrent: Layer {
  package let input: Geometry
  package let output: Geometry
  package let activation: Activation
  package let isSequence: Bool
  /// What is asked of W and of U, each apart.
  package let rules: WeightRules
  /// One direction, or forward and backward with their outputs side by side.
  private let directions: [Recurrence]

  /// Nothing when the input is no sequence.
  package init?(
    _ kind: Recurrence.Kind, input: Geometry, units: Int, isSequence: Bool,
    isBidirectional: Bool, activation: Activation = .tanh, rules: WeightRules = WeightRules()
  ) {
    guard let (times, features) = input.sequence else { return nil }
    directions = (isBidirectional ? [false, true] : [false]).map {
      Recurrence(kind, times: times, features: features, units: units, isReversed: $0)
    }
    self.input = input
    self.activation = activation
    self.isSequence = isSequence
    self.rules = rules
    let width = units * directions.count
    output = isSequence ? Geometry(times, width) : Geometry(width)
  }

  private var first: Recurrence { directions[0] }

  package var title: String {
    var title = "\(first.kind.rawValue) \(first.units)"
    if first.kind == .simple && activation != .tanh { title += activation.suffix }
    if directions.count > 1 { title += " bidirectional" }
    return (isSequence ? title + " sequence" : title) + rules.suffix
  }

  /// The rows of one direction, then those of the other.
  package var parameterShape: Shape {
    let own = first.parameterShape
    return Shape(directions.count * own.rows, own.columns)
  }
  package var gradientPlan: GradientPlan { .byRows }
  package var weightRanges: [Range<Int>] {
    directions.indices.flatMap { index -> [Range<Int>] in
      let start = index * first.parameterShape.rows
      let middle = start + first.features
      return [start..<middle, middle..<middle + first.units]
    }
  }
  package var work: Int { first.times * parameterShape.count }
  package var keptColumns: Int { directions.count * first.keptColumns }
  package func scratch(rows: Int) -> Int { first.scratch(rows: rows) }

  /// Input weights as Glorot and Bengio draw them, hidden weights orthogonal for each gate; biases
  /// 0, but 1 for the forget gate of an lstm (Jozefowicz et al., ICML 2015).
  package func initialParameters(_ random: inout Random) -> Matrix {
    var parts: [Matrix] = []
    for direction in directions {
      let (units, gates) = (direction.units, direction.kind.gates)
      parts.append(
        rules.allowed(
          Initial.weights(
            direction.features, units * gates, outputs: units, before: .tanh, &random)))
      parts.append(
        rules.allowed(.besides((0..<gates).map { _ in Initial.orthogonal(units, &random) })))
      var bias = Matrix.zeros(1, units * gates)
      if direction.kind == .lstm { for unit in units..<2 * units { bias[0, unit] = 1 } }
      parts.append(bias)
      if direction.kind == .gru { parts.append(.zeros(1, units * gates)) }
    }
    return .above(parts)
  }

  /// The memory of each direction: rows of their own in one stretch.
  private func memory(_ pass: Pass, _ index: Int) -> Block {
    let (rows, width) = (pass.x.rows, first.keptColumns)
    return pass.kept.reshaped(1, rows * keptColumns)
      .columns(in: index * rows * width..<(index + 1) * rows * width).packed(rows, width)
  }

  private func part(_ parameters: Block, _ index: Int) -> Block {
    let rows = first.parameterShape.rows
    return parameters.rows(in: index * rows..<(index + 1) * rows)
  }

  package func forward(_ pass: Pass) {
    let units = first.units
    for (index, direction) in directions.enumerated() {
      let memory = memory(pass, index)
      direction.forward(
        pass.x, parameters: part(pass.parameters, index), activation: pass.activation,
        memory: memory, scratch: pass.scratch)
      if isSequence {
        pass.y.scatterTime(
          direction.all(of: memory), times: direction.times, reversed: direction.isReversed,
          first: index * units, width: units * directions.count)
      } else {
        pass.y.columns(in: index * units..<(index + 1) * units)
          .copy(from: direction.last(of: memory))
      }
    }
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    for (index, direction) in directions.enumerated() {
      direction.backward(
        dy, isLast: !isSequence, firstColumn: index * first.units,
        slopeWidth: first.units * directions.count, parameters: part(pass.parameters, index),
        activation: pass.activation, memory: memory(pass, index), scratch: pass.scratch,
        into: dx, adding: index > 0,
        gradient: gradient.map { part($0, index) })
    }
    return 0
  }

  /// `W` of the inputs, `U` of the hidden state, `b`, and for gru `c`; of the second direction with
  /// a stroke.
  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    directions.indices.flatMap { index -> [(name: String, value: Matrix)] in
      let start = index * first.parameterShape.rows
      let (middle, end) = (start + first.features, start + first.features + first.units)
      let mark = index == 0 ? "" : "r"
      var parts = [
        ("W" + mark, parameters.rows(in: start..<middle)),
        ("U" + mark, parameters.rows(in: middle..<end)),
        ("b" + mark, parameters.rows(in: end..<end + 1)),
      ]
      if first.kind == .gru { parts.append(("c" + mark, parameters.rows(in: end + 1..<end + 2))) }
      return parts
    }
  }
}

extension Recurrent: LateLayer {
  package var normScratch: Int { first.normScratch }

  package func addExampleNorms(_ pass: Pass, to norms: UnsafeMutablePointer<Double>) {
    for (index, direction) in directions.enumerated() {
      direction.addExampleNorms(of: memory(pass, index), scratch: pass.scratch, to: norms)
    }
  }

  package func lateGradient(
    _ pass: Pass, scaledBy factors: UnsafePointer<Double>, into gradient: Block
  ) {
    for (index, direction) in directions.enumerated() {
      let memory = memory(pass, index)
      direction.scaleRows(of: memory, by: factors)
      direction.gradient(of: memory, into: part(gradient, index))
    }
  }
}
