import KernelTables
import Matrices
import Testing

/// Products against sums in the order of their definition, for sizes around the edges of tiles.
@Suite struct ProductKernelTests {
  private struct Case {
    var rows: Int
    var columns: Int
    var inner: Int
    var aTransposed: Bool
    var bTransposed: Bool
  }

  private static let cases: [Case] = {
    let sizes = [
      (1, 1, 1), (3, 5, 7), (8, 48, 4), (9, 49, 33), (4, 16, 0), (2, 10, 128), (13, 31, 600),
      (7, 24, 5), (12, 70, 3), (5, 17, 1030),
      (130, 10, 33), (141, 3, 70), (128, 8, 5), (132, 12, 601),
      (30, 512, 62), (25, 1024, 31),
    ]
    return sizes.flatMap { rows, columns, inner in
      [(false, false), (true, false), (false, true), (true, true)].map {
        Case(rows: rows, columns: columns, inner: inner, aTransposed: $0, bTransposed: $1)
      }
    }
  }()

  /// Runs a product with everything that may be asked of it, in a C with gaps.
  private func run<S: BinaryFloatingPoint>(
    _ table: KernelTable<S>, _ size: Case, _ numbers: [S], scale: Double, adds: Bool, bias: Bool,
    clamps: Bool
  ) -> [S] {
    let gap = size.columns + 3
    var c = (0..<size.rows * gap).map { S($0 % 7) }
    withUnsafeTemporaryAllocation(byteCount: Product<Double>.roomBytes, alignment: 64) { room in
      numbers.withUnsafeBufferPointer { x in
        c.withUnsafeMutableBufferPointer { c in
          guard let x = x.baseAddress, let c = c.baseAddress, let room = room.baseAddress else {
            return
          }
          var product = Product(
            rows: size.rows, columns: size.columns, inner: size.inner, a: x,
            aRow: size.aTransposed ? 1 : size.inner, aInner: size.aTransposed ? size.rows : 1,
            b: x + 80_000, bInner: size.bTransposed ? 1 : size.columns,
            bColumn: size.bTransposed ? size.inner : 1, c: c, cRow: gap, room: room)
          product.scale = scale
          product.adds = adds
          if bias { product.bias = x + 7 }
          product.clamps = clamps
          table.multiply(product)
        }
      }
    }
    return c
  }

  private func check<S: BinaryFloatingPoint & Sendable>(
    _ wide: KernelTable<S>, _ narrow: KernelTable<S>, tolerance: Double
  ) {
    var random = Random(seed: 4)
    let numbers = random.normal(1, 40_000 + 72_100).elements.map { S($0) }
    for size in Self.cases {
      for (scale, adds, bias, clamps) in [
        (1.0, false, false, false), (1, true, false, false), (1, false, true, true),
        (-0.5, true, true, false),
      ] {
        let found = run(
          wide, size, numbers, scale: scale, adds: adds, bias: bias, clamps: clamps)
        let other = run(
          narrow, size, numbers, scale: scale, adds: adds, bias: bias, clamps: clamps)
        #expect(found == other)
        let gap = size.columns + 3
        for row in 0..<size.rows {
          for column in 0..<gap {
            let place = row * gap + column
            if column >= size.columns {
              #expect(found[place] == S(place % 7))
              continue
            }
            var sum = 0.0
            for i in 0..<size.inner {
              let x = numbers[size.aTransposed ? i * size.rows + row : row * size.inner + i]
              let y = numbers[
                80_000 + (size.bTransposed ? column * size.inner + i : i * size.columns + column)]
              sum += Double(x) * Double(y)
            }
            var wanted = scale * sum + (adds ? Double(place % 7) : 0)
            if bias { wanted += Double(numbers[7 + column]) }
            if clamps { wanted = max(0, wanted) }
            if abs(Double(found[place]) - wanted) > tolerance * Double(size.inner + 4) {
              Issue.record("\(size) at \(row), \(column): \(found[place]), not \(wanted)")
              return
            }
          }
        }
      }
    }
  }

  @Test func sumsInOrderWhateverTheTile() {
    check(Double.chosenKernels, Double.narrowKernels, tolerance: 1e-14)
    check(Float.chosenKernels, Float.narrowKernels, tolerance: 1e-5)
  }

  /// Long rows with few others, for lengths around vectors and stretches, and rows around tiles and
  /// bands.
  @Test(arguments: [(1, 1), (3, 2), (4, 5), (9, 10), (70, 7), (16, 12)], [1, 15, 16, 500, 1050])
  func fewRowsGiveTheSameBits(_ size: (rows: Int, columns: Int), _ inner: Int) {
    check(Double.chosenKernels, Double.narrowKernels, size, inner, tolerance: 1e-14)
    check(Float.chosenKernels, Float.narrowKernels, size, inner, tolerance: 1e-5)
  }

