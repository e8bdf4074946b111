import Matrices

/// A recurrent map of sequences, moment by moment:
///
/// - simple (Elman 1990): `h = f(x·W + h₋·U + b)`;
/// - gru (Cho et al. 2014): `r, z = σ(…)`, `n = tanh(x·Wₙ + bₙ + r ∘ (h₋·Uₙ + cₙ))`,
///   `h = n + z ∘ (h₋ − n)`;
/// - lstm (Hochreiter & Schmidhuber 1997): `i, f, o = σ(…)`, `g = tanh(…)`, `c = f ∘ c₋ + i ∘ g`,
///   `h = o ∘ tanh(c)`.
///
/// The parameters are the rows of `W`, those of `U`, then `b` (for gru also `c`), with the gates
/// side by side. What the input adds is one product for all moments; a moment costs one product
/// with `U` and one pass for its gates.
package struct Recurrence: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case simple = "rnn"
    case gru, lstm

    /// How many sums a unit has.
    package var gates: Int {
      switch self {
      case .simple: 1
      case .gru: 3
      case .lstm: 4
      }
    }
  }

  package let kind: Kind
  package let times: Int
  package let features: Int
  package let units: Int
  /// Whether it reads from the end to the beginning.
  package let isReversed: Bool

  package init(_ kind: Kind, times: Int, features: Int, units: Int, isReversed: Bool = false) {
    self.kind = kind
    self.times = times
    self.features = features
    self.units = units
    self.isReversed = isReversed
  }

  private var width: Int { kind.gates * units }

  package var parameterShape: Shape {
    Shape(features + units + (kind == .gru ? 2 : 1), width)
  }

  /// Numbers a row that going forward leaves for going back: inputs and gates of every moment,
  /// hidden states from the one before the first, and what the cells need.
  package var keptColumns: Int {
    let cells =
      switch kind {
      case .simple: 0
      case .gru: times * units
      case .lstm: (2 * times + 1) * units
      }
    return times * (features + width) + (times + 1) * units + cells
  }

  /// Numbers that a call needs to work in, for so many rows.
  package func scratch(rows: Int) -> Int {
    rows * (width + 2 * units + times * features) + units * width
  }

  private struct Kept {
    var x: Block
    var gates: Block
    var hidden: Block
    /// For gru the part of n that the hidden state adds; for lstm tanh(c).
    var inner: Block
    var cell: Block
  }

  private func kept(_ memory: Block) -> Kept {
    let rows = memory.rows
    var stretch = Stretch(memory)
    return Kept(
      x: stretch.take(times * rows, features), gates: stretch.take(times * rows, width),
      hidden: stretch.take((times + 1) * rows, units),
      inner: stretch.take(kind == .simple ? 0 : times * rows, units),
      cell: stretch.take(kind == .lstm ? (times + 1) * rows : 0, units))
  }

  private struct Weights {
    var input: Block
    var hidden: Block
    var bias: Block
    var innerBias: Block
  }

  private func weights(_ parameters: Block) -> Weights {
    let end = features + units
    return Weights(
      input: parameters.rows(in: 0..<features), hidden: parameters.rows(in: features..<end),
      bias: parameters.rows(in: end..<end + 1),
      innerBias: parameters.rows(in: parameters.rows - 1..<parameters.rows))
  }

  /// The hidden states of all moments: those of the last are what `last(of:)` gives.
  package func forward(
    _ x: Block, parameters: Block, activation f: Activation, memory: Block, scratch: Block
  ) {
    let rows = x.rows
    let kept = kept(memory)
    let weights = weights(parameters)
    var stretch = Stretch(scratch)
    let sums = stretch.take(rows, width)
    let weightsOfHidden = panels(of: weights.hidden, in: stretch.take(units, width))
    func moment(_ block: Block, _ time: Int) -> Block {
      block.rows(in: time * rows..<(time + 1) * rows)
    }
    kept.x.gatherTime(x, times: times, reversed: isReversed)
    kept.gates.affine(kept.x, weights.input, bias: weights.bias, activation: .linear)
    moment(kept.hidden, 0).fill(0)
    if kind == .lstm { moment(kept.cell, 0).fill(0) }
    for time in 0..<times {
      let gates = moment(kept.gates, time)
      let (before, hidden) = (moment(kept.hidden, time), moment(kept.hidden, time + 1))
      switch kind {
      case .simple:
        if time > 0 { weightsOfHidden.product(before, adding: true, into: gates) }
        f.forward(gates)
        hidden.copy(from: gates)
      case .gru:
        weightsOfHidden.affine(before, bias: weights.innerBias, into: sums)
        gates.gru(sums: sums, inner: moment(kept.inner, time), before: before, hidden: hidden)
      case .lstm:
        if time > 0 { weightsOfHidden.product(before, adding: true, into: gates) }
        gates.lstm(
          before: moment(kept.cell, time), cell: moment(kept.cell, time + 1),
          squashed: moment(kept.inner, time), hidden: hidden)
      }
    }
  }

  /// The hidden states after the last moment.
  package func last(of memory: Block) -> Block {
    let rows = memory.rows
    return kept(memory).hidden.rows(in: times * rows..<(times + 1) * rows)
  }

  /// The hidden states of all moments, first moment of the reading first.
  package func all(of memory: Block) -> Block {
    let rows = memory.rows
    return kept(memory).hidden.rows(in: rows..<(times + 1) * rows)
  }

  /// Back through all moments. `slopes` holds the derivatives in the hidden states: of all moments
  /// (`all`), or of the last alone. Writes the gradient and adds to or writes `dx` where wanted. The
  /// memory holds what `gradient(of:)` reads afterwards; with a gradient, it is used up.
  package func backward(
    _ slopes: Block, isLast: Bool, firstColumn: Int, slopeWidth: Int, parameters: Block,
    activation f: Activation, memory: Block, scratch: Block, into dx: Block?, adding: Bool,
    gradient: Block?
  ) {
    let rows = memory.rows
    let kept = kept(memory)
    let weights = weights(parameters)
    var stretch = Stretch(scratch)
    _ = stretch.take(rows, width)
    let (dHidden, dCell) = (stretch.take(rows, units), stretch.take(rows, units))
    // Every moment multiplies with the transpose: laid out once, it need not be turned each time.
    let turned = turnedPanels(of: weights.hidden, in: stretch.take(width, units))
    let (outer, own) = (0..<2 * units, 2 * units..<3 * units)
    func moment(_ block: Block, _ time: Int) -> Block {
      block.rows(in: time * rows..<(time + 1) * rows)
    }
    func slope(_ time: Int) -> Block {
      let start = (isLast ? 0 : (isReversed ? times - 1 - time : time) * slopeWidth) + firstColumn
      return slopes.columns(in: start..<start + units)
    }
    dHidden.fill(0)
    if kind == .lstm { dCell.fill(0) }
    for time in stride(from: times - 1, through: 0, by: -1) {
      if !isLast || time == times - 1 { dHidden.add(slope(time)) }
      let gates = moment(kept.gates, time)
      switch kind {
      case .simple:
        f.gradient(dHidden, outputs: moment(kept.hidden, time + 1))
        gates.copy(from: dHidden)
        if time > 0 { turned.product(gates, into: dHidden) }
      case .gru:
        let inner = moment(kept.inner, time)
        gates.gruGradient(inner: inner, before: moment(kept.hidden, time), dHidden: dHidden)
        if time > 0 {
          turned.product(gates.columns(in: outer), rows: outer, adding: true, into: dHidden)
          turned.product(inner, rows: own, adding: true, into: dHidden)
        }
      case .lstm:
        gates.lstmGradient(
          before: moment(kept.cell, time), squashed: moment(kept.inner, time), dHidden: dHidden,
          dCell: dCell)
        if time > 0 { turned.product(gates, into: dHidden) }
      }
    }
    if let gradient { self.gradient(of: memory, into: gradient) }
    guard let dx else { return }
    // After the gradient, the inputs are not needed any more: their place takes their derivatives.
    let inputs = gradient == nil ? stretch.take(times * rows, features) : kept.x
    Block.product(kept.gates, weights.input, transposing: .right, into: inputs)
    dx.scatterTime(inputs, times: times, reversed: isReversed, width: features, adding: adding)
  }

  /// The gradient, from what going back has left: sums over rows and moments of what comes in times
  /// the derivatives.
  package func gradient(of memory: Block, into gradient: Block) {
    let count = times * memory.rows
    formGradient(kept(memory), { $0.rows(in: 0..<count) }, into: gradient)
  }

  /// The same for the moments that `part` takes of each of the blocks.
  private func formGradient(_ kept: Kept, _ part: (Block) -> Block, into gradient: Block) {
    let into = weights(gradient)
    let (before, gates) = (part(kept.hidden), part(kept.gates))
    Block.product(part(kept.x), gates, transposing: .left, into: into.input)
    gates.sumColumns(into: into.bias)
    guard kind == .gru else {
      return Block.product(before, gates, transposing: .left, into: into.hidden)
    }
    let (outer, own, inner) = (0..<2 * units, 2 * units..<3 * units, part(kept.inner))
    Block.product(
      before, gates.columns(in: outer), transposing: .left, into: into.hidden.columns(in: outer))
    Block.product(before, inner, transposing: .left, into: into.hidden.columns(in: own))
    into.innerBias.columns(in: outer).copy(from: into.bias.columns(in: outer))
    inner.sumColumns(into: into.innerBias.columns(in: own))
  }

  /// Multiplies what every row contributes to the gradient by a number of its own; 0 takes it out,
  /// whatever it was.
  package func scaleRows(of memory: Block, by factors: UnsafePointer<Double>) {
    let kept = kept(memory)
    let rows = memory.rows
    for time in 0..<times {
      let moment = time * rows..<(time + 1) * rows
      kept.gates.rows(in: moment).scaleRows(by: factors)
      if kind == .gru { kept.inner.rows(in: moment).scaleRows(by: factors) }
      for row in 0..<rows where factors[row] == 0 {
        kept.x.rows(in: time * rows + row..<time * rows + row + 1).fill(0)
        kept.hidden.rows(in: time * rows + row..<time * rows + row + 1).fill(0)
      }
    }
  }

  // MARK: Single rows

  /// Whether the squared norm of a row's gradient costs less by pairs of moments than by forming it
  /// (Bu et al., NeurIPS 2022, "mixed ghost clipping").
  private var isGhost: Bool {
    let inner = features + units
    return times * (inner + 2 * width) < inner * width
  }

  /// Numbers that `addExampleNorms` works in.
  package var normScratch: Int { isGhost ? 4 * times * times : parameterShape.count }

  /// Adds the squared norms of the rows' gradients, from what going back has left, to a number a
  /// row: `‖Σₜ aₜ gₜᵀ‖² = Σₜₛ ⟨aₜ, aₛ⟩ ⟨gₜ, gₛ⟩`, where a is an input with a 1 for the bias, or a
  /// hidden state, and g a derivative.
  package func addExampleNorms(
    of memory: Block, scratch: Block, to norms: UnsafeMutablePointer<Double>
  ) {
    let rows = memory.rows
    let kept = kept(memory)
    var stretch = Stretch(scratch)
    func own(_ block: Block, _ row: Int) -> Block {
      block.rows(in: 0..<times * rows).rows(from: row, every: rows)
    }
    if !isGhost {
      let formed = stretch.take(parameterShape.rows, parameterShape.columns)
      for row in 0..<rows {
        formGradient(kept, { own($0, row) }, into: formed)
        norms[row] += formed.sumOfSquares
      }
      return
    }
    let (inputs, slopes) = (stretch.take(times, times), stretch.take(times, times))
    let (states, others) = (stretch.take(times, times), stretch.take(times, times))
    func pairs(_ block: Block, _ row: Int, into: Block, adding: Bool = false) {
      let block = own(block, row)
      Block.product(block, block, transposing: .right, adding: adding, into: into)
    }
    for row in 0..<rows {
      pairs(kept.x, row, into: inputs)
      pairs(kept.hidden, row, into: states)
      pairs(kept.gates, row, into: slopes)
      if kind == .gru {
        // The third gate has a slope of its own for what the hidden state adds.
        pairs(kept.gates.columns(in: 0..<2 * units), row, into: others)
        pairs(kept.inner, row, into: others, adding: true)
        norms[row] += inputs.dot(slopes, plus: 1) + states.dot(others, plus: 1)
      } else {
        inputs.add(states)
        norms[row] += inputs.dot(slopes, plus: 1)
      }
    }
  }
}
