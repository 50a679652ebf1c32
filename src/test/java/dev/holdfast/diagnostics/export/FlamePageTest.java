package dev.holdfast.diagnostics.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.json.JsonObject;
import dev.holdfast.diagnostics.json.JsonReader;
import dev.holdfast.testing.HostileNames;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Tests {@code FlameTree} and {@code StackCounts} as well. */
class FlamePageTest {

  private static final Pattern DATA =
      Pattern.compile("<script id=\"flame-data\" type=\"application/json\">(.*?)</script>");

  private static JsonObject data(FlamePage page) throws Exception {
    Matcher matcher = DATA.matcher(page.part());
    assertTrue(matcher.find());
    return new JsonObject("", JsonReader.parse(matcher.group(1)));
  }

  private static JsonObject child(JsonObject of, String name) throws Exception {
    for (JsonObject child : of.objects("c")) {
      if (child.string("n").equals(name)) {
        return child;
      }
    }
    throw new AssertionError("no " + name);
  }

  @Test
  void stacks_share_their_outermost_frames() throws Exception {
    JsonObject root =
        data(
            FlamePage.of(
                Stacks.counts(Stacks.threads(2, "A.a", "B.b"), Stacks.threads(3, "A.a", "C.c"))));
    assertEquals(5, root.number("v"));
    assertEquals(5, child(root, "A.a").number("v"));
    assertEquals(2, child(child(root, "A.a"), "B.b").number("v"));
    assertEquals(3, child(child(root, "A.a"), "C.c").number("v"));
  }

  @Test
  void a_diff_shows_what_has_grown_and_what_has_vanished() throws Exception {
    FlamePage page =
        FlamePage.ofDiff(
            Stacks.counts(Stacks.threads(4, "A.a"), Stacks.threads(6, "B.b")),
            Stacks.counts(Stacks.threads(9, "A.a")));
    assertTrue(page.part().contains("data-kind=\"diff\""));
    JsonObject root = data(page);
    assertEquals(5, child(root, "A.a").number("d"));
    assertEquals(9, child(root, "A.a").number("v"));
    assertEquals(-6, child(root, "B.b").number("d"));
    assertEquals(6, child(root, "B.b").number("v"), "a vanished frame keeps a width");
    assertEquals(-1, root.number("d"));
  }

  @Test
  void a_very_deep_stack_loses_frames_in_the_middle() throws Exception {
    String[] deep = Collections.nCopies(5_000, "A.again").toArray(new String[0]);
    deep[0] = "A.first";
    deep[4_999] = "A.last";
    String part = FlamePage.of(Stacks.counts(Stacks.threads(1, deep))).part();
    assertTrue(part.contains("A.first") && part.contains("A.last"));
    assertTrue(part.contains("4600 frames left out"));
  }

  @Test
  void many_different_stacks_leave_the_smallest_in_one_frame() throws Exception {
    var threads = new ArrayList<>(Stacks.threads(2, "A.frequent"));
    for (int i = 0; i < 2_500; i++) {
      threads.addAll(Stacks.threads(1, "A.m" + i));
    }
    JsonObject root = data(FlamePage.of(StackCounts.of(threads)));
    assertEquals(2_502, root.number("v"));
    assertEquals(501, child(root, "other stacks").number("v"));
    assertEquals(2, child(root, "A.frequent").number("v"));
  }

  @Test
  void the_page_needs_nothing_but_its_file() throws Exception {
    String html = FlamePage.of(Stacks.counts(Stacks.threads(1, "A.a"))).toHtml("t", "s");
    assertTrue(html.contains("default-src 'none'"), html);
    assertFalse(
        Pattern.compile("(?i)<(link|img|iframe)|(src|href)\\s*=\\s*\"").matcher(html).find());
    assertEquals(3, html.split("</script>", -1).length - 1);
  }

  @Test
  void hostile_names_stay_text() throws Exception {
    for (String name : HostileNames.ALL) {
      var frame = new StackTraceElement("com.acme." + name, name, null, 1);
      var counts =
          StackCounts.of(
              List.of(Stacks.thread("a", List.of(frame)), Stacks.thread(name, List.of())));
      FlamePage page = FlamePage.of(counts);
      String html = page.toHtml(name, name);
      assertEquals(3, html.split("</script", -1).length - 1, name);
      assertEquals(3, html.split("<script", -1).length - 1, name);
      assertFalse(HostileNames.isActive(page.part()), name);
      assertFalse(page.part().contains(name) && name.matches("(?s).*[<>&].*"), name);
      assertEquals(2, data(page).objects("c").size(), name);
    }
  }
}
