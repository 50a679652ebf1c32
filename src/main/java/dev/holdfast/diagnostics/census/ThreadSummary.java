package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.Activity;
import java.util.List;

/**
 * What a thread does and where.
 *
 * @param activity what it does
 * @param operation the method of a framework, the JDK or Holdfast that the application has called;
 *     empty if the thread is in the application's code
 * @param place the innermost frame of the application; if there is none, the innermost frame of a
 *     framework; if there is none either, the name of the thread
 * @param blocking the outermost call of a blocking method of the JDK or of Holdfast; empty if it
 *     blocks in none
 * @param frames the frames of the application and of frameworks, innermost first
 */
public record ThreadSummary(
    Activity activity, String operation, String place, String blocking, List<String> frames) {}
