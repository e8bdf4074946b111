import CProcessor

/// The first step through the memory of a long line: every item moves to its part.
///
/// There are more parts than cache lines that a processor writes to at once without waiting. So the
/// items of a part are gathered in a line of their own, which goes to the memory as a whole once it
/// is full, past the caches, which would first read what is then overwritten: half the time of
/// writing item by item.
enum LineMove<Line: ItemLine> {
  private typealias Item = Line.Item
  private typealias Places = UnsafeMutablePointer<UInt32>
  /// The bytes of a line of a cache.
  private static var lineBytes: Int { 64 }

  /// Moves every item to its part: where the parts begin, and where the last one ends. `nil` when
  /// a stop was asked for. Items of a part keep their order. `target` begins with a line of the
  /// cache.
  static func move<C: Cut>(
    _ line: Line, into target: UnsafeMutablePointer<Line.Item>, _ count: Int, _ cut: C,
    _ parts: Int
  ) -> [Int]? where C.Number == Line.Item.Number {
    // Items that a thread moves at once.
    let piece = max(1 << 14, min(1 << 19, count / 8))
    let pieces = (count + piece - 1) / piece
    var places = [UInt32](repeating: 0, count: pieces * parts)
    return places.withUnsafeMutableBufferPointer { places in
      guard let places = places.baseAddress else { return nil }
      ThreadPool.shared.run(pieces) { index in
        if Interrupt.abandonsKernels { return }
        let own = places + index * parts
        line.each(index * piece..<min(count, (index + 1) * piece), cut) { _, part in
          own[part] &+= 1
        }
      }
      // A stop leaves counts behind that do not belong together.
      if Interrupt.abandonsKernels { return nil }
      let starts = sumUp(places, pieces, parts)
      ThreadPool.shared.run(pieces) { index in
        if Interrupt.abandonsKernels { return }
        let range = index * piece..<min(count, (index + 1) * piece)
        move(line, range, to: target, places + index * parts, cut, parts)
      }
      return Interrupt.abandonsKernels ? nil : starts
    }
  }

  /// Turns how many items of every piece belong to each part into where they go.
  private static func sumUp(_ places: Places, _ pieces: Int, _ parts: Int) -> [Int] {
    var starts = [Int](repeating: 0, count: parts + 1)
    var sum = 0
    for part in 0..<parts {
      starts[part] = sum
      for piece in 0..<pieces {
        let size = Int(places[piece * parts + part])
        places[piece * parts + part] = UInt32(truncatingIfNeeded: sum)
        sum += size
      }
    }
    starts[parts] = sum
    return starts
  }

  /// Moves the items of a range; `places` tells where the next one of each part goes.
  @inline(__always)
  private static func move<C: Cut>(
    _ line: Line, _ range: Range<Int>, to target: UnsafeMutablePointer<Line.Item>,
    _ places: Places, _ cut: C, _ parts: Int
  ) where C.Number == Line.Item.Number {
    let width = lineBytes / MemoryLayout<Item>.stride
    Kernels.withKeys(UInt32.self, parts) { begins in
      begins.update(from: places, count: parts)
      withUnsafeTemporaryAllocation(byteCount: parts * lineBytes, alignment: lineBytes) { room in
        guard let room = room.baseAddress else { return }
        let lines = room.assumingMemoryBound(to: Item.self)
        line.each(range, cut) { index, part in
          let place = Int(places[part])
          places[part] &+= 1
          let slot = place & (width - 1)
          lines[part * width + slot] = line.item(index)
          if slot < width - 1 { return }
          let (first, from) = (place - slot, lines + part * width)
          if first < Int(begins[part]) {
            // The line begins with items of another piece.
            for i in Int(begins[part])...place { target[i] = from[i & (width - 1)] }
          } else {
            mfs_write_line(target + first, from)
          }
        }
        for part in 0..<parts {
          let end = Int(places[part])
          for i in max(end & ~(width - 1), Int(begins[part]))..<max(end, Int(begins[part])) {
            target[i] = lines[part * width + (i & (width - 1))]
          }
        }
        mfs_finish_lines()
      }
    }
  }
}
