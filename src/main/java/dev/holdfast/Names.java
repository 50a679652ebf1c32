package dev.holdfast;

/** Names for scopes that were given none: that of the class their code is written in. */
final class Names {

  private static final ClassValue<String> NAMES =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
          String full = type.getName();
          String simple = full.substring(full.lastIndexOf('.', end(full)) + 1);
          int inner = end(simple);
          return inner > 0 ? simple.substring(0, inner) : simple;
        }

        private static int end(String name) {
          int dollar = name.indexOf('$');
          return dollar > 0 ? dollar : name.length();
        }
      };

  private Names() {}

  /** {@return the simple name of the outermost class that a lambda or object was written in} */
  static String of(Object code) {
    return NAMES.get(code.getClass());
  }
}
