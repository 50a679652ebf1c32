package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.Activity;
import java.util.List;

/**
 * What a thread does and where.
 *
 * @param activity what it does
 * @param operation the method of the JDK or of Holdfast that application code has called; empty if
 *     the thread is in application code
 * @param place the innermost frame of application code; the name of the thread if it has none
 * @param frames the frames of application code, innermost first
 */
public record ThreadSummary(
    Activity activity, String operation, String place, List<String> frames) {}
