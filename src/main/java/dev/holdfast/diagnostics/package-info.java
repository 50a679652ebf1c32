/**
 * Diagnostics: thread dumps, a census of threads, a stall detector, and metrics.
 *
 * <p>A {@link dev.holdfast.diagnostics.ThreadDump} contains all threads of a JVM, virtual ones
 * included. You can dump any JVM from JDK 21 on, whether it uses Holdfast or not. A {@link
 * dev.holdfast.diagnostics.Census} counts its threads by activity and place. {@code java -jar
 * holdfast.jar --help} describes the command line.
 *
 * <p>A {@link dev.holdfast.diagnostics.Watch} reports tasks that wait for each other. {@link
 * dev.holdfast.diagnostics.HoldfastMetrics} shows scopes, tasks and channels as Micrometer meters.
 *
 * <p>To dump its own threads, a JVM needs the module {@code jdk.management} at run time. The rest
 * of the library does not need it.
 */
@NullMarked
package dev.holdfast.diagnostics;

import org.jspecify.annotations.NullMarked;
