package dev.holdfast.diagnostics.dump.data;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses stack frames, as {@link StackTraceElement#toString()} writes them. HotSpot writes the
 * module before the file: {@code java.lang.Thread.run(java.base@25/Thread.java:1474)}.
 */
public final class FrameParser {

  private static final int NATIVE = -2;
  private static final int UNKNOWN = -1;

  private static final Pattern MODULE_BEFORE_FILE =
      Pattern.compile("([\\w.]+(?:@[^/()]*)?)/([^/\\\\]+)");

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
    if (type.isEmpty()) {
      return null;
    }
    if (slash >= 0) {
      return inModule(text.substring(0, slash), type, method, where);
    }
    Matcher matcher = MODULE_BEFORE_FILE.matcher(where);
    return matcher.matches()
        ? inModule(matcher.group(1), type, method, matcher.group(2))
        : frame(null, null, null, type, method, where);
  }

  private static StackTraceElement inModule(
      String module, String type, String method, String where) {
    int loaderEnd = module.indexOf('/');
    String loader = loaderEnd < 0 ? null : module.substring(0, loaderEnd);
    String rest = module.substring(loaderEnd + 1);
    int at = rest.indexOf('@');
    return frame(
        loader,
        at < 0 ? rest : rest.substring(0, at),
        at < 0 ? null : rest.substring(at + 1),
        type,
        method,
        where);
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
