/**
 * Scopes: blocks that end only when everything started in them has ended.
 *
 * <p>{@link dev.holdfast.Scopes} opens them, {@link dev.holdfast.ScopeSpec} says what they are to
 * be like, {@link dev.holdfast.Scope} is what their bodies are handed, and tells the rules.
 *
 * <p>Unless a method says otherwise, {@code null} arguments are refused with a {@link
 * java.lang.NullPointerException} that names them.
 */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;
