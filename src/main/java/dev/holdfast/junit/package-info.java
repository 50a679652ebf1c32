/**
 * A JUnit extension that fails a test that leaves something running.
 *
 * <p>Put {@link dev.holdfast.junit.LeakFree} on a class or a method to check it. With the
 * configuration parameter {@code junit.jupiter.extensions.autodetection.enabled=true} every test is
 * checked, if Holdfast is on the class path. On the module path only the annotation works: JUnit
 * does not detect the extensions of a module that does not require it.
 *
 * <p>Requires JUnit 5.11 to 6, and the module {@code jdk.management} to see virtual threads.
 */
@NullMarked
package dev.holdfast.junit;

import org.jspecify.annotations.NullMarked;
