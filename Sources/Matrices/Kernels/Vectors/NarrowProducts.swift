import CProcessor
import KernelTables

/// Products `Aᵀ·B` whose result is tall and has few columns: the gradient of the weights of a layer
/// with few outputs. In vectors along its rows most lanes would be empty. So its columns are the rows
/// of the tile, and vectors lie along the rows of A, many at a time; the tile is written transposed.
///
/// The sums are those of `Products.swift`, in the same order: the bits are the same.
#if WIDE
  extension Kernels {
    /// Lanes of a tile: two vectors.
    private static func lanes<S: VectorScalar>(_: S.Type) -> Int { 2 * S.Vector.scalarCount }

    @inline(__always)
    static func isNarrow<S: VectorScalar>(_ product: Product<S>) -> Bool {
      product.aRow == 1 && product.columns <= 12 && product.rows >= 4 * lanes(S.self)
        && !product.adds && product.bias == nil && !product.clamps
    }

    @inline(__always)
    static func narrow<S: VectorScalar>(_ product: Product<S>, _: S.Type) {
      let width = lanes(S.self)
      let parts = max(1, (product.inner + Product<S>.depth - 1) / Product<S>.depth)
      let depth = (product.inner + parts - 1) / parts
      let tile = product.room.assumingMemoryBound(to: S.self)
      var row = 0
      while row < product.rows {
        // The last tile reaches back into the one before.
        row = min(row, product.rows - width)
        for part in 0..<parts {
          let start = part * depth
          let ending = TileEnding<S>(
            isPlain: product.scale == 1 && part == 0, scale: S(product.scale), adds: part > 0,
            bias: nil, clamps: false)
          let stretch = NarrowStretch(
            depth: min(product.inner, start + depth) - start,
            a: product.a + start * product.aInner + row, aInner: product.aInner,
            b: product.b + start * product.bInner, bInner: product.bInner,
            bColumn: product.bColumn, columns: product.columns, into: tile, ending: ending)
          switch product.columns {
          case ...4: stretch.four()
          case ...8: stretch.eight()
          default: stretch.twelve()
          }
        }
        transpose(
          tile, product.columns, width, stride: width, into: product.c + row * product.cRow,
          stride: product.cRow)
        row += width
      }
    }
  }

  /// A stretch of the inner dimension for two vectors of rows and all columns.
  private struct NarrowStretch<S: VectorScalar> {
    var depth: Int
    var a: UnsafePointer<S>
    var aInner: Int
    var b: UnsafePointer<S>
    var bInner: Int
    var bColumn: Int
    var columns: Int
    /// The columns, one after the other.
    var into: UnsafeMutablePointer<S>
    var ending: TileEnding<S>

    @inline(__always)
    private func offset(_ column: Int) -> Int { min(column, columns - 1) * bColumn }

    private typealias Four = (TwoVectors<S>, TwoVectors<S>, TwoVectors<S>, TwoVectors<S>)

    /// Writes the columns from `first` on that are there.
    @inline(__always)
    private func put(_ sums: Four, _ first: Int) {
      let width = S.Vector.scalarCount
      let target = into + first * 2 * width
      sums.0.put(target, 0, width, ending)
      if first + 1 < columns { sums.1.put(target, 2 * width, width, ending) }
      if first + 2 < columns { sums.2.put(target, 4 * width, width, ending) }
      if first + 3 < columns { sums.3.put(target, 6 * width, width, ending) }
    }

    @inline(__always)
    private func pass(_ add: (UnsafePointer<S>, TwoVectors<S>) -> Void) {
      // Rows of A may be far apart: what the next tiles read is asked for now.
      let ahead = 4 * S.Vector.scalarCount
      var (p, q) = (a, b)
      for _ in 0..<depth {
        mfs_fetch(p + ahead)
        mfs_fetch(p + ahead + S.Vector.scalarCount)
        add(q, TwoVectors(p))
        p += aInner
        q += bInner
      }
    }

    @inline(__always)
    func four() {
      var (s0, s1, s2, s3) = (TwoVectors<S>(), TwoVectors<S>(), TwoVectors<S>(), TwoVectors<S>())
      let (o1, o2, o3) = (offset(1), offset(2), offset(3))
      pass { q, x in
        s0.add(q[0], x)
        s1.add(q[o1], x)
        s2.add(q[o2], x)
        s3.add(q[o3], x)
      }
      put((s0, s1, s2, s3), 0)
    }

    @inline(__always)
    func eight() {
      var (s0, s1, s2, s3) = (TwoVectors<S>(), TwoVectors<S>(), TwoVectors<S>(), TwoVectors<S>())
      var (s4, s5, s6, s7) = (s0, s0, s0, s0)
      let (o1, o2, o3, o4) = (offset(1), offset(2), offset(3), offset(4))
      let (o5, o6, o7) = (offset(5), offset(6), offset(7))
      pass { q, x in
        s0.add(q[0], x)
        s1.add(q[o1], x)
        s2.add(q[o2], x)
        s3.add(q[o3], x)
        s4.add(q[o4], x)
        s5.add(q[o5], x)
        s6.add(q[o6], x)
        s7.add(q[o7], x)
      }
      put((s0, s1, s2, s3), 0)
      put((s4, s5, s6, s7), 4)
    }

    @inline(__always)
    func twelve() {
      var (s0, s1, s2, s3) = (TwoVectors<S>(), TwoVectors<S>(), TwoVectors<S>(), TwoVectors<S>())
      var (s4, s5, s6, s7) = (s0, s0, s0, s0)
      var (s8, s9, s10, s11) = (s0, s0, s0, s0)
      // Counted from the first, the columns of most products lie together.
      let (o1, o2, o3, o4) = (bColumn, 2 * bColumn, 3 * bColumn, 4 * bColumn)
      let (o5, o6, o7, o8) = (5 * bColumn, 6 * bColumn, 7 * bColumn, 8 * bColumn)
      let (o9, o10, o11) = (offset(9), offset(10), offset(11))
      let isWide = columns > 10
      pass { q, x in
        s0.add(q[0], x)
        s1.add(q[o1], x)
        s2.add(q[o2], x)
        s3.add(q[o3], x)
        s4.add(q[o4], x)
        s5.add(q[o5], x)
        s6.add(q[o6], x)
        s7.add(q[o7], x)
        s8.add(q[o8], x)
        s9.add(q[o9], x)
        if isWide {
          s10.add(q[o10], x)
          s11.add(q[o11], x)
        }
      }
      put((s0, s1, s2, s3), 0)
      put((s4, s5, s6, s7), 4)
      put((s8, s9, s10, s11), 8)
    }
  }
#endif
