package dev.holdfast.http.debug;

import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Recognizes requests that a program or a person on this machine has sent directly. */
public final class LocalRequests {

  private static final Pattern LOOPBACK =
      Pattern.compile(
          "(::ffff:)?127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|(0:0:0:0:0:0:0:1|::1)(%\\w+)?");

  /** A name that resolves to this machine, or its address, with or without a port. */
  private static final Pattern HOST =
      Pattern.compile("(?i)(localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1])(:\\d{1,5})?");

  /** What proxies add to the requests that they forward. */
  private static final List<String> FORWARDED =
      List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via");

  private LocalRequests() {}

  /** {@return why a request is refused, or null if it is local} */
  public static @Nullable String refusal(
      String remoteAddress, Function<String, @Nullable String> header) {
    if (!LOOPBACK.matcher(remoteAddress).matches()) {
      return "These pages answer only requests from this machine. DebugPages.allowing opens them to"
          + " others.\n";
    }
    for (String name : FORWARDED) {
      if (header.apply(name) != null) {
        return "A proxy has forwarded this request. DebugPages.allowing opens the pages to"
            + " others.\n";
      }
    }
    String host = header.apply("Host");
    if (host == null || !HOST.matcher(host).matches()) {
      return "The Host of the request is not this machine. Use localhost or 127.0.0.1.\n";
    }
    boolean embedded =
        "cross-site".equals(header.apply("Sec-Fetch-Site"))
            && !"navigate".equals(header.apply("Sec-Fetch-Mode"));
    return embedded ? "A page of another site has sent this request.\n" : null;
  }
}
