import Autodiff
import Matrices

/// Filters that pass over an image: `y = f(windows(x)·W + b)` at every place.
package struct Conv2D: StripLayer {
  package let input: Geometry
  package let output: Geometry
  package let activation: Activation
  package let convolution: Convolution
  package let rules: WeightRules
  private let keepsSize: Bool

  /// Nothing when the windows are larger than the image.
  package init?(
    input: Geometry, filters: Int, rows: Int, columns: Int, stride: Int, keepsSize: Bool,
    activation: Activation, rules: WeightRules = WeightRules()
  ) {
    guard let (height, width, channels) = input.image,
      keepsSize || (rows <= height && columns <= width)
    else { return nil }
    let windows = Windows(
      height: height, width: width, channels: channels, rows: rows, columns: columns,
      stride: stride, keepsSize: keepsSize)
    self.input = input
    self.keepsSize = keepsSize
    self.activation = activation
    self.rules = rules
    convolution = Convolution(windows, filters: filters)
    output = Geometry(windows.outputHeight, windows.outputWidth, filters)
  }

  private var windows: Windows { convolution.windows }

  package var title: String {
    var title = "conv2d \(convolution.filters) of \(windows.rows)×\(windows.columns)"
    if windows.stride > 1 { title += " stride \(windows.stride)" }
    if keepsSize { title += " same" }
    return title + activation.suffix + rules.suffix
  }

  package var parameterShape: Shape { Shape(windows.patch + 1, convolution.filters) }
  package var gradientPlan: GradientPlan { .byRows }
  package var work: Int { windows.count * windows.patch * convolution.filters }
  package func scratch(rows: Int) -> Int { convolution.scratch(rows: rows) }

  package func initialParameters(_ random: inout Random) -> Matrix {
    let filters = convolution.filters
    return .above([
      rules.allowed(
        Initial.weights(
          windows.patch, filters, outputs: windows.rows * windows.columns * filters,
          before: activation, &random)), .zeros(1, filters),
    ])
  }

  package func forward(_ pass: Pass) {
    convolution.forward(
      pass.x, parameters: pass.parameters, activation: pass.activation, scratch: pass.scratch,
      into: pass.y)
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    guard let gradient else { return 0 }
    convolution.backward(
      pass.x, parameters: pass.parameters, activation: pass.activation, outputs: pass.y,
      scratch: pass.scratch, dy, into: dx, gradient: gradient)
    return 0
  }

  package var takesStrips: Bool { convolution.takesStrips }

  package func backward(_ pass: Pass, gradient: Block, strips: (Range<Int>, Block) -> Void) {
    convolution.backward(
      pass.x, activation: pass.activation, outputs: pass.y, scratch: pass.scratch,
      gradient: gradient, strips: strips)
  }

  /// `W` has a row for every number of a window (row, column, channel) and a column a filter.
  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    [
      ("W", parameters.rows(in: 0..<windows.patch)),
      ("b", parameters.rows(in: windows.patch..<windows.patch + 1)),
    ]
  }
}
