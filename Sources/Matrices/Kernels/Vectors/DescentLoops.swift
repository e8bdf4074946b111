import KernelTables

/// Coordinate descent over tiles of rows, which lie as k lines of a few vectors while they are in the
/// first-level cache.
extension Kernels {
  static func descend<S: VectorScalar>(
    _ descent: Descent<S>, _ rows: UnsafeMutablePointer<S>, _ targets: UnsafePointer<S>,
    _ stride: Int, _ count: Int, _ room: UnsafeMutablePointer<S>,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    let (k, width) = (descent.parts, S.Vector.scalarCount)
    let tile = Descent<S>.tileVectors * width
    let (f, b) = (room, room + k * tile)
    let line = b + k * tile
    let other = line + tile
    let moved = room + Descent<S>.tiles(parts: k) * (2 * k + 1) * tile
    let (changes, squares) = (moved + width, moved + (k + 1) * width)
    changes.update(repeating: 0, count: 2 * k * width)
    var first = 0
    while first < count {
      let here = min(tile, count - first)
      enter(descent, rows + first * k, targets + first * stride, stride, here, f, b)
      #if WIDE
        if Descent<S>.tiles(parts: k) == 2 && first + tile < count {
          let next = first + tile
          let there = min(tile, count - next)
          let (g, c) = (other, other + k * tile)
          enter(descent, rows + next * k, targets + next * stride, stride, there, g, c)
          descendPair(
            descent, (f, g), (UnsafePointer(b), UnsafePointer(c)), (line, c + k * tile), moved,
            changes)
          leave(descent, f, here, rows + first * k, squares)
          leave(descent, g, there, rows + next * k, squares)
          first = next + tile
          continue
        }
      #endif
      descendTile(descent, f, UnsafePointer(b), line, moved, changes)
      leave(descent, f, here, rows + first * k, squares)
      first += tile
    }
    for r in 0..<k {
      sums[r] += sum(changes + r * width, width)
      sums[k + r] += sum(squares + r * width, width)
    }
  }

  /// Rows and their targets become lines.
  @inline(__always)
  private static func enter<S: VectorScalar>(
    _ descent: Descent<S>, _ rows: UnsafeMutablePointer<S>, _ targets: UnsafePointer<S>,
    _ stride: Int, _ here: Int, _ f: UnsafeMutablePointer<S>, _ b: UnsafeMutablePointer<S>
  ) {
    let k = descent.parts
    let tile = Descent<S>.tileVectors * S.Vector.scalarCount
    transpose(UnsafePointer(rows), here, k, stride: k, into: f, stride: tile)
    transpose(targets, here, k, stride: stride, into: b, stride: tile)
    if descent.l1 != 0 { for i in 0..<k * tile { b[i] -= descent.l1 } }
    if here < tile {
      // Lanes without a row start where they stay.
      let idle = descent.lowest > 0 ? descent.lowest : 0
      for r in 0..<k {
        (f + r * tile + here).update(repeating: idle, count: tile - here)
        (b + r * tile + here).update(repeating: 0, count: tile - here)
      }
    }
  }

  /// Lines become rows, whose squares are added up.
  @inline(__always)
  private static func leave<S: VectorScalar>(
    _ descent: Descent<S>, _ f: UnsafeMutablePointer<S>, _ here: Int,
    _ rows: UnsafeMutablePointer<S>, _ squares: UnsafeMutablePointer<S>
  ) {
    let (k, width) = (descent.parts, S.Vector.scalarCount)
    let tile = Descent<S>.tileVectors * width
    for r in 0..<k {
      var square = load(UnsafePointer(squares), r * width)
      var i = 0
      while i < here {
        let part = loadPart(UnsafePointer(f), r &* tile &+ i, min(width, here &- i))
        square.addProduct(part, part)
        i &+= width
      }
      store(square, squares, r * width)
    }
    transpose(UnsafePointer(f), k, here, stride: tile, into: rows, stride: k)
  }

  /// All sweeps of one tile, or those from a given one on; adds how far every component went in the
  /// first one to `changes`.
  @inline(__always)
  private static func descendTile<S: VectorScalar>(
    _ descent: Descent<S>, _ f: UnsafeMutablePointer<S>, _ b: UnsafePointer<S>,
    _ line: UnsafeMutablePointer<S>, _ moved: UnsafeMutablePointer<S>,
    _ changes: UnsafeMutablePointer<S>, from start: Int = 0, first distanceOfFirst: Double = 0
  ) {
    let (k, width) = (descent.parts, S.Vector.scalarCount)
    let tile = Descent<S>.tileVectors * width
    var first = distanceOfFirst
    for sweep in start..<max(descent.sweeps, 1) {
      var all = S.Vector()
      for r in 0..<k {
        if descent.inverses[r] == 0 { continue }
        let place = r * tile
        couple(UnsafePointer(f), b + place, descent.couplings + r * k, k, line)
        let change = move(descent, r, f + place, UnsafePointer(line))
        all += change
        if sweep == 0 {
          store(load(UnsafePointer(changes), r * width) + change, changes, r * width)
        }
      }
      store(all, moved, 0)
      let distance = sum(moved, width)
      if sweep == 0 { first = distance }
      if distance <= descent.decay * descent.decay * first { return }
    }
  }

