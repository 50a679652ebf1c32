package dev.holdfast.diagnostics.dump.data;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one object for all equal frames, and one for all equal stacks.
 *
 * <p>A dump has millions of frames, but few different ones, so it fits into a small heap.
 */
public final class Stacks {

  private final Map<String, StackTraceElement> frames = new HashMap<>();
  private final Map<List<StackTraceElement>, List<StackTraceElement>> stacks = new HashMap<>();

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
