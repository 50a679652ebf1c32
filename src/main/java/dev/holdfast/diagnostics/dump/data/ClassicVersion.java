package dev.holdfast.diagnostics.dump.data;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The versions of JDK 6 to 8 as users know them. Dumps of these JDKs contain only the HotSpot
 * version, which looks like the version of a later JDK: 25.302-b08 is JDK 8u302.
 */
public final class ClassicVersion {

  private static final Pattern HOTSPOT = Pattern.compile("(1[4-9]|2[0-5])\\.(\\d{1,3})-b\\d+.*");

  private ClassicVersion() {}

  /** {@return the version of the JDK for a version in the head of a dump} */
  public static String of(String version) {
    Matcher hotspot = HOTSPOT.matcher(version);
    if (!hotspot.matches()) {
      return version;
    }
    int number = Integer.parseInt(hotspot.group(1));
    String release = number == 25 ? "8" : number > 20 ? "7" : "6";
    boolean hasUpdate = number == 25 || number == 24 || number == 23 || number == 20;
    return (hasUpdate ? release + "u" + hotspot.group(2) : release) + " (" + version + ")";
  }
}
