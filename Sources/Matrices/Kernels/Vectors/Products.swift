import CProcessor
import KernelTables

/// Products by tiles that stay in registers: with 32 registers of 512 bits eight rows of three
/// vectors, with 16 of 256 bits four rows of one vector (two registers).
///
/// Every element of C sums its products in the order of the inner dimension, in stretches of
/// `Product.depth` at most, whatever the tile: the bits depend on the inner length alone.
extension Kernels {
  static func multiply<S: VectorScalar>(_ product: Product<S>, _: S.Type) {
    // Far apart, the rows of Aᵀ fall on few places of the caches: they are brought together first,
    // where enough columns use them.
    let block = Product<S>.block
    #if WIDE
      if isNarrow(product) { return narrow(product, S.self) }
    #endif
    if product.aRow == 1 && isFar(product.aInner, S.self) && product.columns > 2 * block / 3 {
      var part = product
      var row = 0
      while row < product.rows {
        part.rows = min(block, product.rows - row)
        part.a = product.a + row
        part.c = product.c + row * product.cRow
        panels(part, bringingTogether: true, S.self)
        row += block
      }
    } else {
      panels(product, bringingTogether: false, S.self)
    }
  }

  /// Whether rows so many numbers apart should not be walked down often.
  @inline(__always)
  private static func isFar<S>(_ stride: Int, _: S.Type) -> Bool {
    stride * MemoryLayout<S>.stride >= 1024
  }

  /// Whether lines so many numbers apart share few places of the first-level cache.
  @inline(__always)
  private static func isCrowded<S>(_ stride: Int, _: S.Type) -> Bool {
    stride * MemoryLayout<S>.stride & 2047 == 0
  }

  /// Whether B is read where it lies, since packing it would not pay for so few rows.
  @inline(__always)
  private static func isReadInPlace<S>(_ product: Product<S>) -> Bool {
    guard product.bColumn == 1 else { return false }
    if !isFar(product.bInner, S.self) { return true }
    return product.rows < (isCrowded(product.bInner, S.self) ? 24 : 64)
  }

  /// All panels of B, one after the other.
  @inline(__always)
  private static func panels<S: VectorScalar>(
    _ product: Product<S>, bringingTogether: Bool, _: S.Type
  ) {
    let width = S.Vector.scalarCount
    let room = product.room.assumingMemoryBound(to: S.self)
    let parts = max(1, (product.inner + Product<S>.depth - 1) / Product<S>.depth)
    let depth = (product.inner + parts - 1) / parts
    for part in 0..<parts {
      let start = part * depth
      let end = min(product.inner, start + depth)
      let isLast = part == parts - 1
      var (a, aInner) = (product.a + start * product.aInner, product.aInner)
      if bringingTogether {
        let together = room + Product<S>.panelBytes / MemoryLayout<S>.stride
        for i in 0..<end - start {
          (together + i * product.rows).update(from: a + i * aInner, count: product.rows)
        }
        (a, aInner) = (UnsafePointer(together), product.rows)
      }
      var column = 0
      while column < product.columns {
        let left = product.columns - column
        #if WIDE
          // Four are two and two: a single vector of eight rows waits for what it reads.
          let needed = (left + width - 1) / width
          let vectors = needed == 4 ? 2 : min(3, needed)
        #else
          let vectors = 1
        #endif
        let lanes = min(left, vectors * width)
        let bias = isLast ? product.bias : nil
        var stripe = Stripe(
          depth: 0, packed: 0, room: UnsafePointer(room), rows: product.rows,
          a: a, aRow: product.aRow, aInner: aInner,
          b: product.b + start * product.bInner + column * product.bColumn,
          bInner: product.bInner, c: product.c + column, cRow: product.cRow,
          lanes: lanes - (vectors - 1) * width,
          ending: TileEnding(
            isPlain: false, scale: S(product.scale), adds: product.adds || part > 0,
            bias: bias.map { $0 + column }, clamps: product.clamps && isLast))
        stripe.ending.isPlain =
          product.scale == 1 && !stripe.ending.adds && bias == nil && !stripe.ending.clamps
        // What is not read in place is packed: all, or only the last rows, where a whole vector
        // would reach beyond the end of B.
        let whole = vectors * width
        var inPlace = 0
        if isReadInPlace(product) {
          let beyond = column + whole - product.columns
          let unsafe = beyond > 0 ? (beyond + product.bInner - 1) / product.bInner : 0
          inPlace = max(0, min(end, product.inner - unsafe) - start)
        }
        let packed = end - start - inPlace
        if packed > 0 {
          let from = stripe.b + inPlace * product.bInner
          pack(from, packed, product.bInner, product.bColumn, lanes, whole, room)
        }
        (stripe.depth, stripe.packed) = (inPlace, packed)
        #if WIDE
          switch vectors {
          case 1: stripe.run(OneVector<S>.self)
          case 2: stripe.run(TwoVectors<S>.self)
          default: stripe.run(ThreeVectors<S>.self)
          }
        #else
          stripe.run(OneVector<S>.self)
        #endif
        column += lanes
      }
    }
  }

