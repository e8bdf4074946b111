import Matrices

/// Gradients of single examples of a dictionary that codes whole rows, through the minimum: each is
/// the sum of two products, `r uᵀ + q hᵀ` with r = a − D h, u = v − weight · h and q = − D v (and the
/// derivative in D h, where that goes on), so that its norm is known from products of vectors. Rows
/// of many positions, and the other ways back, form the gradient of every example.
extension NMFLayer: LateLayer {
  package var isLate: Bool { way == .implicit && positions == 1 }
  package var lateColumns: Int { keptColumns + (isLate ? 2 * (features + components) : 0) }
  package var normScratch: Int { 0 }

  /// What the gradients of some rows are made of, a row each.
  private struct Factors {
    var r: Block
    var u: Block
    var q: Block
    var h: Block

    func rows(in range: Range<Int>) -> Factors {
      Factors(
        r: r.rows(in: range), u: u.rows(in: range), q: q.rows(in: range), h: h.rows(in: range))
    }
  }

  /// They lie behind the codes.
  private func factors(_ pass: Pass) -> Factors {
    let rows = pass.x.rows
    var stretch = Stretch(pass.kept.reshaped(1, pass.kept.count))
    _ = stretch.take(rows, keptColumns)
    return Factors(
      r: stretch.take(rows, features), u: stretch.take(rows, components),
      q: stretch.take(rows, features), h: stretch.take(rows, components))
  }

  package func lateBackward(_ pass: Pass, dy: Block, dx: Block?) -> Double {
    let all = factors(pass)
    var loss = 0.0
    groups(pass) { group, _ in
      let own = dy.rows(in: group.range)
      let factors = all.rows(in: group.range)
      loss += findSlopes(group, own, pass)
      group.slopes.solveActive(
        codes: group.h, prepared: pass.prepared, scratch: group.scratch)
      Block.product(
        group.slopes, pass.parameters, transposing: .right, scale: -1, into: factors.q)
      if isReconstruction { factors.q.add(own) }
      goBack(group.slopes, group, pass, dx)
      factors.r.copy(from: group.rest)
      factors.h.copy(from: group.h)
      factors.u.copy(from: group.slopes)
      factors.u.add(group.h, times: -share(pass))
    }
    return loss
  }

  package func addExampleNorms(_ pass: Pass, to norms: UnsafeMutablePointer<Double>) {
    let all = factors(pass)
    for row in 0..<pass.x.rows {
      let one = all.rows(in: row..<row + 1)
      let ends = one.r.sumOfSquares * one.u.sumOfSquares + one.q.sumOfSquares * one.h.sumOfSquares
      norms[row] += ends + 2 * one.r.dot(one.q, plus: 0) * one.u.dot(one.h, plus: 0)
    }
  }

  package func lateGradient(
    _ pass: Pass, scaledBy factors: UnsafePointer<Double>, into gradient: Block
  ) {
    let all = self.factors(pass)
    // Nothing of an example that counts as 0 may come back, whatever it was.
    for row in 0..<pass.x.rows where factors[row] == 0 {
      let one = all.rows(in: row..<row + 1)
      one.u.fill(0)
      one.h.fill(0)
    }
    all.r.scaleRows(by: factors)
    all.q.scaleRows(by: factors)
    Block.product(all.r, all.u, transposing: .left, into: gradient)
    Block.product(all.q, all.h, transposing: .left, adding: true, into: gradient)
  }
}
