package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.json.JsonObject;
import dev.holdfast.diagnostics.json.JsonReader;
import dev.holdfast.diagnostics.json.JsonWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Tests {@code CensusReport}, {@code FrameNames}, {@code OwnCode} and {@code ThreadSummarizer} as
 * well.
 */
class CensusTest {

  private static final String PUT =
      "java.base/java.util.concurrent.SynchronousQueue.put(SynchronousQueue.java:837)";
  private static final String LOCK =
      "java.base/java.util.concurrent.locks.ReentrantLock.lock(ReentrantLock.java:322)";
  private static final String RECEIVE =
      "dev.holdfast.channel.RingChannel.receive(RingChannel.java:61)";
  private static final String QUERY = "com.acme.Search.query(Search.java:40)";

  private static List<DumpedThread> searches(int from, int count) {
    return Threads.parked(from, count, PUT, QUERY, "com.acme.Web.get(Web.java:9)");
  }

  private static List<DumpedThread> updates(int from, int count) {
    return Threads.parked(from, count, LOCK, "com.acme.Stock.update(Stock.java:3)");
  }

  private static List<DumpedThread> feeds(int from, int count) {
    return Threads.parked(from, count, RECEIVE, "com.acme.Feed.next(Feed.java:8)");
  }

  @Test
  void groups_have_their_share_of_the_threads() {
    var threads = new ArrayList<DumpedThread>();
    threads.addAll(updates(100, 490));
    threads.addAll(searches(1_000, 9_350));
    threads.addAll(feeds(20, 160));
    Collections.shuffle(threads, new Random(1));
    Census census = Threads.census(threads);
    assertEquals(
        List.of(
            new Census.Group(
                Activity.SEND,
                "SynchronousQueue.put",
                "com.acme.Search.query",
                9_350,
                9_350,
                List.of(1_000L, 1_001L, 1_002L, 1_003L, 1_004L),
                List.of("com.acme.Search.query", "com.acme.Web.get")),
            new Census.Group(
                Activity.LOCK,
                "ReentrantLock.lock",
                "com.acme.Stock.update",
                490,
                490,
                List.of(100L, 101L, 102L, 103L, 104L),
                List.of("com.acme.Stock.update")),
            new Census.Group(
                Activity.RECEIVE,
                "RingChannel.receive",
                "com.acme.Feed.next",
                160,
                160,
                List.of(20L, 21L, 22L, 23L, 24L),
                List.of("com.acme.Feed.next"))),
        census.groups());
    assertEquals(20, census.oldest().orElseThrow().id());
    assertEquals(0, census.platformThreads() + census.virtualThreads() - 10_000);
    String text = census.toText(2);
    assertTrue(
        text.contains(
            """
               flat  flat%    sum%    cum   cum%  what and where
               9350  93.5%   93.5%   9350  93.5%  SEND com.acme.Search.query -> SynchronousQueue.put
                                                    #1000 #1001 #1002 #1003 #1004 ..., called from com.acme.Web.get
                490   4.9%   98.4%    490   4.9%  LOCK com.acme.Stock.update -> ReentrantLock.lock
                                                    #100 #101 #102 #103 #104 ...
                160 in other groups (1)
            """),
        text);
    assertTrue(text.contains("SEND     " + Activity.SEND.probableCause()), text);
    assertTrue(!text.contains(Activity.RECEIVE.probableCause()), text);
    assertTrue(census.toText(3).contains("    160   1.6%  100.0%    160   1.6%  RECEIVE"));
  }

  @Test
  void a_method_further_down_the_stack_counts_as_cumulative() {
    Census census =
        Threads.census(
            searches(1, 3),
            Threads.parked(10, 2, LOCK, "com.acme.Stock.update(Stock.java:3)", QUERY, QUERY),
            updates(20, 5));
    assertEquals(
        Map.of("com.acme.Search.query", 5, "com.acme.Stock.update", 7),
        Map.of(
            census.groups().get(1).place(),
            census.groups().get(1).cumulative(),
            census.groups().get(0).place(),
            census.groups().get(0).cumulative()));
    assertEquals(List.of(7, 3), census.groups().stream().map(Census.Group::count).toList());
  }

