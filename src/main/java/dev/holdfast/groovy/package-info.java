/**
 * Methods that Groovy adds to the types of {@link dev.holdfast}, so that it can choose between
 * overloaded methods for closures. Groovy finds them through its descriptor of extension modules;
 * no code names them.
 */
@NullMarked
package dev.holdfast.groovy;

import org.jspecify.annotations.NullMarked;
