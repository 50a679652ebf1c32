package dev.holdfast.internal.util;

import java.lang.reflect.Proxy;

/** Names for scopes without a name: the name of the class that contains their code. */
public final class ScopeNames {

  private static final ClassValue<String> NAMES =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
          // The proxy that another language makes for a closure does not show where it was written.
          return Proxy.isProxyClass(type) ? "closure" : outermost(type.getName());
        }
      };

  private ScopeNames() {}

  /** {@return the simple name of the outermost class that a lambda or object was written in} */
  public static String of(Object code) {
    return NAMES.get(code.getClass());
  }

  /** {@return the simple name of the outermost class that contains the topmost call} */
  public static String of(StackTraceElement[] stack) {
    return stack.length == 0 ? "root" : outermost(stack[0].getClassName());
  }

  private static String outermost(String full) {
    String simple = full.substring(full.lastIndexOf('.', end(full)) + 1);
    int inner = end(simple);
    return inner > 0 ? simple.substring(0, inner) : simple;
  }

  private static int end(String name) {
    int dollar = name.indexOf('$');
    return dollar > 0 ? dollar : name.length();
  }
}
