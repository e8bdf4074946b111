/// A row of the tile that a product keeps in registers: one to four vectors side by side. A
/// stretch of a row of B has the same form.
protocol TileRow {
  associatedtype S: VectorScalar
  static var vectors: Int { get }
  init()
  init(_ start: UnsafePointer<S>)
  /// Of the last vector only so many lanes.
  init(_ start: UnsafePointer<S>, _ lanes: Int)
  /// `self ← self + x·row`.
  mutating func add(_ x: S, _ row: Self)
  /// `self` where `x` is above 0, else 0.
  func keeping(whereAboveZero x: Self) -> Self
  /// Writes what `ending` makes of the sums; of the last vector only so many lanes.
  func put(_ c: UnsafeMutablePointer<S>, _ column: Int, _ lanes: Int, _ ending: TileEnding<S>)
}

/// What happens to the sums of a tile before they are written.
struct TileEnding<S: VectorScalar> {
  var isPlain: Bool
  var scale: S
  var adds: Bool
  var bias: UnsafePointer<S>?
  var clamps: Bool

  /// As they are.
  @inline(__always)
  static var plain: TileEnding {
    TileEnding(isPlain: true, scale: 1, adds: false, bias: nil, clamps: false)
  }

  @inline(__always)
  func put(_ sum: S.Vector, _ c: UnsafeMutablePointer<S>, _ column: Int, _ lanes: Int) {
    if isPlain && lanes == S.Vector.scalarCount { return store(sum, c, column) }
    var value = sum * S.Vector(repeating: scale)
    if adds { value += loadPart(UnsafePointer(c), column, lanes) }
    if let bias { value += loadPart(bias, column, lanes) }
    if clamps { value = S.larger(S.Vector(), value) }
    storePart(value, c, column, lanes)
  }
}

struct OneVector<S: VectorScalar>: TileRow {
  var a = S.Vector()

  @inline(__always) static var vectors: Int { 1 }
  @inline(__always) init() {}
  @inline(__always) init(_ start: UnsafePointer<S>) { a = load(start, 0) }
  @inline(__always) init(_ start: UnsafePointer<S>, _ lanes: Int) { a = loadPart(start, 0, lanes) }

  @inline(__always)
  mutating func add(_ x: S, _ row: Self) { a.addProduct(S.Vector(repeating: x), row.a) }

  @inline(__always)
  func keeping(whereAboveZero x: Self) -> Self {
    var kept = Self()
    kept.a = S.keeping(a, whereAboveZero: x.a)
    return kept
  }

  @inline(__always)
  func put(_ c: UnsafeMutablePointer<S>, _ column: Int, _ lanes: Int, _ ending: TileEnding<S>) {
    ending.put(a, c, column, lanes)
  }
}

struct TwoVectors<S: VectorScalar>: TileRow {
  var a = S.Vector()
  var b = S.Vector()

  @inline(__always) static var vectors: Int { 2 }
  @inline(__always) init() {}
  @inline(__always)
  init(_ start: UnsafePointer<S>) {
    a = load(start, 0)
    b = load(start, S.Vector.scalarCount)
  }

  @inline(__always)
  init(_ start: UnsafePointer<S>, _ lanes: Int) {
    a = load(start, 0)
    b = loadPart(start, S.Vector.scalarCount, lanes)
  }

  @inline(__always)
  mutating func add(_ x: S, _ row: Self) {
    let factor = S.Vector(repeating: x)
    a.addProduct(factor, row.a)
    b.addProduct(factor, row.b)
  }

  @inline(__always)
  func keeping(whereAboveZero x: Self) -> Self {
    var kept = Self()
    kept.a = S.keeping(a, whereAboveZero: x.a)
    kept.b = S.keeping(b, whereAboveZero: x.b)
    return kept
  }

  @inline(__always)
  func put(_ c: UnsafeMutablePointer<S>, _ column: Int, _ lanes: Int, _ ending: TileEnding<S>) {
    let width = S.Vector.scalarCount
    ending.put(a, c, column, width)
    ending.put(b, c, column + width, lanes)
  }
}

struct ThreeVectors<S: VectorScalar>: TileRow {
  var a = S.Vector()
  var b = S.Vector()
  var c = S.Vector()

  @inline(__always) static var vectors: Int { 3 }
  @inline(__always) init() {}
  @inline(__always)
  init(_ start: UnsafePointer<S>) {
    let width = S.Vector.scalarCount
    a = load(start, 0)
    b = load(start, width)
    c = load(start, 2 * width)
  }

  @inline(__always)
  init(_ start: UnsafePointer<S>, _ lanes: Int) {
    let width = S.Vector.scalarCount
    a = load(start, 0)
    b = load(start, width)
    c = loadPart(start, 2 * width, lanes)
  }

  @inline(__always)
  mutating func add(_ x: S, _ row: Self) {
    let factor = S.Vector(repeating: x)
    a.addProduct(factor, row.a)
    b.addProduct(factor, row.b)
    c.addProduct(factor, row.c)
  }

  @inline(__always)
  func keeping(whereAboveZero x: Self) -> Self {
    var kept = Self()
    kept.a = S.keeping(a, whereAboveZero: x.a)
    kept.b = S.keeping(b, whereAboveZero: x.b)
    kept.c = S.keeping(c, whereAboveZero: x.c)
    return kept
  }

  @inline(__always)
  func put(
    _ target: UnsafeMutablePointer<S>, _ column: Int, _ lanes: Int, _ ending: TileEnding<S>
  ) {
    let width = S.Vector.scalarCount
    ending.put(a, target, column, width)
    ending.put(b, target, column + width, width)
    ending.put(c, target, column + 2 * width, lanes)
  }
}

struct FourVectors<S: VectorScalar>: TileRow {
  private var low = TwoVectors<S>()
  private var high = TwoVectors<S>()

  @inline(__always) static var vectors: Int { 4 }
  @inline(__always) init() {}
  @inline(__always)
  init(_ start: UnsafePointer<S>) {
    low = TwoVectors(start)
    high = TwoVectors(start + 2 * S.Vector.scalarCount)
  }

  @inline(__always)
  init(_ start: UnsafePointer<S>, _ lanes: Int) {
    low = TwoVectors(start)
    high = TwoVectors(start + 2 * S.Vector.scalarCount, lanes)
  }

  @inline(__always)
  mutating func add(_ x: S, _ row: Self) {
    low.add(x, row.low)
    high.add(x, row.high)
  }

  /// The products of numbers and those of another row, added up across the vectors.
  @inline(__always)
  func products(_ row: Self) -> S.Vector {
    S.Vector().addingProduct(low.a, row.low.a).addingProduct(low.b, row.low.b)
      .addingProduct(high.a, row.high.a).addingProduct(high.b, row.high.b)
  }

  @inline(__always)
  func keeping(whereAboveZero x: Self) -> Self {
    var kept = Self()
    kept.low = low.keeping(whereAboveZero: x.low)
    kept.high = high.keeping(whereAboveZero: x.high)
    return kept
  }

  @inline(__always)
  func put(_ c: UnsafeMutablePointer<S>, _ column: Int, _ lanes: Int, _ ending: TileEnding<S>) {
    let width = S.Vector.scalarCount
    low.put(c, column, width, ending)
    high.put(c, column + 2 * width, lanes, ending)
  }
}
