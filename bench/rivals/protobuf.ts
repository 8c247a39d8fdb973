/** The part of protocol buffers that an ONNX model needs: numbers, bytes and messages in fields. */
export type Field = [number: number, value: number | string | Uint8Array];

export function message(...fields: Field[]): Uint8Array {
  return Buffer.concat(fields.map(([number, value]) => encode(number, value)));
}

function encode(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Uint8Array.from([...bytes, value]);
}
