package dev.holdfast.channel;

import org.jspecify.annotations.Nullable;

/**
 * One of the things a {@link Select} can do. Made by {@link Sender#onSend}, {@link
 * Receiver#onReceive}, {@link Receiver#onReceiveOrNull}, {@link Select#timeout} and {@link
 * Select#orElse}; immutable, and may be in any number of selects.
 *
 * @param <R> the type of the select's value
 * @since 0.1
 */
public abstract sealed class Clause<R extends @Nullable Object>
    permits ChannelClause, Select.Otherwise {

  Clause() {}
}
