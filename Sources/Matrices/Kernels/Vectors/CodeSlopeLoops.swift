import KernelTables

/// Derivatives through codes at their minimum: `G_SS v_S = g_S` for every row, where S are the
/// components that its code uses. By Cholesky's factors.
///
/// Rows are solved a lane each, in the components that any of them uses: in the others, and where
/// only its neighbours use one, a row has an equation of its own, `v_r = 0`. Where rows use few of
/// many components, they are solved one after the other, in vectors along their lines.
extension Kernels {
  /// `slopes` holds g and receives v, whose other components are 0.
  static func solveActive<S: VectorScalar>(
    _ coding: Coding<S>, codes: Plane<S>, slopes: Plane<S>
  ) {
    var first = 0
    while first < coding.rows {
      let count = min(S.Vector.scalarCount, coding.rows - first)
      ActiveGroup(coding, first, count, codes, slopes).solve()
      first += count
    }
  }
}

/// As many rows as a vector has lanes at most.
private struct ActiveGroup<S: VectorScalar> {
  private let coding: Coding<S>
  private let first: Int
  private let count: Int
  private let codes: Plane<S>
  private let slopes: Plane<S>
  private var lanes: Int { S.Vector.scalarCount }

  init(
    _ coding: Coding<S>, _ first: Int, _ count: Int, _ codes: Plane<S>, _ slopes: Plane<S>
  ) {
    (self.coding, self.first, self.count) = (coding, first, count)
    (self.codes, self.slopes) = (codes, slopes)
  }

  /// A pivot that is lost to rounding takes its component out.
  private static var lost: S { S.ulpOfOne * 8 }

