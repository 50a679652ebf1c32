package dev.holdfast;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The compiled classes of the library and what their constant pools mention. Nested classes count
 * as part of their top-level class; names are those of {@link Class#getName()}.
 */
final class ClassGraph {

  private static final Pattern DESCRIPTOR = Pattern.compile("L(\\w+(?:/[\\w$]+)+)[;<]");

  /** Class to the classes it mentions, itself excluded. */
  private final Map<String, Set<String>> uses = new TreeMap<>();

  /** Class to the methods it calls, each as {@code package.Owner.method}. */
  private final Map<String, Set<String>> calls = new TreeMap<>();

  /** Reads the directory that the given class was loaded from. */
  static ClassGraph of(Class<?> type) throws Exception {
    var graph = new ClassGraph();
    Path root = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        String name = root.relativize(file).toString().replaceAll("[/\\\\]", ".");
        if (!name.endsWith("-info.class")) {
          try (var in = new DataInputStream(Files.newInputStream(file))) {
            graph.read(topLevel(name.substring(0, name.length() - ".class".length())), in);
          }
        }
      }
    }
    return graph;
  }

  Set<String> classes() {
    return uses.keySet();
  }

  Set<String> uses(String name) {
    return uses.get(name);
  }

  /** {@return the classes that call a method whose full name matches} */
  Set<String> callers(String method) {
    var found = new TreeSet<String>();
    Pattern pattern = Pattern.compile(method);
    calls.forEach((name, called) -> {
      if (called.stream().anyMatch(c -> pattern.matcher(c).matches())) {
        found.add(name);
      }
    });
    return found;
  }

  /** {@return the strongly connected components of more than one class, as Tarjan finds them} */
  List<Set<String>> cycles() {
    var search = new CycleSearch();
    uses.keySet().forEach(search::visit);
    return search.found;
  }

  /** Tarjan, Depth-first search and linear graph algorithms, 1972. */
  private final class CycleSearch {
    private final List<Set<String>> found = new ArrayList<>();
    private final Map<String, Integer> index = new HashMap<>();
    private final Map<String, Integer> low = new HashMap<>();
    private final Deque<String> path = new ArrayDeque<>();

    void visit(String name) {
      if (index.containsKey(name)) {
        return;
      }
      int i = index.size();
      index.put(name, i);
      low.put(name, i);
      path.push(name);
      for (String next : uses.get(name)) {
        if (!uses.containsKey(next)) {
          continue;
        }
        if (!index.containsKey(next)) {
          visit(next);
          low.merge(name, low.get(next), Math::min);
        } else if (path.contains(next)) {
          low.merge(name, index.get(next), Math::min);
        }
      }
      if (low.get(name) == i) {
        var component = new TreeSet<String>();
        String last;
        do {
          last = path.pop();
          component.add(last);
        } while (!last.equals(name));
        if (component.size() > 1) {
          found.add(component);
        }
      }
    }
  }

  static String topLevel(String name) {
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  static String packageOf(String name) {
    return name.substring(0, name.lastIndexOf('.'));
  }

  /** Reads the constant pool, JVMS 4.4. */
  private void read(String name, DataInputStream in) throws IOException {
    if (in.readInt() != 0xCAFEBABE) {
      throw new IOException(name + " is not a class file");
    }
    in.readInt();
    int count = in.readUnsignedShort();
    var text = new String[count];
    var first = new int[count];
    var second = new int[count];
    var tags = new int[count];
    for (int i = 1; i < count; i++) {
      tags[i] = in.readUnsignedByte();
      switch (tags[i]) {
        case 1 -> text[i] = in.readUTF();
        case 3, 4 -> in.readInt();
        case 5, 6 -> {
          in.readLong();
          i++;
        }
        case 7, 8, 16, 19, 20 -> first[i] = in.readUnsignedShort();
        case 9, 10, 11, 12, 17, 18 -> {
          first[i] = in.readUnsignedShort();
          second[i] = in.readUnsignedShort();
        }
        case 15 -> {
          in.readUnsignedByte();
          first[i] = in.readUnsignedShort();
        }
        default -> throw new IOException("constant pool tag " + tags[i]);
      }
    }
    var types = uses.computeIfAbsent(name, n -> new TreeSet<>());
    var methods = calls.computeIfAbsent(name, n -> new TreeSet<>());
    for (int i = 1; i < count; i++) {
      switch (tags[i]) {
        case 7 -> types.add(className(text[first[i]]));
        case 1 -> types.addAll(described(text[i]));
        case 10, 11 -> methods.add(className(text[first[first[i]]]) + "." + text[first[second[i]]]);
        default -> {}
      }
    }
    types.remove(name);
  }

  private static String className(String internal) {
    return topLevel(internal.replaceAll("^\\[+L?|;$", "").replace('/', '.'));
  }

  private static Collection<String> described(String text) {
    return DESCRIPTOR.matcher(text).results().map(m -> className(m.group(1))).toList();
  }
}
