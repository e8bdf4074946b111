/// Where the numbers of a long line stood, in their order: the same two steps through the memory as
/// those of sorting, with places in place of numbers. Every step keeps the order of equal keys.
extension LongLine {
  private typealias Places = UnsafeMutablePointer<Place<S>>

  /// Parts that come out too large are cut again, so often; what is left is sorted digit by digit.
  private static var cuts: Int { 3 }

  /// Writes the places of a line, counted from 0, in the order of their keys.
  static func order(
    _ count: Int, into target: UnsafeMutablePointer<Double>, _ place: (Int) -> Place<S>
  ) {
    order(count, into: target, cuts, place)
  }

  private static func order(
    _ count: Int, into target: UnsafeMutablePointer<Double>, _ cuts: Int,
    _ place: (Int) -> Place<S>
  ) {
    switch LineCut<S>(count, { S.number(place($0).key) }) {
    case .values(let cut, let parts): order(count, into: target, cuts, place, cut, parts)
    case .keys(let cut, let parts): order(count, into: target, cuts, place, cut, parts)
    }
  }

  private static func order<C: Cut>(
    _ count: Int, into target: UnsafeMutablePointer<Double>, _ cuts: Int,
    _ place: (Int) -> Place<S>, _ cut: C, _ parts: Int
  ) where C.Number == S {
    Kernels.withKeys(Place<S>.self, count) { moved in
      guard let starts = move(place, into: moved, count, cut, parts, { S.number($0.key) })
      else { return }
      // The few large parts first, each on all threads.
      for part in 0..<parts where starts[part + 1] - starts[part] > largest {
        let size = starts[part + 1] - starts[part]
        let (source, into) = (moved + starts[part], target + starts[part])
        if areSame(source, size) {
          Kernels.inChunks(size) { range in for i in range { into[i] = Double(source[i].index) } }
        } else if cuts > 0 {
          order(size, into: into, cuts - 1) { source[$0] }
        } else {
          bear(source, into, size)
        }
      }
      ThreadPool.shared.run(parts, by: 4) { range in
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 2 * largest) { cells in
          Kernels.withKeys(Place<S>.self, largest) { spare in
            guard let cells = cells.baseAddress else { return }
            for part in range {
              let size = starts[part + 1] - starts[part]
              if size == 0 || size > largest || Interrupt.abandonsKernels { continue }
              orderPart(moved + starts[part], spare, target + starts[part], size, cells)
            }
          }
        }
      }
    }
  }

  /// One part, by cells where its numbers are spread evenly enough.
  private static func orderPart(
    _ source: Places, _ spare: Places, _ target: UnsafeMutablePointer<Double>, _ count: Int,
    _ cells: UnsafeMutablePointer<UInt16>
  ) {
    var (low, high) = (S.Key.max, S.Key.min)
    for i in 0..<count {
      low = min(low, source[i].key)
      high = max(high, source[i].key)
    }
    let total = 2 * count
    guard high < S.Key.max, let cut = ValueCut<S>(from: S.number(low), to: S.number(high), total)
    else { return bear(source, target, count) }
    cells.initialize(repeating: 0, count: total)
    for i in 0..<count { cells[cut.part(S.number(source[i].key))] &+= 1 }
    var (sum, fullest) = (UInt16(0), UInt16(0))
    for cell in 0..<total {
      let size = cells[cell]
      cells[cell] = sum
      sum &+= size
      fullest = max(fullest, size)
    }
    if fullest > crowd { return bear(source, target, count) }
    for i in 0..<count {
      let place = source[i]
      let cell = cut.part(S.number(place.key))
      spare[Int(cells[cell])] = place
      cells[cell] &+= 1
    }
    for i in 1..<max(count, 1) {
      let place = spare[i]
      var free = i
      while free > 0, spare[free - 1].key > place.key {
        spare[free] = spare[free - 1]
        free -= 1
      }
      spare[free] = place
    }
    for i in 0..<count { target[i] = Double(spare[i].index) }
  }

  /// Whether many keys are all the same.
  private static func areSame(_ places: Places, _ count: Int) -> Bool {
    (1..<count).allSatisfy { places[$0].key == places[0].key }
  }

  /// A part by the digits of its keys, whatever they are.
  private static func bear(
    _ source: Places, _ target: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    Kernels.withKeys(Place<S>.self, count) { spare in
      let sorted = Place.sort(source, spare, count)
      for i in 0..<count { target[i] = Double(sorted[i].index) }
    }
  }
}