  /// Memory for the numbers of components: as long as one for numbers of either precision.
  @inline(__always)
  private static func places(_ room: UnsafeMutablePointer<S>) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(room).assumingMemoryBound(to: Int32.self)
  }

  @inline(__always)
  func solve() {
    let k = coding.components
    let places = Self.places(coding.room)
    let marks = coding.room + k
    if count < lanes { marks.update(repeating: 0, count: k * lanes) }
    Kernels.transpose(
      UnsafePointer(codes.row(first)), count, k, stride: codes.stride, into: marks, stride: lanes)
    var counts = S.Vector()
    var used = 0
    for r in 0..<k {
      let mark = S.keeping(
        S.Vector(repeating: 1), whereAboveZero: load(UnsafePointer(marks), r * lanes))
      if S.isZero(mark) { continue }
      store(mark, marks, r * lanes)
      counts += mark
      places[used] = Int32(r)
      used += 1
    }
    if used > Coding<S>.together || isWorthLines(used, counts) { return alongLines(marks) }
    sideBySide(used, UnsafePointer(places), marks)
  }

  /// Whether rows cost less one after the other: a³/6 steps each, in lines that lose their ends,
  /// instead of those of the union for all.
  @inline(__always)
  private func isWorthLines(_ used: Int, _ counts: S.Vector) -> Bool {
    if used <= 8 { return false }
    let a = counts
    let each = a * (a * (a + S(2 * lanes)) + S(8 * lanes))
    return S(used * used * (used + 12) / 6) > each.sum() / S(lanes)
  }

  // MARK: A lane a row

  private func sideBySide(
    _ used: Int, _ places: UnsafePointer<Int32>, _ room: UnsafeMutablePointer<S>
  ) {
    let (k, width) = (coding.components, coding.width)
    let marks = room
    let slope = marks + k * lanes
    let solution = slope + k * lanes
    let factor = solution + used * lanes
    let zero = S.Vector()
    if count < lanes { slope.update(repeating: 0, count: k * lanes) }
    Kernels.transpose(
      UnsafePointer(slopes.row(first)), count, k, stride: slopes.stride, into: slope,
      stride: lanes)
    // The lower half of the system, line after line, and what it shall give.
    var line = factor
    for i in 0..<used {
      let r = Int(places[i])
      let own: S.Vector = load(UnsafePointer(marks), r * lanes)
      let from = coding.prepared + r * width
      for j in 0..<i {
        let other: S.Vector = load(UnsafePointer(marks), Int(places[j]) * lanes)
        store(own * other * S.Vector(repeating: from[Int(places[j])]), line, j * lanes)
      }
      store(own * S.Vector(repeating: from[r]), line, i * lanes)
      store(own * load(UnsafePointer(slope), r * lanes), solution, i * lanes)
      line += (i + 1) * lanes
    }
    // L Lᵀ, a column at a time, with L y = g on the way; the inverse of the diagonal is kept.
    var top = factor
    for j in 0..<used {
      let pivot: S.Vector = load(UnsafePointer(top), j * lanes)
      let from = coding.prepared + Int(places[j]) * (width + 1)
      let least = S.Vector(repeating: from[0] * Self.lost)
      let safe = S.larger(pivot, least)
      let inverse = S.keeping(1 / safe.squareRoot(), whereAboveZero: pivot - least)
      store(inverse, top, j * lanes)
      let y = load(UnsafePointer(solution), j * lanes) * inverse
      store(y, solution, j * lanes)
      top += (j + 1) * lanes
      var row = top
      for i in j + 1..<max(used, j + 1) {
        let entry = load(UnsafePointer(row), j * lanes) * inverse
        store(entry, row, j * lanes)
        let minus = zero - entry
        var other = top
        for l in j + 1...i {
          let sum: S.Vector = load(UnsafePointer(row), l * lanes)
          store(sum.addingProduct(minus, load(UnsafePointer(other), j * lanes)), row, l * lanes)
          other += (l + 1) * lanes
        }
        let rest: S.Vector = load(UnsafePointer(solution), i * lanes)
        store(rest.addingProduct(minus, y), solution, i * lanes)
        row += (i + 1) * lanes
      }
    }
    // Lᵀ v = y, from the last line up.
    line = factor + used * (used + 1) / 2 * lanes
    slope.update(repeating: 0, count: k * lanes)
    for i in stride(from: used - 1, through: 0, by: -1) {
      line -= (i + 1) * lanes
      let v = load(UnsafePointer(solution), i * lanes) * load(UnsafePointer(line), i * lanes)
      store(v, slope, Int(places[i]) * lanes)
      let minus = zero - v
      for j in 0..<i {
        let rest: S.Vector = load(UnsafePointer(solution), j * lanes)
        store(
          rest.addingProduct(minus, load(UnsafePointer(line), j * lanes)), solution, j * lanes)
      }
    }
    Kernels.transpose(
      UnsafePointer(slope), k, count, stride: lanes, into: slopes.row(first),
      stride: slopes.stride)
  }

  // MARK: One row after the other

  private func alongLines(_ room: UnsafeMutablePointer<S>) {
    for row in first..<first + count {
      solve(UnsafePointer(codes.row(row)), slopes.row(row), room)
    }
  }

  /// The upper half of a system, of which whole vectors are worked on.
  private func solve(
    _ code: UnsafePointer<S>, _ slope: UnsafeMutablePointer<S>, _ room: UnsafeMutablePointer<S>
  ) {
    let (k, width) = (coding.components, coding.width)
    let places = Self.places(room)
    var active = 0
    for r in 0..<k where code[r] > 0 {
      places[active] = Int32(r)
      active += 1
    }
    let side = (active + lanes - 1) / lanes * lanes
    let solution = room + (k + lanes - 1) / lanes * lanes
    let inverses = solution + side
    let system = inverses + side
    solution.update(repeating: 0, count: side)
    for i in 0..<active {
      let (from, into) = (coding.prepared + Int(places[i]) * width, system + i * side)
      for j in i..<active { into[j] = from[Int(places[j])] }
      for j in active..<side { into[j] = 0 }
      solution[i] = slope[Int(places[i])]
    }
    for j in 0..<active {
      let line = system + j * side
      let pivot = coding.prepared[Int(places[j]) * (width + 1)]
      let inverse: S = line[j] > pivot * Self.lost ? 1 / line[j].squareRoot() : 0
      let start = j / lanes * lanes
      for l in start..<j { line[l] = 0 }
      line[j] = 0
      let by = S.Vector(repeating: inverse)
      for l in stride(from: start, to: side, by: lanes) {
        store(by * load(UnsafePointer(line), l), line, l)
      }
      let y = solution[j] * inverse
      solution[j] = y
      add(line, times: -y, to: solution, start, side)
      for i in j + 1..<max(active, j + 1) where line[i] != 0 {
        add(line, times: -line[i], to: system + i * side, i / lanes * lanes, side)
      }
      inverses[j] = inverse
    }
    slope.update(repeating: 0, count: k)
    for i in stride(from: active - 1, through: 0, by: -1) {
      let line = system + i * side
      var sums = S.Vector()
      for l in stride(from: i / lanes * lanes, to: side, by: lanes) {
        sums.addProduct(load(UnsafePointer(line), l), load(UnsafePointer(solution), l))
      }
      solution[i] = (solution[i] - sums.sum()) * inverses[i]
      slope[Int(places[i])] = solution[i]
    }
  }

  /// `into ← into + factor · line` from one place, where a vector begins, to another.
  @inline(__always)
  private func add(
    _ line: UnsafeMutablePointer<S>, times factor: S, to into: UnsafeMutablePointer<S>,
    _ start: Int, _ end: Int
  ) {
    let by = S.Vector(repeating: factor)
    var l = start
    while l < end {
      let sum: S.Vector = load(UnsafePointer(into), l)
      store(sum.addingProduct(by, load(UnsafePointer(line), l)), into, l)
      l += lanes
    }
  }
}
