/// The sizes of a convolution or a pooling of images: rows of a block, pixel after pixel, the
/// channels of a pixel together.
package struct Windows: Sendable, Equatable {
  package let height: Int
  package let width: Int
  package let channels: Int
  /// The size of a window, and how far the next one is.
  package let rows: Int
  package let columns: Int
  package let stride: Int
  /// Zeros around the image.
  package let top: Int
  package let left: Int
  package let paddedHeight: Int
  package let paddedWidth: Int
  /// How many windows there are in each direction.
  package let outputHeight: Int
  package let outputWidth: Int

  /// Windows that lie within the image, or, with `keepsSize`, as many as there are pixels (at a
  /// stride of 1) with zeros around it, one more at the bottom and right where they are odd.
  package init(
    height: Int, width: Int, channels: Int, rows: Int, columns: Int, stride: Int, keepsSize: Bool
  ) {
    (self.height, self.width, self.channels) = (height, width, channels)
    (self.rows, self.columns, self.stride) = (rows, columns, stride)
    func padding(_ length: Int, _ size: Int) -> Int {
      keepsSize ? max(((length + stride - 1) / stride - 1) * stride + size - length, 0) : 0
    }
    let (vertical, horizontal) = (padding(height, rows), padding(width, columns))
    (top, left) = (vertical / 2, horizontal / 2)
    (paddedHeight, paddedWidth) = (height + vertical, width + horizontal)
    outputHeight = (paddedHeight - rows) / stride + 1
    outputWidth = (paddedWidth - columns) / stride + 1
  }

  package var count: Int { outputHeight * outputWidth }
  /// The numbers of a window.
  package var patch: Int { rows * columns * channels }
  package var isPadded: Bool { paddedHeight > height || paddedWidth > width }
  package var paddedCount: Int { paddedHeight * paddedWidth * channels }
}

extension Block {
  /// Copies an image (1×n) into the middle of one with zeros around it.
  package func pad(_ image: Block, _ windows: Windows) {
    let bytes = precision.bytes
    let (from, into) = (windows.width * windows.channels, windows.paddedWidth * windows.channels)
    address.initializeMemory(as: UInt8.self, repeating: 0, count: count * bytes)
    for row in 0..<windows.height {
      (address + ((windows.top + row) * into + windows.left * windows.channels) * bytes).copyMemory(
        from: image.address + row * from * bytes, byteCount: from * bytes)
    }
  }

  /// The way back: the middle of a padded image (1×n).
  package func unpad(_ padded: Block, _ windows: Windows) {
    let bytes = precision.bytes
    let (into, from) = (windows.width * windows.channels, windows.paddedWidth * windows.channels)
    for row in 0..<windows.height {
      (address + row * into * bytes).copyMemory(
        from: padded.address
          + ((windows.top + row) * from + windows.left * windows.channels) * bytes,
        byteCount: into * bytes)
    }
  }

  /// Writes the windows of a padded image, one a row (im2col).
  package func unfold(_ image: Block, _ windows: Windows) {
    assert(rows == windows.count && columns == windows.patch && stride == columns)
    let bytes = precision.bytes
    let run = windows.columns * windows.channels * bytes
    let pitch = windows.paddedWidth * windows.channels * bytes
    let step = windows.stride * windows.channels * bytes
    var into = address
    for y in 0..<windows.outputHeight {
      for x in 0..<windows.outputWidth {
        var from = image.address + y * windows.stride * pitch + x * step
        for _ in 0..<windows.rows {
          into.copyMemory(from: from, byteCount: run)
          into += run
          from += pitch
        }
      }
    }
  }

  /// Sums windows, one a row of `patches`, into a padded image: the transpose of `unfold`.
  package func fold(_ patches: Block, _ windows: Windows) {
    switch precision {
    case .double: fold(patches, windows, Double.self)
    case .single: fold(patches, windows, Float.self)
    }
  }

  private func fold<S: Scalar>(_ patches: Block, _ windows: Windows, _: S.Type) {
    let image = pointer(S.self)
    image.update(repeating: 0, count: windows.paddedCount)
    let run = windows.columns * windows.channels
    let pitch = windows.paddedWidth * windows.channels
    let step = windows.stride * windows.channels
    var from = patches.pointer(S.self)
    for y in 0..<windows.outputHeight {
      for x in 0..<windows.outputWidth {
        var into = image + y * windows.stride * pitch + x * step
        for _ in 0..<windows.rows {
          Kernels.merge(into, from, run) { $0 + $1 }
          from += run
          into += pitch
        }
      }
    }
  }

