package dev.holdfast.channel;

/**
 * What a channel has done so far. The figures are of one moment.
 *
 * <p>{@code sent} is always {@code received + undelivered + size}.
 *
 * @param size how many elements it holds
 * @param peak the most it ever held
 * @param sent how many elements it took
 * @param received how many were received
 * @param undelivered how many were displaced or left over
 * @param waitingSenders how many sends wait; a select counts once for each clause
 * @param waitingReceivers how many receives wait; a select counts once for each clause
 * @since 0.1
 */
public record ChannelStats(
    int size,
    int peak,
    long sent,
    long received,
    long undelivered,
    int waitingSenders,
    int waitingReceivers) {}
