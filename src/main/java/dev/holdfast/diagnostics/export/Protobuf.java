package dev.holdfast.diagnostics.export;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the fields of a message of Protocol Buffers. */
final class Protobuf {

  private static final int VARINT = 0;
  private static final int BYTES = 2;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Adds an integer. Zero is the default, and is not written. */
  Protobuf add(int field, long value) {
    if (value != 0) {
      varint((long) field << 3 | VARINT);
      varint(value);
    }
    return this;
  }

  /** Adds an element of a repeated field, which is written even if it is empty. */
  Protobuf add(int field, String value) {
    return add(field, value.getBytes(StandardCharsets.UTF_8));
  }

  Protobuf add(int field, Protobuf message) {
    return add(field, message.toBytes());
  }

  private Protobuf add(int field, byte[] value) {
    varint((long) field << 3 | BYTES);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  byte[] toBytes() {
    return out.toByteArray();
  }
}