  /// Lays a stretch of B out row after row, with zeros up to whole vectors.
  private static func pack<S: VectorScalar>(
    _ b: UnsafePointer<S>, _ depth: Int, _ inner: Int, _ column: Int, _ lanes: Int, _ width: Int,
    _ room: UnsafeMutablePointer<S>
  ) {
    if column == 1 {
      let vector = S.Vector.scalarCount
      #if WIDE
        if lanes == 3 * vector { return packWhole(b, depth, inner, room) }
      #endif
      for row in 0..<depth {
        let (from, into) = (b + row * inner, room + row * width)
        var i = 0
        while i < lanes {
          store(loadPart(from, i, min(vector, lanes - i)), into, i)
          i += vector
        }
      }
      return
    }
    if lanes < width {
      for row in 0..<depth {
        (room + row * width + lanes).update(repeating: 0, count: width - lanes)
      }
    }
    transpose(b, lanes, depth, stride: column, into: room, stride: width)
  }

  #if WIDE
    /// Packs three vectors a row. Rows may be far apart: those that are copied soon are asked for.
    @inline(__always)
    private static func packWhole<S: VectorScalar>(
      _ b: UnsafePointer<S>, _ depth: Int, _ inner: Int, _ room: UnsafeMutablePointer<S>
    ) {
      let vector = S.Vector.scalarCount
      var (from, into) = (b, room)
      for _ in 0..<depth {
        for part in 0..<3 {
          mfs_fetch(from + 8 * inner + part * vector)
          store(load(from, part * vector), into, part * vector)
        }
        from += inner
        into += 3 * vector
      }
    }
  #endif

  /// Writes rows (`inner` numbers without gaps, `stride` apart) as columns.
  @inline(__always)
  static func transpose<S: VectorScalar>(
    _ source: UnsafePointer<S>, _ rows: Int, _ inner: Int, stride: Int,
    into target: UnsafeMutablePointer<S>, stride pitch: Int
  ) {
    var row = 0
    while row + 4 <= rows {
      let (from, into) = (source + row * stride, target + row)
      var i = 0
      while i + 4 <= inner {
        S.transposeFour(from + i, stride, to: into + i * pitch, pitch)
        i += 4
      }
      if i < inner && inner >= 4 {
        S.transposeFour(from + inner - 4, stride, to: into + (inner - 4) * pitch, pitch)
        i = inner
      }
      while i < inner {
        for lane in 0..<4 { into[i * pitch + lane] = from[lane * stride + i] }
        i += 1
      }
      row += 4
    }
    while row < rows {
      let (from, into) = (source + row * stride, target + row)
      for i in 0..<inner { into[i * pitch] = from[i] }
      row += 1
    }
  }
}

/// The columns of C that one panel of B gives: row tiles pass by.
struct Stripe<S: VectorScalar> {
  /// Rows of B that are read in place, and rows that follow and are packed in `room`.
  var depth: Int
  var packed: Int
  var room: UnsafePointer<S>
  var rows: Int
  var a: UnsafePointer<S>
  var aRow: Int
  var aInner: Int
  var b: UnsafePointer<S>
  var bInner: Int
  var c: UnsafeMutablePointer<S>
  var cRow: Int
  /// Lanes of the last vector.
  var lanes: Int
  var ending: TileEnding<S>