  @Test
  void lambdas_of_one_method_are_one_group() {
    Census census =
        Threads.census(
            IntStream.range(0, 1_000)
                .mapToObj(i ->
                    Threads.parked(
                        i,
                        PUT,
                        "app//com.acme.Web.lambda$get$%d(Web.java:%d)".formatted(i, i),
                        "com.acme.Web$$Lambda/0x%016x.run(Unknown Source)".formatted(i)))
                .toList());
    assertEquals(1, census.groups().size(), () -> census.groups().toString());
    assertEquals(1_000, census.groups().getFirst().count());
    assertEquals(List.of("com.acme.Web.lambda$get"), census.groups().getFirst().stack());
  }

  @Test
  void generated_classes_of_one_class_are_one_group() {
    for (String name : List.of("A$$SpringCGLIB$$%d", "A$ByteBuddy$x%d", "$Proxy%d", "A/0x%x")) {
      Census census =
          Threads.census(
              IntStream.range(0, 50)
                  .mapToObj(i -> Threads.parked(i, PUT, name.formatted(i) + ".m(A.java:1)"))
                  .toList());
      assertEquals(1, census.groups().size(), () -> name + census.groups());
    }
    Census apart =
        Threads.census(
            Threads.parked(1, 1, PUT, "A$1.m(A.java:1)"),
            Threads.parked(2, 1, PUT, "A$2.m(A.java:1)"));
    assertEquals(2, apart.groups().size());
  }

  @Test
  void frameworks_do_not_hide_the_code_of_the_application() {
    String wait = "java.base/java.util.concurrent.SynchronousQueue.poll(S.java:1)";
    String pool = "com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:1)";
    String jdbc = "org.springframework.jdbc.core.JdbcTemplate.query(JdbcTemplate.java:1)";
    String servlet = "org.apache.catalina.core.StandardWrapper.invoke(S.java:1)";
    Census census =
        Threads.census(
            Threads.parked(1, 3, wait, pool, jdbc, "com.acme.Orders.load(O.java:1)", servlet),
            Threads.parked(4, 2, wait, pool, jdbc, "com.acme.Stock.load(S.java:1)", servlet),
            Threads.parked(6, 1, wait, pool, servlet));
    assertEquals(
        Map.of(
            "RECEIVE com.acme.Orders.load -> JdbcTemplate.query", 3,
            "RECEIVE com.acme.Stock.load -> JdbcTemplate.query", 2,
            "RECEIVE com.zaxxer.hikari.pool.HikariPool.getConnection -> SynchronousQueue.poll", 1),
        census.groups().stream().collect(Collectors.toMap(Census.Group::label, g -> g.count())));
    assertTrue(
        census
            .findings()
            .getFirst()
            .startsWith(
                "6 threads wait: 3 in com.acme.Orders.load, 2 in com.acme.Stock.load, 1 in com"),
        () -> census.findings().toString());
  }

  @Test
  void a_group_has_variants_with_their_counts() throws Exception {
    String sleep = "java.base/java.lang.Thread.sleep(Thread.java:1)";
    String retry = "com.acme.Retry.pause(Retry.java:1)";
    Census census =
        Threads.census(
            Threads.parked(1, 5, sleep, retry, "com.acme.A.a(A.java:1)"),
            Threads.parked(6, 9, sleep, retry, "com.acme.B.b(B.java:1)"));
    assertTrue(
        census
            .toText(1)
            .contains("9 called from com.acme.B.b\n" + " ".repeat(40) + "5 called from com.acme.A"),
        () -> census.toText(1));
    JsonObject group =
        new JsonObject("", JsonReader.parse(census.toJson())).objects("groups").getFirst();
    List<JsonObject> variants = group.objects("variants");
    assertEquals(
        List.of(9L, 5L), List.of(variants.get(0).number("count"), variants.get(1).number("count")));
    assertEquals(List.of("com.acme.Retry.pause", "com.acme.A.a"), variants.get(1).strings("stack"));
  }

  @Test
  void waiting_in_native_code_of_a_framework_is_no_loop() {
    Census census =
        Threads.census(
            List.of(
                Threads.of(
                    1,
                    "epoll-1",
                    Thread.State.RUNNABLE,
                    "io.netty.channel.epoll.Native.epollWait0(Native Method)",
                    "io.netty.channel.epoll.EpollEventLoop.run(EpollEventLoop.java:1)")));
    assertEquals(Activity.IO, census.groups().getFirst().activity());
  }

