package dev.holdfast.diagnostics.dump.data;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one object for all equal frames, stacks and classes of objects.
 *
 * <p>A dump has millions of frames, but few different ones, so it fits into a small heap.
 */
public final class Stacks {

  /** Beyond this number, names of objects lose their hash, because most occur only once. */
  private static final int MAX_OBJECTS = 100_000;

  private final Map<String, StackTraceElement> frames = new HashMap<>();
  private final Map<List<StackTraceElement>, List<StackTraceElement>> stacks = new HashMap<>();
  private final Map<String, String> types = new HashMap<>();
  private int objects;

  /** {@return a frame; null if the text is not a frame} */
  public @Nullable StackTraceElement frame(String text) {
    StackTraceElement known = frames.get(text);
    if (known == null) {
      known = FrameParser.parse(text);
      if (known != null) {
        frames.put(text, known);
      }
    }
    return known;
  }

  /** {@return the name of an object that a thread waits for; in large dumps, without its hash} */
  @Nullable String object(@Nullable String name) {
    if (name == null || ++objects <= MAX_OBJECTS) {
      return name;
    }
    int hash = name.indexOf('@');
    return types.computeIfAbsent(hash < 0 ? name : name.substring(0, hash), type -> type);
  }

  /** {@return an immutable stack of these frames} */
  public List<StackTraceElement> stack(List<StackTraceElement> frames) {
    List<StackTraceElement> known = stacks.get(frames);
    if (known == null) {
      known = List.copyOf(frames);
      stacks.put(known, known);
    }
    return known;
  }
}
