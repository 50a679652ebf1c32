/**
 * The binding to the JDK's {@code StructuredTaskScope}, which is a preview API of three shapes
 * between JDK 21 and 27: the only room with method handles, and not exported.
 */
package dev.holdfast.internal.jdk;
