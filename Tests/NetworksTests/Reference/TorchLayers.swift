import Foundation
import Matrices

/// What PyTorch gives: `torch_layers.json`, which torch_layers.py has written.
struct TorchLayers: Decodable {
  struct Case: Decodable {
    var outputs, inputGradient: Rows
    var parameterGradient: Rows?
  }

  struct LossCase: Decodable {
    var targets: Rows
    var loss: Double
    var gradient: Rows
  }

  /// A matrix as a list of its rows.
  struct Rows: Decodable {
    var matrix: Matrix

    init(from decoder: any Decoder) throws {
      matrix = Matrix(try decoder.singleValueContainer().decode([[Double]].self))
    }
  }

  var layers: [String: Case]
  var losses: [String: LossCase]
  /// A row of weights after five steps on the gradients wave(1, 6, step).
  var optimizers: [String: Rows]

  static let found = Result {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "torch_layers.json")
    return try JSONDecoder().decode(TorchLayers.self, from: Data(contentsOf: file))
  }
}
