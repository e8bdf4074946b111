import KernelTables

/// The loops over known entries of a line: rows of a factor, at places that are listed. Entries are
/// taken four at a time: their products with a row are added up together, and the row they are added
/// to is loaded and stored once for all of them.
extension Kernels {
  /// Rows of a factor, `stride` numbers long, in whole vectors.
  struct LineEntries<S: VectorScalar> {
    let factor: UnsafePointer<S>
    let places: UnsafePointer<Int32>
    let count: Int
    let stride: Int

    /// Without places there are no entries.
    @inline(__always)
    init(factor: UnsafePointer<S>, places: UnsafePointer<Int32>?, count: Int, stride: Int) {
      self.factor = factor
      self.places = places ?? UnsafePointer(bitPattern: 4).unsafelyUnwrapped
      self.count = places == nil ? 0 : count
      self.stride = stride
    }

    @inline(__always)
    func four(from first: Int) -> Quartet<S> {
      Quartet(factor, places + first, count &- first, stride)
    }
  }

  /// Four rows of a factor, or as many as are left: the last one stands in for what is missing.
  struct Quartet<S> {
    let a, b, c, d: UnsafePointer<S>

    @inline(__always)
    init(_ factor: UnsafePointer<S>, _ places: UnsafePointer<Int32>, _ count: Int, _ stride: Int) {
      a = factor + Int(places[0]) &* stride
      b = factor + Int(places[min(1, count - 1)]) &* stride
      c = factor + Int(places[min(2, count - 1)]) &* stride
      d = factor + Int(places[min(3, count - 1)]) &* stride
    }
  }

  @inline(__always)
  static func products<S: VectorScalar>(
    _ rows: Quartet<S>, _ x: UnsafePointer<S>, _ stride: Int
  ) -> SIMD4<S> {
    var (a, b, c, d) = (S.Vector(), S.Vector(), S.Vector(), S.Vector())
    var i = 0
    while i < stride {
      let vector: S.Vector = load(x, i)
      a.addProduct(vector, load(rows.a, i))
      b.addProduct(vector, load(rows.b, i))
      c.addProduct(vector, load(rows.c, i))
      d.addProduct(vector, load(rows.d, i))
      i &+= S.Vector.scalarCount
    }
    return S.sums(a, b, c, d)
  }

  /// `y += Σ s h` over the entries of a line, whose shares s are made of their products with x, four
  /// at a time: told are the first place, how many entries are left, and the products. Returns `Σ s`.
  /// `shares` is a function that is always inlined, as in `transform`.
  @inline(__always)
  static func addEntries<S: VectorScalar>(
    _ entries: LineEntries<S>, _ x: UnsafePointer<S>, to y: UnsafeMutablePointer<S>,
    _ shares: (_ first: Int, _ left: Int, _ products: SIMD4<S>) -> SIMD4<S>
  ) -> S {
    let stride = entries.stride
    #if WIDE
      if stride == 4 &* S.Vector.scalarCount {
        return addEntriesInRegisters(entries, x, to: y, shares)
      }
    #endif
    var total = SIMD4<S>()
    var i = 0
    while i < entries.count {
      let left = entries.count &- i
      let rows = entries.four(from: i)
      var shares = shares(i, left, products(rows, x, stride))
      if left < 4 { shares.replace(with: 0, where: SIMD4(0, 1, 2, 3) .>= S(left)) }
      total += shares
      let (a, b) = (S.Vector(repeating: shares[0]), S.Vector(repeating: shares[1]))
      let (c, d) = (S.Vector(repeating: shares[2]), S.Vector(repeating: shares[3]))
      var j = 0
      while j < stride {
        var sum: S.Vector = load(UnsafePointer(y), j)
        sum.addProduct(a, load(rows.a, j))
        sum.addProduct(b, load(rows.b, j))
        sum.addProduct(c, load(rows.c, j))
        sum.addProduct(d, load(rows.d, j))
        store(sum, y, j)
        j &+= S.Vector.scalarCount
      }
      i &+= 4
    }
    return (total[0] + total[1]) + (total[2] + total[3])
  }

  #if WIDE
    /// The same for rows of four vectors: x, y and the four rows have room in the registers, so that
    /// every row is read once.
    @inline(__always)
    private static func addEntriesInRegisters<S: VectorScalar>(
      _ entries: LineEntries<S>, _ x: UnsafePointer<S>, to y: UnsafeMutablePointer<S>,
      _ shares: (_ first: Int, _ left: Int, _ products: SIMD4<S>) -> SIMD4<S>
    ) -> S {
      let (x, target) = (FourVectors<S>(x), y)
      var y = FourVectors<S>(UnsafePointer(target))
      var total = SIMD4<S>()
      var i = 0
      while i < entries.count {
        let left = entries.count &- i
        let rows = entries.four(from: i)
        let (a, b) = (FourVectors<S>(rows.a), FourVectors<S>(rows.b))
        let (c, d) = (FourVectors<S>(rows.c), FourVectors<S>(rows.d))
        var shares = shares(
          i, left,
          S.sums(x.products(a), x.products(b), x.products(c), x.products(d)))
        if left < 4 { shares.replace(with: 0, where: SIMD4(0, 1, 2, 3) .>= S(left)) }
        total += shares
        y.add(shares[0], a)
        y.add(shares[1], b)
        y.add(shares[2], c)
        y.add(shares[3], d)
        i &+= 4
      }
      y.put(target, 0, S.Vector.scalarCount, .plain)
      return (total[0] + total[1]) + (total[2] + total[3])
    }
  #endif

  /// `x · y` of rows of whole vectors.
  @inline(__always)
  static func dot<S: VectorScalar>(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, _ stride: Int
  ) -> S {
    var sums = S.Vector()
    var i = 0
    while i < stride {
      sums.addProduct(load(x, i), load(y, i))
      i &+= S.Vector.scalarCount
    }
    return S.sums(sums, S.Vector(), S.Vector(), S.Vector())[0]
  }

  /// `y = s x` of such rows.
  @inline(__always)
  static func scale<S: VectorScalar>(
    _ x: UnsafePointer<S>, by share: S, into y: UnsafeMutablePointer<S>, _ stride: Int
  ) {
    let share = S.Vector(repeating: share)
    var i = 0
    while i < stride {
      store(load(x, i) * share, y, i)
      i &+= S.Vector.scalarCount
    }
  }

  /// `y += s x` of such rows.
  @inline(__always)
  static func add<S: VectorScalar>(
    _ share: S, _ x: UnsafePointer<S>, to y: UnsafeMutablePointer<S>, _ stride: Int
  ) {
    let share = S.Vector(repeating: share)
    var i = 0
    while i < stride {
      var sum: S.Vector = load(UnsafePointer(y), i)
      sum.addProduct(share, load(x, i))
      store(sum, y, i)
      i &+= S.Vector.scalarCount
    }
  }

  /// `y = x + s y` of such rows: the next direction of conjugate gradients.
  @inline(__always)
  static func turn<S: VectorScalar>(
    _ y: UnsafeMutablePointer<S>, keeping share: S, to x: UnsafePointer<S>, _ stride: Int
  ) {
    let share = S.Vector(repeating: share)
    var i = 0
    while i < stride {
      var sum: S.Vector = load(x, i)
      sum.addProduct(share, load(UnsafePointer(y), i))
      store(sum, y, i)
      i &+= S.Vector.scalarCount
    }
  }
}
