/**
 * Guards for the HTTP server of the JDK, {@link com.sun.net.httpserver}.
 *
 * <p>This package needs the module {@code jdk.httpserver} at run time; the rest of the library does
 * not.
 */
@NullMarked
package dev.holdfast.http;

import org.jspecify.annotations.NullMarked;
