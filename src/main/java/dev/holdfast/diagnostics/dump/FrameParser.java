package dev.holdfast.diagnostics.dump;

import org.jspecify.annotations.Nullable;

/** Parses stack frames, as {@link StackTraceElement#toString()} writes them. */
public final class FrameParser {

  private static final int NATIVE = -2;
  private static final int UNKNOWN = -1;

  private FrameParser() {}

  /** {@return the frame, or null if the text is not a frame} */
  public static @Nullable StackTraceElement parse(String text) {
    int open = text.lastIndexOf('(');
    int dot = open < 0 ? -1 : text.lastIndexOf('.', open);
    if (dot < 0 || !text.endsWith(")")) {
      return null;
    }
    String method = text.substring(dot + 1, open);
    String where = text.substring(open + 1, text.length() - 1);
    int slash = text.lastIndexOf('/', dot);
    if (slash >= 0 && text.startsWith("/0x", slash)) { // a hidden class: Some$$Lambda/0x0123
      slash = text.lastIndexOf('/', slash - 1);
    }
    String type = text.substring(slash + 1, dot);
    if (slash < 0) {
      return frame(null, null, null, type, method, where);
    }
    String module = text.substring(0, slash);
    int loaderEnd = module.indexOf('/');
    String loader = loaderEnd < 0 ? null : module.substring(0, loaderEnd);
    module = module.substring(loaderEnd + 1);
    int at = module.indexOf('@');
    String version = at < 0 ? null : module.substring(at + 1);
    return frame(loader, at < 0 ? module : module.substring(0, at), version, type, method, where);
  }

  private static StackTraceElement frame(
      @Nullable String loader,
      @Nullable String module,
      @Nullable String version,
      String type,
      String method,
      String where) {
    String file = where;
    int line = UNKNOWN;
    int colon = where.lastIndexOf(':');
    if (where.equals("Native Method")) {
      file = null;
      line = NATIVE;
    } else if (where.equals("Unknown Source")) {
      file = null;
    } else if (colon >= 0 && where.substring(colon + 1).matches("\\d{1,9}")) {
      file = where.substring(0, colon);
      line = Integer.parseInt(where.substring(colon + 1));
    }
    return new StackTraceElement(loader, module, version, type, method, file, line);
  }
}
