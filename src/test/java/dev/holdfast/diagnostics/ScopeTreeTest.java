package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests {@code SnapshotJson} as well. */
@LeavesNothing
class ScopeTreeTest {

  private static Snapshot live(
      Snapshot.Kind kind, String name, WaitInfo waits, Snapshot... inside) {
    return new Snapshot(
        kind,
        name,
        Snapshot.State.RUNNING,
        Duration.ofMillis(1_234),
        null,
        null,
        waits,
        List.of(),
        List.of(),
        List.of(),
        0,
        List.of(inside),
        new Object());
  }

  private static final WaitInfo LINES =
      new WaitInfo(
          WaitInfo.Operation.RECEIVE,
          "Channel 'li\"nes'",
          Duration.ofSeconds(90),
          false,
          List.of());

  private static final ScopeTree TREE =
      new ScopeTree(
          List.of(
              live(
                  Snapshot.Kind.SCOPE,
                  "orders",
                  null,
                  live(
                      Snapshot.Kind.TASK,
                      "orders/1",
                      null,
                      live(
                          Snapshot.Kind.SCOPE,
                          "fetch",
                          LINES,
                          live(Snapshot.Kind.TASK, "fetch/1", null))),
                  live(Snapshot.Kind.WORKER, "refresh", null))));

  private static String onOneLine(String json) {
    return json.replaceAll("\\n *", "").replace("\": ", "\":");
  }

  @Test
  void a_tree_is_written_as_text() {
    assertEquals(
        """
        Scope 'orders', 1.2 s
        ├─ Task 'orders/1', 1.2 s
        │  └─ Scope 'fetch', 1.2 s, receives from Channel 'li"nes', for 1 min 30 s
        │     └─ Task 'fetch/1', 1.2 s
        └─ Worker 'refresh', 1.2 s\
        """,
        TREE.toString());
  }

  @Test
  void a_tree_is_written_as_json() {
    assertEquals(
        """
        [{"kind":"SCOPE","name":"orders","state":"RUNNING","ageMillis":1234,"inside":\
        [{"kind":"TASK","name":"orders/1","state":"RUNNING","ageMillis":1234,"inside":\
        [{"kind":"SCOPE","name":"fetch","state":"RUNNING","ageMillis":1234,\
        "waitsFor":{"operation":"RECEIVE","on":"Channel 'li\\"nes'","ageMillis":90000,"timed":false},\
        "inside":[{"kind":"TASK","name":"fetch/1","state":"RUNNING","ageMillis":1234}]}]},\
        {"kind":"WORKER","name":"refresh","state":"RUNNING","ageMillis":1234}]}]\
        """,
        onOneLine(TREE.toJson()));
  }

  @Test
  void a_tree_is_written_as_a_mermaid_chart() {
    assertEquals(
        """
        flowchart TD
          n0[["orders"]]
          n1["orders/1"]
          n0 --> n1
          n2[["fetch<br>receives from Channel 'li#34;nes', for 1 min 30 s"]]
          n1 --> n2
          n3["fetch/1"]
          n2 --> n3
          n4["refresh"]
          n0 --> n4\
        """,
        TREE.toMermaid());
  }

  @Test
  void paths_have_the_names_from_the_outermost_scope() {
    var paths = new ArrayList<String>();
    TREE.forEach((path, live) -> paths.add(path));
    assertEquals(
        List.of("orders", "orders/1", "orders/1/fetch", "orders/1/fetch/1", "orders/refresh"),
        paths);
    assertEquals(3, TREE.tasks());
  }

  @Test
  void a_snapshot_has_the_scopes_of_this_jvm() throws Exception {
    Scopes.named("names\n\"and\\signs\"")
        .run(scope -> {
          Channel<String> lines = scope.channel(ChannelSpec.<String>of(0).named("lines"));
          scope.fork("reader", () -> lines.receive());
          Poll.until(() -> ScopeTree.snapshot().toJson().contains("RECEIVE"));
          String json = onOneLine(ScopeTree.snapshot().toJson());
          assertTrue(json.contains("\"name\":\"names\\u000a\\\"and\\\\signs\\\"\""), json);
          assertTrue(json.contains("\"channels\":[\"Channel 'lines', 0 elements\"]"), json);
          assertTrue(json.contains("\"virtual\":true"), json);
          scope.cancel("enough");
        });
  }
}
