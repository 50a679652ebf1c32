/**
 * What the threads of a JVM are doing: pictures of them all, virtual ones included, and what they
 * have in common.
 *
 * <p>A {@link dev.holdfast.diagnostics.ThreadDump} is the picture. It can be taken of any JVM since
 * JDK 21, whether it uses Holdfast or not. A {@link dev.holdfast.diagnostics.Census} counts its
 * threads by what they do and where. {@code java -jar holdfast.jar --help} tells how to have one
 * from the command line.
 *
 * <p>{@link dev.holdfast.diagnostics.HoldfastMetrics} shows what Holdfast does as Micrometer
 * meters, for alerts and dashboards.
 *
 * <p>A picture of the own JVM needs the module {@code jdk.management} at run time, which the rest
 * of the library does not.
 */
@NullMarked
package dev.holdfast.diagnostics;

import org.jspecify.annotations.NullMarked;
