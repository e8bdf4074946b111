import KernelTables

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

  /// How they slide over the padded image.
  var sliding: Sliding { sliding(lines: outputHeight) }

  /// How some lines of them slide.
  func sliding(lines: Int) -> Sliding {
    Sliding(
      rows: rows, run: columns * channels, pitch: paddedWidth * channels, step: stride * channels,
      line: stride * paddedWidth * channels, height: lines, width: outputWidth)
  }
}

extension Block {
  /// Copies an image (1×n) into the middle of one with zeros around it.
  package func pad(_ image: Block, _ windows: Windows) {
    pad(image, windows, rows: 0..<windows.paddedHeight)
  }

  /// The same for what some lines of windows look at.
  package func pad(_ image: Block, _ windows: Windows, lines: Range<Int>) {
    let first = lines.lowerBound * windows.stride
    pad(image, windows, rows: first..<(lines.upperBound - 1) * windows.stride + windows.rows)
  }

  private func pad(_ image: Block, _ windows: Windows, rows: Range<Int>) {
    let bytes = precision.bytes
    let (from, into) = (windows.width * windows.channels, windows.paddedWidth * windows.channels)
    (address + rows.lowerBound * into * bytes).initializeMemory(
      as: UInt8.self, repeating: 0, count: rows.count * into * bytes)
    for row in rows.clamped(to: windows.top..<windows.top + windows.height) {
      (address + (row * into + windows.left * windows.channels) * bytes).copyMemory(
        from: image.address + (row - windows.top) * from * bytes, byteCount: from * bytes)
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

  /// Lays filters ((patch + 1)×filters, the last row being the bias) out for `convolve`: in rows of
  /// whole vectors, the rest zero.
  package func packFilters(_ parameters: Block) {
    switch precision {
    case .double: packFilters(parameters, Double.self)
    case .single: packFilters(parameters, Float.self)
    }
  }

  private func packFilters<S: Scalar>(_ parameters: Block, _: S.Type) {
    let vector = S.Vector.scalarCount
    let width = (parameters.columns + vector - 1) / vector * vector
    let into = pointer(S.self)
    for row in 0..<parameters.rows {
      let line = into + row * width
      line.update(from: parameters.row(row, S.self), count: parameters.columns)
      (line + parameters.columns).update(repeating: 0, count: width - parameters.columns)
    }
  }

  /// Convolves one padded image with packed filters, without unfolding it: for images of few
  /// channels, whose products would be too thin. With `clamps`, negative results become 0.
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
    S.chosenKernels.convolve(
      image.pointer(S.self), packed.pointer(S.self), pointer(S.self), filters, windows.sliding,
      clamps)
  }

  /// Adds the derivative in the filters ((patch + 1)×filters, bias last), which one padded image
  /// with the derivative `dz` (1×n) of some lines of its convolution gives. Where `outputs` (1×n) are
  /// given, `dz` counts only where these are above 0: what relu makes of it, without another pass.
  package func addFilterGradient(
    _ image: Block, _ dz: Block, keptWhereAboveZero outputs: Block? = nil, _ windows: Windows,
    lines: Range<Int>
  ) {
    assert(dz.count == lines.count * windows.outputWidth * columns)
    switch precision {
    case .double: addFilterGradient(image, dz, outputs, windows, lines, Double.self)
    case .single: addFilterGradient(image, dz, outputs, windows, lines, Float.self)
    }
  }

  private func addFilterGradient<S: Scalar>(
    _ image: Block, _ dz: Block, _ outputs: Block?, _ windows: Windows, _ lines: Range<Int>,
    _: S.Type
  ) {
    let sliding = windows.sliding(lines: lines.count)
    S.chosenKernels.addFilterGradient(
      image.pointer(S.self) + lines.lowerBound * sliding.line, dz.pointer(S.self),
      outputs.map { UnsafePointer($0.pointer(S.self)) }, plane(S.self), columns, sliding)
  }
}