  // MARK: Few channels

  /// How many numbers `packFilters` writes.
  package static func packedFilters(_ windows: Windows, filters: Int) -> Int {
    (windows.patch + 1) * ((filters + 15) & ~15)
  }

  /// Lays filters ((patch + 1)×filters, the last row being the bias) out for `convolve`: groups of
  /// filters of the width of a vector, the rest zero.
  package func packFilters(_ parameters: Block) {
    switch precision {
    case .double: packFilters(parameters, Double.self)
    case .single: packFilters(parameters, Float.self)
    }
  }

  private func packFilters<S: Scalar>(_ parameters: Block, _: S.Type) {
    let width = S.Vector.scalarCount
    let into = pointer(S.self)
    var place = 0
    for first in Swift.stride(from: 0, to: parameters.columns, by: width) {
      let lanes = min(width, parameters.columns - first)
      for row in 0..<parameters.rows {
        let from = parameters.row(row, S.self) + first
        for lane in 0..<width { into[place + lane] = lane < lanes ? from[lane] : 0 }
        place += width
      }
    }
  }

  /// Convolves one padded image with packed filters, without unfolding it: for images of few
  /// channels, whose products would be too thin. Four windows and a vector of filters at a time.
  /// With `clamps`, negative results become 0.
  package func convolve(
    _ image: Block, packed: Block, filters: Int, _ windows: Windows, clamps: Bool
  ) {
    switch precision {
    case .double: convolve(image, packed, filters, windows, clamps, Double.self)
    case .single: convolve(image, packed, filters, windows, clamps, Float.self)
    }
  }

  private func convolve<S: Scalar>(
    _ image: Block, _ packed: Block, _ filters: Int, _ windows: Windows, _ clamps: Bool, _: S.Type
  ) {
    let width = S.Vector.scalarCount
    let (x, y) = (UnsafePointer(image.pointer(S.self)), pointer(S.self))
    let run = windows.columns * windows.channels
    let pitch = windows.paddedWidth * windows.channels
    let step = windows.stride * windows.channels
    let patch = windows.patch
    var group = UnsafePointer(packed.pointer(S.self))
    let zero = S.Vector()
    for first in Swift.stride(from: 0, to: filters, by: width) {
      let lanes = min(width, filters - first)
      let bias = load(group, patch * width)
      for row in 0..<windows.outputHeight {
        let line = x + row * windows.stride * pitch
        var out = row * windows.outputWidth * filters + first
        var column = 0
        while column + 4 <= windows.outputWidth {
          let start = line + column * step
          var (a, b, c, d) = (bias, bias, bias, bias)
          var weight = group
          for tap in 0..<windows.rows {
            let p = start + tap * pitch
            for i in 0..<run {
              let w = load(weight, 0)
              weight += width
              a.addProduct(S.Vector(repeating: p[i]), w)
              b.addProduct(S.Vector(repeating: p[step + i]), w)
              c.addProduct(S.Vector(repeating: p[2 * step + i]), w)
              d.addProduct(S.Vector(repeating: p[3 * step + i]), w)
            }
          }
          if clamps {
            a = S.larger(zero, a)
            b = S.larger(zero, b)
            c = S.larger(zero, c)
            d = S.larger(zero, d)
          }
          storePart(a, y, out, lanes)
          storePart(b, y, out + filters, lanes)
          storePart(c, y, out + 2 * filters, lanes)
          storePart(d, y, out + 3 * filters, lanes)
          out += 4 * filters
          column += 4
        }
        while column < windows.outputWidth {
          let start = line + column * step
          var a = bias
          var weight = group
          for tap in 0..<windows.rows {
            let p = start + tap * pitch
            for i in 0..<run {
              a.addProduct(S.Vector(repeating: p[i]), load(weight, 0))
              weight += width
            }
          }
          if clamps { a = S.larger(zero, a) }
          storePart(a, y, out, lanes)
          out += filters
          column += 1
        }
      }
      group += (patch + 1) * width
    }
  }