  /// Moves one component of a tile to where its line says; returns the squares of the changes.
  @inline(__always)
  private static func move<S: VectorScalar>(
    _ descent: Descent<S>, _ r: Int, _ f: UnsafeMutablePointer<S>, _ line: UnsafePointer<S>
  ) -> S.Vector {
    let width = S.Vector.scalarCount
    let inverse = S.Vector(repeating: descent.inverses[r])
    let floor = S.Vector(repeating: descent.lowest)
    let ceiling = S.Vector(repeating: descent.highest)
    var change = S.Vector()
    for vector in 0..<4 {
      let i = vector &* width
      let new = S.smaller(S.larger(load(line, i) * inverse, floor), ceiling)
      let distance = new - load(UnsafePointer(f), i)
      store(new, f, i)
      change.addProduct(distance, distance)
    }
    return change
  }

  #if WIDE
    /// The same for two tiles at a time, with the same numbers: while a component of one waits for its
    /// sum, that of the other is made.
    @inline(__always)
    private static func descendPair<S: VectorScalar>(
      _ descent: Descent<S>, _ f: (UnsafeMutablePointer<S>, UnsafeMutablePointer<S>),
      _ b: (UnsafePointer<S>, UnsafePointer<S>),
      _ line: (UnsafeMutablePointer<S>, UnsafeMutablePointer<S>),
      _ moved: UnsafeMutablePointer<S>, _ changes: UnsafeMutablePointer<S>
    ) {
      let (k, width) = (descent.parts, S.Vector.scalarCount)
      let tile = 4 * width
      let decay = descent.decay * descent.decay
      var first = (0.0, 0.0)
      for sweep in 0..<max(descent.sweeps, 1) {
        var (all, others) = (S.Vector(), S.Vector())
        for r in 0..<k {
          if descent.inverses[r] == 0 { continue }
          let place = r &* tile
          couple(f, (b.0 + place, b.1 + place), descent.couplings + r &* k, k, line)
          let change = move(descent, r, f.0 + place, UnsafePointer(line.0))
          let other = move(descent, r, f.1 + place, UnsafePointer(line.1))
          all += change
          others += other
          if sweep == 0 {
            store(load(UnsafePointer(changes), r &* width) + change + other, changes, r &* width)
          }
        }
        store(all, moved, 0)
        let distance = sum(moved, width)
        store(others, moved, 0)
        let otherDistance = sum(moved, width)
        if sweep == 0 { first = (distance, otherDistance) }
        let (ends, otherEnds) = (distance <= decay * first.0, otherDistance <= decay * first.1)
        if ends && otherEnds { return }
        if ends || otherEnds {
          // The one that still moves goes on alone.
          return descendTile(
            descent, ends ? f.1 : f.0, ends ? b.1 : b.0, line.0, moved, changes, from: sweep + 1,
            first: ends ? first.1 : first.0)
        }
      }
    }

    @inline(never)
    private static func couple<S: VectorScalar>(
      _ f: (UnsafeMutablePointer<S>, UnsafeMutablePointer<S>),
      _ b: (UnsafePointer<S>, UnsafePointer<S>), _ couplings: UnsafePointer<S>, _ k: Int,
      _ line: (UnsafeMutablePointer<S>, UnsafeMutablePointer<S>)
    ) {
      let width = S.Vector.scalarCount
      var (a0, a1) = (load(b.0, 0), load(b.0, width))
      var (a2, a3) = (load(b.0, 2 * width), load(b.0, 3 * width))
      var (b0, b1) = (load(b.1, 0), load(b.1, width))
      var (b2, b3) = (load(b.1, 2 * width), load(b.1, 3 * width))
      var (x, y) = (UnsafePointer(f.0), UnsafePointer(f.1))
      for s in 0..<k {
        let coupling = S.Vector(repeating: couplings[s])
        a0.addProduct(coupling, load(x, 0))
        a1.addProduct(coupling, load(x, width))
        a2.addProduct(coupling, load(x, 2 * width))
        a3.addProduct(coupling, load(x, 3 * width))
        b0.addProduct(coupling, load(y, 0))
        b1.addProduct(coupling, load(y, width))
        b2.addProduct(coupling, load(y, 2 * width))
        b3.addProduct(coupling, load(y, 3 * width))
        x += 4 * width
        y += 4 * width
      }
      store(a0, line.0, 0)
      store(a1, line.0, width)
      store(a2, line.0, 2 * width)
      store(a3, line.0, 3 * width)
      store(b0, line.1, 0)
      store(b1, line.1, width)
      store(b2, line.1, 2 * width)
      store(b3, line.1, 3 * width)
    }
  #endif

  /// `line ← b + Σ_s c_s f_s` for the k lines of a tile. On its own, because inlined into the sweep
  /// the compiler tears the vectors apart.
  @inline(never)
  private static func couple<S: VectorScalar>(
    _ f: UnsafePointer<S>, _ b: UnsafePointer<S>, _ couplings: UnsafePointer<S>, _ k: Int,
    _ line: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var (a0, a1) = (load(b, 0), load(b, width))
    var (a2, a3) = (load(b, 2 * width), load(b, 3 * width))
    var other = f
    for s in 0..<k {
      let coupling = S.Vector(repeating: couplings[s])
      a0.addProduct(coupling, load(other, 0))
      a1.addProduct(coupling, load(other, width))
      a2.addProduct(coupling, load(other, 2 * width))
      a3.addProduct(coupling, load(other, 3 * width))
      other += 4 * width
    }
    store(a0, line, 0)
    store(a1, line, width)
    store(a2, line, 2 * width)
    store(a3, line, 3 * width)
  }

  @inline(never)
  private static func sum<S: VectorScalar>(_ line: UnsafeMutablePointer<S>, _ count: Int) -> Double
  {
    var sum = 0.0
    for i in 0..<count { sum += Double(line[i]) }
    return sum
  }
}
