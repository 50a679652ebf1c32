package dev.holdfast.diagnostics.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonWriterTest {

  @Test
  void values_are_indented() {
    var map = new LinkedHashMap<String, Object>();
    map.put("list", Arrays.asList(1, 2.5, true, null));
    map.put("none", List.of());
    map.put("text", URI.create("any:object"));
    assertEquals(
        """
        {
          "list": [
            1,
            2.5,
            true,
            null
          ],
          "none": [],
          "text": "any:object"
        }
        """,
        JsonWriter.of(map));
  }

  @Test
  void what_is_written_can_be_read() throws Exception {
    String text = "\"\\/\b\f\n\r\t\u0000é\uD83D\uDE00";
    Map<String, Object> value = Map.of(text, List.of(text, Map.of(), 1L, false));
    assertEquals(value, JsonReader.parse(JsonWriter.of(value)));
  }

  @Test
  void half_of_a_surrogate_pair_stays_readable() throws Exception {
    assertEquals("\"\\ud83d\"\n", JsonWriter.of("\uD83D"));
    assertEquals("\uD83D", JsonReader.parse(JsonWriter.of("\uD83D")));
  }
}
