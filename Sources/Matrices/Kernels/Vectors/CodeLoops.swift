import KernelTables

/// Non-negative codes of many rows at once: a lane a row, so that every number of the Gram matrix
/// serves all of them.
extension Kernels {
  /// `sweeps` rounds of `h_r ← max(0, (b_r − penalty − Σ_{s≠r} h_s G_rs) / G_rr)` from 0 on; the last
  /// `rounds` of them are written to `trace`, one below the other.
  static func encode<S: VectorScalar>(
    _ coding: Coding<S>, targets: Plane<S>, penalty: S, sweeps: Int, trace: Plane<S>, rounds: Int
  ) {
    var first = 0
    #if WIDE
      let pair = 2 * S.Vector.scalarCount
      while coding.rows - first > S.Vector.scalarCount {
        let group = CodeGroup<TwoVectors<S>>(coding, first, min(pair, coding.rows - first))
        group.encode(targets, penalty, sweeps, trace, rounds)
        first += pair
      }
    #endif
    while first < coding.rows {
      let count = min(S.Vector.scalarCount, coding.rows - first)
      let group = CodeGroup<OneVector<S>>(coding, first, count)
      group.encode(targets, penalty, sweeps, trace, rounds)
      first += count
    }
  }
}

/// What codes ask of the numbers of a group of rows.
protocol CodeRow: TileRow {
  /// `max(0, (target − sum) · inverse)`.
  static func code(_ target: Self, _ sum: Self, _ inverse: S) -> Self
  func write(to start: UnsafeMutablePointer<S>)
}

extension OneVector: CodeRow {
  @inline(__always)
  static func code(_ target: Self, _ sum: Self, _ inverse: S) -> Self {
    var code = Self()
    code.a = S.larger(S.Vector(), (target.a - sum.a) * S.Vector(repeating: inverse))
    return code
  }

  @inline(__always)
  func write(to start: UnsafeMutablePointer<S>) { store(a, start, 0) }
}

extension TwoVectors: CodeRow {
  @inline(__always)
  static func code(_ target: Self, _ sum: Self, _ inverse: S) -> Self {
    let factor = S.Vector(repeating: inverse)
    var code = Self()
    code.a = S.larger(S.Vector(), (target.a - sum.a) * factor)
    code.b = S.larger(S.Vector(), (target.b - sum.b) * factor)
    return code
  }

  @inline(__always)
  func write(to start: UnsafeMutablePointer<S>) {
    store(a, start, 0)
    store(b, start, S.Vector.scalarCount)
  }
}

/// Rows `first ..< first + count` of a coding, as many as a `CodeRow` has lanes at most.
private struct CodeGroup<R: CodeRow> {
  let coding: Coding<R.S>
  let first: Int
  let count: Int

  init(_ coding: Coding<R.S>, _ first: Int, _ count: Int) {
    (self.coding, self.first, self.count) = (coding, first, count)
  }

  @inline(__always)
  func encode(
    _ targets: Plane<R.S>, _ penalty: R.S, _ sweeps: Int, _ trace: Plane<R.S>, _ rounds: Int
  ) {
    let lanes = R.vectors * R.S.Vector.scalarCount
    let (k, width) = (coding.components, coding.width)
    let codes = coding.room
    let wanted = codes + width * lanes
    codes.update(repeating: 0, count: width * lanes)
    if count < lanes || k < width { wanted.update(repeating: 0, count: width * lanes) }
    Kernels.transpose(
      UnsafePointer(targets.row(first)), count, k, stride: targets.stride, into: wanted,
      stride: lanes)
    if penalty != 0 {
      let all = R.S.Vector(repeating: penalty)
      Kernels.transform(wanted, k * lanes) { $0 - all }
    }
    for sweep in 0..<sweeps {
      var r = 0
      while r < width {
        four(r, width, lanes, UnsafePointer(wanted), codes)
        r += 4
      }
      let round = sweep - (sweeps - rounds)
      if round >= 0 {
        Kernels.transpose(
          UnsafePointer(codes), k, count, stride: lanes,
          into: trace.row(round * coding.rows + first), stride: trace.stride)
      }
    }
  }

  /// A step for four components: what all others explain first, then one after the other.
  @inline(__always)
  private func four(
    _ r: Int, _ width: Int, _ lanes: Int, _ wanted: UnsafePointer<R.S>,
    _ codes: UnsafeMutablePointer<R.S>
  ) {
    let g0 = coding.prepared + r * width
    let (g1, g2, g3) = (g0 + width, g0 + 2 * width, g0 + 3 * width)
    let inverse = coding.prepared + width * width + r
    var (s0, s1, s2, s3) = (R(), R(), R(), R())
    @inline(__always)
    func gather(_ range: Range<Int>) {
      for s in range {
        let h = R(UnsafePointer(codes) + s * lanes)
        s0.add(g0[s], h)
        s1.add(g1[s], h)
        s2.add(g2[s], h)
        s3.add(g3[s], h)
      }
    }
    gather(0..<r)
    gather(r + 4..<width)
    let own = codes + r * lanes
    let target = wanted + r * lanes
    let h1 = R(UnsafePointer(own) + lanes)
    let h2 = R(UnsafePointer(own) + 2 * lanes)
    let h3 = R(UnsafePointer(own) + 3 * lanes)
    s0.add(g0[r + 1], h1)
    s0.add(g0[r + 2], h2)
    s0.add(g0[r + 3], h3)
    let n0 = R.code(R(target), s0, inverse[0])
    s1.add(g1[r + 2], h2)
    s1.add(g1[r + 3], h3)
    s1.add(g1[r], n0)
    let n1 = R.code(R(target + lanes), s1, inverse[1])
    s2.add(g2[r + 3], h3)
    s2.add(g2[r], n0)
    s2.add(g2[r + 1], n1)
    let n2 = R.code(R(target + 2 * lanes), s2, inverse[2])
    s3.add(g3[r], n0)
    s3.add(g3[r + 1], n1)
    s3.add(g3[r + 2], n2)
    let n3 = R.code(R(target + 3 * lanes), s3, inverse[3])
    n0.write(to: own)
    n1.write(to: own + lanes)
    n2.write(to: own + 2 * lanes)
    n3.write(to: own + 3 * lanes)
  }
}
