package dev.holdfast.channel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** The sequential specification of {@link Subject}. */
public final class Specification {

  private final Setting setting = Setting.current;
  private final Queue<Integer> elements = new ArrayDeque<>();
  private final Queue<Integer> senders = new ArrayDeque<>();
  private int receivers;
  private String end;

  private int sent;
  private int received;
  private int undelivered;

  public Specification() {
    for (int i = 0; i < setting.capacity() && setting.worn(); i++) {
      trySend(0);
    }
    drain(Subject.ALL);
    for (int i = 0; i < setting.filled(); i++) {
      trySend(i);
    }
  }

  public String trySend(int element) {
    if (end != null) {
      return end;
    }
    if (receivers > 0) {
      receivers--;
      received++;
    } else if (elements.size() < setting.capacity()) {
      elements.add(element);
    } else if (setting.overflow() == Overflow.BLOCK) {
      return "false";
    } else {
      boolean oldest = setting.overflow() == Overflow.DROP_OLDEST && setting.capacity() > 0;
      int lost = oldest ? elements.remove() : element;
      if (oldest) {
        elements.add(element);
      }
      sent++;
      undelivered++;
      return "true, lost " + List.of(lost);
    }
    sent++;
    return "true";
  }

  public String send(int element) {
    return trySend(element);
  }

  public String selectSend(int element) {
    return trySend(element);
  }

  public String sendLater(int element) {
    String result = trySend(element);
    if (result.equals("false")) {
      senders.add(element);
    }
    return result;
  }

  private Integer poll() {
    Integer element = elements.poll();
    if (!senders.isEmpty()) {
      elements.add(senders.remove());
      sent++;
    }
    if (element == null) {
      element = elements.poll();
    }
    if (element != null) {
      received++;
    }
    return element;
  }

  public String tryReceive() {
    Integer element = poll();
    return element == null && end == Subject.FAILED ? end : String.valueOf(element);
  }

  public String receive() {
    Integer element = poll();
    return element == null && end != null ? end : String.valueOf(element);
  }

  public String selectReceive() {
    return receive();
  }

  public String receiveLater() {
    Integer element = poll();
    if (element == null && end == null) {
      receivers++;
    }
    return element == null && end != null ? end : String.valueOf(element);
  }

  public String drain(int max) {
    var into = new ArrayList<Integer>();
    int most = max == Subject.ALL ? Integer.MAX_VALUE : max;
    while (into.size() < most && (!elements.isEmpty() || !senders.isEmpty())) {
      into.add(poll());
    }
    return into.isEmpty() && end == Subject.FAILED ? end : into.toString();
  }

  public String close() {
    return end(Subject.CLOSED);
  }

  public String fail() {
    if (end != null) {
      return "";
    }
    end(Subject.FAILED);
    return dropAll();
  }

  public String closeWithCause() {
    return end(Subject.FAILED);
  }

  public String cancel() {
    end(Subject.CLOSED);
    return dropAll();
  }

  private String dropAll() {
    if (elements.isEmpty()) {
      return "";
    }
    var lost = List.copyOf(elements);
    elements.clear();
    undelivered += lost.size();
    return ", lost " + lost;
  }

  private String end(String how) {
    if (end == null) {
      end = how;
    }
    senders.clear();
    receivers = 0;
    return "";
  }

  public boolean isEnded() {
    return end != null && elements.isEmpty();
  }

  public boolean isClosed() {
    return end != null;
  }

  public String stats() {
    return elements.size()
        + ", "
        + sent
        + ", "
        + received
        + ", "
        + undelivered
        + ", "
        + senders.size()
        + ", "
        + receivers;
  }
}
