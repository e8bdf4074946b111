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

  /// Some windows and a row of filters at a time; of the last vector only so many lanes.
  @inline(__always)
  private static func convolve<R: TileRow>(
    _ image: UnsafePointer<R.S>, _ packed: UnsafePointer<R.S>, _ padded: Int,
    _ y: UnsafeMutablePointer<R.S>, _ filters: Int, _ lanes: Int, _ windows: Sliding,
    _ clamps: Bool, _: R.Type
  ) {
    let bias = R(packed + windows.rows * windows.run * padded)
    let ending = TileEnding<R.S>(
      isPlain: !clamps, scale: 1, adds: false, bias: nil, clamps: clamps)
    let count = windows.height * windows.width
    var places = WindowPlaces(windows)
    var window = 0
    while window < count {
      let out = y + window * filters
      #if WIDE
        let many = min(8, count - window)
      #else
        let many = min(4, count - window)
      #endif
      let start = image + places.place
      let (o1, o2, o3) = (places.next(many > 1), places.next(many > 2), places.next(many > 3))
      var (s0, s1, s2, s3) = (bias, bias, bias, bias)
      #if WIDE
        let (o4, o5) = (places.next(many > 4), places.next(many > 5))
        let (o6, o7) = (places.next(many > 6), places.next(many > 7))
        var (s4, s5, s6, s7) = (bias, bias, bias, bias)
      #endif
      places.begin()
      var weight = packed
      for tap in 0..<windows.rows {
        var p = start + tap * windows.pitch
        for _ in 0..<windows.run {
          let w = R(weight)
          s0.add(p[0], w)
          s1.add(p[o1], w)
          s2.add(p[o2], w)
          s3.add(p[o3], w)
          #if WIDE
            s4.add(p[o4], w)
            s5.add(p[o5], w)
            s6.add(p[o6], w)
            s7.add(p[o7], w)
          #endif
          p += 1
          weight += padded
        }
      }
      s0.put(out, 0, lanes, ending)
      if many > 1 { s1.put(out + filters, 0, lanes, ending) }
      if many > 2 { s2.put(out + 2 * filters, 0, lanes, ending) }
      if many > 3 { s3.put(out + 3 * filters, 0, lanes, ending) }
      #if WIDE
        if many > 4 { s4.put(out + 4 * filters, 0, lanes, ending) }
        if many > 5 { s5.put(out + 5 * filters, 0, lanes, ending) }
        if many > 6 { s6.put(out + 6 * filters, 0, lanes, ending) }
        if many > 7 { s7.put(out + 7 * filters, 0, lanes, ending) }
      #endif
      window += many
    }
  }

  /// Where `outputs` are given, derivatives count only where these are above 0 (relu).
  static func addFilterGradient<S: VectorScalar>(
    _ image: UnsafePointer<S>, _ dz: UnsafePointer<S>, outputs: UnsafePointer<S>?,
    _ gradient: Plane<S>, filters: Int, _ windows: Sliding
  ) {
    let width = S.Vector.scalarCount
    var first = 0
    while first < filters {
      let target = Plane(gradient.start + first, stride: gradient.stride)
      let (slopes, values) = (dz + first, outputs.map { $0 + first })
      #if WIDE
        if filters - first >= 2 * width {
          addTaps(image, slopes, values, target, filters, width, windows, TwoVectors<S>.self)
          first += 2 * width
          continue
        }
      #endif
      let lanes = min(width, filters - first)
      addTaps(image, slopes, values, target, filters, lanes, windows, OneVector<S>.self)
      first += width
    }
  }

  @inline(__always)
  private static func addTaps<R: TileRow>(
    _ image: UnsafePointer<R.S>, _ dz: UnsafePointer<R.S>, _ outputs: UnsafePointer<R.S>?,
    _ gradient: Plane<R.S>, _ filters: Int, _ lanes: Int, _ windows: Sliding, _: R.Type
  ) {
    if let outputs {
      let distance = outputs - dz
      addTaps(image, dz, gradient, filters, lanes, windows) { start in
        R(start, lanes).keeping(whereAboveZero: R(start + distance, lanes))
      }
    } else {
      addTaps(image, dz, gradient, filters, lanes, windows) { start in R(start, lanes) }
    }
  }

  /// The derivative in some filters, several taps of the window at a time; the bias, which is the
  /// last, goes with the first of them.
  @inline(__always)
  private static func addTaps<R: TileRow>(
    _ image: UnsafePointer<R.S>, _ dz: UnsafePointer<R.S>, _ gradient: Plane<R.S>,
    _ filters: Int, _ lanes: Int, _ windows: Sliding, _ slopeAt: (UnsafePointer<R.S>) -> R
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
      var (s0, s1, s2, s3, s4, bias) = (R(), R(), R(), R(), R(), R())
      #if WIDE
        let (o5, o6) = (offset(tap + 5), offset(tap + 6))
        let (o7, o8) = (offset(tap + 7), offset(tap + 8))
        var (s5, s6, s7, s8) = (R(), R(), R(), R())
      #endif
      for row in 0..<windows.height {
        var p = image + row * windows.line
        var q = dz + row * windows.width * filters
        for _ in 0..<windows.width {
          let slope = slopeAt(q)
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
          bias.add(1, slope)
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
      #endif
      if tap == 0 { bias.put(gradient.start + patch * gradient.stride, 0, lanes, ending) }
      #if WIDE
        tap += 9
      #else
        tap += 5
      #endif
    }
  }
}

/// Where the windows of an image begin, line after line.
private struct WindowPlaces {
  private let width: Int
  private let step: Int
  /// From the last window of a line to the first of the next.
  private let turn: Int
  private var column = 0
  /// Where the next window begins, and where the tile in progress does.
  private(set) var place = 0
  private var base = 0

  init(_ windows: Sliding) {
    width = windows.width
    step = windows.step
    turn = windows.line - (windows.width - 1) * windows.step
  }

  /// How far the next window is from the tile's first, where there is one.
  @inline(__always)
  mutating func next(_ isThere: Bool) -> Int {
    if isThere { move() }
    return place - base
  }

  /// Goes on to the first window of the next tile.
  @inline(__always)
  mutating func begin() {
    move()
    base = place
  }

  @inline(__always)
  private mutating func move() {
    column += 1
    if column == width {
      column = 0
      place += turn
    } else {
      place += step
    }
  }
}
