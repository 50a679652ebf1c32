package dev.holdfast.diagnostics.census;

import dev.holdfast.internal.util.LibraryFrames;
import dev.holdfast.internal.util.Printable;
import java.util.regex.Pattern;

/** Names of frames and threads, without the parts that differ from run to run. */
public final class FrameNames {

  private static final Pattern JDK_CLASS = Pattern.compile("(java|javax|jdk|sun|com\\.sun)\\..*");

  private static final Pattern HIDDEN = Pattern.compile("/0x[0-9a-f]+$");
  private static final Pattern LAMBDA_CLASS = Pattern.compile("(\\$\\$Lambda)\\$\\d+");
  private static final Pattern LAMBDA_METHOD =
      Pattern.compile("(lambda|\\$anonfun)(\\$.+?)\\$\\d+$");
  private static final Pattern GENERATED =
      Pattern.compile(
          "\\$(\\$\\w*CGLIB)\\$\\$\\w+|\\$(ByteBuddy|MockitoMock|HibernateProxy)\\$\\w+"
              + "|\\$(Proxy)\\d+");
  private static final Pattern DIGITS = Pattern.compile("\\d+");

  private FrameNames() {}

  /**
   * {@return whether a frame is of neither the JDK nor Holdfast, and not of a lambda's own class}
   */
  public static boolean isApplication(StackTraceElement frame) {
    String module = frame.getModuleName();
    if (module != null && (module.startsWith("java.") || module.startsWith("jdk."))) {
      return false;
    }
    String type = frame.getClassName();
    return !JDK_CLASS.matcher(type).matches()
        && !type.contains("$$Lambda")
        && !LibraryFrames.isLibrary(type);
  }

  /**
   * {@return the class and method; the same for all lambdas and generated classes of one origin}
   */
  public static String name(StackTraceElement frame) {
    String type = HIDDEN.matcher(frame.getClassName()).replaceFirst("");
    type = LAMBDA_CLASS.matcher(type).replaceAll("$1");
    type = GENERATED.matcher(type).replaceAll("\\$$1$2$3");
    return Printable.of(
        type + "." + LAMBDA_METHOD.matcher(frame.getMethodName()).replaceFirst("$1$2"));
  }

  /** {@return the class and method, without the package if the class is well known} */
  static String shortName(StackTraceElement frame) {
    String name = name(frame);
    int method = name.lastIndexOf('.');
    return name.substring(name.lastIndexOf('.', method - 1) + 1);
  }

  /** {@return a place for threads without application frames: their name without its numbers} */
  public static String place(String thread) {
    return thread.isEmpty()
        ? "(threads without a name)"
        : "thread '" + Printable.of(DIGITS.matcher(thread).replaceAll("#")) + "'";
  }
}
