extension Block {
  /// One moment of a long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of
  /// Gers et al. 2000). This block holds the sums of the gates `i, f, g, o` side by side and
  /// receives the gates: `c = σ(f) ∘ c₋ + σ(i) ∘ tanh(g)`, `h = σ(o) ∘ tanh(c)`.
  package func lstm(before: Block, cell: Block, squashed: Block, hidden: Block) {
    switch precision {
    case .double: lstm(before, cell, squashed, hidden, Double.self)
    case .single: lstm(before, cell, squashed, hidden, Float.self)
    }
  }

  private func lstm<S: Scalar>(
    _ before: Block, _ cell: Block, _ squashed: Block, _ hidden: Block, _: S.Type
  ) {
    let units = cell.columns
    for row in 0..<rows {
      let z = self.row(row, S.self)
      let (b, c) = (UnsafePointer(before.row(row, S.self)), cell.row(row, S.self))
      let (s, h) = (squashed.row(row, S.self), hidden.row(row, S.self))
      var i = 0
      while i < units {
        let lanes = min(S.Vector.scalarCount, units - i)
        let take = S.sigmoid(loadPart(UnsafePointer(z), i, lanes))
        let keep = S.sigmoid(loadPart(UnsafePointer(z), units + i, lanes))
        let new = S.tanh(loadPart(UnsafePointer(z), 2 * units + i, lanes))
        let show = S.sigmoid(loadPart(UnsafePointer(z), 3 * units + i, lanes))
        let state = (keep * loadPart(b, i, lanes)).addingProduct(take, new)
        let small = S.tanh(state)
        storePart(take, z, i, lanes)
        storePart(keep, z, units + i, lanes)
        storePart(new, z, 2 * units + i, lanes)
        storePart(show, z, 3 * units + i, lanes)
        storePart(state, c, i, lanes)
        storePart(small, s, i, lanes)
        storePart(show * small, h, i, lanes)
        i += lanes
      }
    }
  }

  /// The way back through one moment: turns the gates into the derivatives of their sums.
  /// `dCell` goes from the derivative of `c` by later moments to that of `c₋`.
  package func lstmGradient(before: Block, squashed: Block, dHidden: Block, dCell: Block) {
    switch precision {
    case .double: lstmGradient(before, squashed, dHidden, dCell, Double.self)
    case .single: lstmGradient(before, squashed, dHidden, dCell, Float.self)
    }
  }

  private func lstmGradient<S: Scalar>(
    _ before: Block, _ squashed: Block, _ dHidden: Block, _ dCell: Block, _: S.Type
  ) {
    let units = squashed.columns
    for row in 0..<rows {
      let z = self.row(row, S.self)
      let (b, s) = (
        UnsafePointer(before.row(row, S.self)), UnsafePointer(squashed.row(row, S.self))
      )
      let (dh, dc) = (UnsafePointer(dHidden.row(row, S.self)), dCell.row(row, S.self))
      var i = 0
      while i < units {
        let lanes = min(S.Vector.scalarCount, units - i)
        let take = loadPart(UnsafePointer(z), i, lanes)
        let keep = loadPart(UnsafePointer(z), units + i, lanes)
        let new = loadPart(UnsafePointer(z), 2 * units + i, lanes)
        let show = loadPart(UnsafePointer(z), 3 * units + i, lanes)
        let small = loadPart(s, i, lanes)
        let slope = loadPart(dh, i, lanes)
        let state = loadPart(UnsafePointer(dc), i, lanes)
          .addingProduct(slope * show, 1 - small * small)
        storePart(state * new * (take * (1 - take)), z, i, lanes)
        storePart(state * loadPart(b, i, lanes) * (keep * (1 - keep)), z, units + i, lanes)
        storePart(state * take * (1 - new * new), z, 2 * units + i, lanes)
        storePart(slope * small * (show * (1 - show)), z, 3 * units + i, lanes)
        storePart(state * keep, dc, i, lanes)
        i += lanes
      }
    }
  }

  /// One moment of a gated recurrent unit (Cho et al. 2014, with the reset gate after the product).
  /// This block holds what the input adds to the sums of `r, z, n` and receives the gates; `sums`
  /// holds what the hidden state adds: `n = tanh(n + σ(r) ∘ q)`, `h = n + σ(z) ∘ (h₋ − n)`, with q
  /// the third part of `sums`, which is kept.
  package func gru(sums: Block, inner: Block, before: Block, hidden: Block) {
    switch precision {
    case .double: gru(sums, inner, before, hidden, Double.self)
    case .single: gru(sums, inner, before, hidden, Float.self)
    }
  }

  private func gru<S: Scalar>(
    _ sums: Block, _ inner: Block, _ before: Block, _ hidden: Block, _: S.Type
  ) {
    let units = hidden.columns
    for row in 0..<rows {
      let z = self.row(row, S.self)
      let (p, q) = (UnsafePointer(sums.row(row, S.self)), inner.row(row, S.self))
      let (b, h) = (UnsafePointer(before.row(row, S.self)), hidden.row(row, S.self))
      var i = 0
      while i < units {
        let lanes = min(S.Vector.scalarCount, units - i)
        let reset = S.sigmoid(loadPart(UnsafePointer(z), i, lanes) + loadPart(p, i, lanes))
        let keep = S.sigmoid(
          loadPart(UnsafePointer(z), units + i, lanes) + loadPart(p, units + i, lanes))
        let own = loadPart(p, 2 * units + i, lanes)
        let new = S.tanh(
          loadPart(UnsafePointer(z), 2 * units + i, lanes).addingProduct(reset, own))
        storePart(reset, z, i, lanes)
        storePart(keep, z, units + i, lanes)
        storePart(new, z, 2 * units + i, lanes)
        storePart(own, q, i, lanes)
        storePart(new.addingProduct(keep, loadPart(b, i, lanes) - new), h, i, lanes)
        i += lanes
      }
    }
  }

  /// The way back through one moment: turns the gates into the derivatives of what the input adds,
  /// `inner` into that of q, and `dHidden` into the part that goes to `h₋` directly.
  package func gruGradient(inner: Block, before: Block, dHidden: Block) {
    switch precision {
    case .double: gruGradient(inner, before, dHidden, Double.self)
    case .single: gruGradient(inner, before, dHidden, Float.self)
    }
  }

  private func gruGradient<S: Scalar>(
    _ inner: Block, _ before: Block, _ dHidden: Block, _: S.Type
  ) {
    let units = dHidden.columns
    for row in 0..<rows {
      let z = self.row(row, S.self)
      let (q, dh) = (inner.row(row, S.self), dHidden.row(row, S.self))
      let b = UnsafePointer(before.row(row, S.self))
      var i = 0
      while i < units {
        let lanes = min(S.Vector.scalarCount, units - i)
        let reset = loadPart(UnsafePointer(z), i, lanes)
        let keep = loadPart(UnsafePointer(z), units + i, lanes)
        let new = loadPart(UnsafePointer(z), 2 * units + i, lanes)
        let slope = loadPart(UnsafePointer(dh), i, lanes)
        let dNew = slope * (1 - keep) * (1 - new * new)
        let dReset = dNew * loadPart(UnsafePointer(q), i, lanes) * (reset * (1 - reset))
        storePart(dReset, z, i, lanes)
        storePart(
          slope * (loadPart(b, i, lanes) - new) * (keep * (1 - keep)), z, units + i, lanes)
        storePart(dNew, z, 2 * units + i, lanes)
        storePart(dNew * reset, q, i, lanes)
        storePart(slope * keep, dh, i, lanes)
        i += lanes
      }
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
