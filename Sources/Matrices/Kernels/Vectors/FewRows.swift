import KernelTables

/// Products `A·Bᵀ` of long rows with few others: a layer with many inputs and few outputs. Vectors lie
/// along the rows of both, so that no lane is empty; four rows of A meet five of B, whose sums stay in
/// registers. Both are read in stretches that stay in the first-level cache, so that each comes from
/// further away once.
///
/// Every lane of a sum takes its products in the order of the inner dimension, and the lanes are added
/// at the end: the bits depend on the inner length alone.
extension Kernels {
  /// Numbers of a row that are taken at once, and rows of A that pass by.
  private static var stretch: Int { 512 }
  private static var band: Int { 64 }

  /// `C ← f(A·Bᵀ + bias)`, for up to `Product.fewRows` rows of B.
  static func multiplyByFewRows<S: VectorScalar>(_ product: Product<S>, _: S.Type) {
    var part = product
    var row = 0
    while row < product.rows {
      part.rows = min(band, product.rows - row)
      part.a = product.a + row * product.aRow
      part.c = product.c + row * product.cRow
      multiplyBand(part, S.self)
      row += band
    }
  }

  @inline(__always)
  private static func multiplyBand<S: VectorScalar>(_ product: Product<S>, _: S.Type) {
    let size = 4 * FiveVectors<S>.count
    let sums = product.room.assumingMemoryBound(to: S.self)
    var start = 0
    repeat {
      let length = min(stretch, product.inner - start)
      var place = sums
      var row = 0
      while row < product.rows {
        let a = Lines(product.a + row * product.aRow + start, product.aRow, product.rows - row)
        var column = 0
        while column < product.columns {
          let b = Lines(
            product.b + column * product.bColumn + start, product.bColumn, product.columns - column)
          addTile(a, b, length, into: place, isFirst: start == 0)
          place += size
          column += 5
        }
        row += 4
      }
      start += stretch
    } while start < product.inner
    finish(product, sums)
  }

  /// Adds the lanes of the sums, and writes them.
  @inline(__always)
  private static func finish<S: VectorScalar>(
    _ product: Product<S>, _ sums: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var place = UnsafePointer(sums)
    var row = 0
    while row < product.rows {
      var column = 0
      while column < product.columns {
        for lane in 0..<min(5, product.columns - column) {
          let from = place + lane * width
          let four = S.sums(
            load(from, 0), load(from, FiveVectors<S>.count), load(from, 2 * FiveVectors<S>.count),
            load(from, 3 * FiveVectors<S>.count))
          let shift = product.bias.map { $0[column + lane] } ?? 0
          for index in 0..<min(4, product.rows - row) {
            let sum = four[index] + shift
            product.c[(row + index) * product.cRow + column + lane] =
              product.clamps && sum < 0 ? 0 : sum
          }
        }
        place += 4 * FiveVectors<S>.count
        column += 5
      }
      row += 4
    }
  }

  /// Four rows of A with five of B. Those beyond the last repeat it, and are not looked at.
  @inline(__always)
  private static func addTile<S: VectorScalar>(
    _ a: Lines<S>, _ b: Lines<S>, _ length: Int, into sums: UnsafeMutablePointer<S>, isFirst: Bool
  ) {
    let (width, size) = (S.Vector.scalarCount, FiveVectors<S>.count)
    var (s0, s1) = (FiveVectors<S>(), FiveVectors<S>())
    var (s2, s3) = (FiveVectors<S>(), FiveVectors<S>())
    if !isFirst {
      (s0, s1) = (FiveVectors(sums), FiveVectors(sums + size))
      (s2, s3) = (FiveVectors(sums + 2 * size), FiveVectors(sums + 3 * size))
    }
    var (p, q) = (a.start, b.start)
    var left = length
    while left >= width {
      let y = FiveVectors(q, b)
      s0.add(load(p, 0), y)
      s1.add(load(p, a.one), y)
      s2.add(load(p, a.two), y)
      s3.add(load(p, a.three), y)
      p += width
      q += width
      left -= width
    }
    if left > 0 {
      let y = FiveVectors(q, b, lanes: left)
      s0.add(loadPart(p, 0, left), y)
      s1.add(loadPart(p, a.one, left), y)
      s2.add(loadPart(p, a.two, left), y)
      s3.add(loadPart(p, a.three, left), y)
    }
    s0.write(to: sums)
    s1.write(to: sums + size)
    s2.write(to: sums + 2 * size)
    s3.write(to: sums + 3 * size)
  }
}

/// Where rows begin: how far the next ones are, with the last in the place of those that are missing.
private struct Lines<S> {
  let start: UnsafePointer<S>
  let one: Int
  let two: Int
  let three: Int
  let four: Int

  @inline(__always)
  init(_ start: UnsafePointer<S>, _ distance: Int, _ count: Int) {
    self.start = start
    one = min(1, count - 1) * distance
    two = min(2, count - 1) * distance
    three = min(3, count - 1) * distance
    four = min(4, count - 1) * distance
  }
}

/// The sums of one row of A with five of B, or a stretch of these.
private struct FiveVectors<S: VectorScalar> {
  private var a = S.Vector()
  private var b = S.Vector()
  private var c = S.Vector()
  private var d = S.Vector()
  private var e = S.Vector()

  @inline(__always) static var count: Int { 5 * S.Vector.scalarCount }

  @inline(__always) init() {}

  /// As they were written.
  @inline(__always)
  init(_ start: UnsafePointer<S>) {
    let width = S.Vector.scalarCount
    (a, b, c) = (load(start, 0), load(start, width), load(start, 2 * width))
    (d, e) = (load(start, 3 * width), load(start, 4 * width))
  }

  @inline(__always)
  init(_ start: UnsafeMutablePointer<S>) { self.init(UnsafePointer(start)) }

  /// A stretch of five rows.
  @inline(__always)
  init(_ start: UnsafePointer<S>, _ rows: Lines<S>) {
    (a, b, c) = (load(start, 0), load(start, rows.one), load(start, rows.two))
    (d, e) = (load(start, rows.three), load(start, rows.four))
  }

  @inline(__always)
  init(_ start: UnsafePointer<S>, _ rows: Lines<S>, lanes: Int) {
    (a, b) = (loadPart(start, 0, lanes), loadPart(start, rows.one, lanes))
    (c, d) = (loadPart(start, rows.two, lanes), loadPart(start, rows.three, lanes))
    e = loadPart(start, rows.four, lanes)
  }

  @inline(__always)
  mutating func add(_ x: S.Vector, _ rows: Self) {
    a.addProduct(x, rows.a)
    b.addProduct(x, rows.b)
    c.addProduct(x, rows.c)
    d.addProduct(x, rows.d)
    e.addProduct(x, rows.e)
  }

  @inline(__always)
  func write(to start: UnsafeMutablePointer<S>) {
    let width = S.Vector.scalarCount
    store(a, start, 0)
    store(b, start, width)
    store(c, start, 2 * width)
    store(d, start, 3 * width)
    store(e, start, 4 * width)
  }
}
