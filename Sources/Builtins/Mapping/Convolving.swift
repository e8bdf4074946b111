import Autodiff
import Matrices
import Vocabulary

extension StandardLibrary {
  /// The convolution of matrices.
  static let convolving: [Builtin] = [
    Builtin(
      "conv", in: .map, "The convolution of a matrix, or a vector, with a kernel.",
      Parameter<Matrix>("x", "a matrix or vector"),
      Parameter<Matrix>("kernel", "the weights of the neighbours; a vector for a vector"),
      Parameter<String>(
        "part", "full: all of it, same: the size of x, valid: where the kernel lies inside",
        default: "full", choices: ConvolutionPart.allCases.map(\.rawValue), positional: true),
      shapes: "m×n, p×q → matrix",
      math: "yᵢⱼ = Σ xᵢ₋ₐ,ⱼ₋ᵦ kₐᵦ; the layer conv2d does not turn its kernel round",
      seeAlso: ["conv2d", "cumsum"],
      examples: [
        Example("conv([1, 2, 3], [1, 1])", prints: "1  3  5  3"),
        Example(
          "conv([1, 4, 1, 7], [1, 1, 1] / 3, \"same\")", prints: "1.6667  2.0000  4.0000  2.6667"),
        Example("conv([1, 2; 3, 4], [1, 0; 0, -1], \"valid\")", prints: "3"),
      ]
    ) { x, kernel, part in
      try convolution(Trace(x), Trace(kernel), part).value.matrix
    }
  ]

  /// The convolution, if the kernel fits.
  static func convolution(_ x: Trace, _ kernel: Trace, _ part: String) throws -> Trace {
    let part = ConvolutionPart(rawValue: part) ?? .full
    let x = x.asMatrix
    var kernel = kernel.asMatrix
    // A vector is convolved along itself, however its kernel lies.
    if x.shape.isVector, kernel.shape.isVector, x.shape.count > 1, kernel.shape.count > 1,
      (x.shape.rows == 1) != (kernel.shape.rows == 1)
    {
      kernel = kernel.transposed
    }
    if kernel.value.matrix.isEmpty {
      throw Problem(
        .value, "'kernel' needs elements", at: "kernel", label: kernel.value.matrix.label)
    }
    if x.value.matrix.isEmpty { return x }
    let fits = kernel.shape.rows <= x.shape.rows && kernel.shape.columns <= x.shape.columns
    if part == .valid, !fits {
      throw Problem(
        .shape, "a kernel of \(kernel.shape) does not lie inside of \(x.shape)", at: "kernel",
        label: kernel.value.matrix.label, help: "part=\"same\" and \"full\" put zeros around x",
        remedy: .adding("part=\"same\""))
    }
    if x.value.precision != kernel.value.precision {
      kernel = kernel.converted(to: x.value.precision)
    }
    return x.convolved(with: kernel, part)
  }
}
