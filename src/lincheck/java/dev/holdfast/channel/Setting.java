package dev.holdfast.channel;

import java.util.ArrayList;
import java.util.List;

/**
 * The settings of the channels in a test. Lincheck creates subjects and specifications itself, so
 * they look the settings up here.
 *
 * @param filled how many elements are in the channel at first
 */
record Setting(int capacity, Overflow overflow, int filled) {

  static Setting current = new Setting(1, Overflow.BLOCK, 0);

  /** With one more element the ring has to grow. */
  private static final Setting GROWS = new Setting(20, Overflow.BLOCK, 16);

  static List<Setting> all() {
    var all = new ArrayList<Setting>();
    for (Overflow overflow : Overflow.values()) {
      for (int capacity = 0; capacity <= 3; capacity++) {
        all.add(new Setting(capacity, overflow, overflow == Overflow.BLOCK ? 0 : capacity));
      }
    }
    all.add(GROWS);
    return all;
  }

  static List<Setting> blocking() {
    return all().stream().filter(setting -> setting.overflow == Overflow.BLOCK).toList();
  }

  static List<Setting> full() {
    return List.of(
        new Setting(0, Overflow.BLOCK, 0),
        new Setting(1, Overflow.BLOCK, 1),
        new Setting(2, Overflow.BLOCK, 2),
        new Setting(3, Overflow.DROP_OLDEST, 2));
  }

  static List<Setting> some() {
    return List.of(
        new Setting(0, Overflow.BLOCK, 0),
        new Setting(1, Overflow.DROP_NEWEST, 1),
        new Setting(2, Overflow.BLOCK, 0),
        new Setting(2, Overflow.DROP_OLDEST, 2));
  }

  /** Whether to fill and to empty it first, so that each side may go on without a look. */
  boolean worn() {
    return filled == 0;
  }
}
