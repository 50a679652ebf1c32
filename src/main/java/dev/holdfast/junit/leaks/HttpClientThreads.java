package dev.holdfast.junit.leaks;

import dev.holdfast.junit.threads.CodeOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides whether threads of the JDK's {@code HttpClient} are leaks. These threads inherit nothing
 * that shows where the client was created.
 *
 * <p>Spring clients create an {@code HttpClient} that no code can close; the JVM ends it when it
 * becomes garbage. Test helpers keep an {@code HttpClient} in a static field. If a test leaves a
 * client open, the test or a class that it uses has created it. The class files show which case is
 * possible, because their constants contain the names of the classes and methods that they use.
 */
public final class HttpClientThreads {

  private static final Pattern NAME =
      Pattern.compile("HttpClient-\\d+-(SelectorManager|Worker-\\d+)");

  private static final String CLIENT = "java.net.http.HttpClient";

  private static final Pattern SPRING =
      Pattern.compile(
          "org/springframework/[\\w/]*/(RestClient|RestTestClient|RestTemplate|TestRestTemplate"
              + "|WebClient|WebTestClient|HttpServiceProxyFactory|JdkClientHttp\\w+)\\b");

  private static final Pattern JDK = Pattern.compile("java/net/http/HttpClient\\W");
  private static final Pattern CREATES = Pattern.compile("newHttpClient|newBuilder");
  private static final Pattern TYPE = Pattern.compile("\\w+(/[\\w$]+)+");

  private static final ClassValue<Boolean> OF_OTHERS =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> test) {
          return decide(test);
        }
      };

  private HttpClientThreads() {}

  public static boolean isOne(String name) {
    return NAME.matcher(name).matches();
  }

  /** {@return whether the clients that a test leaves open belong to a library or a static field} */
  public static boolean areOfOthers(Class<?> test) {
    return OF_OTHERS.get(test);
  }

  private static boolean decide(Class<?> test) {
    List<Class<?>> own = new ArrayList<>();
    for (Class<?> type = test; type != null && type != Object.class; type = type.getSuperclass()) {
      own.add(type);
    }
    Set<Class<?>> all = new HashSet<>(own);
    boolean spring = false;
    for (Class<?> type : own) {
      String file = file(type);
      spring |= SPRING.matcher(file).find();
      all.addAll(used(file, type.getClassLoader()));
    }
    boolean statics = false;
    for (Class<?> type : all) {
      boolean holds = holdsClient(type);
      statics |= holds;
      if (!holds && creates(file(type))) {
        return false;
      }
    }
    return spring || statics;
  }

  private static boolean creates(String file) {
    return JDK.matcher(file).find() && CREATES.matcher(file).find();
  }

  private static boolean holdsClient(Class<?> type) {
    try {
      for (Field field : type.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getType().getName().equals(CLIENT)) {
          return true;
        }
      }
    } catch (LinkageError e) {
      return false; // an optional library is missing
    }
    return false;
  }

  /** {@return the classes of the application that a class file names} */
  private static Set<Class<?>> used(String file, ClassLoader loader) {
    Set<String> names = new HashSet<>();
    Matcher matcher = TYPE.matcher(file);
    while (matcher.find()) {
      names.add(matcher.group().replace('/', '.'));
    }
    Set<Class<?>> found = new HashSet<>();
    for (String name : names) {
      // In the constants, the letter L precedes the names in a descriptor.
      for (String candidate : List.of(name, name.substring(1))) {
        if (CodeOrigin.isApplication(new StackTraceElement(candidate, "", null, 0))) {
          try {
            found.add(Class.forName(candidate, false, loader));
          } catch (ClassNotFoundException | LinkageError e) {
            // the text is not the name of a class
          }
        }
      }
    }
    return found;
  }

  /** {@return the class file as text: the names in its constants are readable} */
  private static String file(Class<?> type) {
    String name = type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class";
    try (InputStream in = type.getResourceAsStream(name)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
