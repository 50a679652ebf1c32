/**
 * The binding to the JDK's {@code StructuredTaskScope}, a preview API that has had three shapes
 * from JDK 21 to 27. Only this package uses method handles; the module does not export it.
 */
package dev.holdfast.internal.jdk;
