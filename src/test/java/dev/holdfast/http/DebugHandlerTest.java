package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.Guard;
import dev.holdfast.Inspect;
import dev.holdfast.Scopes;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.diagnostics.json.JsonReader;
import dev.holdfast.inspect.Report;
import dev.holdfast.testing.HostileNames;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests {@code Body}, {@code DebugPages}, {@code DebugResponse}, {@code Diff}, {@code Leaks},
 * {@code LocalRequests}, {@code Observation}, {@code Observer}, {@code Page}, {@code ReportLog},
 * {@code ScopeSection} and {@code ThreadsText} as well.
 */
@LeavesNothing
@Timeout(180)
class DebugHandlerTest {

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/debug/holdfast", DebugHandler.forLoopback());
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
    threads.close();
  }

  /** A response as it was received. */
  private record Received(int status, String head, String latin) {

    byte[] bytes() {
      return latin.getBytes(StandardCharsets.ISO_8859_1);
    }

    String body() {
      return new String(bytes(), StandardCharsets.UTF_8);
    }
  }

  /** Sends lines as they are: a client of the JDK would refuse most of what is tried here. */
  private Received send(String... lines) throws IOException {
    try (var socket = new Socket(server.getAddress().getAddress(), server.getAddress().getPort())) {
      String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      byte[] all = socket.getInputStream().readAllBytes();
      String text = new String(all, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      String head = end < 0 ? text : text.substring(0, end);
      int status = head.isEmpty() ? 0 : Integer.parseInt(head.split(" ", -1)[1]);
      return new Received(status, head, end < 0 ? "" : text.substring(end + 4));
    }
  }

  private Received get(String target) throws IOException {
    return send("GET /debug/holdfast/" + target + " HTTP/1.1", "Host: localhost:8080");
  }

  @Test
  void the_page_has_every_part() throws Exception {
    Guard guard = Guard.named("the-guard").maxConcurrent(3);
    guard.run(scope -> {});
    guard.run(scope -> {
      scope.channel(ChannelSpec.<String>of(7).named("the-channel"));
      var sleeps = new CompletableFuture<Thread>();
      scope.fork(
          "the-task",
          () -> {
            sleeps.complete(Thread.currentThread());
            Thread.sleep(100_000);
          });
      Poll.untilIn(sleeps.get(), "sleep");
      Received page = get("");
      assertEquals(200, page.status, page.body());
      for (String part :
          List.of(
              "<b>the-guard</b>",
              "<b>the-task</b>",
              "<td>the-channel<td>the-guard<td class=\"n\">0<td class=\"n\">7",
              "<tr><td>the-guard<td class=\"n\">1<td class=\"n\">3<td class=\"n\">0",
              "SLEEP dev.holdfast.http.DebugHandlerTest.lambda$the_page_has_every_part",
              "id=\"flame-data\"",
              "<svg class=\"trend\"",
              "No reports.",
              "<noscript><meta http-equiv=\"refresh\"")) {
        assertTrue(page.body().contains(part), part + " is not in " + page.body());
      }
      scope.cancel("seen");
    });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "threads              | text/plain               | thread profile: total",
        "threads?debug=1      | text/plain               | java.base/java.lang.Thread",
        "threads?debug=2      | text/plain               | ' [IO '",
        "threads?format=json  | application/json         | \"groups\": [",
        "threads?format=collapsed | text/plain           | ;java.util.concurrent.",
        "threads?format=flame | text/html                | data-kind=\"census\"",
        "scopes               | text/plain               | Scope 'formats'",
        "scopes?format=json   | application/json         | \"name\": \"formats\"",
        "scopes?format=mermaid | text/plain              | flowchart TD",
        "diff?since=10m       | text/plain               | From ",
        "diff?since=start&format=json | application/json | \"changes\": [",
        "diff?format=collapsed | text/plain              | ;java.util.concurrent.",
        "diff?format=flame    | text/html                | data-kind=\"diff\"",
        "leaks                | text/plain               | proven leak",
        "leaks?format=json    | application/json         | \"deadlocks\": [",
        "page.css             | text/css                 | color-scheme",
        "flame.js             | text/javascript          | use strict",
        "page.js              | text/javascript          | use strict",
        "d3-flame-graph.js    | text/javascript          | d3-flame-graph 5"
      })
  void every_format_has_its_type_and_its_content(String target, String type, String content)
      throws Exception {
    Scopes.named("formats")
        .run(scope -> {
          Received received = get(target);
          assertEquals(200, received.status, received.body());
          assertTrue(received.head.contains("Content-type: " + type), received.head);
          assertTrue(received.body().contains(content), () -> content + " is not in it");
          if (type.equals("application/json")) {
            JsonReader.parse(received.body());
          }
        });
  }

  @Test
  void a_profile_is_compressed() throws Exception {
    byte[] profile = get("threads?format=pprof").bytes();
    assertEquals(0x1f, profile[0] & 0xff);
    assertEquals(0x8b, profile[1] & 0xff);
  }

  @Test
  void head_has_the_length_and_no_body() throws Exception {
    Received head = send("HEAD /debug/holdfast/page.css HTTP/1.1", "Host: localhost");
    assertEquals(200, head.status);
    assertEquals(0, head.bytes().length);
    int length = get("page.css").bytes().length;
    assertTrue(head.head.contains("Content-length: " + length), head.head);
  }

  @Test
  void every_response_keeps_browsers_from_doing_harm() throws Exception {
    for (String target : List.of("", "threads", "nowhere", "scopes?format=x")) {
      String head = get(target).head;
      for (String header :
          List.of(
              "Content-security-policy: default-src 'none';",
              "X-content-type-options: nosniff",
              "Cache-control: no-store",
              "Cross-origin-resource-policy: same-origin",
              "Referrer-policy: no-referrer")) {
        assertTrue(head.contains(header), head);
      }
      assertFalse(head.toLowerCase(Locale.ROOT).contains("access-control"), head);
    }
  }

  @Test
  void the_path_without_a_slash_leads_to_the_page() throws Exception {
    Received moved = send("GET /debug/holdfast HTTP/1.1", "Host: localhost");
    assertEquals(308, moved.status);
    assertTrue(moved.head.contains("Location: /debug/holdfast/"), moved.head);
    assertEquals(404, send("GET /debug/holdfasting HTTP/1.1", "Host: localhost").status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "PROPFIND"})
  void only_get_and_head_are_allowed(String method) throws Exception {
    Received received =
        send(method + " /debug/holdfast/threads HTTP/1.1", "Host: localhost", "Content-Length: 0");
    assertEquals(405, received.status);
    assertTrue(received.head.contains("Allow: GET, HEAD"), received.head);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.example",
        "Host: localhost.evil.example",
        "Host: evil.example:localhost",
        "Host: 127.0.0.1.evil.example",
        "Host: localhost:8080.evil.example",
        "Host: localhost@evil.example",
        "Host: 127.0.0.1@evil.example:80",
        "Host: 10.0.0.1",
        "Host: 0.0.0.0",
        "Host: [::]",
        "Host: 2130706433",
        "Host: ",
        "X-No: host",
        "Host: localhost\r\nX-Forwarded-For: 10.0.0.1",
        "Host: localhost\r\nForwarded: for=10.0.0.1",
        "Host: localhost\r\nX-Real-IP: 10.0.0.1",
        "Host: localhost\r\nVia: 1.1 proxy",
        "Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors"
      })
  void a_request_that_is_not_local_is_refused(String headers) throws Exception {
    Received received = send("GET /debug/holdfast/threads HTTP/1.1", headers);
    assertTrue(received.status == 403 || received.status == 400, received.head);
    assertFalse(received.body().contains("thread profile"), received.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: localhost",
        "Host: LOCALHOST:1",
        "Host: 127.0.0.1:8080",
        "Host: [::1]:8080",
        "Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate",
        "Host: localhost\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors"
      })
  void a_local_request_is_answered(String headers) throws Exception {
    assertEquals(200, send("GET /debug/holdfast/page.css HTTP/1.1", headers).status);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nowhere",
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/",
        "threads/",
        "threads?debug=3",
        "threads?format=<script>",
        "threads?format=%3Cscript%3Ealert(1)%3C/script%3E",
        "scopes?format=%0d%0aSet-Cookie:x=1",
        "diff?since=<script>",
        "leaks?format=<script>",
        "diff?since=-1m",
        "diff?since=99999999999h",
        "diff?since=10m&format=%3Csvg/onload=alert(1)%3E",
        "d3-flame-graph.licenses.txt",
        "StackCounts.class",
        "%00",
        "\"onload=\"x"
      })
  void a_hostile_target_is_not_found_and_not_repeated(String target) throws Exception {
    Received received = get(target);
    assertTrue(received.status == 404 || received.status == 400, received.head);
    assertFalse(received.body().contains("<script") || received.body().contains("svg"), target);
    assertFalse(received.head.contains("Set-Cookie"), received.head);
  }

  @Test
  void leaks_are_what_is_proven() throws Exception {
    var locks = List.of(new ReentrantLock(), new ReentrantLock());
    var crossed = new CyclicBarrier(2);
    Scopes.run(scope -> {
      for (int i = 0; i < 2; i++) {
        ReentrantLock first = locks.get(i);
        ReentrantLock second = locks.get(1 - i);
        scope.fork("crosses-" + i, () -> cross(first, second, crossed));
      }
      Poll.until(() -> locks.stream().allMatch(ReentrantLock::hasQueuedThreads));
      Inspect.report(report(Report.Kind.STUCK, "may still stop"));
      Inspect.report(report(Report.Kind.STALLED, "waits for itself"));
      Inspect.report(report(Report.Kind.LOST, "the root\nforged \u001b[31m"));
      String text = get("leaks").body();
      assertTrue(text.contains("LOST, reported at "), text);
      assertTrue(text.indexOf("forged \\u001b[31m") < text.indexOf("waits for itself"), text);
      assertFalse(text.contains("may still stop"), text);
      if (Runtime.version().feature() >= 26) { // earlier dumps do not show who holds a lock
        assertTrue(
            Pattern.compile("DEADLOCK\n#.* waits for .*Lock.*, which #.* holds")
                .matcher(text)
                .find(),
            text);
      }
      String json = get("leaks?format=json").body();
      assertTrue(json.contains("\"kind\": \"STALLED\""), json);
      scope.cancel("seen");
    });
  }

  private static Report report(Report.Kind kind, String text) {
    return new Report(kind, "reported", List.of("task"), text);
  }

  private static int cross(ReentrantLock first, ReentrantLock second, CyclicBarrier crossed)
      throws Exception {
    first.lock();
    try {
      crossed.await();
      second.lockInterruptibly();
      second.unlock();
      return 1;
    } finally {
      first.unlock();
    }
  }

  private static final Pattern TAG = Pattern.compile("<(\\w+)");
  private static final Pattern DATA =
      Pattern.compile("<script id=\"flame-data\" type=\"application/json\">(.*?)</script>");

  @Test
  void hostile_names_stay_text_on_every_page() throws Exception {
    var end = new CountDownLatch(1);
    server.createContext("/usual/", DebugHandler.forLoopback()); // has a census of its own
    String usual = tags(send("GET /usual/ HTTP/1.1", "Host: localhost").body());
    Scopes.named("hostile")
        .run(scope -> {
          var begun = new CountDownLatch(HostileNames.ALL.size());
          for (String name : HostileNames.ALL) {
            scope.fork(
                name,
                () -> {
                  Thread.currentThread().setName(name);
                  scope(name, begun, end);
                });
          }
          begun.await();
          for (String target :
              List.of(
                  "",
                  "threads?debug=1",
                  "threads?debug=2",
                  "threads?format=json",
                  "threads?format=collapsed",
                  "threads?format=flame",
                  "scopes",
                  "scopes?format=json",
                  "scopes?format=mermaid",
                  "diff?since=1h",
                  "leaks",
                  "leaks?format=json",
                  "diff?format=flame")) {
            String body = get(target).body();
            assertFalse(HostileNames.isActive(body.replace("\t", "")), target);
            assertFalse(body.contains("ERROR forged") && body.contains("\nERROR"), target);
            if (body.startsWith("<!DOCTYPE")) {
              String data = DATA.matcher(body).results().findFirst().orElseThrow().group(1);
              assertFalse(data.contains("<"), target);
              for (String tag : tags(body).split(" ", -1)) {
                assertTrue(usual.contains(tag), target + " has " + tag);
              }
              assertFalse(Pattern.compile("(?i)<[^>]*\\son\\w+\\s*=").matcher(body).find(), target);
              assertFalse(body.contains("<script>"), target);
            }
          }
          end.countDown();
        });
  }

  private static void scope(String name, CountDownLatch begun, CountDownLatch end)
      throws InterruptedException {
    String given = name.isBlank() ? "blank" : name;
    try {
      Scopes.named(given)
          .run(scope -> {
            scope.channel(ChannelSpec.<String>of(1).named(given));
            begun.countDown();
            end.await();
          });
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** {@return the kinds of elements of a page} */
  private static String tags(String page) {
    var tags = new TreeSet<String>();
    TAG.matcher(page).results().forEach(tag -> tags.add(tag.group(1)));
    tags.addAll(List.of("ul", "li", "details", "summary", "span", "b", "pre", "code"));
    return String.join(" ", tags) + " ";
  }

  private static DebugResponse answer(
      DebugPages pages, String remote, Map<String, String> headers) {
    return pages.answer(new DebugRequest("GET", "/page.css", null, remote, headers::get));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.1",
        "192.168.1.7",
        "0.0.0.0",
        "::",
        "fe80::1",
        "127.0.0.1.evil.example",
        "",
        "128.0.0.1",
        "::ffff:10.0.0.1",
        "unknown",
        "localhost"
      })
  void other_machines_are_refused(String remote) {
    DebugPages pages = DebugPages.forLoopback();
    assertEquals(403, answer(pages, remote, Map.of("Host", "localhost")).status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"})
  void this_machine_is_answered(String remote) {
    DebugPages pages = DebugPages.forLoopback();
    assertEquals(200, answer(pages, remote, Map.of("Host", "localhost")).status());
  }

  @Test
  void a_predicate_decides_alone() {
    Predicate<DebugRequest> token = request -> "t".equals(request.header().apply("Authorization"));
    DebugPages pages = DebugPages.allowing(token);
    Map<String, String> given = Map.of("Host", "pods.example", "Authorization", "t");
    assertEquals(200, answer(pages, "10.0.0.1", given).status());
    assertEquals(403, answer(pages, "127.0.0.1", Map.of("Host", "localhost")).status());
  }

  @Test
  void a_worker_samples_for_as_long_as_its_scope_is_open() throws Exception {
    DebugPages pages = DebugPages.forLoopback();
    Scopes.named("sampling")
        .run(scope -> {
          pages.sampleIn(scope);
          assertTrue(
              scope.toString().contains("holdfast-debug"), () -> "no worker: " + scope.toString());
        });
  }
}
