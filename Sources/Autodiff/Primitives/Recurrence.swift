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
        if time > 0 { Block.product(before, weights.hidden, adding: true, into: gates) }
        f.forward(gates)
        hidden.copy(from: gates)
      case .gru:
        sums.affine(before, weights.hidden, bias: weights.innerBias, activation: .linear)
        gates.gru(sums: sums, inner: moment(kept.inner, time), before: before, hidden: hidden)
      case .lstm:
        if time > 0 { Block.product(before, weights.hidden, adding: true, into: gates) }
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
  /// (`all`), or of the last alone. Writes the gradient; adds to or writes `dx` where wanted.
  package func backward(
    _ slopes: Block, isLast: Bool, firstColumn: Int, slopeWidth: Int, parameters: Block,
    activation f: Activation, memory: Block, scratch: Block, into dx: Block?, adding: Bool,
    gradient: Block
  ) {
    let rows = memory.rows
    let kept = kept(memory)
    let weights = weights(parameters)
    let into = self.weights(gradient)
    var stretch = Stretch(scratch)
    _ = stretch.take(rows, width)
    let (dHidden, dCell) = (stretch.take(rows, units), stretch.take(rows, units))
    // Every moment multiplies with the transpose: laid out once, it need not be turned each time.
    let turned = stretch.take(width, units)
    turned.copyTransposed(weights.hidden)
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
        if time > 0 { Block.product(gates, turned, into: dHidden) }
      case .gru:
        let inner = moment(kept.inner, time)
        gates.gruGradient(inner: inner, before: moment(kept.hidden, time), dHidden: dHidden)
        if time > 0 {
          Block.product(
            gates.columns(in: outer), turned.rows(in: outer), adding: true, into: dHidden)
          Block.product(inner, turned.rows(in: own), adding: true, into: dHidden)
        }
      case .lstm:
        gates.lstmGradient(
          before: moment(kept.cell, time), squashed: moment(kept.inner, time), dHidden: dHidden,
          dCell: dCell)
        if time > 0 { Block.product(gates, turned, into: dHidden) }
      }
    }
    let before = kept.hidden.rows(in: 0..<times * rows)
    Block.product(kept.x, kept.gates, transposing: .left, into: into.input)
    kept.gates.sumColumns(into: into.bias)
    if kind == .gru {
      Block.product(
        before, kept.gates.columns(in: outer), transposing: .left,
        into: into.hidden.columns(in: outer))
      Block.product(before, kept.inner, transposing: .left, into: into.hidden.columns(in: own))
      into.innerBias.columns(in: outer).copy(from: into.bias.columns(in: outer))
      kept.inner.sumColumns(into: into.innerBias.columns(in: own))
    } else {
      Block.product(before, kept.gates, transposing: .left, into: into.hidden)
    }
    guard let dx else { return }
    // The inputs are not needed any more: their place takes their derivatives.
    Block.product(kept.gates, weights.input, transposing: .right, into: kept.x)
    dx.scatterTime(
      kept.x, times: times, reversed: isReversed, width: features, adding: adding)
  }
}
