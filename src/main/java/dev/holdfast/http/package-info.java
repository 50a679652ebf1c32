/**
 * Guards for the HTTP server of the JDK, {@link com.sun.net.httpserver}, and pages that show the
 * scopes and threads of a JVM to people and tools.
 *
 * <p>{@link dev.holdfast.http.DebugPages} works with any server. The rest of this package needs the
 * module {@code jdk.httpserver} at run time; the rest of the library does not.
 */
@NullMarked
package dev.holdfast.http;

import org.jspecify.annotations.NullMarked;
