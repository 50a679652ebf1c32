package com.example.shop;

import java.time.Duration;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The first step of a shutdown: the service takes no new connections, and its answers close those
 * that are open. The graceful shutdown of Spring Boot comes next; by itself, it would not answer a
 * request that arrives on an open connection.
 */
@Component
final class Draining implements SmartLifecycle {

  private static final Duration LEAST = Duration.ofMillis(500);
  private static final Duration MOST = Duration.ofSeconds(2);

  private final ServletWebServerApplicationContext context;
  private volatile boolean running;
  private volatile boolean draining;

  Draining(ServletWebServerApplicationContext context) {
    this.context = context;
  }

  /** {@return whether answers have to close their connections} */
  boolean isDraining() {
    return draining;
  }

  @Override
  public void start() {
    draining = false;
    running = true;
  }

  @Override
  public void stop() {
    // @start region="service-drain"
    draining = true;
    if (context.getWebServer() instanceof TomcatWebServer server) {
      server.getTomcat().getConnector().getProtocolHandler().closeServerSocketGraceful();
    }
    // @end
    try {
      Thread.sleep(LEAST);
      long begun = System.nanoTime();
      while (RequestScope.inside() > 0 && System.nanoTime() - begun < MOST.minus(LEAST).toNanos()) {
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return Integer.MAX_VALUE; // stops before the web server
  }
}
