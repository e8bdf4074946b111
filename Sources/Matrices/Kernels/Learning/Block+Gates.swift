extension Block {
  /// One moment of a long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of
  /// Gers et al. 2000). This block holds the sums of the gates `i, f, g, o` side by side and
  /// receives the gates: `c = σ(f) ∘ c₋ + σ(i) ∘ tanh(g)`, `h = σ(o) ∘ tanh(c)`.
  package func lstm(before: Block, cell: Block, squashed: Block, hidden: Block) {
    switch precision {
    case .double:
      Double.chosenKernels.gates.lstm(
        plane(Double.self), before.plane(Double.self), cell.plane(Double.self),
        squashed.plane(Double.self), hidden.plane(Double.self), rows, cell.columns)
    case .single:
      Float.chosenKernels.gates.lstm(
        plane(Float.self), before.plane(Float.self), cell.plane(Float.self),
        squashed.plane(Float.self), hidden.plane(Float.self), rows, cell.columns)
    }
  }

  /// The way back through one moment: turns the gates into the derivatives of their sums.
  /// `dCell` goes from the derivative of `c` by later moments to that of `c₋`.
  package func lstmGradient(before: Block, squashed: Block, dHidden: Block, dCell: Block) {
    switch precision {
    case .double:
      Double.chosenKernels.gates.lstmGradient(
        plane(Double.self), before.plane(Double.self), squashed.plane(Double.self),
        dHidden.plane(Double.self), dCell.plane(Double.self), rows, squashed.columns)
    case .single:
      Float.chosenKernels.gates.lstmGradient(
        plane(Float.self), before.plane(Float.self), squashed.plane(Float.self),
        dHidden.plane(Float.self), dCell.plane(Float.self), rows, squashed.columns)
    }
  }

  /// One moment of a gated recurrent unit (Cho et al. 2014, with the reset gate after the product).
  /// This block holds what the input adds to the sums of `r, z, n` and receives the gates; `sums`
  /// holds what the hidden state adds: `n = tanh(n + σ(r) ∘ q)`, `h = n + σ(z) ∘ (h₋ − n)`, with q
  /// the third part of `sums`, which is kept.
  package func gru(sums: Block, inner: Block, before: Block, hidden: Block) {
    switch precision {
    case .double:
      Double.chosenKernels.gates.gru(
        plane(Double.self), sums.plane(Double.self), inner.plane(Double.self),
        before.plane(Double.self), hidden.plane(Double.self), rows, hidden.columns)
    case .single:
      Float.chosenKernels.gates.gru(
        plane(Float.self), sums.plane(Float.self), inner.plane(Float.self),
        before.plane(Float.self), hidden.plane(Float.self), rows, hidden.columns)
    }
  }

  /// The way back through one moment: turns the gates into the derivatives of what the input adds,
  /// `inner` into that of q, and `dHidden` into the part that goes to `h₋` directly.
  package func gruGradient(inner: Block, before: Block, dHidden: Block) {
    switch precision {
    case .double:
      Double.chosenKernels.gates.gruGradient(
        plane(Double.self), inner.plane(Double.self), before.plane(Double.self),
        dHidden.plane(Double.self), rows, dHidden.columns)
    case .single:
      Float.chosenKernels.gates.gruGradient(
        plane(Float.self), inner.plane(Float.self), before.plane(Float.self),
        dHidden.plane(Float.self), rows, dHidden.columns)
    }
  }

  /// Takes sequences apart by time: this block has the moments of all rows together, first moment
  /// first; a row of `sequences` has its moments one after the other. `reversed` starts at the end.
  package func gatherTime(_ sequences: Block, times: Int, reversed: Bool) {
    let width = columns * precision.bytes
    let count = sequences.rows
    for time in 0..<times {
      let place = reversed ? times - 1 - time : time
      for row in 0..<count {
        (address + (time * count + row) * stride * precision.bytes).copyMemory(
          from: sequences.address + (row * sequences.stride + place * columns) * precision.bytes,
          byteCount: width)
      }
    }
  }

  /// The way back: writes, or adds, the moments into `columns` of the sequences from `first` on,
  /// where every moment of a row has `width` numbers.
  package func scatterTime(
    _ moments: Block, times: Int, reversed: Bool, first: Int = 0, width: Int, adding: Bool = false
  ) {
    for time in 0..<times {
      let place = reversed ? times - 1 - time : time
      let start = place * width + first
      let into = self.columns(in: start..<start + moments.columns)
      let from = moments.rows(in: time * rows..<(time + 1) * rows)
      if adding { into.add(from) } else { into.copy(from: from) }
    }
  }
}