  private func check<S: BinaryFloatingPoint & Sendable>(
    _ wide: KernelTable<S>, _ narrow: KernelTable<S>, _ size: (rows: Int, columns: Int),
    _ inner: Int, tolerance: Double
  ) {
    let (aRow, bRow, gap) = (inner + 2, inner + 1, size.columns + 3)
    var random = Random(seed: 5)
    let numbers = random.normal(1, 12 + size.rows * aRow + 12 * bRow).elements.map { S($0) }
    func run(_ table: KernelTable<S>, clamps: Bool) -> [S] {
      var c = [S](repeating: 7, count: size.rows * gap)
      withUnsafeTemporaryAllocation(byteCount: Product<S>.roomBytes, alignment: 64) { room in
        numbers.withUnsafeBufferPointer { x in
          c.withUnsafeMutableBufferPointer { c in
            guard let x = x.baseAddress, let c = c.baseAddress, let room = room.baseAddress else {
              return
            }
            var product = Product(
              rows: size.rows, columns: size.columns, inner: inner, a: x + 12 + 12 * bRow,
              aRow: aRow, aInner: 1, b: x + 12, bInner: 1, bColumn: bRow, c: c, cRow: gap,
              room: room)
            product.bias = x
            product.clamps = clamps
            table.multiplyByFewRows(product)
          }
        }
      }
      return c
    }
    for clamps in [false, true] {
      let found = run(wide, clamps: clamps)
      #expect(found == run(narrow, clamps: clamps))
      for row in 0..<size.rows {
        for column in 0..<gap {
          var wanted = 7.0
          if column < size.columns {
            wanted = Double(numbers[column])
            for i in 0..<inner {
              wanted +=
                Double(numbers[12 + 12 * bRow + row * aRow + i])
                * Double(numbers[12 + column * bRow + i])
            }
            if clamps { wanted = max(0, wanted) }
          }
          let error = abs(Double(found[row * gap + column]) - wanted)
          #expect(error <= tolerance * Double(inner + 4), "\(row), \(column)")
        }
      }
    }
  }

  /// What relu lets through is taken on the way, or beforehand.
  @Test(arguments: [1, 5, 16, 20, 32, 48])
  func filterGradientsCountWhereOutputsAreAboveZero(_ filters: Int) {
    let windows = Sliding(rows: 3, run: 3, pitch: 11, step: 1, line: 11, height: 5, width: 9)
    var random = Random(seed: 7)
    let numbers = random.normal(1, 5500).elements.map { Float($0) }
    let (slopes, outputs) = (numbers[1000...], numbers[3200...])
    let masked = zip(slopes, outputs).map { $1 > 0 ? $0 : 0 }
    for table in [Float.chosenKernels, Float.narrowKernels] {
      var (found, wanted) = (
        [Float](repeating: 1, count: 10 * filters), [Float](repeating: 1, count: 10 * filters)
      )
      numbers.withUnsafeBufferPointer { x in
        masked.withUnsafeBufferPointer { slopes in
          found.withUnsafeMutableBufferPointer { found in
            wanted.withUnsafeMutableBufferPointer { wanted in
              guard let x = x.baseAddress, let slopes = slopes.baseAddress,
                let found = found.baseAddress, let wanted = wanted.baseAddress
              else { return }
              table.addFilterGradient(
                x, x + 1000, x + 3200, Plane(found, stride: filters), filters, windows)
              table.addFilterGradient(
                x, slopes, nil, Plane(wanted, stride: filters), filters, windows)
            }
          }
        }
      }
      #expect(found == wanted)
      #expect(found.contains { $0 != 1 })
    }
  }

  /// Filters of images, with more and fewer than two vectors of them, against products of windows.
  @Test(arguments: [1, 5, 16, 20, 32, 48])
  func convolutionsGiveTheSameBits(_ filters: Int) {
    let windows = Sliding(rows: 3, run: 3, pitch: 11, step: 1, line: 11, height: 5, width: 9)
    var random = Random(seed: 6)
    let numbers = random.normal(1, 4000).elements.map { Float($0) }
    let padded = (filters + 15) & ~15
    func results(_ table: KernelTable<Float>) -> [Float] {
      var out = [Float](repeating: 0, count: 45 * filters + 10 * filters)
      numbers.withUnsafeBufferPointer { x in
        out.withUnsafeMutableBufferPointer { y in
          guard let x = x.baseAddress, let y = y.baseAddress else { return }
          table.convolve(x, x + 100, y, filters, windows, true)
          table.addFilterGradient(
            x, x + 1000, nil, Plane(y + 45 * filters, stride: filters), filters, windows)
        }
      }
      return out
    }
    let (wide, narrow) = (results(Float.chosenKernels), results(Float.narrowKernels))
    #expect(wide == narrow)
    for (place, filter) in [(0, 0), (13, filters - 1), (44, filters / 2)] {
      let start = place / 9 * 11 + place % 9
      var sum = Double(numbers[100 + 9 * padded + filter])
      for tap in 0..<9 {
        sum +=
          Double(numbers[start + tap / 3 * 11 + tap % 3])
          * Double(numbers[100 + tap * padded + filter])
      }
      #expect(abs(Double(wide[place * filters + filter]) - max(0, sum)) < 1e-4)
    }
  }
}
