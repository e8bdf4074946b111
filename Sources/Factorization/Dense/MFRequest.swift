import Matrices
import Training
import Vocabulary

/// What somebody has asked of `mf`; `nil` is what nothing was said about.
struct MFRequest {
  var rank: Int?
  var form: MFForm
  var method: String?
  var bias: BiasChoice
  var l2: Double?
  var iterations: Int?
  var tolerance: Double?
  var rate: Double?
  var seed: Int
  var isImplicit: Bool
  var alpha: Double?
  var unobserved: Double?
  var frequency: Double?
  var isNonnegative: Bool
  var isSymmetric: Bool
  var hasFeedback: Bool
  var block: Int?
  var privacy: PrivacySettings?
  var range: Matrix?
  var weights: Matrix?

  func refuse(
    _ isWrong: Bool, _ message: String, at parameter: String, help: String? = nil
  ) throws {
    if isWrong { throw Problem(.value, message, at: parameter, help: help) }
  }
}
