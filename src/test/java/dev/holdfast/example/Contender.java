package dev.holdfast.example;

import java.time.Duration;
import java.util.function.BiFunction;

/**
 * A way with a name.
 *
 * @param name what the table calls it
 * @param maker makes it, of the HTTP call and the time-out
 */
record Contender(String name, BiFunction<Http, Duration, Way> maker) {}
