extension Matrix {
  /// The same numbers in another precision: itself, or one new matrix.
  package func converted(to wanted: Precision) -> Matrix {
    if wanted == precision { return self }
    var result = Matrix(uninitialized: shape, wanted, transposed: isTransposed)
    result.isLogical = isLogical
    result.storage.columnNames = columnNames
    let count = count
    switch wanted {
    case .double:
      result.write(Double.self) { target in
        read(Float.self) { source in
          Kernels.inChunks(count) { for i in $0 { target[i] = Double(source[i]) } }
        }
      }
    case .single:
      result.write(Float.self) { target in
        read(Double.self) { source in
          Kernels.inChunks(count) { for i in $0 { target[i] = Float(source[i]) } }
        }
      }
    }
    return result
  }
}