  @Test
  void threads_without_application_frames_count_by_name() {
    Census census =
        Threads.census(
            IntStream.range(0, 10)
                .mapToObj(i ->
                    Threads.of(
                        i,
                        "pool-" + i % 2 + "-thread-" + i,
                        Thread.State.WAITING,
                        "java.base/jdk.internal.misc.Unsafe.park(Native Method)",
                        "java.base/java.util.concurrent.LinkedBlockingQueue.take(L.java:1)",
                        "java.base/java.util.concurrent.ThreadPoolExecutor.getTask(T.java:1)"))
                .toList());
    assertEquals(
        List.of("RECEIVE thread 'pool-#-thread-#' -> LinkedBlockingQueue.take"),
        census.groups().stream().map(Census.Group::label).toList());
  }

  @Test
  void threads_of_the_jvm_are_not_grouped() {
    String park = "java.base/jdk.internal.misc.Unsafe.park(Native Method)";
    var threads = new ArrayList<DumpedThread>();
    for (String name :
        List.of(
            "Finalizer",
            "Common-Cleaner",
            "SubPoller-3",
            "Read-Poller",
            "MasterPoller",
            "Read-Updater",
            "VirtualThread-unparker",
            "ForkJoinPool-1-worker-2",
            "Attach Listener",
            "holdfast-housekeeper")) {
      threads.add(Threads.of(threads.size(), name, null, park));
    }
    threads.add(
        Threads.of(
            50, "carrier", null, "java.base/java.lang.VirtualThread.runContinuation(V.java:1)"));
    assertEquals(0, Threads.census(threads).groupedThreads());
    assertEquals(11, Threads.census(threads).platformThreads());
    assertTrue(Threads.census(threads).oldest().isEmpty());
    assertTrue(Threads.census(threads).toText(1).contains("11 belong to the JVM"));
    assertTrue(
        Threads.census(threads)
            .toText(1)
            .contains("There are no threads except those of the JVM."));
    // But not if they run code of the application.
    threads.add(Threads.of(51, "Finalizer", null, park, "com.acme.Old.finalize(Old.java:1)"));
    assertEquals(1, Threads.census(threads).groupedThreads());
  }

  @Test
  void a_diff_shows_only_groups_that_have_grown() {
    Census before = Threads.census(searches(1, 10), updates(100, 20), feeds(200, 3));
    Census after =
        Threads.census(
            searches(1, 25),
            updates(100, 20),
            feeds(200, 2),
            Threads.parked(300, 4, PUT, "com.acme.New.put(New.java:1)"));
    List<Census.Growth> grown = Census.diff(before, after);
    assertEquals(
        List.of("com.acme.Search.query", "com.acme.New.put"),
        grown.stream().map(growth -> growth.group().place()).toList());
    assertEquals(List.of(10, 0), grown.stream().map(Census.Growth::before).toList());
    assertEquals(List.of(15, 4), grown.stream().map(Census.Growth::increase).toList());
    assertEquals(List.of(), Census.diff(after, after));
    String text = CensusReport.diffText(before, after, 1);
    assertTrue(
        text.contains(
            """
                +15      10      25  SEND com.acme.Search.query -> SynchronousQueue.put
            Other groups that have grown: 1
            """),
        text);
    assertTrue(CensusReport.diffText(after, after, 1).contains("No group has grown."));
  }

  @Test
  void json_has_the_same_groups() throws Exception {
    Census census = Threads.census(searches(1, 3), updates(10, 1));
    var json = new JsonObject("", JsonReader.parse(census.toJson()));
    assertEquals(4, json.number("threads"));
    assertEquals(1, json.number("oldest"));
    JsonObject group = json.objects("groups").getFirst();
    assertEquals("SEND", group.string("activity"));
    assertEquals("SynchronousQueue.put", group.string("operation"));
    assertEquals(3, group.number("count"));
    assertEquals(List.of("com.acme.Search.query", "com.acme.Web.get"), group.strings("stack"));
    assertTrue(census.toJson().contains("\"percent\": 75.0"), census.toJson());
    String odd = "a \"b\" \\ \n\u0001 é \uD83D";
    assertEquals(
        Map.of("x", List.of(odd)), JsonReader.parse(JsonWriter.of(Map.of("x", List.of(odd)))));
  }

  @Test
  void bad_arguments_are_refused() {
    Census none = Threads.census();
    assertThrows(NullPointerException.class, () -> Census.of(null));
    assertThrows(NullPointerException.class, () -> Census.diff(null, none));
    assertThrows(NullPointerException.class, () -> Census.diff(none, null));
    assertThrows(IllegalArgumentException.class, () -> none.toText(0));
    assertEquals(0, none.percent(0));
  }
}
