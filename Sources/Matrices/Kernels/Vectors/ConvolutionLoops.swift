import KernelTables

/// Convolution without unfolded windows, for images of few channels, whose products would be thin.
/// Filters lie as the columns of rows that are padded to whole vectors; the last row is the bias.
extension Kernels {
  static func convolve<S: VectorScalar>(
    _ image: UnsafePointer<S>, _ packed: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>,
    filters: Int, _ windows: Sliding, clamps: Bool
  ) {
    let width = S.Vector.scalarCount
    let padded = (filters + width - 1) / width * width
    var first = 0
    while first < filters {
      #if WIDE
        if filters - first > width {
          let lanes = min(width, filters - first - width)
          convolve(
            image, packed + first, padded, y + first, filters, lanes, windows, clamps,
            TwoVectors<S>.self)
          first += 2 * width
          continue
        }
      #endif
      let lanes = min(width, filters - first)
      convolve(
        image, packed + first, padded, y + first, filters, lanes, windows, clamps,
        OneVector<S>.self)
      first += width
    }
  }

  /// Four windows of a line and a row of filters at a time; of the last vector only so many lanes.
  @inline(__always)
  private static func convolve<R: TileRow>(
    _ image: UnsafePointer<R.S>, _ packed: UnsafePointer<R.S>, _ padded: Int,
    _ y: UnsafeMutablePointer<R.S>, _ filters: Int, _ lanes: Int, _ windows: Sliding,
    _ clamps: Bool, _: R.Type
  ) {
    let bias = R(packed + windows.rows * windows.run * padded)
    let ending = TileEnding<R.S>(
      isPlain: !clamps, scale: 1, adds: false, bias: nil, clamps: clamps)
    for row in 0..<windows.height {
      var column = 0
      while column < windows.width {
        let count = min(4, windows.width - column)
        let start = image + row * windows.line + column * windows.step
        let (o1, o2) = (min(1, count - 1) * windows.step, min(2, count - 1) * windows.step)
        let o3 = (count - 1) * windows.step
        var (a, b, c, d) = (bias, bias, bias, bias)
        var weight = packed
        for tap in 0..<windows.rows {
          var p = start + tap * windows.pitch
          for _ in 0..<windows.run {
            let w = R(weight)
            a.add(p[0], w)
            b.add(p[o1], w)
            c.add(p[o2], w)
            d.add(p[o3], w)
            p += 1
            weight += padded
          }
        }
        let out = y + (row * windows.width + column) * filters
        a.put(out, 0, lanes, ending)
        if count > 1 { b.put(out + filters, 0, lanes, ending) }
        if count > 2 { c.put(out + 2 * filters, 0, lanes, ending) }
        if count > 3 { d.put(out + 3 * filters, 0, lanes, ending) }
        column += count
      }
    }
  }

  static func addFilterGradient<S: VectorScalar>(
    _ image: UnsafePointer<S>, _ dz: UnsafePointer<S>, _ gradient: Plane<S>, filters: Int,
    _ windows: Sliding
  ) {
    let width = S.Vector.scalarCount
    var first = 0
    while first < filters {
      let target = Plane(gradient.start + first, stride: gradient.stride)
      #if WIDE
        if filters - first >= 2 * width {
          addTaps(image, dz + first, target, filters, width, windows, TwoVectors<S>.self)
          first += 2 * width
          continue
        }
      #endif
      let lanes = min(width, filters - first)
      addTaps(image, dz + first, target, filters, lanes, windows, OneVector<S>.self)
      first += width
    }
  }

  /// The derivative in some filters, several taps of the window at a time; the bias is the last.
  @inline(__always)
  private static func addTaps<R: TileRow>(
    _ image: UnsafePointer<R.S>, _ dz: UnsafePointer<R.S>, _ gradient: Plane<R.S>,
    _ filters: Int, _ lanes: Int, _ windows: Sliding, _: R.Type
  ) {
    let patch = windows.rows * windows.run
    let ending = TileEnding<R.S>(isPlain: false, scale: 1, adds: true, bias: nil, clamps: false)
    func offset(_ tap: Int) -> Int {
      let tap = min(tap, patch - 1)
      return tap / windows.run * windows.pitch + tap % windows.run
    }
    @inline(__always)
    func put(_ sum: R, _ tap: Int) {
      if tap < patch {
        sum.put(gradient.start + tap * gradient.stride, 0, lanes, ending)
      }
    }
    var tap = 0
    while tap < patch {
      let (o0, o1, o2) = (offset(tap), offset(tap + 1), offset(tap + 2))
      let (o3, o4) = (offset(tap + 3), offset(tap + 4))
      var (s0, s1, s2, s3, s4) = (R(), R(), R(), R(), R())
      #if WIDE
        let (o5, o6) = (offset(tap + 5), offset(tap + 6))
        let (o7, o8) = (offset(tap + 7), offset(tap + 8))
        var (s5, s6, s7, s8) = (R(), R(), R(), R())
      #endif
      for row in 0..<windows.height {
        var p = image + row * windows.line
        var q = dz + row * windows.width * filters
        for _ in 0..<windows.width {
          let slope = R(q, lanes)
          s0.add(p[o0], slope)
          s1.add(p[o1], slope)
          s2.add(p[o2], slope)
          s3.add(p[o3], slope)
          s4.add(p[o4], slope)
          #if WIDE
            s5.add(p[o5], slope)
            s6.add(p[o6], slope)
            s7.add(p[o7], slope)
            s8.add(p[o8], slope)
          #endif
          p += windows.step
          q += filters
        }
      }
      put(s0, tap)
      put(s1, tap + 1)
      put(s2, tap + 2)
      put(s3, tap + 3)
      put(s4, tap + 4)
      #if WIDE
        put(s5, tap + 5)
        put(s6, tap + 6)
        put(s7, tap + 7)
        put(s8, tap + 8)
        tap += 9
      #else
        tap += 5
      #endif
    }
    // Four sums, so that an addition need not wait for the one before.
    var (a, b, c, d) = (R(), R(), R(), R())
    let count = windows.height * windows.width
    var q = dz
    for _ in 0..<count / 4 {
      a.add(1, R(q, lanes))
      b.add(1, R(q + filters, lanes))
      c.add(1, R(q + 2 * filters, lanes))
      d.add(1, R(q + 3 * filters, lanes))
      q += 4 * filters
    }
    for _ in 0..<count % 4 {
      a.add(1, R(q, lanes))
      q += filters
    }
    let bias = gradient.start + patch * gradient.stride
    a.put(bias, 0, lanes, ending)
    b.put(bias, 0, lanes, ending)
    c.put(bias, 0, lanes, ending)
    d.put(bias, 0, lanes, ending)
  }
}
