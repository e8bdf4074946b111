import Matrices
import Vocabulary

/// How images are changed at random whenever they are taken into a batch, as a value of the language.
package final class Augmentation: Object {
  package let shift: Int
  package let flips: Bool
  package let angle: Double

  package init(shift: Int = 0, flips: Bool = false, angle: Double = 0) {
    self.shift = shift
    self.flips = flips
    self.angle = angle
  }

  package let kind = "augmentation"
  package let fieldNames = ["shift", "flip", "rotate"]

  package func field(_ name: String) -> Value? {
    switch name {
    case "shift": .number(Double(shift))
    case "flip": .boolean(flips)
    case "rotate": .number(angle)
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    "augment(shift=\(shift), flip=\(flips), rotate=\(NumberFormat.short(angle)))"
  }

  /// What it does to the images that a network takes.
  func changes(of geometry: Geometry) throws -> PictureChanges {
    guard let image = geometry.image else {
      throw Problem(
        .shape, "augmentation needs images, and the network takes \(geometry)", at: "augment",
        help: "start the network with input(28, 28)")
    }
    if shift >= min(image.height, image.width) {
      throw Problem(
        .value, "moved by \(shift) pixels, nothing remains of \(geometry)", at: "augment",
        label: summary(width: 80), help: "use a smaller shift")
    }
    return PictureChanges(
      height: image.height, width: image.width, channels: image.channels, shift: shift,
      flips: flips, angle: angle)
  }
}

extension Augmentation: Argument, Returnable, Storable {
  package static var takes: String { "augmentation" }
  package static var hint: String? { "write augment=augment(shift=2)" }
  package static func from(_ value: Value) -> Augmentation? {
    if case .object(let object) = value { object as? Augmentation } else { nil }
  }
  package var value: Value { .object(self) }

  package static let storedKind = "augmentation"
  package var stored: Record {
    Call("augment", Record(fieldNames.compactMap { name in field(name).map { (name, $0) } })).parts
  }
  package static func restored(from parts: Parts, _ context: Context) throws -> Augmentation {
    try Call(parts).repeated(in: NetworksLibrary.library, context)
  }
}

let augmentBuiltin = Builtin(
  "augment", in: .train, "How train changes images at random, so that a network sees more of them.",
  Parameter<Int>(
    "shift", "pixels up or down and to the side, at most", default: 0, in: .between(0, 1e4)),
  Parameter<Bool>("flip", "whether left and right may be exchanged", default: false),
  Parameter<Double>(
    "rotate", "degrees to either side, at most", default: 0, in: .between(0, 180)),
  shapes: "→ augmentation",
  math: """
    Whenever an image is taken into a batch it is turned about its middle (between pixels linearly), \
    moved, and mirrored in half of the cases; what comes in from outside is 0. Validation and \
    evaluation see images as they are. The same seed gives the same changes.
    """,
  seeAlso: ["train", "dropout"],
  examples: [
    Example("augment(shift=2, rotate=10)", prints: "augment(shift=2, flip=false, rotate=10)")
  ]
) { (shift: Int, flip: Bool, rotate: Double) -> Augmentation in
  guard shift > 0 || flip || rotate > 0 else {
    throw Problem(
      .value, "nothing would be changed", at: "shift", help: "write augment(shift=2, rotate=10)")
  }
  return Augmentation(shift: shift, flips: flip, angle: rotate)
}
