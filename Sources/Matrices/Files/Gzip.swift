import CZlib

/// The decoder and encoder of gzip files; the only file that calls zlib.
enum Gzip {
  /// The first two bytes of every gzip file.
  static let magic: [UInt8] = [0x1F, 0x8B]

  /// No stream grows by more than this when it is decoded.
  static let largestRatio = 1032

  /// 15 bits of window, and 16 for the gzip header.
  private static let windowBits: Int32 = 15 + 16

  /// Decodes a stream piece by piece; members that follow one another are one text.
  final class Decoder {
    private var stream = z_stream()
    private(set) var isAtEndOfMember = false

    init() { inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) }

    deinit { inflateEnd(&stream) }

    /// Decodes from `source` into `target`; returns how much of both was used.
    func decode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer)
      throws(FileError) -> (consumed: Int, produced: Int)
    {
      if isAtEndOfMember && !source.isEmpty {
        inflateReset(&stream)
        isAtEndOfMember = false
      }
      let given = UInt32(min(source.count, 1 << 30))
      let room = UInt32(min(target.count, 1 << 30))
      // zlib does not write through `next_in`; its type lacks the `const` for old compilers.
      stream.next_in = UnsafeMutablePointer(
        mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = given
      stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_out = room
      let code = inflate(&stream, Z_NO_FLUSH)
      if code == Z_STREAM_END {
        isAtEndOfMember = true
      } else if code != Z_OK && code != Z_BUF_ERROR {
        throw .compressedDamaged
      }
      return (Int(given - stream.avail_in), Int(room - stream.avail_out))
    }
  }

  /// Encodes a stream piece by piece.
  final class Encoder {
    private var stream = z_stream()

    init() {
      deflateInit2_(
        &stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    }

    deinit { deflateEnd(&stream) }

    /// Encodes all of `source` and hands the output to `write`; `isLast` ends the stream.
    func encode(
      _ source: UnsafeRawBufferPointer, isLast: Bool,
      _ write: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
      var output = [UInt8](repeating: 0, count: 1 << 16)
      let room = output.count
      var rest = source
      repeat {
        let piece = min(rest.count, 1 << 30)
        stream.next_in = UnsafeMutablePointer(
          mutating: rest.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(piece)
        let flush = isLast && piece == rest.count ? Z_FINISH : Z_NO_FLUSH
        var produced = 0
        repeat {
          produced = output.withUnsafeMutableBufferPointer { buffer in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(room)
            deflate(&stream, flush)
            return room - Int(stream.avail_out)
          }
          try output.withUnsafeBytes { bytes in
            try write(UnsafeRawBufferPointer(rebasing: bytes[..<produced]))
          }
        } while produced == room
        rest = UnsafeRawBufferPointer(rebasing: rest[piece...])
      } while !rest.isEmpty
    }
  }
}
