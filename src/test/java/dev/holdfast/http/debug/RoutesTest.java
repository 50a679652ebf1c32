package dev.holdfast.http.debug;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.holdfast.testing.LeavesNothing;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@LeavesNothing
@Timeout(60)
class RoutesTest {

  /** It stands still, so that no time is spent on a document. */
  private final AtomicLong now = new AtomicLong();

  private final Routes routes = new Routes(new Observer(now::get));

  private byte[] get(String target) {
    String[] parts = target.split("\\?", 2);
    return routes.get(parts[0], parts.length == 1 ? null : parts[1]).bytes();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?refresh=off",
        "threads?debug=1",
        "threads?debug=2",
        "threads?format=json",
        "threads?format=collapsed",
        "threads?format=pprof",
        "threads?format=flame",
        "scopes",
        "scopes?format=json",
        "scopes?format=mermaid",
        "diff?since=10m",
        "diff?format=json",
        "diff?format=collapsed",
        "diff?format=flame",
        "leaks",
        "leaks?format=json"
      })
  void requests_share_each_document_for_five_seconds(String target) {
    byte[] first = get(target);
    now.set(TimeUnit.SECONDS.toNanos(5) - 1);
    assertSame(first, get(target));
    now.incrementAndGet();
    assertNotSame(first, get(target));
  }

  @Test
  void documents_are_not_confused() {
    assertNotSame(get("leaks"), get("leaks?format=json"));
    assertNotSame(get(""), get("?refresh=off"));
    assertNotSame(get("threads?debug=1"), get("threads?debug=2"));
    assertNotSame(get("diff?format=text"), get("diff?format=json"));
    assertSame(get("threads"), get("threads?debug=1"));
  }
}
