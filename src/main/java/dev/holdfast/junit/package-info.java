/**
 * A JUnit extension that fails a test which leaves something running.
 *
 * <p>{@link dev.holdfast.junit.LeakFree} on a class or a method asks for it. With the configuration
 * parameter {@code junit.jupiter.extensions.autodetection.enabled=true} every test is checked.
 *
 * <p>It needs JUnit 6, and the module {@code jdk.management} to see virtual threads.
 */
package dev.holdfast.junit;
