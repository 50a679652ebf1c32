package dev.holdfast.diagnostics;

/** The parser of this room, for tests of others. */
public final class ParsedJson {

  private ParsedJson() {}

  public static Object parse(String text) throws ThreadDumpException {
    return Json.parse(text);
  }
}
