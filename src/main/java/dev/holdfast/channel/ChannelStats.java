package dev.holdfast.channel;

/**
 * The counts of a channel, all taken at one moment.
 *
 * <p>{@code sent} is always {@code received + undelivered + size}.
 *
 * @param size the number of elements it holds
 * @param peak the largest number it ever held
 * @param sent the number of elements that were sent
 * @param received the number that were received
 * @param undelivered the number that were dropped or left over; see {@link
 *     ChannelSpec#onUndelivered}
 * @param waitingSenders the number of sends that wait; a select counts once for each clause
 * @param waitingReceivers the number of receives that wait; a select counts once for each clause
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
