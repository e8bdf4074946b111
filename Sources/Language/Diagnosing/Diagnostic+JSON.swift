import Matrices
import Vocabulary

extension Failure {
  /// All diagnostics as JSON: one object a line, for editors and other programs.
  ///
  ///     {"type": "diagnostic", "version": 1, "severity": "error", "code": "E021",
  ///      "message": …, "spans": [{"file", "start", "end", "label", "primary"}, …],
  ///      "help": …, "notes": […], "edits": [{"file", "start", "end", "text"}, …]}
  ///
  /// `start` and `end` are {"byte", "line", "column"}: bytes count from 0, lines and columns (in
  /// letters) from 1. Applying all edits is the one way out that `help` describes.
  package var json: String {
    if isInterruption { return "{\"type\":\"interrupted\",\"version\":1}\n" }
    return diagnostics.map { $0.json + "\n" }.joined()
  }
}

extension Diagnostic {
  /// The diagnostic as one JSON object, without line end.
  var json: String {
    let spans = labels.map { label in
      JSONText.object([
        ("file", .text(label.range.source.name)), ("start", .place(label.range, label.range.lower)),
        ("end", .place(label.range, label.range.upper)), ("label", .text(label.text)),
        ("primary", .raw(label.isPrimary ? "true" : "false")),
      ])
    }
    let edits = fix.map { edit in
      JSONText.object([
        ("file", .text(edit.range.source.name)), ("start", .place(edit.range, edit.range.lower)),
        ("end", .place(edit.range, edit.range.upper)), ("text", .text(edit.text)),
      ])
    }
    return JSONText.object([
      ("type", .text("diagnostic")), ("version", .raw("1")), ("severity", .text("error")),
      ("code", .text(code)), ("message", .text(title)),
      ("spans", .raw("[\(spans.joined(separator: ","))]")),
      ("help", help.map { .text($0) } ?? .raw("null")),
      ("notes", .raw("[\(notes.map { JSON.quoted($0) }.joined(separator: ","))]")),
      ("edits", .raw("[\(edits.joined(separator: ","))]")),
    ])
  }
}

/// Writes JSON.
private enum JSONText {
  enum Part {
    case text(String)
    case raw(String)
    case place(SourceRange, Int)
  }

  static func object(_ fields: [(String, Part)]) -> String {
    let inside = fields.map { name, part in
      "\(JSON.quoted(name)):" + text(of: part)
    }
    return "{\(inside.joined(separator: ","))}"
  }

  private static func text(of part: Part) -> String {
    switch part {
    case .text(let text): return JSON.quoted(text)
    case .raw(let text): return text
    case .place(let range, let byte):
      let source = range.source
      let line = source.line(at: byte)
      let column = source.text(in: source.lineStarts[line]..<max(byte, source.lineStarts[line]))
        .count
      return object([
        ("byte", .raw("\(byte)")), ("line", .raw("\(line + 1)")), ("column", .raw("\(column + 1)")),
      ])
    }
  }
}
