package com.example.shop;

import dev.holdfast.Scope;

/** Starts what runs alongside the requests: jobs, consumers, clients. */
interface Background {

  /**
   * Starts tasks in the scope of the service and returns.
   *
   * @param scope ends them when the service stops, after the last request
   */
  void start(Scope scope);
}
