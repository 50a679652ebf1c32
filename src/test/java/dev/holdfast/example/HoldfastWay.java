package dev.holdfast.example;

import dev.holdfast.Outcome;
import dev.holdfast.Scopes;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** One scope with one timeout. */
final class HoldfastWay implements Way {

  private final Http http;
  private final Duration timeout;

  HoldfastWay(Http http, Duration timeout) {
    this.http = http;
    this.timeout = timeout;
  }

  @Override
  public Tally ask(List<URI> suppliers) throws InterruptedException {
    List<Outcome<URI, String>> outcomes =
        Scopes.named("quotes").timeout(timeout).limit(20).settle(suppliers, http::get);
    Tally tally = Tally.ZERO;
    for (Outcome<URI, String> outcome : outcomes) {
      tally =
          switch (outcome) {
            case Outcome.Success<URI, String> success -> tally.answer();
            case Outcome.Failure<URI, String> failure -> tally.failure();
            case Outcome.Unfinished<URI, String> unfinished -> tally.timeout();
          };
    }
    return tally;
  }
}
