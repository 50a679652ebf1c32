package dev.holdfast.diagnostics.census;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Distinguishes the application's own code from the frameworks it uses, by the packages that the
 * user gives, or else by a list of known frameworks.
 */
public final class OwnCode {

  /** The packages of well-known frameworks and drivers. */
  private static final Pattern FRAMEWORKS =
      Pattern.compile(
          "(?:"
              + String.join(
                  "|",
                  "org\\.(?:springframework|apache|eclipse|hibernate|jboss|wildfly|infinispan|xnio)",
                  "org\\.(?:postgresql|mariadb|h2|hsqldb|neo4j|elasticsearch|opensearch|redisson)",
                  "org\\.(?:glassfish|jvnet|quartz|slf4j|thymeleaf|aspectj|cglib|objectweb|jooq)",
                  "org\\.(?:junit|testng|mockito|testcontainers|gradle|codehaus|hotspot)",
                  "org\\.(?:reactivestreams|asynchttpclient|zeromq|mortbay|snmp4j|osgi)",
                  "io\\.(?:netty|undertow|vertx|grpc|micronaut|quarkus|smallrye|helidon|ktor)",
                  "io\\.(?:micrometer|opentelemetry|prometheus|reactivex|r2dbc|lettuce|nats|mongock)",
                  "io\\.(?:jsonwebtoken|swagger|dropwizard|etcd|kubernetes|fabric8|confluent)",
                  "io\\.(?:projectreactor|rsocket|aeron|temporal|debezium|sentry|airlift)",
                  "com\\.(?:zaxxer|mysql|oracle|microsoft|mongodb|rabbitmq|fasterxml|mchange)",
                  "com\\.(?:google|amazonaws|azure|datastax|couchbase|hazelcast|lmax|squareup)",
                  "com\\.(?:netflix|ibm|alibaba|intellij|newrelic|dynatrace|datadog|appdynamics)",
                  "com\\.(?:github\\.benmanes|typesafe|lightbend|twitter\\.(?:util|finagle)|ning)",
                  "reactor|okhttp3|okio|retrofit2|rx|akka|play|scala|kotlin|kotlinx|groovy|clojure",
                  "jakarta|software\\.amazon|datadog|ch\\.qos|brave|zipkin2|feign|redis\\.clients",
                  "net\\.(?:bytebuddy|sf|snowflake|jodah|spy)|bitronix|oracle|weblogic",
                  "dev\\.failsafe|liquibase|graphql")
              + ")\\..*");

  private final List<String> packages;

  private OwnCode(List<String> packages) {
    this.packages = packages;
  }

  /** {@return the code outside the JDK and the known frameworks} */
  public static OwnCode guessed() {
    return new OwnCode(List.of());
  }

  /** {@return the code in the given packages; if there are none, the same as {@link #guessed}} */
  public static OwnCode in(List<String> packages) {
    return new OwnCode(packages.stream().map(OwnCode::withoutEnd).toList());
  }

  private static String withoutEnd(String name) {
    return name.replaceFirst("(?:\\.\\*{0,2})$", "");
  }

  /** {@return the packages that the user gave} */
  public List<String> packages() {
    return packages;
  }

  /** {@return whether a frame outside the JDK is the application's own} */
  boolean contains(StackTraceElement frame) {
    String type = frame.getClassName();
    return packages.isEmpty()
        ? !FRAMEWORKS.matcher(type).matches()
        : packages.stream().anyMatch(name -> isIn(type, name));
  }

  private static boolean isIn(String type, String name) {
    return type.startsWith(name)
        && (type.length() == name.length() || ".$".indexOf(type.charAt(name.length())) >= 0);
  }
}