  /// Adds the derivative in the filters ((patch + 1)×filters, bias last), which one padded image
  /// with the derivative `dz` (1×n) of its convolution gives: five taps of a vector of filters at a
  /// time.
  package func addFilterGradient(_ image: Block, _ dz: Block, _ windows: Windows) {
    switch precision {
    case .double: addFilterGradient(image, dz, windows, Double.self)
    case .single: addFilterGradient(image, dz, windows, Float.self)
    }
  }

  private func addFilterGradient<S: Scalar>(
    _ image: Block, _ dz: Block, _ windows: Windows, _: S.Type
  ) {
    let width = S.Vector.scalarCount
    let filters = columns
    let (x, d) = (UnsafePointer(image.pointer(S.self)), UnsafePointer(dz.pointer(S.self)))
    let run = windows.columns * windows.channels
    let pitch = windows.paddedWidth * windows.channels
    let step = windows.stride * windows.channels
    let patch = windows.patch
    func offset(_ tap: Int) -> Int { min(tap, patch - 1) / run * pitch + min(tap, patch - 1) % run }
    for first in Swift.stride(from: 0, to: filters, by: width) {
      let lanes = min(width, filters - first)
      for tap in Swift.stride(from: 0, to: patch, by: 5) {
        let (o0, o1, o2) = (offset(tap), offset(tap + 1), offset(tap + 2))
        let (o3, o4) = (offset(tap + 3), offset(tap + 4))
        var (a, b, c) = (S.Vector(), S.Vector(), S.Vector())
        var (e, f) = (S.Vector(), S.Vector())
        for row in 0..<windows.outputHeight {
          var p = x + row * windows.stride * pitch
          var q = d + row * windows.outputWidth * filters + first
          for _ in 0..<windows.outputWidth {
            let slope = loadPart(q, 0, lanes)
            a.addProduct(S.Vector(repeating: p[o0]), slope)
            b.addProduct(S.Vector(repeating: p[o1]), slope)
            c.addProduct(S.Vector(repeating: p[o2]), slope)
            e.addProduct(S.Vector(repeating: p[o3]), slope)
            f.addProduct(S.Vector(repeating: p[o4]), slope)
            p += step
            q += filters
          }
        }
        addRow(a, tap, first, lanes, S.self)
        if tap + 1 < patch { addRow(b, tap + 1, first, lanes, S.self) }
        if tap + 2 < patch { addRow(c, tap + 2, first, lanes, S.self) }
        if tap + 3 < patch { addRow(e, tap + 3, first, lanes, S.self) }
        if tap + 4 < patch { addRow(f, tap + 4, first, lanes, S.self) }
      }
      var (even, odd) = (S.Vector(), S.Vector())
      var q = d + first
      for _ in 0..<windows.count / 2 {
        even += loadPart(q, 0, lanes)
        odd += loadPart(q, filters, lanes)
        q += 2 * filters
      }
      if !windows.count.isMultiple(of: 2) { even += loadPart(q, 0, lanes) }
      addRow(even + odd, patch, first, lanes, S.self)
    }
  }

  @inline(__always)
  private func addRow<S: Scalar>(
    _ sum: S.Vector, _ row: Int, _ first: Int, _ lanes: Int, _: S.Type
  ) {
    let into = self.row(row, S.self)
    storePart(loadPart(UnsafePointer(into), first, lanes) + sum, into, first, lanes)
  }
}

/// Reads the first lanes of a vector; the rest is 0.
@inline(__always)
func loadPart<S: Scalar>(_ pointer: UnsafePointer<S>, _ index: Int, _ lanes: Int) -> S.Vector {
  if lanes == S.Vector.scalarCount { return load(pointer, index) }
  var vector = S.Vector()
  for lane in 0..<lanes { vector[lane] = pointer[index + lane] }
  return vector
}

/// Writes the first lanes of a vector.
@inline(__always)
func storePart<S: Scalar>(
  _ vector: S.Vector, _ pointer: UnsafeMutablePointer<S>, _ index: Int, _ lanes: Int
) {
  if lanes == S.Vector.scalarCount { return store(vector, pointer, index) }
  for lane in 0..<lanes { pointer[index + lane] = vector[lane] }
}