  @inline(__always)
  func run<R: TileRow>(_: R.Type) where R.S == S {
    var row = 0
    #if WIDE
      while rows - row > 4 {
        eight(row, min(8, rows - row), R.self)
        row += 8
      }
    #endif
    while rows - row > 2 {
      four(row, min(4, rows - row), R.self)
      row += 4
    }
    if row < rows { two(row, rows - row, R.self) }
  }

  /// Up to eight rows: those beyond the last repeat it and are not written.
  @inline(__always)
  private func eight<R: TileRow>(_ row: Int, _ count: Int, _: R.Type) where R.S == S {
    var (s0, s1, s2, s3) = (R(), R(), R(), R())
    var (s4, s5, s6, s7) = (R(), R(), R(), R())
    var p = a + row * aRow
    let (o1, o2, o3) = (aRow, min(2, count - 1) * aRow, min(3, count - 1) * aRow)
    let (o4, o5) = (min(4, count - 1) * aRow, min(5, count - 1) * aRow)
    let (o6, o7) = (min(6, count - 1) * aRow, min(7, count - 1) * aRow)
    @inline(__always)
    func pass(_ depth: Int, _ start: UnsafePointer<S>, _ step: Int) {
      var q = start
      for _ in 0..<depth {
        let y = R(q)
        s0.add(p[0], y)
        s1.add(p[o1], y)
        s2.add(p[o2], y)
        s3.add(p[o3], y)
        s4.add(p[o4], y)
        s5.add(p[o5], y)
        s6.add(p[o6], y)
        s7.add(p[o7], y)
        p += aInner
        q += step
      }
    }
    pass(depth, b, bInner)
    pass(packed, room, R.vectors * S.Vector.scalarCount)
    let c = c + row * cRow
    s0.put(c, 0, lanes, ending)
    s1.put(c + cRow, 0, lanes, ending)
    s2.put(c + 2 * cRow, 0, lanes, ending)
    s3.put(c + 3 * cRow, 0, lanes, ending)
    s4.put(c + 4 * cRow, 0, lanes, ending)
    if count > 5 { s5.put(c + 5 * cRow, 0, lanes, ending) }
    if count > 6 { s6.put(c + 6 * cRow, 0, lanes, ending) }
    if count > 7 { s7.put(c + 7 * cRow, 0, lanes, ending) }
  }

  /// Three or four rows.
  @inline(__always)
  private func four<R: TileRow>(_ row: Int, _ count: Int, _: R.Type) where R.S == S {
    var (s0, s1, s2, s3) = (R(), R(), R(), R())
    var p = a + row * aRow
    let (o1, o2, o3) = (aRow, 2 * aRow, min(3, count - 1) * aRow)
    @inline(__always)
    func pass(_ depth: Int, _ start: UnsafePointer<S>, _ step: Int) {
      var q = start
      for _ in 0..<depth {
        let y = R(q)
        s0.add(p[0], y)
        s1.add(p[o1], y)
        s2.add(p[o2], y)
        s3.add(p[o3], y)
        p += aInner
        q += step
      }
    }
    pass(depth, b, bInner)
    pass(packed, room, R.vectors * S.Vector.scalarCount)
    let c = c + row * cRow
    s0.put(c, 0, lanes, ending)
    s1.put(c + cRow, 0, lanes, ending)
    s2.put(c + 2 * cRow, 0, lanes, ending)
    if count > 3 { s3.put(c + 3 * cRow, 0, lanes, ending) }
  }

  /// One or two rows.
  @inline(__always)
  private func two<R: TileRow>(_ row: Int, _ count: Int, _: R.Type) where R.S == S {
    var (s0, s1) = (R(), R())
    var p = a + row * aRow
    let o1 = (count - 1) * aRow
    @inline(__always)
    func pass(_ depth: Int, _ start: UnsafePointer<S>, _ step: Int) {
      var q = start
      for _ in 0..<depth {
        let y = R(q)
        s0.add(p[0], y)
        s1.add(p[o1], y)
        p += aInner
        q += step
      }
    }
    pass(depth, b, bInner)
    pass(packed, room, R.vectors * S.Vector.scalarCount)
    let c = c + row * cRow
    s0.put(c, 0, lanes, ending)
    if count > 1 { s1.put(c + cRow, 0, lanes, ending) }
  }
}
