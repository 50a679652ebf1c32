package dev.holdfast.example;

import java.time.Duration;
import java.util.function.BiFunction;

/**
 * A named way.
 *
 * @param name its name in the table
 * @param maker creates it from the HTTP call and the timeout
 */
record Contender(String name, BiFunction<Http, Duration, Way> maker) {}
