import Matrices
import Vocabulary

/// A file in which a run keeps what it has so far, as a whole or not at all: whoever ends the
/// program loses what came after.
struct Checkpoint: Sendable {
  let path: String
  /// Epochs from one time to the next.
  let every: Int

  /// Where a path that a user gave leads, which must be possible.
  init?(_ path: String?, every: Int?, _ context: Context) throws {
    guard let path else {
      if every != nil {
        throw Problem(
          .value, "'checkpoint_every' needs a file", at: "checkpoint_every",
          help: "add checkpoint=\"run.safetensors\"")
      }
      return nil
    }
    guard FileFormat(path: path) == .safetensors else {
      let name = path.lastIndex(of: ".").map { path[..<$0] } ?? path[...]
      let kept = "\(name).safetensors"
      throw Problem(
        .value, "a run is kept in a .safetensors file", at: "checkpoint",
        label: "the text \"\(path)\"", help: "write checkpoint=\"\(kept)\"",
        remedy: .adding("checkpoint=\"\(kept)\""))
    }
    self.path = try Paths.resolve(path, context, at: "checkpoint")
    self.every = every ?? 1
    guard Paths.isFolder(Paths.folder(of: self.path)) else {
      throw Problem(FileError.missing, path: self.path, at: "checkpoint")
    }
  }

  /// Writes a value. A stop by the user leaves the last one in its place.
  func keep(_ value: Value) throws {
    do {
      try Archive.file(of: value, at: "net").write(to: path)
    } catch let error as FileError {
      throw Problem(error, path: path, at: "checkpoint")
    } catch is Interrupted {}
  }
}
