"""Writes SafeTensorsFixtures.swift: files as the Python packages safetensors 0.8 and torch write
them, with the numbers that are in them. python safetensors_fixtures.py > ../Files/SafeTensorsFixtures.swift"""
import base64, os, tempfile, textwrap
import torch
from safetensors.torch import save_file

kinds = {
    "f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16,
    "i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "i8": torch.int8,
    "u8": torch.uint8, "bool": torch.bool,
}
numbers = torch.tensor([[1.5, -2.0, 0.0], [96.0, 0.375, 7.0]], dtype=torch.float64)
files = {
    "kinds": ({name: (numbers.abs() if kind == torch.uint8 else numbers).to(kind) for name, kind in kinds.items()}, None),
    "shapes": ({
        "scalar": torch.tensor(2.5), "vector": torch.tensor([1.0, 2.0, 3.0]),
        "images": torch.arange(12.0).reshape(2, 3, 2), "empty": torch.zeros(0, 4),
        "layers.0.weight": torch.eye(2),
    }, {"format": "pt", "note": 'quotes " and \\ and µ'}),
}

print("import Foundation\n\n/// Files that Python's safetensors wrote: see Reference/safetensors_fixtures.py.")
print("enum SafeTensorsFixture {")
for name, (tensors, metadata) in files.items():
    path = os.path.join(tempfile.mkdtemp(), "a.safetensors")
    save_file(tensors, path, metadata=metadata)
    text = base64.b64encode(open(path, "rb").read()).decode()
    lines = textwrap.fill(text, 88, initial_indent=" " * 4, subsequent_indent=" " * 4)
    print(f'  static let {name} = bytes(\n    """\n{lines}\n    """)\n')
print("""  private static func bytes(_ text: String) -> [UInt8] {
    Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
  }
}""")
